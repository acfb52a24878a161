package cli

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/worker/keeper"
)

// keeperCommand is started by workers, not by people.
func keeperCommand(a *app) *cobra.Command {
	var root string
	cmd := withoutMaster(&cobra.Command{
		Use: "keeper --root DIR", Short: "Watch over the attempts of a worker that is down", Args: arguments(0, 0), Hidden: true,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if root == "" {
				return fault.New(fault.Usage, "--root is wanted: the root of the worker to keep")
			}
			return keeper.Run(ctx, root, keeper.Deps{Log: logs.New(a.err, slog.LevelInfo)})
		}),
	})
	cmd.Flags().StringVar(&root, "root", "", "`DIR`: the worker's root")
	return cmd
}
