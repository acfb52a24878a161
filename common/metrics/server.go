package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"capricornus/common/logs"
	"capricornus/common/pause"
)

const (
	bindAgain   = 5 * time.Second // until an address that is taken is tried again
	headTimeout = 5 * time.Second
	stopGrace   = 2 * time.Second
)

// Serve shows the figures and the profiles of this process at an address until
// ctx ends. An address that is taken, perhaps by the process before, is no
// reason not to schedule: it is told once and tried again. An empty address
// serves nothing.
func (r *Registry) Serve(ctx context.Context, address string, log *slog.Logger) error {
	if address == "" {
		return nil
	}
	var config net.ListenConfig
	for tries := 0; ; tries++ {
		listener, err := config.Listen(ctx, "tcp", address)
		if err == nil {
			log.Info("metrics are served", logs.Address, listener.Addr().String())
			return r.ServeOn(ctx, listener)
		}
		if tries == 0 && ctx.Err() == nil {
			log.Warn("metrics are not served, their address is tried again", logs.Address, address, logs.Error(err))
		}
		if pause.For(ctx, bindAgain) != nil {
			return nil //nolint:nilerr // asked to stop
		}
	}
}

// ServeOn is Serve on a listener.
func (r *Registry) ServeOn(ctx context.Context, listener net.Listener) error {
	// A profile of 30 s and more must get out: there is no deadline for answers.
	server := &http.Server{Handler: r.Pages(), ReadHeaderTimeout: headTimeout}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics on %s: %w", listener.Addr(), err)
	}
	<-stopped
	return nil
}

// Pages are /metrics and the profiles, and nothing else.
func (r *Registry) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", r.Handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
