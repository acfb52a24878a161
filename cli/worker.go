package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/tlsfile"
	"capricornus/worker"
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
func runWorker(ctx context.Context, cfg config.Worker, log *slog.Logger) error {
	token, err := config.ReadSecret(cfg.TokenFile)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program that runs the keeper: %w", err)
	}
	full := workerConfig(cfg, token)
	if cfg.CA != "" {
		if full.CA, err = tlsfile.ReadCA(cfg.CA); err != nil {
			return err
		}
	}
	full.KeeperCommand = []string{program, "keeper"}
	full.HTTPCommand = []string{program, httpCallName}
	spans, err := tracer(ctx, cfg.Trace, "capri-worker", cfg.Host)
	if err != nil {
		return err
	}
	defer spans.Close()
	w, err := worker.New(full, worker.Deps{Log: log, Trace: spans})
	if err != nil {
		return err
	}
	return observed(ctx, w.Run, w.Metrics().Registry, cfg.Metrics, log)
}

// workerConfig is what a worker is told, from what people configured.
func workerConfig(cfg config.Worker, token config.Secret) worker.Config {
	full := worker.Default()
	full.Host, full.Masters, full.Token = cfg.Host, cfg.Masters, token.Reveal()
	full.Root, full.Group, full.Labels = cfg.Root, cfg.Group, cfg.Labels
	full.Slots, full.Accounts = cfg.Slots, cfg.Accounts
	full.ListenLogs, full.Advertise = cfg.Listen, cfg.Advertise
	full.Limits = worker.Limits{
		MinFreeMemory:  int64(cfg.Limits.FreeMemory),
		MaxLoadPerCore: cfg.Limits.Load,
		MinFreeDisk:    int64(cfg.Limits.FreeDisk),
		AttemptMemory:  int64(cfg.Limits.AttemptMemory),
		MemoryTimes:    cfg.Limits.MemoryTimes,
		Processes:      cfg.Limits.Processes,
		File:           int64(cfg.Limits.File),
		Log:            int64(cfg.Limits.Log),
		LogKeep:        int64(cfg.Limits.LogKeep),
		Program:        int64(cfg.Limits.Program),
		Unpacked:       int64(cfg.Limits.Unpacked),
	}
	full.Heartbeat, full.CheckInterval, full.Lease = cfg.Times.Heartbeat, cfg.Times.CheckInterval, cfg.Times.Lease
	full.Grace, full.KeepAttempts, full.HDFSHung = cfg.Times.Grace, cfg.Times.Keep, cfg.Times.HDFSHung
	full.Account, full.Cgroups, full.HTTPHosts = cfg.Account, cfg.Cgroups, cfg.HTTPHosts
	full.HDFS, full.Fetch, full.FetchHung = hdfsConfig(&cfg.HDFS), cfg.Times.Fetch, cfg.Times.FetchHung
	full.HDFSPorts = nil
	for _, port := range cfg.HDFSPorts {
		if n, err := strconv.Atoi(port); err == nil { // checked when it was read
			full.HDFSPorts = append(full.HDFSPorts, n)
		}
	}
	full.Version = ownVersion().Version
	return full
}
