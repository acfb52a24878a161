// Package render turns a task's definition and a work number into what an
// attempt gets: the script, the command, the environment, the paths. Masters
// use it to make batches and assignments, the command line to show beforehand
// what they will be. It is pure.
package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"capricornus/common/batch"
	"capricornus/common/macro"
	"capricornus/common/period"
	"capricornus/common/task"
)

// Rendering is a task's definition with every macro expanded.
type Rendering struct {
	Script       string            `json:"script,omitempty"`
	Command      []string          `json:"command,omitempty"`
	HTTP         *task.HTTP        `json:"http,omitempty"`
	Program      string            `json:"program,omitempty"`
	Env          map[string]string `json:"env"`
	Inputs       []Path            `json:"inputs,omitempty"`
	Outputs      []Path            `json:"outputs,omitempty"`
	ThirdParties []task.ThirdParty `json:"thirdParties,omitempty"`
}

// Path is a data path and what makes it ready.
type Path struct {
	Path  string `json:"path"`
	Ready string `json:"ready,omitempty"`
}

// Expand renders a definition. It fails only on macros that lint refuses, and
// names the place of the first.
func Expand(t *task.Task, v macro.Values) (Rendering, error) {
	v.Task = t.Metadata.Name
	e := expander{values: v}
	spec := t.Spec
	out := Rendering{
		Script:  e.text("run.script", spec.Run.Script),
		Program: e.text("program", spec.Program),
		Env:     map[string]string{},
	}
	for i, word := range spec.Run.Command {
		out.Command = append(out.Command, e.text(fmt.Sprintf("run.command[%d]", i), word))
	}
	out.HTTP = e.http(spec.Run.HTTP)
	for _, name := range slices.Sorted(maps.Keys(spec.Env)) {
		out.Env[name] = e.text("env."+name, spec.Env[name])
	}
	maps.Copy(out.Env, Environ(v))
	for i, input := range spec.Inputs {
		for _, path := range e.each(fmt.Sprintf("inputs[%d].path", i), input.Path, input.Window) {
			out.Inputs = append(out.Inputs, Path{Path: path, Ready: input.Ready})
		}
	}
	for i, output := range spec.Outputs {
		path := e.text(fmt.Sprintf("outputs[%d].path", i), output.Path)
		out.Outputs = append(out.Outputs, Path{Path: path, Ready: output.Ready})
	}
	for i, third := range spec.ThirdParties {
		key := e.text(fmt.Sprintf("thirdParties[%d].key", i), third.Key)
		out.ThirdParties = append(out.ThirdParties, task.ThirdParty{Code: third.Code, Key: key})
	}
	return out, e.err
}

// Attempt renders what one attempt of a batch gets: the definition that the batch
// was made from, for its work number, with the name of the batch's project.
func Attempt(t *task.Task, project string, of macro.Values) (Rendering, error) {
	out, err := Expand(t, of)
	if err != nil {
		return out, err
	}
	out.Env["CAPRI_PROJECT"] = project
	return out, nil
}

// Slot finds the slot of a work number by a task's calendar.
func Slot(t *task.Task, zone *time.Location, workNo string) (period.Slot, error) {
	cycle, err := t.Cycle(zone)
	if err != nil {
		return period.Slot{}, fmt.Errorf("task %s: %w", t.Metadata.Name, err)
	}
	return cycle.ByWorkNo(workNo)
}

// Environ is what every script finds in its environment about its batch. A
// task's own env never wins over it.
func Environ(v macro.Values) map[string]string {
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	iso := func(t time.Time) string { return t.In(zone).Format(time.RFC3339) }
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	start := v.Slot.BizStart.In(zone)
	ref := batch.Ref{Task: v.Task, WorkNo: v.Slot.WorkNo, Run: v.Run}
	return map[string]string{
		"CAPRI_TASK":          v.Task,
		"CAPRI_BATCH":         ref.String(),
		"CAPRI_WORK_NO":       v.Slot.WorkNo,
		"CAPRI_RUN":           strconv.Itoa(v.Run),
		"CAPRI_ATTEMPT":       ref.AttemptCode(v.Attempt),
		"CAPRI_ATTEMPT_NO":    strconv.Itoa(v.Attempt),
		"CAPRI_BIZ_DATE":      start.Format("20060102"),
		"CAPRI_BIZ_HOUR":      start.Format("15"),
		"CAPRI_BIZ_START":     iso(v.Slot.BizStart),
		"CAPRI_BIZ_END":       iso(v.Slot.BizEnd),
		"CAPRI_BIZ_START_MS":  millis(v.Slot.BizStart),
		"CAPRI_BIZ_END_MS":    millis(v.Slot.BizEnd),
		"CAPRI_TIMEZONE":      zone.String(),
		"CAPRI_SCHEDULE_TIME": iso(v.Slot.Base),
	}
}

// expander keeps the first error, so that the fields above read as a list.
type expander struct {
	values macro.Values
	err    error
}

func (e *expander) text(field, text string) string {
	template, ok := e.parse(field, text)
	if !ok {
		return ""
	}
	return template.Expand(e.values)
}

// http expands a call. What stands in its URL is not escaped: macros make
// digits, names and what the task's author wrote.
func (e *expander) http(h *task.HTTP) *task.HTTP {
	if h == nil {
		return nil
	}
	out := *h
	out.URL, out.Body = e.text("run.http.url", h.URL), e.text("run.http.body", h.Body)
	out.Headers = maps.Clone(h.Headers)
	for _, name := range slices.Sorted(maps.Keys(h.Headers)) {
		out.Headers[name] = e.text("run.http.headers."+name, h.Headers[name])
	}
	return &out
}

func (e *expander) each(field, text, window string) []string {
	template, ok := e.parse(field, text)
	if !ok {
		return nil
	}
	return template.ExpandEach(e.values, window)
}

func (e *expander) parse(field, text string) (*macro.Template, bool) {
	template, err := macro.Parse(text)
	if err != nil && e.err == nil {
		e.err = fmt.Errorf("%s: %w", field, err)
	}
	return template, err == nil
}
