package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func batchMissingCommand(a *app) *cobra.Command {
	var from, to, project string
	cmd := &cobra.Command{
		Use: "missing", Short: "List batches that should be there and are not, with the reason", Args: arguments(0, 0),
		Long: `Lists the work numbers that enabled tasks should have a batch for and have none, by the
version of the task that stood at their base time, and says why. Without --from it looks
at a day, at most at 35.`,
		Example: "  capri batch missing\n  capri batch missing --from 2026-11-01 --to 2026-11-20 --project weblog",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := c.MissingBatches(ctx, from, to, project)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(m wire.Missing) string { return m.Batch })
			err = a.show(list, names, func() { a.missingTable(a.clock(ctx, c), list) })
			if list.More {
				a.say("there may be more: narrow --from and --to, or name a --project")
			}
			return err
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&from, "from", "", "due after `TIME`: 2026-11-20, 2026-11-20T08:00")
	flags.StringVar(&to, "to", "", "due at `TIME` or before")
	flags.StringVar(&project, "project", "", "only those of this `PROJECT`")
	return cmd
}

func (a *app) missingTable(k clock, list wire.MissingList) {
	if len(list.Items) == 0 {
		a.say("nothing is missing between %s and %s", k.at(list.From), k.at(list.To))
		return
	}
	rows := make([]row, len(list.Items))
	for i, m := range list.Items {
		rows[i] = row{m.Batch, m.Project, k.at(m.DueAt), m.Reason}
	}
	a.table([]string{"BATCH", "PROJECT", k.header("DUE"), "REASON"}, rows)
}
