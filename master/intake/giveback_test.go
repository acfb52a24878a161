package intake

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

const noAnswer = "look at hdfs://nn/in: hdfs://nn: the file system does not answer"

// unknown is a worker's word that a file system did not answer it.
func unknown(f wire.Fact, paths ...string) wire.Fact {
	f.Unknown, f.Reason = true, noAnswer
	for _, p := range paths {
		f.Unmet = append(f.Unmet, wire.PathCheck{Path: p, Ready: "exists"})
	}
	return f
}

// Giving back is no failure: no try is used, nothing is gone, nobody is blamed.
func TestGivenBack(t *testing.T) {
	t.Parallel()
	rested := now().Add(20 * time.Second).UnixMilli()
	for name, c := range map[string]struct {
		change  func(*wire.Fact, *world)
		state   batch.State
		want    judged
		doubted int
		retryAt int64
	}{
		"WithInputs":          {func(f *wire.Fact, _ *world) { *f = unknown(*f, "hdfs://nn/in", "hdfs://nn/in2") }, batch.Assigned, judged{verdict: wire.VerdictOK, move: batch.MoveUnready, to: batch.Waiting, freed: true}, 2, rested},
		"WithoutInputs":       {func(*wire.Fact, *world) {}, batch.Assigned, judged{verdict: wire.VerdictOK, move: batch.MoveUnready, to: batch.Waiting, freed: true}, 0, rested},
		"AfterAFailure":       {func(_ *wire.Fact, w *world) { w.work.RetryAt = now().Add(-time.Hour).UnixMilli() }, batch.Assigned, judged{verdict: wire.VerdictOK, move: batch.MoveUnready, to: batch.Waiting, freed: true}, 0, rested},
		"NeverEarlierThanSet": {func(_ *wire.Fact, w *world) { w.work.RetryAt = rested + 5 }, batch.Assigned, judged{verdict: wire.VerdictOK, move: batch.MoveUnready, to: batch.Waiting, freed: true}, 0, rested + 5},
		"TooLate":             {func(*wire.Fact, *world) {}, batch.Running, judged{verdict: wire.VerdictStale}, 0, 0},
		"SaidTwice":           {func(*wire.Fact, *world) {}, batch.Waiting, judged{verdict: wire.VerdictStale}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, w := unknown(fact(wire.FactUnready)), scene(c.state)
			w.work.UserFailures, w.work.InfraFailures = 1, 2
			c.change(&f, &w)
			j := check(t, f, w, c.want)
			if c.want.move == "" {
				if j.given != nil || len(j.doubted) != 0 {
					t.Errorf("got %+v, want nothing", j)
				}
				return
			}
			to := j.change.To
			if to.RetryAt != c.retryAt || to.Host != "" || to.Attempt != 2 || to.UserFailures != 1 || to.InfraFailures != 2 || j.end != nil || len(j.alerts) != 0 {
				t.Errorf("got %+v, want it on no host until %d, no try used and nobody alarmed", j, c.retryAt)
			}
			if j.change.Detail != "given back: "+noAnswer {
				t.Errorf("got %q in the journal, want that it was given back and why", j.change.Detail)
			}
			if len(j.doubted) != c.doubted || len(j.unpath) != 0 || j.doubt != "w1: "+noAnswer {
				t.Errorf("got %v doubted for %q, %v gone, want %d doubted", j.doubted, j.doubt, j.unpath, c.doubted)
			}
			want := store.Reassignment{WorkID: 7, Attempt: 2, OldHost: "w1", OldAssignTime: 5, Reason: "no answer from a file system: " + noAnswer}
			if j.given == nil || *j.given != want {
				t.Errorf("got %+v for the log, want %+v", j.given, want)
			}
		})
	}
}

// paths are the input rows of a batch.
func (r *rig) paths(id int64) []store.Path {
	r.t.Helper()
	var out []store.Path
	r.View("paths", func(ctx context.Context, v *store.ViewTx) error {
		d, err := v.DependsOf(ctx, []int64{id})
		out = d[id].Paths
		return err
	})
	return out
}

// What a worker could not look at is unmet for all who wait for it, until the
// masters see it: they do so at once, or when the file system is back.
func TestWhatAWorkerCannotLookAtIsForTheMastersToLookAt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		reader := r.Define("reader", func(d *task.Task) { d.Spec.Retry.Times = 0 })
		input := func(b *store.NewBatch) {
			b.Inputs = []store.NewPath{{Path: "hdfs://nn/in", Ready: "exists"}, {Path: "hdfs://nn/gone", Ready: "exists"}, {Path: "file:///in", Ready: "exists"}}
		}
		id, sibling, sees := r.Batch(reader, "20150518", input), r.Batch(reader, "20150519", input), r.Batch(reader, "20150520", input)
		there := []store.PathState{{Path: "hdfs://nn/in", Ready: "exists", Met: true}, {Path: "hdfs://nn/gone", Ready: "exists", Met: true}, {Path: "file:///in", Ready: "exists", Met: true}}
		look := func() {
			r.Decide("look", func(ctx context.Context, l *store.LeaderTx) error { _, err := l.SetPaths(ctx, there); return err })
		}
		look()
		r.must(r.Assign(storetest.Host, id, sees))
		gone := of(wire.FactUnready, sees, 1)
		gone.Unmet, gone.Reason = []wire.PathCheck{{Path: "hdfs://nn/gone", Ready: "exists"}}, "not ready: hdfs://nn/gone"
		given := unknown(of(wire.FactUnready, id, 1), "hdfs://nn/in", "hdfs://nn/gone")
		if got := r.say(given, gone, given); got[0] != wire.VerdictOK || got[1] != wire.VerdictOK || got[2] != wire.VerdictStale {
			t.Errorf("got %v, want each taken once", got)
		}
		if r.say(unknown(of(wire.FactUnready, 99_999, 1), "hdfs://nn/in")); !slices.Equal(r.doubted, []int64{id}) {
			t.Errorf("got the inputs of %v to be looked at, want those of %d once", r.doubted, id)
		}
		for _, id := range []int64{id, sibling, sees} {
			if w := r.want(id, batch.Waiting, batch.None); w.Unmet != 2 {
				t.Errorf("got %d unmet of %d, want 2: what was seen stays met", w.Unmet, id)
			}
			for _, p := range r.paths(id) {
				want := map[string]string{"hdfs://nn/in": "w1: " + noAnswer, "hdfs://nn/gone": store.PathGone}[p.Path]
				if p.LastError != want {
					t.Errorf("got %q at %s, want %q", p.LastError, p.Path, want)
				}
			}
		}
		look()
		if got := r.want(id, batch.Waiting, batch.None); got.Unmet != 0 || got.RetryAt <= time.Now().UnixMilli() || got.UserFailures+got.InfraFailures != 0 {
			t.Errorf("got %+v, want nothing unmet, a rest, and no try used", got)
		}
		if got := r.want(sibling, batch.Waiting, batch.None); got.RetryAt != 0 {
			t.Errorf("got %+v, want no rest for one that nobody gave back", got)
		}
	})
}

// The log of re-assignments has a row for what was given back, and no attempt
// has one: none began.
func TestWhatIsGivenBackIsInTheLog(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("writer"), "20150518")
		for attempt := 1; attempt <= 5; attempt++ {
			r.must(r.Assign(storetest.Host, id))
			r.say(unknown(of(wire.FactUnready, id, attempt)))
		}
		r.View("the log", func(ctx context.Context, v *store.ViewTx) error {
			log, err := v.Reassignments(ctx, []int64{id}, 0)
			if len(log) != 5 || log[4].Attempt != 5 || log[4].OldHost != storetest.Host || log[4].NewHost != "" || !strings.HasPrefix(log[4].Reason, wire.ReassignedForLook) {
				t.Errorf("got %+v, want five rows", log)
			}
			tries, triesErr := v.Instances(ctx, id)
			if len(tries) != 0 || triesErr != nil {
				t.Errorf("got %+v, %v, want no attempt", tries, triesErr)
			}
			return err
		})
		if got := r.want(id, batch.Waiting, batch.None); got.InfraFailures != 0 || got.Attempt != 5 {
			t.Errorf("got %+v, want it waiting after five assignments without a failure", got)
		}
	})
}

// That an attempt cannot be judged is told once, whoever tells it again.
func TestAnAttemptThatCannotBeJudgedIsToldOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("writer"), "20150518")
		n := wire.Notice{Kind: store.AlertOutputsUnseen, Host: storetest.Host, WorkID: id, Attempt: 2, Occurrence: store.OccurredOnce, Level: store.LevelCritical, Text: "cannot be looked at"}
		next := n
		next.Attempt = 3
		for _, told := range [][]wire.Notice{{n, n}, {n, next}, {next, n}} {
			if _, err := r.Notices(t.Context(), wire.NoticesRequest{Notices: told}); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.alerts(store.AlertOutputsUnseen); got != 2 {
			t.Errorf("got %d alerts, want one for each of two attempts", got)
		}
		if got := r.Text("SELECT CONCAT(object, ' ', level) FROM capri_alert WHERE object LIKE '%#2'"); got != "writer/20150518.0#2 important" {
			t.Errorf("got %q, want the attempt at the level important", got)
		}
	})
}
