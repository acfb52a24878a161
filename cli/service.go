package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func serviceCommand(a *app) *cobra.Command {
	return group("service", "Look at the duties of the masters", serviceListCommand(a), serviceRunCommand(a))
}

func serviceListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the duties and their last passes", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := c.Services(ctx)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(s wire.Service) string { return s.Name })
			return a.show(list, names, func() { a.serviceTable(a.clock(ctx, c), list.Items) })
		}),
	}
}

func (a *app) serviceTable(k clock, services []wire.Service) {
	rows := make([]row, len(services))
	for i, s := range services {
		took, outcome := "-", cell{"-", grey}
		switch {
		case s.Error != "":
			outcome = cell{s.Error, red}
		case s.EndedAt > 0:
			outcome = cell{"ok", green}
		}
		if s.EndedAt > 0 {
			took = a.took(s.StartedAt, s.EndedAt)
		}
		rows[i] = row{s.Name, k.at(s.StartedAt), took, s.Rows, s.Epoch, outcome}
	}
	a.table([]string{"SERVICE", k.header("LAST PASS"), "TOOK", "ROWS", "TERM", "OUTCOME"}, rows)
}

func serviceRunCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "run SERVICE", Short: "Run a duty now", Args: arguments(1, 1),
		Example: "  capri service run depend",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if err := c.RunService(ctx, args[0]); err != nil {
				return err
			}
			a.say("asked the leader to run %s", args[0])
			a.say("  capri service list shows its last pass")
			return nil
		}),
	}
}
