package cli

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// maxRoster is what one call takes, with room for what JSON adds.
const maxRoster = 900 << 10

func dutyImportCommand(a *app) *cobra.Command {
	var request wire.DutyImportRequest
	cmd := &cobra.Command{
		Use: "import FILE|-", Short: "Import a roster from CSV, all of it or nothing", Args: arguments(1, 1),
		Long: `Reads lines department,day,primary,secondary and perhaps a note; a first line with these words
is a heading, - is stdin. All that is wrong is said with its line, and then nothing is
imported. Days that are over are left alone. What is imported wins over the rotation.`,
		Example: "  capri duty import roster.csv --dry-run\n  hr-roster | capri duty import - --reason 'as every month'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			var err error
			if request.File, request.Text, err = a.readRoster(args[0]); err != nil {
				return err
			}
			reply, err := c.ImportDuty(ctx, request)
			if err != nil {
				return err
			}
			return a.imported(reply)
		}),
	}
	cmd.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would change, and change nothing")
	reasonFlag(cmd, &request.Reason)
	return cmd
}

func (a *app) readRoster(path string) (name, text string, err error) {
	name, in := "stdin", a.in
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", "", missing(err, path)
		}
		defer file.Close()
		name, in = path, file
	}
	data, err := io.ReadAll(io.LimitReader(in, maxRoster+1))
	if err != nil {
		return "", "", fileFault(fault.Invalid, err, name)
	}
	if len(data) > maxRoster {
		return "", "", fault.New(fault.TooLarge, "%s has more than %d kB", name, maxRoster>>10).WithHint("import it in parts")
	}
	return name, string(data), nil
}

// imported says what an import has changed, or what is wrong with it.
func (a *app) imported(reply wire.DutyImportReply) error {
	findings := make([]task.Finding, len(reply.Findings))
	for i, f := range reply.Findings {
		findings[i] = task.Finding(f)
	}
	a.findings(a.err, findings)
	names := namesOf(reply.Items, func(i wire.DutyImportItem) string { return i.Department + "/" + i.Day })
	if err := a.show(reply, names, func() { a.importTable(reply.Items) }); err != nil {
		return err
	}
	if len(findings) > 0 {
		return fault.New(fault.Invalid, "nothing was imported: %s", countErrors(findings))
	}
	a.say("%d added, %d changed, %d as they were, %d over and left alone", reply.Added, reply.Changed, reply.Same, reply.Past)
	if !reply.Imported {
		a.say("dry run: nothing was changed")
		return nil
	}
	a.say("  capri duty gaps shows what is missing")
	return nil
}

func (a *app) importTable(items []wire.DutyImportItem) {
	if len(items) == 0 {
		return
	}
	rows := make([]row, len(items))
	for i, item := range items {
		action := cell{item.Action, green}
		if item.Action == "change" {
			action.color = yellow
		}
		rows[i] = row{item.Line, item.Day, item.Department, action, pairOf(item.Before), pairOf(item.After), dash(item.Before.Source)}
	}
	a.table([]string{"LINE", "DAY", "DEPARTMENT", "ACTION", "BEFORE", "AFTER", "WAS BY"}, rows)
}

// pairOf is who is on duty as first, second.
func pairOf(n wire.DutyNames) string {
	if n.Secondary == "" {
		return dash(n.Primary)
	}
	return dash(n.Primary) + ", " + n.Secondary
}
