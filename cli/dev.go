package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/config"
)

func devCommand(a *app) *cobra.Command {
	defaults := config.DefaultDev()
	cmd := &cobra.Command{
		Use: "dev", Short: "Run everything in one process, to try things out",
		Long: `Runs a master and workers in one process on an embedded database, with example tasks.
All it keeps is in its data directory; commands in the same directory find it there.`,
		Example: "  capri dev\n  capri dev --data-dir /tmp/capri --listen 127.0.0.1:9090 --demo none",
		Args:    arguments(0, 0),
	}
	flags := a.daemonFlags(cmd, defaults.Keys())
	cmd.RunE = a.do(func(ctx context.Context, _ []string) error {
		cfg, err := config.LoadDev(flags.source())
		if err != nil {
			return err
		}
		log, err := flags.logger()
		if err != nil {
			return err
		}
		if cfg.HasPassword() && cmd.Flags().Changed("database") {
			a.say("capri: everybody on this machine can read the password in --database; CAPRI_DEV_DATABASE hides it")
		}
		return runDev(ctx, a, cfg, log)
	})
	return cmd
}
