package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/config"
)

func masterCommand(a *app) *cobra.Command {
	defaults := config.DefaultMaster()
	cmd := &cobra.Command{
		Use: "master --config FILE", Short: "Run a master: decides what runs when and where",
		Long:    "Runs a master until it is told to stop. Flags win over the environment, the environment over the file.",
		Example: "  capri master --config conf/master.yaml",
		Args:    arguments(0, 0),
	}
	flags := a.daemonFlags(cmd, defaults.Keys())
	cmd.RunE = a.do(func(ctx context.Context, _ []string) error {
		cfg, err := config.LoadMaster(flags.source())
		if err != nil {
			return err
		}
		log, err := flags.logger()
		if err != nil {
			return err
		}
		return runMaster(ctx, cfg, log)
	})
	return cmd
}
