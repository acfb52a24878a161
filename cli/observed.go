package cli

import (
	"context"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/metrics"
	"capricornus/common/trace"
)

// observed runs a daemon and shows its figures until it has ended.
func observed(ctx context.Context, run func(context.Context) error, figures *metrics.Registry, cfg config.Metrics, log *slog.Logger) error {
	g, ctx := errgroup.WithContext(ctx)
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g.Go(func() error { return figures.Serve(serving, cfg.Listen, log) })
	g.Go(func() error {
		defer stop() // last, so that how it ends can be watched
		return run(ctx)
	})
	return g.Wait()
}

// tracer makes the tracer of a daemon: nil when it traces nothing.
func tracer(ctx context.Context, cfg config.Trace, service, instance string) (*trace.Tracer, error) {
	t, err := trace.New(ctx, trace.Config{
		Endpoint: cfg.Endpoint, Sample: cfg.Sample, Service: service, Instance: instance, Version: ownVersion().Version,
	})
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "cannot trace to %s: %v", cfg.Endpoint, err)
	}
	return t, nil
}
