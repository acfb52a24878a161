// Package pause waits for a time to pass, unless there is a reason not to.
package pause

import (
	"context"
	"time"
)

// For waits so long, or until ctx ends, and returns its error then.
func For(ctx context.Context, length time.Duration) error {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
