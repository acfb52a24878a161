package keeper

import (
	"context"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/common/pause"
	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/vitals"
)

const (
	// fencePolicy marks tasks whose attempts must not outlive the lease.
	fencePolicy = "fence"
	// leaseEvery is how often the lease is looked at.
	leaseEvery = 5 * time.Second
	// precedence is what a worker that lives gets beyond the lease, at most: it
	// ends attempts in better order than its keeper does.
	precedence = 10 * time.Second
	// endingTakes is how long the keeper goes on ending one attempt besides the
	// grace, before it looks at everything again.
	endingTakes = 10 * time.Second
)

// contact is the worker's last contact to a master, as its file says. When the
// file was seen to change is noted as well, so that setting the clock back does
// not make a lease longer.
type contact struct {
	said time.Time // what the file says
	seen time.Time // since when it says so
}

// silence is how long there has been no contact.
func (c *contact) silence(said, now time.Time) time.Duration {
	if c.seen.IsZero() || !said.Equal(c.said) {
		c.said, c.seen = said, now
	}
	length := run.Silence(c.seen, now)
	if said.IsZero() {
		return length
	}
	return max(length, run.Silence(said, now))
}

func lookAtLease(period time.Duration) time.Duration {
	return min(leaseEvery, max(period/4, time.Millisecond))
}

// lease ends the attempts of fence tasks when the worker's last contact is a
// lease ago. That the keeper reaches a master does not count: the masters take
// the host for lost, as nobody sends its heartbeats.
func (s *shift) lease(ctx context.Context) error {
	for ctx.Err() == nil {
		if s.period > 0 && s.contact.silence(s.root.LastContact(), time.Now()) >= s.period {
			s.mu.Lock()
			for _, orders := range s.fenced {
				select {
				case orders <- run.Order{Lease: true, Reason: "the worker was gone for the lease of " + s.period.String()}:
				default:
				}
			}
			s.mu.Unlock()
		}
		_ = pause.For(ctx, lookAtLease(s.period))
	}
	return nil
}

// overlook is what a keeper does while the worker has its lock: wait, and keep
// the lease of a worker that does not keep it itself. One that is stopped
// (SIGSTOP), or hangs, still has its lock, while the masters hear nothing of it.
func (k *keeper) overlook(ctx context.Context) {
	access, err := k.root.ReadAccess()
	period := time.Duration(access.Lease) * time.Millisecond
	if err != nil || period <= 0 {
		_ = pause.For(ctx, lookEvery)
		return
	}
	if k.contact.silence(k.root.LastContact(), time.Now()) < period+min(period/30, precedence) {
		_ = pause.For(ctx, min(lookEvery, lookAtLease(period)))
		return
	}
	k.endFenced(ctx, period, time.Duration(access.Grace)*time.Millisecond)
	_ = pause.For(ctx, lookAtLease(period))
}

// endFenced ends the attempts of fence tasks under a worker that does not. It
// leaves a note for whoever reports them, and reports nothing itself.
func (k *keeper) endFenced(ctx context.Context, period, grace time.Duration) {
	keys, err := k.root.Attempts()
	if err != nil {
		k.deps.Log.Error("attempts cannot be listed", logs.Error(err))
		return
	}
	boot, err := vitals.BootID()
	if err != nil {
		k.deps.Log.Error("boot of the host is not known", logs.Error(err))
	}
	local := &run.Local{Boot: boot, Table: vitals.Processes{}, Grace: grace, Log: k.deps.Log}
	ctx, cancel := context.WithTimeout(ctx, grace+endingTakes)
	defer cancel()
	var ending sync.WaitGroup
	for _, key := range keys {
		ending.Go(func() {
			if err := k.endOne(ctx, local, key, "the worker was silent for the lease of "+period.String(), grace); err != nil {
				k.deps.Log.Error("attempt outlives the lease", logs.Path, k.root.Attempt(key).Path(), logs.Error(err))
			}
		})
	}
	ending.Wait()
}

func (k *keeper) endOne(ctx context.Context, local *run.Local, key wire.Held, reason string, grace time.Duration) error {
	dir := k.root.Attempt(key)
	if reported, err := dir.Reported(); err != nil || reported {
		return err
	}
	spec, err := run.Load(dir)
	if err != nil || spec.OnWorkerLost != fencePolicy {
		return nil //nolint:nilerr // it has just been reported, or was made before its spec; nothing runs of either
	}
	process, err := local.Adopt(ctx, dir, spec)
	if err != nil {
		return err
	}
	select {
	case <-process.Done():
		return nil
	default:
	}
	if err := run.NoteFenced(dir, reason); err != nil {
		return err
	}
	k.deps.Log.Warn("keeper ends an attempt whose worker is silent", logs.Path, dir.Path())
	return process.Kill(ctx, grace)
}
