package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

const jobsFile = `[[jobs]]
name = "echo-job"
expr = "0/5 * * * * *"
command = {type = "shell", target = "echo hello"}
`

func writeJobs(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestJobs(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /tasks":        problem(fault.NotFound, 404, "there is no project jobs"),
		"POST /tasks/apply": wire.ApplyReply{Items: []wire.ApplyItem{{Kind: "Task", Name: "echo_job_1", Action: "created", Version: 1}}, Applied: true},
	})
	got := at(m).run(t, "job", "import", writeJobs(t, jobsFile))
	if got.code != exitDone || !strings.Contains(got.err, "1 created") {
		t.Errorf("import: got %+v, want one created", got)
	}
	body := m.body("POST /tasks/apply")
	for _, part := range []string{`\"kind\":\"Project\"`, `\"title\":\"echo-job\"`, `\"cron\":\"0/5 * * * * *\"`, `\"times\":3`, `\"job\":\"file\"`} {
		if !strings.Contains(body, part) {
			t.Errorf("got body %s, want %s in it", body, part)
		}
	}
	if got := at(m).run(t, "job", "list", "-o", "name"); got.code != exitDone || got.out != "" {
		t.Errorf("list: got %+v, want none", got)
	}
	m.answers["GET /tasks"] = wire.TaskList{Items: []wire.TaskSummary{{Name: "echo_job_1", Title: "echo-job", Cron: "0/5 * * * * *", Enabled: true, Owner: "ann"}}}
	if got := at(m).run(t, "job", "list"); got.code != exitDone || !strings.Contains(got.out, "echo-job") || !strings.Contains(got.out, "ann") {
		t.Errorf("list: got %+v, want the job", got)
	}
	m.answers["POST /tasks/apply"] = wire.ApplyReply{Items: []wire.ApplyItem{{Kind: "Task", Name: "tidy", Action: "changed", Version: 2}}}
	if got := at(m).run(t, "job", "import", writeJobs(t, jobsFile)); got.code != exitConflict || !strings.Contains(got.err, "is no job") {
		t.Errorf("a task of another project: got %+v, want a conflict", got)
	}
}

func TestFilesOfJobsAreChecked(t *testing.T) {
	m := newMaster(t, map[string]any{})
	for want, path := range map[string]string{
		"there is no file":  filepath.Join(t.TempDir(), "none.toml"),
		"config.toml:3":     writeJobs(t, strings.Replace(jobsFile, `expr = "0/5 * * * * *"`, "expr =", 1)),
		"expr is missing":   writeJobs(t, strings.Replace(jobsFile, "0/5 * * * * *", "", 1)),
		"has no key tarket": writeJobs(t, strings.Replace(jobsFile, "target", "tarket", 1)),
	} {
		if got := at(m).run(t, "job", "import", path); got.code == exitDone || !strings.Contains(got.err, want) {
			t.Errorf("got %+v, want %q", got, want)
		}
		if _, err := readJobs(path); err == nil {
			t.Errorf("%s: got no error, want a master refuse to start with it", path)
		}
	}
	if len(m.calls) != 0 {
		t.Errorf("got calls %q, want none", m.calls)
	}
}

func TestClusterQueue(t *testing.T) {
	m := newMaster(t, map[string]any{"GET /queue": wire.Queue{Ready: 7, Groups: []wire.QueueGroup{
		{Group: "default", Ready: 7, OldestAt: 1431907200000, Workers: 2, SlotsTotal: 8, SlotsUsed: 6, SlotsFree: 2, SlotsWanted: 13},
	}}})
	got := at(m).run(t, "cluster", "queue")
	if got.code != exitDone || !strings.Contains(got.out, "default") || !strings.Contains(got.out, "13") {
		t.Errorf("got %+v, want the group with 13 slots wanted", got)
	}
}
