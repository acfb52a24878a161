package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/macro"
	"capricornus/common/period"
	"capricornus/common/render"
	"capricornus/common/task"
)

// rendered is what `task render` prints.
type rendered struct {
	Batch    string `json:"batch"`
	Zone     string `json:"zone"`
	Schedule string `json:"schedule"`
	BizStart string `json:"bizStart"`
	BizEnd   string `json:"bizEnd"`
	Type     string `json:"type"`
	render.Rendering
}

func taskRenderCommand(a *app) *cobra.Command {
	var name, zone string
	cmd := &cobra.Command{
		Use: "render TASK|FILE WORKNO[.RUN]", Short: "Show what a batch would run: script, environment, paths",
		Long: `Expands every macro of a task for one work number. With a FILE nothing but the file is
needed; with the name of a TASK the cluster's definition is used.`,
		Example: "  capri task render tasks/access.yaml 20150518 --timezone UTC\n  capri task render dwd_access_d 20150518",
		Args:    arguments(2, 2),
		RunE: a.do(func(ctx context.Context, args []string) error {
			definition, place, err := a.definition(ctx, args[0], name, zone)
			if err != nil {
				return err
			}
			return a.render(definition, place, args[1])
		}),
	}
	cmd.Flags().StringVar(&name, "task", "", "`TASK` of a file that has several")
	cmd.Flags().StringVar(&zone, "timezone", "", "`ZONE` for a file (the host's); the cluster's holds for a task")
	return cmd
}

// definition finds the task and the zone: in a file when there is one, else at
// a master.
func (a *app) definition(ctx context.Context, source, name, zone string) (*task.Task, *time.Location, error) {
	if isFile(source) {
		place, err := zoneNamed(zone)
		if err != nil {
			return nil, nil, err
		}
		definition, err := a.taskInFile(source, name)
		return definition, place, err
	}
	if zone != "" {
		return nil, nil, fault.New(fault.Usage, "--timezone is for files: the tasks of a cluster are in its own zone")
	}
	c, err := a.client()
	if err != nil {
		return nil, nil, err
	}
	detail, err := c.Task(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	status, err := c.Status(ctx)
	if err != nil {
		return nil, nil, err
	}
	place, err := zoneNamed(status.Zone)
	if err != nil {
		return nil, nil, err
	}
	definition, err := decodeDefinition(detail.Definition)
	return definition, place, err
}

func isFile(source string) bool {
	if source == "-" || isTaskFile(source) || strings.ContainsRune(source, filepath.Separator) {
		return true
	}
	info, err := os.Stat(source)
	return err == nil && !info.IsDir()
}

func zoneNamed(name string) (*time.Location, error) {
	if name == "" {
		return time.Local, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "%q is not a time zone", name).
			WithHint("write a name such as Asia/Shanghai or UTC")
	}
	return zone, nil
}

// taskInFile reads a file, which must be free of errors, and picks its task.
func (a *app) taskInFile(path, name string) (*task.Task, error) {
	files, err := a.taskFiles([]string{path})
	if err != nil {
		return nil, err
	}
	var docs []task.Document
	var findings []task.Finding
	for _, file := range files {
		parsed, wrong := task.Parse(file.Name, []byte(file.Text))
		docs, findings = append(docs, parsed...), append(findings, wrong...)
	}
	findings = append(findings, task.Lint(docs, nil)...)
	if task.HasErrors(findings) {
		a.findings(a.err, findings)
		return nil, fault.New(fault.Invalid, "%s has %s", path, countErrors(findings))
	}
	return pickTask(docs, path, name)
}

func pickTask(docs []task.Document, path, name string) (*task.Task, error) {
	var found *task.Task
	var names []string
	for _, doc := range docs {
		if doc.Task == nil {
			continue
		}
		names = append(names, doc.Name())
		if name == "" || doc.Name() == name {
			found = doc.Task
		}
	}
	switch {
	case len(names) == 0:
		return nil, fault.New(fault.NotFound, "%s defines no task", path)
	case found == nil:
		return nil, fault.New(fault.NotFound, "%s has no task %s", path, name).WithHint("it has %s", strings.Join(names, ", "))
	case name == "" && len(names) > 1:
		return nil, fault.New(fault.Usage, "%s defines %d tasks", path, len(names)).
			WithHint("choose one with --task: %s", strings.Join(names, ", "))
	}
	return found, nil
}

// decodeDefinition reads the definition as the API sends it.
func decodeDefinition(sent any) (*task.Task, error) {
	text, err := json.Marshal(sent)
	var definition task.Task
	if err == nil {
		err = json.Unmarshal(text, &definition)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the master's definition of the task is not understood").
			WithHint("is this capri older than the master?")
	}
	return &definition, nil
}

func (a *app) render(definition *task.Task, zone *time.Location, number string) error {
	ref, err := batch.ParseRef(definition.Metadata.Name + "/" + number)
	if err != nil {
		return fault.Wrap(fault.Usage, err, "%q is not a work number: write digits, for example 20150518", number)
	}
	cycle, err := definition.Cycle(zone)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s", err)
	}
	slot, err := cycle.ByWorkNo(ref.WorkNo)
	if err != nil {
		return fault.Wrap(fault.Usage, err, "%s", err)
	}
	values := macro.Values{Slot: slot, Zone: zone, Run: max(0, ref.Run), Attempt: 1}
	expanded, err := render.Expand(definition, values)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s", err)
	}
	out := describe(definition, slot, zone, expanded)
	return a.show(out, []string{out.Batch}, func() { a.drawRendering(out) })
}

func describe(definition *task.Task, slot period.Slot, zone *time.Location, expanded render.Rendering) rendered {
	iso := func(t time.Time) string { return t.In(zone).Format(time.RFC3339) }
	return rendered{
		Batch: expanded.Env["CAPRI_BATCH"], Zone: zone.String(), Schedule: iso(slot.Base),
		BizStart: iso(slot.BizStart), BizEnd: iso(slot.BizEnd),
		Type: definition.Spec.Run.Type, Rendering: expanded,
	}
}

func (a *app) drawRendering(out rendered) {
	a.fields("Batch", cell{out.Batch, bold}, "Zone", out.Zone, "Scheduled", out.Schedule,
		"Interval", fmt.Sprintf("[%s, %s)", out.BizStart, out.BizEnd), "Program", out.Program)
	a.block("Environment", namesOf(slices.Sorted(maps.Keys(out.Env)), func(name string) string {
		return name + "=" + out.Env[name]
	}))
	a.block("Inputs", namesOf(out.Inputs, pathLine))
	a.block("Third parties", namesOf(out.ThirdParties, func(t task.ThirdParty) string { return t.Code + "  " + t.Key }))
	a.block("Outputs", namesOf(out.Outputs, pathLine))
	a.block("Command", out.Command)
	a.block("Call", callLines(out.HTTP))
	if out.Script != "" {
		a.block("Script ("+out.Type+")", strings.Split(strings.TrimRight(out.Script, "\n"), "\n"))
	}
}

// callLines writes the call of an http task as it will be made.
func callLines(h *task.HTTP) []string {
	if h == nil {
		return nil
	}
	lines := []string{h.Method + " " + h.URL}
	for _, name := range slices.Sorted(maps.Keys(h.Headers)) {
		lines = append(lines, name+": "+h.Headers[name])
	}
	for _, name := range slices.Sorted(maps.Keys(h.HeaderFiles)) {
		lines = append(lines, name+": (from "+h.HeaderFiles[name]+" on the worker)")
	}
	if h.Body != "" {
		lines = append(append(lines, ""), strings.Split(strings.TrimRight(h.Body, "\n"), "\n")...)
	}
	return lines
}

func pathLine(p render.Path) string {
	if p.Ready == "" {
		return p.Path
	}
	return p.Path + "  (" + p.Ready + ")"
}

// block prints lines indented under a title, nothing when there are none.
func (a *app) block(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	a.print("")
	a.print("%s", a.paint(grey, title))
	for _, line := range lines {
		a.print("  %s", printable(line))
	}
}
