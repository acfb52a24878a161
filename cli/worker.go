package cli

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"capricornus/common/config"
)

func workerCommand(a *app) *cobra.Command {
	defaults := config.DefaultWorker()
	cmd := &cobra.Command{
		Use: "worker --config FILE", Short: "Run a worker: runs scripts on this machine",
		Long: `Runs a worker until it is told to stop. Scripts outlive it: what runs goes on, and a
worker that starts again finds it. Flags win over the environment, the environment over
the file.`,
		Example: "  capri worker --config conf/worker.yaml",
		Args:    arguments(0, 0),
	}
	flags := a.daemonFlags(cmd, defaults.Keys())
	cmd.RunE = a.do(func(ctx context.Context, _ []string) error {
		cfg, err := config.LoadWorker(flags.source())
		if err != nil {
			return err
		}
		log, err := flags.logger()
		if err != nil {
			return err
		}
		return runWorker(ctx, cfg, log)
	})
	return cmd
}

// runWorker runs a worker until ctx ends.
func runWorker(_ context.Context, _ config.Worker, _ *slog.Logger) error {
	return notBuilt("capri worker")
}
