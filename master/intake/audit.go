package intake

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// auditEvery is how often what a worker has in hand is compared with the
// batches, besides when it starts and when it comes back after a silence.
const auditEvery = 30 * time.Second

// auditDue tells whether what this claim names is to be compared now, and takes
// it for done.
func (p *presence) auditDue(c *wire.Claim, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last, known := p.audited[c.Host]; known && !c.First && now.Sub(last) < auditEvery {
		return false
	}
	p.audited[c.Host] = now
	return true
}

// returned makes the next look at a host's claim compare: the masters may have
// given up what it has in hand while it was silent.
func (p *presence) returned(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.audited, host)
}

// audit compares what a worker has in hand with the batches. It orders the end
// of what is over: the worker was silent, and the batch has another attempt by
// now, or has ended. It asks about what should be there and is not: a worker was
// killed right after it had asked for a start, and the masters agreed when the
// next one had begun.
func audit(ctx context.Context, t *store.ViewTx, c wire.Claim) (over []wire.Kill, missing []wire.Held, err error) {
	if over, err = overOn(ctx, t, c); err != nil || c.First { // a first claim is told all that runs
		return over, nil, err
	}
	// What else is in hand was there before this claim was made, unless it began a moment ago.
	running, err := t.OnHost(ctx, c.Host, batch.Running, claimPage*4)
	if err != nil {
		return nil, nil, err
	}
	return over, missingOnes(c, running, t.Now()), nil
}

// missingOnes is pure. What is to be killed is ordered anyway.
func missingOnes(c wire.Claim, running []store.Work, now int64) []wire.Held {
	holding := make(map[wire.Held]bool, len(c.Holding))
	for _, held := range c.Holding {
		holding[held] = true
	}
	var missing []wire.Held
	for i := range running {
		w := &running[i]
		held := wire.Held{WorkID: w.ID, Attempt: w.Attempt}
		if isWith(w, c, held) && !holding[held] && w.KillAt == 0 && now-w.StartTime >= auditEvery.Milliseconds() {
			missing = append(missing, held)
		}
	}
	return missing
}

func overOn(ctx context.Context, t *store.ViewTx, c wire.Claim) ([]wire.Kill, error) {
	if len(c.Holding) == 0 {
		return nil, nil
	}
	ids := make([]int64, 0, len(c.Holding))
	for _, held := range c.Holding {
		ids = append(ids, held.WorkID)
	}
	all, err := t.BatchesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*store.Batch, len(all))
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	return overOnes(c, byID), nil
}

// overOnes is pure. An attempt of a batch that is not known is left alone:
// not knowing is no evidence, and a database that was restored must not end
// what runs.
func overOnes(c wire.Claim, known map[int64]*store.Batch) []wire.Kill {
	killing := make(map[wire.Held]bool, len(c.Killing))
	for _, held := range c.Killing {
		killing[held] = true
	}
	var kills []wire.Kill
	for _, held := range c.Holding {
		b := known[held.WorkID]
		if b == nil || killing[held] || isWith(&b.Work, c, held) {
			continue
		}
		kills = append(kills, wire.Kill{WorkID: held.WorkID, Attempt: held.Attempt, Over: true, Reason: "this attempt is over: " + insteadOf(b)})
	}
	return kills
}

// isWith tells whether a batch is with this worker as this attempt.
func isWith(w *store.Work, c wire.Claim, held wire.Held) bool {
	with := w.State == batch.Assigned || w.State == batch.Running
	return with && w.Attempt == held.Attempt && w.Host == c.Host && w.Incarnation == c.Incarnation
}

// insteadOf says where a batch is.
func insteadOf(b *store.Batch) string {
	if b.State == batch.Waiting {
		return fmt.Sprintf("%s waits for its next attempt", b.Ref())
	}
	if b.State == batch.Done {
		return fmt.Sprintf("%s has ended (%s)", b.Ref(), b.Finish)
	}
	return fmt.Sprintf("%s is %s on %s", b.Ref().AttemptCode(b.Attempt), b.State, b.Host)
}
