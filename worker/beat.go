package worker

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/pause"
	"capricornus/common/wire"
	"capricornus/worker/run"
)

// fenceLooks is how often the lease is looked at while it lasts: every 5 s for
// one of 10 min, little against the minute the masters wait beyond it.
const fenceLooks = 120

// beat sends heartbeats until ctx ends. A refusal before the first success
// (credential, host name taken) ends the worker: it would never get work. So
// does a host name that is taken later, and a root that is not there any more.
func (w *Worker) beat(ctx context.Context) error {
	heard, failures := false, 0
	for {
		began := time.Now()
		if err := w.intact(); err != nil {
			return err
		}
		err := w.beatOnce(ctx)
		if refused(err) && (!heard || fault.CodeOf(err) == fault.Conflict) {
			return err
		}
		if err == nil && !heard {
			heard = true
			close(w.heard)
		}
		if failing := err != nil; failing != (failures > 0) && ctx.Err() == nil {
			w.log.Log(ctx, level(failing), "contact to the masters", slog.Bool(logs.State, !failing), logs.Error(err))
		}
		wait := time.Until(began.Add(w.cfg.Heartbeat))
		if failures++; err == nil {
			failures = 0
		} else {
			wait = w.again(failures, heard)
		}
		if pause.For(ctx, wait) != nil {
			return nil //nolint:nilerr // asked to stop
		}
	}
}

// The waits after heartbeats that failed: the next one is sent sooner than it
// would be, because nothing is assigned to a host that is not heard of.
const (
	firstBeat = 250 * time.Millisecond
	unheard   = 500 * time.Millisecond // at most, before the first answer
)

// again is the wait after so many heartbeats in a row have failed.
func (w *Worker) again(failures int, heard bool) time.Duration {
	most := w.cfg.Heartbeat
	if !heard {
		most = min(most, unheard)
	}
	wait := min(firstBeat<<min(failures-1, 20), most)
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // spreads the workers, hides nothing
}

func level(failing bool) slog.Level {
	if failing {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func refused(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Unauthed, fault.Forbidden, fault.Conflict, fault.Invalid:
		return err != nil
	default: // no master, no leader, trouble of their own: it may pass
		return false
	}
}

func (w *Worker) beatOnce(ctx context.Context) error {
	figures, err := w.deps.Vitals()
	if err != nil {
		w.log.Warn("host cannot be measured", logs.Error(err))
	}
	w.vitals.Store(&figures)
	sent := time.Now()
	reply, err := w.client.Heartbeat(ctx, wire.Heartbeat{
		Host: w.cfg.Host, Incarnation: w.id.Incarnation, Address: w.address,
		Group: w.cfg.Group, Labels: w.cfg.Labels, Version: w.cfg.Version, Slots: w.cfg.Slots, LoadLimit: w.cfg.Limits.MaxLoadPerCore,
		CheckInterval: w.cfg.CheckInterval.Milliseconds(), LeaseMillis: w.leaseSaid().Milliseconds(), StartedAt: w.started.UnixMilli(),
		Vitals: figures, Features: w.features(),
	})
	if err != nil {
		return err
	}
	w.endLapsed(time.Now()) // by the contact before: this one may be the first after a pause that nobody noticed
	w.contact.Store(&sent)
	w.switched(reply.Stopped)
	// The keeper reads it. Not at every heartbeat: an older contact than there
	// was only makes it fence a little early.
	if sent.Sub(w.noted) < w.cfg.Lease/60 {
		return nil
	}
	w.noted = sent
	return w.root.Contact(sent)
}

// switched says once that somebody has turned this worker's switch. There is
// nothing to do: masters give nothing new to a worker that is off.
func (w *Worker) switched(off bool) {
	if off == w.off {
		return
	}
	w.off = off
	if off {
		w.log.Info("switched off, nothing new is assigned here")
		return
	}
	w.log.Info("switched on again")
}

// features says what this worker can enforce, for `host show`.
func (w *Worker) features() []string {
	features := []string{"session", "run-timeout"}
	if len(w.cfg.KeeperCommand) > 0 {
		features = append(features, "keeper")
	}
	if len(w.cfg.Accounts) > 0 {
		features = append(features, "accounts")
	}
	return append(features, featuresOf(w.deps.Launcher)...)
}

// fence ends the attempts of fence tasks when no master has answered for a
// lease: the masters may start them elsewhere soon after.
func (w *Worker) fence(ctx context.Context) error {
	ticker := time.NewTicker(w.cfg.Lease / fenceLooks)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		w.endLapsed(time.Now())
	}
}

// endLapsed orders the end of all attempts of fence tasks when the last contact
// is a lease ago, or nothing says when it was, and notes it for those that are
// taken up later. Without a contact nothing begins, so what is there then is an
// earlier worker's.
func (w *Worker) endLapsed(now time.Time) {
	last := *w.contact.Load()
	if !last.IsZero() && run.Silence(last, now) < w.cfg.Lease {
		return
	}
	w.lapsed.Store(now.UnixMilli())
	for _, g := range w.hand.grips() {
		if g.isFenced() {
			g.order(w.leaseOrder())
		}
	}
}

func (w *Worker) leaseOrder() run.Order {
	return run.Order{Lease: true, Reason: "no master answered for the lease of " + w.cfg.Lease.String()}
}

// patientGrace is the grace that fits into the minute which masters wait beyond
// a lease.
const patientGrace = 30 * time.Second

// leaseSaid is the silence after which masters may rely on it that attempts of
// fence tasks are being ended and have had most of their grace.
func (w *Worker) leaseSaid() time.Duration { return w.cfg.Lease + max(0, w.cfg.Grace-patientGrace) }
