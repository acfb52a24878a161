package worker

import (
	"context"
	"net"

	"capricornus/worker/logserver"
)

// serveLogs serves logs to the masters until ctx ends, and nothing else.
func (w *Worker) serveLogs(ctx context.Context, listener net.Listener) error {
	if listener == nil {
		return nil
	}
	return logserver.New(w.root, w.cfg.Token).Serve(ctx, listener)
}
