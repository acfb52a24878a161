package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func clusterQueueCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "queue", Short: "Show what waits for workers, by group, and the slots there are", Args: arguments(0, 0),
		Long: `Shows the batches that wait for nothing but a worker, and how many slots each group of
workers has, uses and would need to run all of them at once: what decides how many workers
there should be. It is counted every five seconds at most.`,
		Example: "  capri cluster queue -o json",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			queue, err := c.Queue(ctx)
			if err != nil {
				return err
			}
			names := namesOf(queue.Groups, func(g wire.QueueGroup) string { return g.Group })
			return a.show(queue, names, func() { a.queueTable(a.clock(ctx, c), queue.Groups) })
		}),
	}
}

func (a *app) queueTable(k clock, groups []wire.QueueGroup) {
	rows := make([]row, len(groups))
	for i, g := range groups {
		ready := cell{strconv.Itoa(g.Ready), grey}
		if g.Ready > g.SlotsFree {
			ready.color = yellow
		}
		rows[i] = row{g.Group, ready, k.at(g.OldestAt), g.Workers, g.SlotsTotal, g.SlotsUsed, g.SlotsFree, g.SlotsWanted}
	}
	a.table([]string{"GROUP", "READY", k.header("OLDEST"), "WORKERS", "SLOTS", "USED", "FREE", "WANTED"}, rows)
}
