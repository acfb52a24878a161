package cli

import (
	"context"
	"time"
)

// releasePatience is how long a port or a lock of a process that was killed may
// still be held: a child it had forked has all its files open until it becomes
// another program, which takes a while on a busy machine.
const (
	releasePatience = 2 * time.Second
	releaseAgain    = 20 * time.Millisecond
)

// untilReleased opens something, again while taken says that somebody else
// still holds it.
func untilReleased[T any](ctx context.Context, open func() (T, error), taken func(error) bool) (T, error) {
	patience := time.NewTimer(releasePatience)
	defer patience.Stop()
	again := time.NewTicker(releaseAgain)
	defer again.Stop()
	for {
		thing, err := open()
		if err == nil || !taken(err) {
			return thing, err
		}
		select {
		case <-ctx.Done():
			return thing, err
		case <-patience.C:
			return thing, err
		case <-again.C:
		}
	}
}
