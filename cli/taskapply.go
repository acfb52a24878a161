package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func taskApplyCommand(a *app) *cobra.Command {
	var paths []string
	var request wire.ApplyRequest
	cmd := &cobra.Command{
		Use: "apply -f FILE|DIR…", Short: "Save task files, all or none of them",
		Long: `Reads task files (*.yaml, *.yml, *.json; directories with all below them; - for stdin)
and saves what they define. With an error anywhere nothing is saved and the exit code is 9.`,
		Example: "  capri task apply -f tasks/\n  capri task apply -f a.yaml b.yaml --dry-run\n  capri task apply -f a.yaml --expect a=3",
		Args:    cobra.ArbitraryArgs,
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			paths = append(paths, args...)
			if len(paths) == 0 {
				return fault.New(fault.Usage, "name the files to apply").WithHint("capri task apply -f FILE|DIR…")
			}
			files, err := a.taskFiles(paths)
			if err != nil {
				return err
			}
			request.Files = files
			return a.apply(ctx, c, request)
		}),
	}
	cmd.Flags().StringArrayVarP(&paths, "file", "f", nil, "`FILE|DIR` to apply; - is stdin")
	cmd.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would happen and change nothing")
	cmd.Flags().StringVar(&request.Note, "note", "", "`TEXT` kept with the new versions")
	cmd.Flags().StringToIntVar(&request.ExpectedVersions, "expect", nil, "`NAME=VERSION` of a task as it was read; when it is another by now, nothing is saved (0: not there)")
	return cmd
}

func (a *app) apply(ctx context.Context, c *wire.Client, request wire.ApplyRequest) error {
	reply, err := c.Apply(ctx, request)
	if err != nil {
		return err
	}
	findings := make([]task.Finding, len(reply.Findings))
	for i, f := range reply.Findings {
		findings[i] = task.Finding(f)
	}
	a.findings(a.err, findings)
	failed := task.HasErrors(findings)
	names := namesOf(reply.Items, func(i wire.ApplyItem) string { return i.Name })
	if failed && a.flags.output == formatName {
		names = nil // nothing was applied: a script must not go on with the names
	}
	if err := a.show(reply, names, func() { a.applied(reply.Items, failed) }); err != nil {
		return err
	}
	if failed {
		return fault.New(fault.Invalid, "nothing was applied: %s", countErrors(findings))
	}
	if request.DryRun {
		a.say("dry run: nothing was changed")
		return nil
	}
	a.sayNext(reply.Items)
	return nil
}

// applied prints one line for each document, then sums up.
func (a *app) applied(items []wire.ApplyItem, failed bool) {
	if failed {
		return
	}
	rows := make([]row, len(items))
	counts := map[string]int{}
	for i, item := range items {
		version := ""
		if item.Version > 0 {
			version = fmt.Sprintf("version %d", item.Version)
		}
		rows[i] = row{cell{item.Action, actionColor(item.Action)}, strings.ToLower(item.Kind), item.Name, version}
		counts[item.Action]++
	}
	if len(rows) > 0 {
		a.table([]string{"ACTION", "KIND", "NAME", "VERSION"}, rows)
	}
	a.say("%d created, %d changed, %d unchanged", counts["created"], counts["changed"], counts["unchanged"])
}

// sayNext names what shows the first task that is new or other than before.
func (a *app) sayNext(items []wire.ApplyItem) {
	i := slices.IndexFunc(items, func(i wire.ApplyItem) bool { return i.Kind == "Task" && i.Version > 0 && i.Action != "unchanged" })
	if i < 0 {
		return
	}
	a.say("capri task get %s shows it, capri batch list --task %s its batches", items[i].Name, items[i].Name)
}

func actionColor(action string) color {
	switch action {
	case "created":
		return green
	case "changed":
		return yellow
	}
	return grey
}

// findings writes one finding a line, as compilers do.
func (a *app) findings(w io.Writer, findings []task.Finding) {
	for _, f := range findings {
		place := f.File
		if f.Line > 0 {
			place = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if f.Severity != task.SeverityError {
			place += ": " + f.Severity
		}
		fmt.Fprintf(w, "%s: %s\n", printable(place), oneLine(f.Message))
	}
}

func countErrors(findings []task.Finding) string {
	n := 0
	for _, f := range findings {
		if f.Severity == task.SeverityError {
			n++
		}
	}
	return plural(n, "error")
}

// plural counts things whose plural is regular.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if stem, found := strings.CutSuffix(thing, "y"); found && !strings.ContainsAny(thing[max(0, len(stem)-1):len(stem)], "aeou") {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	if strings.HasSuffix(thing, "ch") {
		return fmt.Sprintf("%d %ses", n, thing)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
