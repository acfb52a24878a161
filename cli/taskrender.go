package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/macro"
	"capricornus/common/period"
	"capricornus/common/render"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func taskRenderCommand(a *app) *cobra.Command {
	var r renderOptions
	cmd := &cobra.Command{
		Use: "render TASK|FILE [WORKNO[.RUN]]", Short: "Show what a batch would run: script, environment, paths",
		Long: `Expands every macro of a task for one work number. With a FILE nothing but the file is
needed; of a TASK the master says what a batch would be given now, with the parent
batches it would wait for and how they are. With --batch it is what that batch runs,
by the version it was made from.`,
		Example: `  capri task render tasks/access.yaml 20150518 --timezone UTC
  capri task render dwd_access_d --work-no 20150518
  capri task render --batch dwd_access_d/20150518`,
		Args: arguments(0, 2),
		RunE: a.do(func(ctx context.Context, args []string) error { return r.run(ctx, a, args) }),
	}
	cmd.Flags().StringVar(&r.task, "task", "", "`TASK` of a file that has several")
	cmd.Flags().StringVar(&r.zone, "timezone", "", "`ZONE` for a file (the host's); the cluster's holds for a task")
	cmd.Flags().StringVar(&r.number, "work-no", "", "work number `N`, or N.RUN, instead of the second argument")
	cmd.Flags().StringVar(&r.batch, "batch", "", "what this `BATCH` runs")
	return cmd
}

// renderOptions say what is rendered, besides the arguments.
type renderOptions struct {
	task, zone, number, batch string
}

func (r *renderOptions) run(ctx context.Context, a *app, args []string) error {
	if r.batch != "" {
		return r.ofBatch(ctx, a, args)
	}
	if len(args) == 2 && r.number == "" {
		r.number = args[1]
		args = args[:1]
	}
	if len(args) != 1 || r.number == "" {
		return fault.New(fault.Usage, "task render wants a task or a file, and one work number").
			WithHint("capri task render TASK --work-no 20150518")
	}
	if isFile(args[0]) {
		place, err := zoneNamed(r.zone)
		if err != nil {
			return err
		}
		definition, err := a.taskInFile(args[0], r.task)
		if err != nil {
			return err
		}
		return a.render(definition, place, r.number)
	}
	if r.zone != "" {
		return fault.New(fault.Usage, "--timezone is for files: the tasks of a cluster are in its own zone")
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	out, err := c.Render(ctx, args[0], r.number)
	return a.showRendering(out, err)
}

func (r *renderOptions) ofBatch(ctx context.Context, a *app, args []string) error {
	if len(args) > 0 || r.number != "" || r.task != "" || r.zone != "" {
		return fault.New(fault.Usage, "--batch says all there is to say: leave the other arguments out")
	}
	ref, err := parseRef(r.batch)
	if err != nil {
		return err
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	out, err := c.RenderBatch(ctx, ref)
	return a.showRendering(out, err)
}

func (a *app) showRendering(out wire.RenderReply, err error) error {
	if err != nil {
		return err
	}
	return a.show(out, []string{out.Batch}, func() { a.drawRendering(out) })
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
	expanded, err := render.Attempt(definition, definition.Metadata.Project, values)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s", err)
	}
	return a.showRendering(describe(definition, slot, zone, expanded), nil)
}

// describe is what a master would say, as far as a file tells.
func describe(definition *task.Task, slot period.Slot, zone *time.Location, expanded render.Rendering) wire.RenderReply {
	iso := func(t time.Time) string { return t.In(zone).Format(time.RFC3339) }
	out := wire.RenderReply{
		Batch: expanded.Env["CAPRI_BATCH"], Zone: zone.String(), Scheduled: iso(slot.Base),
		BizStart: iso(slot.BizStart), BizEnd: iso(slot.BizEnd), Type: definition.Spec.Run.Type,
		Script: expanded.Script, Command: expanded.Command, Program: expanded.Program, Account: definition.Spec.Account, Env: expanded.Env,
	}
	if expanded.HTTP != nil {
		out.HTTP = expanded.HTTP
	}
	for _, p := range expanded.Inputs {
		out.Inputs = append(out.Inputs, wire.RenderPath(p))
	}
	for _, p := range expanded.Outputs {
		out.Outputs = append(out.Outputs, wire.RenderPath(p))
	}
	for _, t := range expanded.ThirdParties {
		out.ThirdParties = append(out.ThirdParties, wire.RenderThird(t))
	}
	return out
}

func (a *app) drawRendering(out wire.RenderReply) {
	version := ""
	if out.Version > 0 {
		version = strconv.Itoa(out.Version)
	}
	a.fields("Batch", cell{out.Batch, bold}, "Version", version, "Zone", out.Zone, "Scheduled", out.Scheduled,
		"Interval", fmt.Sprintf("[%s, %s)", out.BizStart, out.BizEnd), "Account", out.Account, "Program", out.Program)
	a.block("Environment", namesOf(slices.Sorted(maps.Keys(out.Env)), func(name string) string {
		return name + "=" + out.Env[name]
	}))
	a.block("Parents", namesOf(out.Parents, func(p wire.RenderParent) string { return p.Batch + "  " + p.State }))
	a.block("Inputs", namesOf(out.Inputs, pathLine))
	a.block("Third parties", namesOf(out.ThirdParties, func(t wire.RenderThird) string { return t.Code + "  " + t.Key }))
	a.block("Outputs", namesOf(out.Outputs, pathLine))
	a.block("Command", out.Command)
	a.block("Call", callLines(callOf(out.HTTP)))
	if out.Script != "" {
		a.block("Script ("+out.Type+")", strings.Split(strings.TrimRight(out.Script, "\n"), "\n"))
	}
}

// callOf is the call of an http task, as it came from a file or a master.
func callOf(sent any) *task.HTTP {
	text, err := json.Marshal(sent)
	var call *task.HTTP
	if err != nil || json.Unmarshal(text, &call) != nil {
		return nil
	}
	return call
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

func pathLine(p wire.RenderPath) string {
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
