package job

import (
	"encoding/json"
	"strings"
	"testing"

	"capricornus/common/task"
)

func TestTaskNames(t *testing.T) {
	for name, want := range map[string]string{
		"tidy_up":           "tidy_up",
		"create-http-job-1": "create_http_job_1_",
		"Daily Report":      "daily_report_",
		"1st":               "job_1st_",
		"每日":                "job_",
		"--":                "job_",
	} {
		got := TaskName(name)
		if !task.IsName(got) || got != TaskName(name) || strings.HasSuffix(want, "_") != (got != want) || !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %s, want %s…", name, got, want)
		}
	}
	if long := TaskName(strings.Repeat("A", 300)); !task.IsName(long) {
		t.Errorf("got %s, want a name", long)
	}
	all := map[string]string{}
	for _, name := range []string{"a-b", "a.b", "a b", "a_b", "A-B", "a--b", "每", "日"} {
		if other, taken := all[TaskName(name)]; taken {
			t.Errorf("%q and %q: got the same name %s", name, other, TaskName(name))
		}
		all[TaskName(name)] = name
	}
}

func TestDefine(t *testing.T) {
	shell := Job{Name: "create-http-job-1", Expr: "0/5 * * * * *", Command: Command{Type: "shell", Target: "echo hello"}}
	def, err := Define(shell, Ask{Source: HTTP, Owner: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	m, s := def.Metadata, def.Spec
	if m.Name != TaskName(shell.Name) || m.Title != shell.Name || m.Project != Project || m.Owner != "ann" || m.Labels[LabelSource] != "http" || m.Labels[LabelRow] != "" {
		t.Errorf("got %+v, want the job's name as title", m)
	}
	if s.Period != "cron" || s.Cron != shell.Expr || !s.Enabled || s.Retry.Times != 3 || s.Run.Type != "shell" || s.Run.Script != "echo hello" || s.MaxRunning < 1 {
		t.Errorf("got %+v, want a cron task with the defaults of task files", s)
	}
	if got := Of(def); got != shell {
		t.Errorf("read back: got %+v, want %+v", got, shell)
	}
	call := Job{Name: "ping", Expr: "*/2 * * * *", Command: Command{Type: "http", Method: "post", Target: " http://127.0.0.1:1/x "}}
	def, err = Define(call, Ask{Source: Row, Owner: "ann", Row: 7})
	if err != nil {
		t.Fatal(err)
	}
	if h := def.Spec.Run.HTTP; h == nil || h.Method != "POST" || h.URL != "http://127.0.0.1:1/x" || def.Metadata.Labels[LabelRow] != "7" || def.Metadata.Name != "ping" {
		t.Errorf("got %+v, want the call of row 7", def)
	}
	if text, err := json.Marshal(def); err != nil || len(text) == 0 {
		t.Errorf("got %s and %v, want a definition that can be stored", text, err)
	}
}

func TestBadJobs(t *testing.T) {
	good := Job{Name: "a", Expr: "0 * * * * *", Command: Command{Type: "shell", Target: "true"}}
	for want, change := range map[string]func(*Job){
		"has no name":           func(j *Job) { j.Name = " " },
		"one line of at most":   func(j *Job) { j.Name = "a\nb" },
		"at most 100 bytes":     func(j *Job) { j.Name = strings.Repeat("n", 101) },
		"expr is missing":       func(j *Job) { j.Expr = "" },
		"has 7 fields":          func(j *Job) { j.Expr = "0 0 0 * * * *" },
		"never fires":           func(j *Job) { j.Expr = "0 0 0 31 2 *" },
		"must be shell or http": func(j *Job) { j.Command.Type = "exec" },
		"target is missing":     func(j *Job) { j.Command.Target = "\n" },
		"goes with type http":   func(j *Job) { j.Command.Method = "GET" },
		"must begin with http":  func(j *Job) { j.Command = Command{Type: "http", Target: "ftp://x/y"} },
		"must be one of GET":    func(j *Job) { j.Command = Command{Type: "http", Method: "FETCH", Target: "http://x/y"} },
	} {
		j := good
		change(&j)
		if _, err := Define(j, Ask{Source: HTTP, Owner: "ann"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestParseTOML(t *testing.T) {
	jobs, err := ParseTOML("config.toml", []byte(`
[server]
addr = ":9000"

[[jobs]]
name = "echo-job"
expr = "0/5 * * * * *"
[jobs.command]
type = "shell"
target = "echo hello"

[[jobs]]
name = "http_job"
expr = "*/10 * * * *"
command = {type = "http", method = "GET", target = "http://127.0.0.1:1/"}
`))
	if err != nil || len(jobs) != 2 || jobs[0].Name != "echo-job" || jobs[0].Command.Target != "echo hello" || jobs[1].Command.Type != "http" {
		t.Errorf("got %+v and %v, want two jobs", jobs, err)
	}
	one := "[[jobs]]\nname = \"a\"\nexpr = \"0 * * * * *\"\ncommand = {type = \"shell\", target = \"true\"}\n"
	for want, text := range map[string]string{
		"has no jobs":                "[server]\naddr = 1\n",
		"f.toml:2:":                  "[[jobs]]\nname = \n",
		"f.toml:5: a job has no key": one + "retries = 3\n",
		"no key command.timeout":     "[[jobs]]\nname = \"a\"\n[jobs.command]\ntimeout = 3\n",
		"has the name of job 1":      one + one,
		"job 1: job \"a\": expr":     "[[jobs]]\nname = \"a\"\n",
		"f.toml:1:":                  "jobs = 3\n",
	} {
		if _, err := ParseTOML("f.toml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestParseRow(t *testing.T) {
	for command, want := range map[string]Command{
		"echo hello":                                         {Type: "shell", Target: "echo hello"},
		` {"type":"shell","target":"echo1 x"}`:               {Type: "shell", Target: "echo1 x"},
		`{"type":"http","method":"PUT","target":"http://x"}`: {Type: "http", Method: "PUT", Target: "http://x"},
	} {
		got, err := ParseRow("a", "* * * * * *", command)
		if err != nil || got.Command != want || got.Name != "a" || got.Expr != "* * * * * *" {
			t.Errorf("%s: got %+v and %v, want %+v", command, got, err, want)
		}
	}
	for _, command := range []string{"{echo}", `{"type":"shell","targets":"x"}`, `{"type":"shell"} x`, `{"type":3}`} {
		if got, err := ParseRow("a", "* * * * * *", command); err == nil || !strings.Contains(err.Error(), "neither") {
			t.Errorf("%s: got %+v and %v, want an error", command, got, err)
		}
	}
}
