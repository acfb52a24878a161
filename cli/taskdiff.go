package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// diffOptions say what is compared with what.
type diffOptions struct {
	files    []string
	from, to int
	exitCode bool
}

func taskDiffCommand(a *app) *cobra.Command {
	var d diffOptions
	cmd := &cobra.Command{
		Use: "diff -f FILE|DIR… | TASK", Short: "Show what an apply would change, or what a version has",
		Long: `With -f, compares task files with what is saved and shows what apply would do, document by
document, without doing it. With a TASK, compares two of its versions: the newest with
the one before, unless --from and --to say otherwise.

The exit code is 0 whether there is a difference or not; with --exit-code it is 1 when
there is one, as that of diff is.`,
		Example: "  capri task diff -f tasks/\n  capri task diff dwd_access_d --from 3 --to 5",
		Args:    arguments(0, -1),
		RunE:    a.call(func(ctx context.Context, c *wire.Client, args []string) error { return d.run(ctx, a, c, args) }),
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&d.files, "file", "f", nil, "`FILE|DIR` to compare; - is stdin")
	flags.IntVar(&d.from, "from", 0, "this `VERSION`; the one before --to")
	flags.IntVar(&d.to, "to", 0, "and this `VERSION`; the newest")
	flags.BoolVar(&d.exitCode, "exit-code", false, "end with 1 when there is a difference")
	return cmd
}

func (d *diffOptions) run(ctx context.Context, a *app, c *wire.Client, args []string) error {
	differs := false
	switch {
	case len(d.files) > 0 && (d.from != 0 || d.to != 0):
		return fault.New(fault.Usage, "--from and --to are versions of one task: leave -f out")
	case len(d.files) > 0:
		reply, err := a.diffFiles(ctx, c, append(d.files, args...))
		if err != nil {
			return err
		}
		for _, i := range reply.Items {
			differs = differs || i.Action != "unchanged"
		}
	case len(args) != 1:
		return fault.New(fault.Usage, "compare what?").WithHint("capri task diff -f FILE|DIR, or capri task diff TASK")
	default:
		diff, err := c.DiffVersions(ctx, args[0], d.from, d.to)
		if err != nil {
			return err
		}
		differs = diff.Diff != ""
		if err := a.show(diff, []string{diff.Task}, func() { a.versionDiff(diff) }); err != nil {
			return err
		}
	}
	if differs && d.exitCode {
		return &outcome{code: exitFailed}
	}
	return nil
}

func (a *app) versionDiff(diff wire.VersionDiff) {
	if diff.Diff == "" {
		a.say("versions %d and %d of %s are the same", diff.From, diff.To, diff.Task)
		return
	}
	a.diff(diff.Diff)
}

func (a *app) diffFiles(ctx context.Context, c *wire.Client, paths []string) (wire.DiffReply, error) {
	files, err := a.taskFiles(paths)
	if err != nil {
		return wire.DiffReply{}, err
	}
	reply, err := c.DiffFiles(ctx, wire.DiffRequest{Files: files})
	if err != nil {
		return reply, err
	}
	findings := make([]task.Finding, len(reply.Findings))
	for i, f := range reply.Findings {
		findings[i] = task.Finding(f)
	}
	a.findings(a.err, findings)
	if task.HasErrors(findings) {
		return reply, fault.New(fault.Invalid, "nothing would be applied: %s", countErrors(findings))
	}
	var names []string
	for _, i := range reply.Items {
		if i.Action != "unchanged" {
			names = append(names, i.Name)
		}
	}
	return reply, a.show(reply, names, func() { a.diffItems(reply.Items) })
}

// diffItems prints the differences one after the other, then sums up.
func (a *app) diffItems(items []wire.DiffItem) {
	counts := map[string]int{}
	for _, i := range items {
		counts[i.Action]++
		if i.Action == "unchanged" {
			continue
		}
		a.print("%s", a.paint(bold, printable(strings.ToLower(i.Kind)+" "+i.Name)+" would be "+i.Action))
		a.diff(i.Diff)
	}
	a.say("%d would be created, %d changed, %d unchanged", counts["created"], counts["changed"], counts["unchanged"])
	if counts["created"]+counts["changed"] > 0 {
		a.say("  capri task apply with the same files does it")
	}
}

// diff prints a unified diff, on a terminal in colour.
func (a *app) diff(text string) {
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		a.print("%s", a.paint(diffColor(line), printable(line)))
	}
}

func diffColor(line string) color {
	switch {
	case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
		return bold
	case strings.HasPrefix(line, "@@"):
		return cyan
	case strings.HasPrefix(line, "+"):
		return green
	case strings.HasPrefix(line, "-"):
		return red
	}
	return plain
}
