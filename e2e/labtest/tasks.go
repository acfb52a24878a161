package labtest

import (
	"fmt"
	"strings"
	"time"

	"capricornus/common/batch"
)

// Task describes a task whose attempts write the journal.
type Task struct {
	Name    string
	Cron    string   // empty: started by hand
	Takes   string   // seconds, a shell word such as 0, 1.5 or $((CAPRI_WORK_NO % 3)); empty: 0
	Code    string   // exit code, a shell word; empty: 0
	Lost    string   // onWorkerLost: wait or fence; empty: wait
	Retries int      // of an attempt that exits with something else than 0, after a second
	Parents []string // of the same work number
	Fails   bool     // it is no success in the end
}

func (d Task) want() batch.Finish {
	if d.Fails {
		return batch.Failed
	}
	return batch.Success
}

// text is the task's file.
func (d Task) text(dir string) string {
	period := "manual"
	if d.Cron != "" {
		period = fmt.Sprintf("cron\n  cron: %q", d.Cron)
	}
	parents := make([]string, len(d.Parents))
	for i, p := range d.Parents {
		parents[i] = "{task: " + p + "}"
	}
	body := "      " + strings.ReplaceAll(strings.TrimSuffix(script, "\n"), "\n", "\n      ")
	return fmt.Sprintf(`---
apiVersion: capri/v1
kind: Task
metadata: {name: %s, project: lab, owner: admin}
spec:
  period: %s
  maxRunning: 100
  parents: [%s]
  onWorkerLost: %s
  retry: {times: %d, interval: 1s}
  env: {LAB: %q, TAKES: %q, CODE: %q}
  run:
    type: shell
    script: |
%s
`, d.Name, period, strings.Join(parents, ", "), orWord(d.Lost, "wait"), d.Retries, dir, orWord(d.Takes, "0"), orWord(d.Code, "0"), body)
}

func orWord(word, other string) string {
	if word == "" {
		return other
	}
	return word
}

// Define saves tasks in project lab.
func (c *Cluster) Define(tasks ...Task) {
	c.Helper()
	var text strings.Builder
	text.WriteString("apiVersion: capri/v1\nkind: Project\nmetadata: {name: lab, owner: admin}\n")
	c.tasks = append(c.tasks, tasks...)
	for _, d := range tasks {
		text.WriteString(d.text(c.Dir))
	}
	c.Apply(text.String())
}

// ManualTasks are tasks of all kinds that are started by hand: short and long
// ones, ones that fail once or for good, ones that are fenced.
func ManualTasks() []Task {
	const random = `$(od -An -N1 -tu1 /dev/urandom | awk '{ print $1 % 31 / 10 }')` // 0 to 3 s
	return []Task{
		{Name: "quick"},
		{Name: "long", Takes: random},
		{Name: "fenced", Takes: random, Lost: "fence"},
		{Name: "flaky", Code: `$((CAPRI_ATTEMPT_NO == 1))`, Retries: 2},
		{Name: "failing", Code: "3", Retries: 1, Fails: true},
	}
}

const (
	every      = "*/3 * * * * *"
	timedEvery = 3 * time.Second
)

// TimedTasks are started by the masters' clock every three seconds: a chain of
// three, and a fan of two that meets again.
func TimedTasks() []Task {
	return []Task{
		{Name: "tick", Cron: every},
		{Name: "chain_2", Cron: every, Parents: []string{"tick"}, Takes: "0.2"},
		{Name: "chain_3", Cron: every, Parents: []string{"chain_2"}},
		{Name: "fan_1", Cron: every, Parents: []string{"tick"}, Takes: "0.5"},
		{Name: "fan_2", Cron: every, Parents: []string{"tick"}, Lost: "fence"},
		{Name: "meet", Cron: every, Parents: []string{"fan_1", "fan_2"}},
	}
}
