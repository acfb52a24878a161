// Package job understands jobs as the tanzhi scheduler has them (seed 004): a
// name, a cron expression and a command, from a configuration file, a row of a
// table or an HTTP call. All of them become tasks by one translation. It is
// pure: texts and values in, values out.
package job

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/task"
)

// Project holds the tasks that jobs become.
const Project = "jobs"

// Source says where a job comes from.
type Source string

// The sources. Each changes its own jobs only.
const (
	HTTP   Source = "http"   // POST /createJob
	File   Source = "file"   // capri job import
	Config Source = "config" // the file that a master's configuration names
	Row    Source = "row"    // a row of capri_job
)

// Labels of the tasks that jobs become.
const (
	LabelSource = "job"     // its source
	LabelRow    = "job/row" // the id of its row
)

// Kinds of commands.
const (
	KindShell = "shell"
	KindHTTP  = "http"
)

// Retries of a job after a failure (seed 004: three, for shell).
const Retries = 3

// Limits of a job.
const (
	maxName = 100
	hashLen = 8 // of the hash that tells translated names apart
)

// Job is a job as its source has it.
type Job struct {
	Name    string  `json:"name" toml:"name"`
	Expr    string  `json:"expr" toml:"expr"` // cron, with seconds or without
	Command Command `json:"command" toml:"command"`
}

// Command is what a job does.
type Command struct {
	Type   string `json:"type" toml:"type"`               // shell or http
	Method string `json:"method,omitempty" toml:"method"` // of a call; empty: GET
	Target string `json:"target" toml:"target"`           // the shell's command, or the URL
}

// String is the command as records show it.
func (c Command) String() string {
	if c.Type == KindHTTP && c.Method != "" {
		return c.Method + " " + c.Target
	}
	return c.Target
}

// TaskName is the name of the task that a job becomes: its own, when it is one a
// task can have, otherwise one made of it, always the same, which no other job
// gets.
func TaskName(name string) string {
	if task.IsName(name) {
		return name
	}
	var out strings.Builder
	for _, c := range strings.ToLower(name) {
		small := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		switch {
		case small:
			out.WriteRune(c)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "_"):
			out.WriteByte('_')
		}
	}
	text := strings.Trim(out.String(), "_")
	if text == "" || text[0] < 'a' {
		text = strings.TrimSuffix("job_"+text, "_")
	}
	sum := sha256.Sum256([]byte(name))
	text = strings.TrimRight(text[:min(len(text), maxName-hashLen-1)], "_")
	return text + "_" + hex.EncodeToString(sum[:])[:hashLen]
}

// Ask says which task a job is to become.
type Ask struct {
	Source Source
	Owner  string // of the task
	Row    int64  // with Row: its id
}

// Define translates a job into the definition of a task: every default of task
// files holds, and it is retried three times.
func Define(j Job, a Ask) (*task.Task, error) {
	if err := check(j); err != nil {
		return nil, err
	}
	labels := map[string]string{LabelSource: string(a.Source)}
	if a.Source == Row {
		labels[LabelRow] = strconv.FormatInt(a.Row, 10)
	}
	text, err := json.Marshal(map[string]any{
		"apiVersion": task.APIVersion, "kind": task.KindTask,
		"metadata": map[string]any{"name": TaskName(j.Name), "title": j.Name, "project": Project, "owner": a.Owner, "labels": labels},
		"spec": map[string]any{
			"period": period.Cron.String(), "cron": strings.TrimSpace(j.Expr), "retry": map[string]any{"times": Retries}, "run": run(j.Command),
		},
	})
	if err != nil {
		return nil, err
	}
	docs, findings := task.Parse(j.Name, text)
	findings = append(findings, task.Lint(docs, alone{})...)
	for _, f := range findings {
		if f.Severity == task.SeverityError {
			return nil, wrong(j, f.Message)
		}
	}
	return docs[0].Task, nil
}

// check says in the words of jobs what would come back in those of tasks.
func check(j Job) error {
	odd := func(c rune) bool { return unicode.IsControl(c) || c == utf8.RuneError }
	switch {
	case strings.TrimSpace(j.Name) == "":
		return fault.New(fault.Invalid, "a job has no name")
	case len(j.Name) > maxName || strings.ContainsFunc(j.Name, odd):
		return fault.New(fault.Invalid, "the name of a job is one line of at most %d bytes; this one has %d: %q", maxName, len(j.Name), clip(j.Name))
	case strings.TrimSpace(j.Expr) == "":
		return wrong(j, `expr is missing: write a cron expression, for example "0/5 * * * * *", with seconds first`)
	case j.Command.Type != KindShell && j.Command.Type != KindHTTP:
		return wrong(j, "command.type is "+strconv.Quote(clip(j.Command.Type))+"; it must be shell or http")
	case strings.TrimSpace(j.Command.Target) == "":
		return wrong(j, "command.target is missing: write the command of the shell, or the URL to call")
	case j.Command.Type == KindShell && j.Command.Method != "":
		return wrong(j, "command.method goes with type http")
	}
	return nil
}

func run(c Command) map[string]any {
	if c.Type == KindShell {
		return map[string]any{"type": KindShell, "script": c.Target}
	}
	call := map[string]any{"url": strings.TrimSpace(c.Target)}
	if c.Method != "" {
		call["method"] = strings.ToUpper(c.Method)
	}
	return map[string]any{"type": KindHTTP, "http": call}
}

func wrong(j Job, message string) error {
	return fault.New(fault.Invalid, "job %q: %s", j.Name, message)
}

func clip(text string) string {
	if len(text) > 60 {
		return strings.ToValidUTF8(text[:60], "") + "…"
	}
	return text
}

// alone is what lint knows of others: jobs have no parents, and their project is
// there or is made.
type alone struct{}

// Task knows no other task.
func (alone) Task(string) (*task.Task, bool) { return nil, false }

// Project knows the project of jobs.
func (alone) Project(name string) bool { return name == Project }

// Of reads a task back as the job it was, for records and lists. What is not
// shell or http never was one.
func Of(def *task.Task) Job {
	j := Job{Name: def.Metadata.Title, Expr: def.Spec.Cron, Command: Command{Type: def.Spec.Run.Type, Target: def.Spec.Run.Script}}
	if j.Name == "" {
		j.Name = def.Metadata.Name
	}
	if call := def.Spec.Run.HTTP; call != nil {
		j.Command.Method, j.Command.Target = call.Method, call.URL
	}
	return j
}
