package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

const goodTask = `apiVersion: capri/v1
kind: Task
metadata: {name: dwd_access_d, title: Daily access detail, project: weblog, owner: admin}
spec:
  period: day
  valid: {from: 2015-05-01}
  inputs: [{path: "file:///data/ods/{{ biz_date }}"}]
  outputs: [{path: "file:///data/dwd/{{ biz_date }}"}]
  env: {COUNTRY: cn}
  run:
    type: shell
    script: |
      echo {{ biz_date }} run {{ run }}
`

func TestApply(t *testing.T) {
	reply := wire.ApplyReply{Applied: true, Items: []wire.ApplyItem{
		{Kind: "Project", Name: "weblog", Action: "unchanged"},
		{Kind: "Task", Name: "ods_access_h", Action: "created", Version: 1},
		{Kind: "Task", Name: "dwd_access_d", Action: "changed", Version: 4},
	}, Findings: []wire.Finding{{File: "b.yml", Line: 7, Severity: "warning", Code: "suspicious", Message: "nobody waits for this"}}}
	m := newMaster(t, map[string]any{"POST /tasks/apply": reply})
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b.yml": "b", "a.yaml": "a", "sub/c.json": "c", "notes.txt": "n", ".git/x.yaml": "g", ".hidden.yaml": "h",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := at(m).run(t, "task", "apply", "-f", dir, filepath.Join(dir, "notes.txt"))
	if got.code != exitDone {
		t.Fatalf("got %+v, want %d", got, exitDone)
	}
	golden(t, "task-apply", got.out+"--\n"+got.err)
	want := `{"files":[` +
		`{"name":"` + dir + `/a.yaml","text":"a"},{"name":"` + dir + `/b.yml","text":"b"},` +
		`{"name":"` + dir + `/sub/c.json","text":"c"},{"name":"` + dir + `/notes.txt","text":"n"}]}`
	if m.body("POST /tasks/apply") != want {
		t.Errorf("got %s, want %s", m.body("POST /tasks/apply"), want)
	}

	s := at(m)
	s.stdin = "from stdin"
	got = s.run(t, "task", "apply", "-f", "-", "--dry-run", "--note", "why", "-o", "name")
	if got.out != "weblog\nods_access_h\ndwd_access_d\n" || !strings.Contains(got.err, "dry run: nothing was changed") {
		t.Errorf("got %+v, want the names and a note", got)
	}
	if want := `{"files":[{"name":"stdin","text":"from stdin"}],"dryRun":true,"note":"why"}`; m.body("POST /tasks/apply") != want {
		t.Errorf("got %s, want %s", m.body("POST /tasks/apply"), want)
	}

	s.run(t, "task", "apply", "-f", "-", "--expect", "a=3,b=0", "-o", "name")
	if got, want := m.body("POST /tasks/apply"), `"expectedVersions":{"a":3,"b":0}}`; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want it to end in %s", got, want)
	}
}

func TestApplyWithErrorsChangesNothing(t *testing.T) {
	m := newMaster(t, map[string]any{"POST /tasks/apply": wire.ApplyReply{Items: []wire.ApplyItem{{Kind: "Task", Name: "a", Action: "created"}}, Findings: []wire.Finding{
		{File: "a.yaml", Line: 3, Severity: "error", Code: "unknown-reference", Message: "parent b is unknown"},
		{File: "a.yaml", Severity: "error", Code: "syntax", Message: "the file is empty"},
	}}})
	for _, form := range []string{"table", "name"} {
		got := at(m).run(t, "task", "apply", "-f", write(t, "a.yaml", goodTask), "-o", form)
		want := "a.yaml:3: parent b is unknown\na.yaml: the file is empty\ncapri: nothing was applied: 2 errors\n"
		if got.code != exitInvalid || got.err != want || got.out != "" {
			t.Errorf("got %+v, want %d and %q", got, exitInvalid, want)
		}
	}
}

func TestTaskFilesThatCannotBeRead(t *testing.T) {
	empty := t.TempDir()
	cases := map[string]struct {
		path, want string
		code       int
	}{
		"AMissingFile":                {filepath.Join(empty, "x.yaml"), "does not exist", exitNotFound},
		"ADirectoryWithoutTaskFiles":  {empty, "task files end in .yaml, .yml or .json", exitNotFound},
		"TextThatIsNotUTF8":           {write(t, "a.yaml", "\xff\xfe"), "is not UTF-8 text", exitInvalid},
		"MoreThanOneCallMayCarry":     {write(t, "b.yaml", strings.Repeat("#", maxFiles+1)), "more than the 32 MB of one call", exitInvalid},
		"AFileThatIsAKindOfDirectory": {"/dev/null/x.yaml", "not a directory", exitInvalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := nowhere(t).run(t, "task", "lint", c.path)
			if got.code != c.code || !strings.Contains(got.err, c.want) {
				t.Errorf("got %+v, want %d, %q", got, c.code, c.want)
			}
		})
	}
}

func TestLintNeedsNoServer(t *testing.T) {
	good := write(t, "good.yaml", goodTask)
	got := nowhere(t).run(t, "task", "lint", good)
	if got.code != exitDone || !strings.Contains(got.err, "1 document in 1 file: no errors") {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	bad := write(t, "bad.yaml", strings.Replace(goodTask, "period: day", "perod: day", 1))
	got = nowhere(t).run(t, "task", "lint", bad)
	if got.code != exitInvalid || !strings.HasPrefix(got.out, bad+":5: ") || !strings.Contains(got.out, "period") {
		t.Errorf("got %+v, want %d and a finding at line 5", got, exitInvalid)
	}
	got = nowhere(t).run(t, "task", "lint", bad, "-o", "json")
	if got.code != exitInvalid || !strings.Contains(got.out, `"line": 5`) {
		t.Errorf("got %+v, want the findings as JSON", got)
	}
}

// TestLintNamesFilesAsApplyDoes: by -f, as arguments, both, or on stdin.
func TestLintNamesFilesAsApplyDoes(t *testing.T) {
	good := write(t, "good.yaml", goodTask)
	for args, says := range map[string]string{
		"-f " + good: "1 document in 1 file", "-f " + good + " ../conf/canary.yaml": "3 documents in 2 files", "../conf/canary.yaml": "2 documents in 1 file: no errors",
		"--file=" + good + " -f ../conf/canary.yaml": "3 documents in 2 files",
	} {
		if got := nowhere(t).run(t, append([]string{"task", "lint"}, strings.Fields(args)...)...); got.code != exitDone || !strings.Contains(got.err, says) {
			t.Errorf("%s: got %+v, want %q", args, got, says)
		}
	}
	s := nowhere(t)
	s.stdin = goodTask
	if got := s.run(t, "task", "lint", "-f", "-"); got.code != exitDone || !strings.Contains(got.err, "no errors") {
		t.Errorf("got %+v of stdin, want it checked", got)
	}
	if got := nowhere(t).run(t, "task", "lint"); got.code != exitUsage || !strings.Contains(got.err, "capri task lint FILE|DIR…") {
		t.Errorf("got %+v without files, want %d and how to write it", got, exitUsage)
	}
}

func TestRenderOfACall(t *testing.T) {
	got := nowhere(t).run(t, "task", "render", "../examples/http/tasks/calls.yaml", "20150518", "--task", "settle_start_d", "--timezone", "UTC")
	if got.code != exitDone {
		t.Fatalf("got %+v, want %d", got, exitDone)
	}
	golden(t, "task-render-call", got.out)
}

func TestRenderOfAFile(t *testing.T) {
	file := write(t, "a.yaml", goodTask)
	got := nowhere(t).run(t, "task", "render", file, "20150518.2", "--timezone", "Asia/Shanghai")
	if got.code != exitDone {
		t.Fatalf("got %+v, want %d", got, exitDone)
	}
	golden(t, "task-render", got.out)
	cases := map[string]struct {
		args []string
		want string
		code int
	}{
		"ANumberThatIsNoDay":    {[]string{file, "20150230"}, "20150230", exitUsage},
		"ANumberThatIsNone":     {[]string{file, "may"}, "is not a work number", exitUsage},
		"AnUnknownZone":         {[]string{file, "20150518", "--timezone", "Mars/Olympus"}, "is not a time zone", exitUsage},
		"ATaskTheFileHasNot":    {[]string{file, "20150518", "--task", "other"}, "it has dwd_access_d", exitNotFound},
		"AFileWithErrors":       {[]string{write(t, "b.yaml", "kind: Task\n"), "20150518"}, "error", exitInvalid},
		"AFileOfTwoTasks":       {[]string{write(t, "c.yaml", goodTask+"---\n"+strings.Replace(goodTask, "dwd_access_d", "dws_access_d", 1)), "20150518"}, "choose one with --task", exitUsage},
		"AFileThatDoesNotExist": {[]string{"nothing.yaml", "20150518"}, "does not exist", exitNotFound},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := nowhere(t).run(t, append([]string{"task", "render"}, c.args...)...)
			if got.code != c.code || !strings.Contains(got.err, c.want) {
				t.Errorf("got %+v, want %d, %q", got, c.code, c.want)
			}
		})
	}
}

func TestTaskListGoesThroughPages(t *testing.T) {
	first := wire.TaskList{Next: "c2", Items: []wire.TaskSummary{
		{Name: "dwd_access_d", Title: "每日访问明细", Project: "weblog", Owner: "admin", Period: "day", Enabled: true, Version: 4, NextAt: ms(t, "2015-05-21T00:01:00")},
	}}
	second := wire.TaskList{Items: []wire.TaskSummary{
		{Name: "beat", Title: "心跳", Project: "weblog", Owner: "admin", Period: "cron", Cron: "*/5 * * * * *", Priority: 5, Version: 1},
	}}
	m := newMaster(t, map[string]any{"GET /tasks": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("cursor") == "c2" {
			answerJSON(w, second)
			return
		}
		answerJSON(w, first)
	})})
	got := at(m).run(t, "task", "list", "--project", "weblog")
	if got.code != exitDone || got.err != "" {
		t.Fatalf("got %+v, want %d", got, exitDone)
	}
	golden(t, "task-list", got.out)
	if !m.asked("GET /tasks?cursor=c2&limit=500&project=weblog") {
		t.Errorf("got calls %q, want the second page", m.calls)
	}
	got = at(m).run(t, "task", "list", "--limit", "1", "-o", "name")
	if got.out != "dwd_access_d\n" || !strings.Contains(got.err, "there are more") {
		t.Errorf("got %+v, want one name and a note", got)
	}
}

func TestTaskGetRunSchema(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /tasks/a": wire.TaskDetail{
			TaskSummary: wire.TaskSummary{Name: "a", Project: "p", Owner: "admin", Period: "day", Enabled: true, Version: 2, NextAt: ms(t, "2015-05-21T00:01:00")},
			Definition:  map[string]any{"kind": "Task"}, SavedAt: ms(t, "2015-05-18T09:00:00"), SavedBy: "admin", Note: "the source moves",
			YAML: "apiVersion: capri/v1\nkind: Task\nspec:\n  run:\n    script: |\n      echo 1\n", Children: []string{"b", "c"},
			Upcoming: []int64{ms(t, "2015-05-21T00:01:00"), ms(t, "2015-05-22T00:01:00"), ms(t, "2015-05-23T00:01:00")},
			Stats:    &wire.TaskStats{Runs: 30, P50Millis: 61_000, P95Millis: 90_500, PeakMemory: 1 << 20, LearnedAt: 1},
		},
		"POST /tasks/a/run": wire.ExecuteReply{Ref: "a/20150520.1", ID: 12},
		"POST /tasks/b/run": problem(fault.Conflict, 409, "b/20150520.0 is unfinished"),
	})
	got := at(m).run(t, "task", "get", "a")
	golden(t, "task-get", got.out)
	if got := at(m).run(t, "task", "run", "a"); got.out != "a/20150520.1\n" || got.err != "" {
		t.Errorf("got %+v, want the batch alone", got)
	}
	if got := at(m).run(t, "task", "run", "b"); got.code != exitConflict {
		t.Errorf("got %+v, want %d", got, exitConflict)
	}
	if got := nowhere(t).run(t, "task", "schema"); got.code != exitDone || !strings.Contains(got.out, "json-schema.org") {
		t.Errorf("got %d and %d bytes, want the schema", got.code, len(got.out))
	}
}
