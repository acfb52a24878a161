package worker

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/logs"
	"capricornus/common/pause"
	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/workdir"
)

// begin is the life of an attempt that was handed out.
func (w *Worker) begin(ctx context.Context, assignment wire.Assignment, g *grip) {
	key := wire.Held{WorkID: assignment.WorkID, Attempt: assignment.Attempt}
	defer w.hand.remove(key)
	w.at("claimed")
	ctx, assignment = w.traced(ctx, assignment, g)
	defer g.span.End(nil)
	spec := run.Spec{Assignment: assignment, Host: w.cfg.Host, Incarnation: w.id.Incarnation}
	parcel, objection := w.fetch(ctx, assignment)
	defer parcel.close()
	var before []datapath.Identity
	if objection == nil { // outputs are noted as they are just before the start
		before, objection = w.check(ctx, assignment)
	}
	if ctx.Err() != nil {
		return
	}
	if err := w.intact(); err != nil {
		objection = w.fact(wire.FactRefused, key)
		objection.Reason = err.Error()
	}
	w.at("checked")
	if objection == nil {
		objection = w.fact(wire.FactStarted, key)
		objection.Before = texts(before)
		w.at("asking")
	}
	verdict, err := w.box.Ask(ctx, *objection)
	if err != nil || objection.Kind != wire.FactStarted {
		return
	}
	if verdict != wire.VerdictOK {
		w.log.Debug("attempt is not wanted any more", attemptAttrs(spec)...)
		return
	}
	w.at("granted")
	// The masters count it as running: from here on stopping must not cut in
	// before the process is there.
	spec.Before = before
	spec.StartedAt = time.Now().UnixMilli()
	dir, process, err := w.start(context.WithoutCancel(ctx), spec, parcel)
	if errors.Is(err, fs.ErrExist) {
		w.log.Warn("attempt was started before", attemptAttrs(spec)...)
		w.resume(ctx, key, g)
		return
	}
	if err != nil {
		w.put(ctx, w.warden.Stillborn(spec, err), g)
		return
	}
	w.see(ctx, dir, spec, process, g)
}

// texts are identities as facts carry them.
func texts(identities []datapath.Identity) []string {
	var out []string
	for _, id := range identities {
		out = append(out, string(id))
	}
	return out
}

// start makes the attempt's directory, which proves the start, and the process.
func (w *Worker) start(ctx context.Context, spec run.Spec, parcel parcel) (*workdir.Attempt, run.Process, error) {
	dir, err := w.root.Create(spec.Key())
	if err != nil {
		return nil, nil, err
	}
	w.at("directory")
	if err := run.Save(dir, spec); err != nil {
		return nil, nil, err
	}
	w.at("saved")
	if parcel.bad != nil {
		return nil, nil, parcel.bad
	}
	w.brings(dir, parcel)
	process, err := w.deps.Launcher.Start(ctx, dir, spec)
	return dir, process, err
}

// resumeAgain is when an attempt that could not be taken up is tried again.
const resumeAgain = 30 * time.Second

// resume is the life of an attempt that was started before. It stays in hand
// until its end is in the outbox: an attempt that nobody holds counts as gone,
// though its processes may be there.
func (w *Worker) resume(ctx context.Context, key wire.Held, g *grip) {
	for ctx.Err() == nil {
		err := w.takeUp(ctx, key, g)
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			w.log.Error("attempt cannot be followed now", logs.Path, w.root.Attempt(key).Path(), logs.Error(err))
			w.hand.reprieve(key)
			_ = pause.For(ctx, resumeAgain)
		}
	}
}

func (w *Worker) takeUp(ctx context.Context, key wire.Held, g *grip) error {
	ctx, cancel := context.WithCancel(ctx) // what watches the process ends with this try
	defer cancel()
	dir := w.root.Attempt(key)
	spec, process, err := w.warden.Find(ctx, dir, key)
	if err != nil {
		return err
	}
	g.fences(spec.OnWorkerLost == fencePolicy)
	if g.isFenced() && w.lapsed.Load() > spec.StartedAt {
		g.order(w.leaseOrder())
	}
	return w.seeOnce(ctx, dir, spec, process, g)
}

// see follows an attempt to its end and hands the result to the outbox.
func (w *Worker) see(ctx context.Context, dir *workdir.Attempt, spec run.Spec, process run.Process, g *grip) {
	if err := w.seeOnce(ctx, dir, spec, process, g); err == nil || ctx.Err() != nil {
		return
	}
	w.log.Error("attempt could not be ended; it is taken up again", attemptAttrs(spec)...)
	w.hand.reprieve(spec.Key())
	w.resume(ctx, spec.Key(), g)
}

func (w *Worker) seeOnce(ctx context.Context, dir *workdir.Attempt, spec run.Spec, process run.Process, g *grip) error {
	g.runs(process, time.UnixMilli(spec.StartedAt))
	fact, err := w.warden.See(ctx, dir, spec, process, g.orders)
	if err == nil {
		w.put(ctx, fact, g)
	}
	return err
}

// put hands a result to the outbox, also while the worker is stopping.
func (w *Worker) put(ctx context.Context, fact wire.Fact, g *grip) {
	g.measured(&fact)
	w.counted(&fact)
	g.span.Set("outcome", outcomeOf(&fact))
	if err := w.box.Put(context.WithoutCancel(ctx), fact); err != nil {
		w.log.Error("result is not in the outbox", logs.Attempt, fact.Attempt, logs.Error(err))
	}
}

func (w *Worker) fact(kind wire.FactKind, key wire.Held) *wire.Fact {
	return &wire.Fact{
		Kind: kind, WorkID: key.WorkID, Attempt: key.Attempt,
		Host: w.cfg.Host, Incarnation: w.id.Incarnation, At: time.Now().UnixMilli(),
	}
}

func attemptAttrs(spec run.Spec) []any {
	attrs := []any{slog.Int(logs.Attempt, spec.Attempt), slog.String(logs.Batch, spec.Code())}
	if spec.Request != "" {
		attrs = append(attrs, slog.String(logs.Request, spec.Request))
	}
	return attrs
}

// at tells a test where the life of an attempt has got to:
//
//	claimed    it is in the hand
//	checked    nothing is in the way of its start
//	asking     the masters are about to be asked whether it may start
//	granted    they have agreed
//	directory  its directory is made: it counts as started
//	saved      what was asked for is in it
//	marked     a master has its end, and its directory says so
//
// What lies between is told by the packages run and outbox.
func (w *Worker) at(point string) {
	if w.deps.Point != nil {
		w.deps.Point(point)
	}
}
