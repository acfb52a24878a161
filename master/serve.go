package master

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"capricornus/master/api"
)

const (
	// callsGrace is how long calls under way may go on when a master stops, and
	// serveGrace how long it waits for the last of them to go.
	callsGrace = 2 * time.Second
	serveGrace = 5 * time.Second
)

// Operate runs the master and serves its API until ctx ends. Stopping, it first
// gives leadership away and goes on answering: claims that wait are told at once
// that it leads no more, so that workers ask the next leader, and facts are
// taken. Only then does the API go, after the calls under way.
func (m *Master) Operate(ctx context.Context, listener net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { m.stopping.Store(true) })()
	g.Go(func() error {
		defer stop()
		return m.Run(ctx)
	})
	g.Go(func() error { return m.Serve(serving, listener) })
	return g.Wait()
}

// Serve answers HTTP on a listener until ctx ends, then lets calls in flight finish.
func (m *Master) Serve(ctx context.Context, listener net.Listener) error {
	server := api.Server(m.handler)
	calls, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	server.BaseContext = func(net.Listener) context.Context { return calls }
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(callsGrace, end) // of those that follow a log, say
		defer late.Stop()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), serveGrace)
		defer cancel()
		stopped <- server.Shutdown(grace)
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	}
	if err := <-stopped; err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}
