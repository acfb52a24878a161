// Command bench measures Capricornus against the raw parts it stands on, in
// the same run on the same machine: rows generated against the same rows
// inserted, empty batches against bare fork+exec, and how long a trigger or a
// finished parent takes to become a running process. Only the ratios mean
// something elsewhere.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"time"

	"capricornus/common/logs"
	"capricornus/common/store"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	tasks   int
	batches int
	links   int
	alerts  int
	only    string
	engine  string
	profile string
}

func run() error {
	var o options
	flag.IntVar(&o.tasks, "tasks", 10000, "tasks to generate batches for, each with three dependencies")
	flag.IntVar(&o.batches, "batches", 2000, "empty batches to run end to end")
	flag.IntVar(&o.links, "links", 200, "triggers, and links of the chain")
	flag.IntVar(&o.alerts, "alerts", 10000, "batches that time out in one minute")
	flag.StringVar(&o.only, "only", "", "run only what has this in its name: generate, batches, trigger, chain, graph, hdfs, alerts")
	flag.StringVar(&o.engine, "engine", "", "measure on this one alone: sqlite or mariadb")
	flag.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile to this file")
	flag.Parse()
	if o.profile != "" {
		stop, err := startProfile(o.profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if flag.Arg(0) == "large" {
		return runLarge(ctx, flag.Args()[1:])
	}
	engines, err := engines()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%-10s %-34s %14s %14s %8s\n", "engine", "what", "ours", "raw", "ratio")
	for _, e := range engines {
		if o.engine != "" && e.name != o.engine {
			continue
		}
		for _, b := range benches() {
			if !strings.Contains(b.name, o.only) {
				continue
			}
			if err := b.run(ctx, e, o); err != nil {
				return fmt.Errorf("%s on %s: %w", b.name, e.name, err)
			}
		}
	}
	return nil
}

// startProfile profiles this process, master and worker included, until stopped.
func startProfile(name string) (stop func(), err error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}, nil
}

type bench struct {
	name string
	run  func(ctx context.Context, e engine, o options) error
}

func benches() []bench {
	return []bench{
		{"generate", benchGenerate},
		{"batches", benchBatches},
		{"trigger", benchTrigger},
		{"chain", benchChain},
		{"graph", benchGraph},
		{"hdfs", benchHDFS},
		{"alerts", benchAlerts},
	}
}

// rate prints ours and raw in things per second.
func rate(e engine, what string, n int, ours, raw time.Duration) {
	a, b := float64(n)/ours.Seconds(), float64(n)/raw.Seconds()
	fmt.Fprintf(os.Stdout, "%-10s %-34s %12.0f/s %12.0f/s %7.0f%%\n", e.name, what, a, b, 100*a/b)
}

// engine opens fresh databases of one kind.
type engine struct {
	name string
	open func(ctx context.Context) (*store.DB, func(), error)
}

func discard() *slog.Logger { return logs.New(os.Stderr, slog.LevelWarn) }
