package run

import (
	"context"
	"errors"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/wire"
)

// unseenAfter is how long a file system may keep an attempt from being judged
// before somebody is told.
const unseenAfter = time.Minute

var errKilled = errors.New("killed while its outputs were looked at")

// lookout is the looking at the outputs of an attempt whose script has ended.
// It has no deadline: what the script did is not undone by an outage, and not
// knowing is no answer. Only a kill on command ends it early.
type lookout struct {
	*Warden
	spec   Spec
	ending *Ending
	orders <-chan Order
	told   bool
}

// look returns what is at an output. It goes on for as long as its file system
// does not answer; a look that fails for another reason is repeated a few times.
func (l *lookout) look(ctx context.Context, output wire.PathCheck) (datapath.Identity, error) {
	began, failed := time.Now(), 0
	for n := 0; ; n++ {
		identity, err := l.Looker.Stat(ctx, output.Path, output.Ready)
		switch {
		case err == nil || ctx.Err() != nil:
			return identity, err
		case datapath.Unavailable(err):
			l.tell(began, err)
		default:
			if failed++; failed == datapath.Tries {
				return datapath.Absent, err
			}
		}
		if err := l.rest(ctx, n); err != nil {
			return datapath.Absent, err
		}
	}
}

// rest is the wait after a look. The lease has no process left to end and is
// passed over; it must not stand in the way of a kill.
func (l *lookout) rest(ctx context.Context, n int) error {
	waits := []time.Duration{time.Second, 3 * time.Second, 9 * time.Second, 15 * time.Second}
	timer := time.NewTimer(waits[min(n, len(waits)-1)])
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case order := <-l.orders:
			if !order.Lease {
				l.ending.obey(order)
				return errKilled
			}
		}
	}
}

// tell is told once that the outputs cannot be looked at, and not of a moment.
func (l *lookout) tell(since time.Time, err error) {
	if l.Unseen != nil && !l.told && time.Since(since) >= unseenAfter {
		l.told = true
		l.Unseen(l.spec, err)
	}
}
