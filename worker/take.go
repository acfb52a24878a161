package worker

import (
	"context"

	"capricornus/common/logs"
	"capricornus/common/wire"
	"capricornus/worker/claim"
	"capricornus/worker/run"
)

// fencePolicy marks tasks whose attempts must not outlive the lease.
const fencePolicy = "fence"

// taker is the worker as the claim loop sees it.
type taker struct{ *Worker }

// Room implements claim.Hand. What has ended and no master knows of yet is in
// hand as well: an attempt that the masters take for running and that no claim
// names counts as gone. The box is looked at last, because an attempt leaves the
// hand when it is in the box.
func (t taker) Room() claim.Room {
	room := t.hand.room()
	room.Holding = append(room.Holding, t.box.Keys()...)
	return room
}

// Take implements claim.Hand: a goroutine for each new attempt, an order for
// each one to be killed, and an answer about each one said to be running.
func (t taker) Take(ctx context.Context, reply wire.ClaimReply) {
	for _, assignment := range reply.Assignments {
		key := wire.Held{WorkID: assignment.WorkID, Attempt: assignment.Attempt}
		if t.box.Holds(key) {
			continue
		}
		g := t.hand.add(key)
		if g == nil {
			continue
		}
		g.fences(assignment.OnWorkerLost == fencePolicy)
		t.lives.Go(func() { t.begin(ctx, assignment, g) })
	}
	for _, kill := range reply.Kills {
		key := wire.Held{WorkID: kill.WorkID, Attempt: kill.Attempt}
		t.hand.killing(key)
		if g := t.hand.get(key); g != nil {
			g.order(run.Order{Reason: kill.Reason})
			continue
		}
		if !kill.Over { // what is over and has left the hand needs no report
			t.answer(ctx, key)
		}
	}
	for _, key := range reply.Running {
		t.answer(ctx, key)
	}
}

// answer tells what became of an attempt that the masters take for running
// here and that is not in hand. One with a directory is adopted again, which
// ends in a result; one without was never started, if the root is the one it
// would have been started in. Otherwise it is looked for among the processes.
func (w *Worker) answer(ctx context.Context, key wire.Held) {
	if w.hand.get(key) != nil || w.box.Holds(key) {
		return
	}
	g := w.hand.add(key)
	if g == nil {
		return
	}
	w.lives.Go(func() {
		defer w.hand.remove(key)
		exists, err := w.root.Attempt(key).Exists()
		if err != nil || exists || w.intact() != nil { // not knowing is no evidence that it never began
			w.resume(ctx, key, g)
			return
		}
		if _, err := w.box.Ask(ctx, *w.fact(wire.FactUnstarted, key)); err != nil && ctx.Err() == nil {
			w.log.Warn("unstarted attempt is not reported", logs.Attempt, key.Attempt, logs.Error(err))
		}
	})
}

// adoptAll takes up every attempt whose result no master has. It is done
// before the first claim: what is running must be known then.
func (w *Worker) adoptAll(ctx context.Context) error {
	keys, err := w.root.Attempts()
	if err != nil {
		return err
	}
	adopted := 0
	for _, key := range keys {
		reported, err := w.root.Attempt(key).Reported()
		if err != nil {
			return err
		}
		if reported || w.box.Holds(key) {
			continue
		}
		g := w.hand.add(key)
		if g == nil {
			continue
		}
		adopted++
		w.lives.Go(func() {
			defer w.hand.remove(key)
			w.resume(ctx, key, g)
		})
	}
	if adopted > 0 {
		w.log.Info("attempts of an earlier worker are taken up", logs.Count, adopted)
	}
	return nil
}
