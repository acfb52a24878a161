package duty

import (
	"context"
	"time"
)

// A page is followed by a rest that is restFactor times as long, at most longestRest.
const (
	restFactor  = 6
	longestRest = 2 * time.Second
)

// Rest leaves the database to others after a page that took so long: work that
// comes in storms and has time takes a seventh of it, so that what runs every
// second goes on. It ends early with the context.
func Rest(ctx context.Context, took time.Duration) {
	timer := time.NewTimer(min(restFactor*took, longestRest))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
