// Package task is what a user defines: task files in YAML or JSON, their JSON
// Schema, validation and lint findings with file and line, and the graph of
// tasks. It is pure: bytes and values in, values out.
package task

import (
	"time"

	"capricornus/common/period"
)

// APIVersion is the only version of the file format.
const APIVersion = "capri/v1"

// Kinds of documents a file may hold.
const (
	KindProject = "Project"
	KindTask    = "Task"
)

// Document is one document of a file: exactly one of Project and Task is set.
// File and Line say where it began. A Broken one has an error among the
// findings of Parse: its name is known, the rest must not be used.
type Document struct {
	File    string
	Line    int
	Project *Project
	Task    *Task
	Broken  bool

	root *node // where each value stands in the file
}

// Project groups tasks under a department.
type Project struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   ProjectMetadata `json:"metadata"`
}

// ProjectMetadata names a project.
type ProjectMetadata struct {
	Name       string `json:"name"`
	Title      string `json:"title,omitempty"`
	Department string `json:"department,omitempty"`
	Owner      string `json:"owner,omitempty"`
}

// Task is one task definition, in the shape of the file. After Parse every
// default is filled in, so that the value alone says what will happen.
type Task struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   Metadata `json:"metadata"`
	Spec       Spec     `json:"spec"`
}

// Metadata names a task.
type Metadata struct {
	Name    string            `json:"name"`
	Title   string            `json:"title,omitempty"`
	Project string            `json:"project"`
	Owner   string            `json:"owner"`
	Labels  map[string]string `json:"labels,omitempty"`
}

// Spec says when, after what, where and how a task runs.
type Spec struct {
	Period       string            `json:"period"`             // hour day week month cron manual
	Cron         string            `json:"cron,omitempty"`     // with period cron
	Calendar     string            `json:"calendar,omitempty"` // name of a calendar; kept, without effect: there are no calendars yet
	Enabled      bool              `json:"enabled"`
	Valid        Validity          `json:"valid,omitzero"`
	Priority     int               `json:"priority"` // 0 first … 9
	Earliest     Offset            `json:"earliest,omitzero"`
	MaxRunning   int               `json:"maxRunning"`
	Account      string            `json:"account,omitempty"`
	Workers      Workers           `json:"workers,omitzero"`
	Inputs       []Input           `json:"inputs,omitempty"`
	ThirdParties []ThirdParty      `json:"thirdParties,omitempty"`
	Parents      []Parent          `json:"parents,omitempty"`
	Outputs      []Output          `json:"outputs,omitempty"`
	Success      string            `json:"success"` // exit-code | output-path
	Quality      Quality           `json:"quality,omitzero"`
	Retry        Retry             `json:"retry"`
	Timeouts     Timeouts          `json:"timeouts,omitzero"`
	OnWorkerLost string            `json:"onWorkerLost"` // wait | fence
	ExpectSecs   int               `json:"expectSeconds,omitempty"`
	Env          map[string]string `json:"env,omitempty"`
	Program      string            `json:"program,omitempty"`
	Run          Run               `json:"run"`
	Alerts       Alerts            `json:"alerts"`
}

// Validity bounds the business intervals a task has batches for, as written:
// yyyy-MM-dd or yyyy-MM-ddTHH:mm, in the cluster's zone; empty is unbounded.
type Validity struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Offset is a point after the base time: written as a clock time ("02:00") or
// as minutes, kept as wall-clock minutes after the base time. The zero value
// and Minutes == -1 both mean none (domain.md §2).
type Offset struct {
	Set     bool
	Minutes int    // wall-clock minutes after the base time; meaningful when Set
	Text    string // as written, for export: "02:00" or "599"
}

// Column returns what the database stores: minutes, or -1 for none.
func (o Offset) Column() int {
	if !o.Set {
		return -1
	}
	return o.Minutes
}

// Workers says which workers may run the task and what it needs of them.
type Workers struct {
	Group  string            `json:"group,omitempty"` // default "default"
	Labels map[string]string `json:"labels,omitempty"`
	Memory Bytes             `json:"memory,omitzero"`  // declared need
	Policy string            `json:"policy,omitempty"` // health-first | random | round-robin
}

// Bytes is a size written as 512Mi, 2Gi, 1000000; kept in bytes.
type Bytes int64

// Input is a data path that must be ready before the task runs.
type Input struct {
	Path   string `json:"path"`
	Ready  string `json:"ready,omitempty"`  // _SUCCESS (default) | exists | non-empty
	Window string `json:"window,omitempty"` // hours | days: expanded over the business interval
}

// ThirdParty is an announcement of an external system that must have arrived.
type ThirdParty struct {
	Code string `json:"code"`
	Key  string `json:"key"`
}

// Parent is a dependency on batches of another task, or earlier ones of the same.
// Offset, Range and Last are alternatives; with none of them the default window
// by business interval holds (exactly.md 2).
type Parent struct {
	Task   string  `json:"task"`
	Offset *int    `json:"offset,omitempty"`
	Range  *[2]int `json:"range,omitempty"`
	Last   bool    `json:"last,omitempty"`
}

// Output is a path the task makes.
type Output struct {
	Path  string `json:"path"`
	Ready string `json:"ready,omitempty"`
}

// Quality is the data-quality gate (domain.md §8).
type Quality struct {
	Enabled   bool     `json:"enabled"`
	OnSilence string   `json:"onSilence,omitempty"` // wait | pass | alert
	After     Duration `json:"after,omitzero"`
}

// Retry says what follows a failed attempt.
type Retry struct {
	Times     int      `json:"times"`               // default 3
	Interval  Duration `json:"interval"`            // default 30s
	Backoff   float64  `json:"backoff,omitempty"`   // factor per further try, default 2
	ExitCodes []int    `json:"exitCodes,omitempty"` // retry only these; empty: all but 0
}

// Timeouts are the limits of a batch. Depend and Output are offsets after the
// base time, Run is the length of one attempt.
type Timeouts struct {
	Depend Offset   `json:"depend,omitzero"`
	Output Offset   `json:"output,omitzero"`
	Run    Duration `json:"run,omitzero"`
}

// Duration is written as 30s, 5m, 2h.
type Duration time.Duration

// Run is what an attempt executes.
type Run struct {
	Type    string   `json:"type"`              // shell | python | http | exec
	Script  string   `json:"script,omitempty"`  // shell, python
	Command []string `json:"command,omitempty"` // exec: program and arguments, no shell
	HTTP    *HTTP    `json:"http,omitempty"`    // http
}

// Alerts says who hears of this task (domain.md §10).
type Alerts struct {
	Default   bool       `json:"default"`
	OwnerOnly bool       `json:"ownerOnly,omitempty"`
	Phone     PhoneAlert `json:"phone,omitzero"`
	SMS       []string   `json:"sms,omitempty"`
	Mail      []string   `json:"mail,omitempty"`
}

// PhoneAlert switches phone calls on for a task.
type PhoneAlert struct {
	Enabled bool     `json:"enabled"`
	To      []string `json:"to,omitempty"`
}

// Cycle returns the calendar of the task's slots in the cluster's zone.
func (t *Task) Cycle(zone *time.Location) (period.Cycle, error) {
	kind, err := period.ParseKind(t.Spec.Period)
	if err != nil {
		return period.Cycle{}, err
	}
	return period.NewCycle(kind, t.Spec.Cron, zone)
}
