package intake

import (
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func now() time.Time { return time.UnixMilli(1_700_000_000_000) }

// scene is a batch that w1 holds as attempt 2, in a state.
func scene(state batch.State) world {
	return world{
		work: &store.Work{
			ID: 7, TaskID: 1, WorkNo: "20150518", State: state, Attempt: 2, Host: "w1", Incarnation: "i1", AssignTime: 5, Seq: 3, Gate: "",
		},
		name: "a", now: now(),
		def: &task.Task{Spec: task.Spec{Success: "exit-code", Retry: task.Retry{Times: 1, Interval: task.Duration(time.Minute), Backoff: 2}}},
	}
}

func fact(kind wire.FactKind) wire.Fact {
	return wire.Fact{Kind: kind, WorkID: 7, Attempt: 2, Host: "w1", Incarnation: "i1"}
}

func kinds() []wire.FactKind {
	return []wire.FactKind{wire.FactStarted, wire.FactRefused, wire.FactUnready, wire.FactUnstarted, wire.FactFinished, wire.FactLost, wire.FactCode, wire.FactUsage, "unknown"}
}

func TestFactsOfOthersAreStale(t *testing.T) {
	t.Parallel()
	strangers := map[string]func(*wire.Fact, *world){
		"OtherAttempt":     func(f *wire.Fact, _ *world) { f.Attempt = 1 },
		"OtherHost":        func(f *wire.Fact, _ *world) { f.Host = "w2" },
		"OtherIncarnation": func(f *wire.Fact, _ *world) { f.Incarnation = "i2" },
		"BatchGone":        func(_ *wire.Fact, w *world) { w.work = nil },
		"NoDefinition":     func(_ *wire.Fact, w *world) { w.def = nil },
	}
	for name, change := range strangers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range kinds() {
				for _, state := range []batch.State{batch.Waiting, batch.Assigned, batch.Running, batch.Done} {
					f, w := fact(kind), scene(state)
					change(&f, &w)
					if j := judge(f, w); j.verdict != wire.VerdictStale || j.change != nil || j.begin != nil || j.end != nil || j.code != nil || j.freed {
						t.Errorf("%s of a batch that is %s: got %+v, want it stale and without effect", kind, state, j)
					}
				}
			}
		})
	}
}

// judged is what a table says about one judgement.
type judged struct {
	verdict wire.FactVerdict
	move    batch.MoveName // "" when nothing moves
	to      batch.State
	finish  batch.Finish
	freed   bool
}

func check(t *testing.T, f wire.Fact, w world, want judged) judgement {
	t.Helper()
	j := judge(f, w)
	got := judged{verdict: j.verdict, freed: j.freed}
	if j.change != nil {
		got.move, got.to, got.finish = j.change.Move, j.change.To.State, j.change.To.Finish
		m, known := batch.Find(got.move)
		if !known || m.By != batch.Intake || !m.Allows(j.change.From.State, got.to, got.finish) {
			t.Errorf("got a move that is not legal: %+v", got)
		}
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	return j
}

func TestFactsInEveryState(t *testing.T) {
	t.Parallel()
	stale, ok := judged{verdict: wire.VerdictStale}, judged{verdict: wire.VerdictOK}
	want := map[wire.FactKind]map[batch.State]judged{
		wire.FactStarted: {
			batch.Waiting: stale, batch.Done: stale, batch.Running: ok,
			batch.Assigned: {verdict: wire.VerdictOK, move: batch.MoveStart, to: batch.Running},
		},
		wire.FactRefused: {
			batch.Waiting: stale, batch.Done: stale, batch.Running: stale,
			batch.Assigned: {verdict: wire.VerdictOK, move: batch.MoveRefuse, to: batch.Assigned, freed: true},
		},
		wire.FactUnready: {
			batch.Waiting: stale, batch.Done: stale, batch.Running: stale,
			batch.Assigned: {verdict: wire.VerdictOK, move: batch.MoveUnready, to: batch.Waiting, freed: true},
		},
		wire.FactUnstarted: {
			batch.Waiting: stale, batch.Done: stale, batch.Assigned: stale,
			batch.Running: {verdict: wire.VerdictOK, move: batch.MoveUnstarted, to: batch.Waiting, freed: true},
		},
		wire.FactFinished: { // without an exit code: nobody knows how it ended
			batch.Waiting: stale, batch.Done: stale, batch.Assigned: stale,
			batch.Running: {verdict: wire.VerdictOK, move: batch.MoveRetry, to: batch.Waiting, freed: true},
		},
		wire.FactLost: {
			batch.Waiting: stale, batch.Done: stale, batch.Assigned: stale,
			batch.Running: {verdict: wire.VerdictOK, move: batch.MoveRetry, to: batch.Waiting, freed: true},
		},
		wire.FactCode: { // without a code it says nothing
			batch.Waiting: stale, batch.Done: stale, batch.Assigned: stale, batch.Running: stale,
		},
		wire.FactUsage: {batch.Waiting: stale, batch.Done: stale, batch.Assigned: stale, batch.Running: ok},
		"unknown":      {batch.Waiting: stale, batch.Assigned: stale, batch.Running: stale, batch.Done: stale},
	}
	for _, kind := range kinds() {
		for state, w := range want[kind] {
			t.Run(string(kind)+"Of"+state.String(), func(t *testing.T) {
				t.Parallel()
				check(t, fact(kind), scene(state), w)
			})
		}
	}
}

func TestStarted(t *testing.T) {
	t.Parallel()
	no := judged{verdict: wire.VerdictNo, move: batch.MoveUnready, to: batch.Waiting, freed: true}
	t.Run("BeginsAnAttempt", func(t *testing.T) {
		t.Parallel()
		w := scene(batch.Assigned)
		w.work.Gate, w.work.Message, w.work.EndTime = "QUEUED_BEHIND", "x", 9
		j := check(t, fact(wire.FactStarted), w, judged{verdict: wire.VerdictOK, move: batch.MoveStart, to: batch.Running})
		if j.begin == nil || j.begin.Code != "a/20150518.0#2" || j.begin.Host != "w1" || j.begin.Incarnation != "i1" {
			t.Errorf("got %+v, want attempt a/20150518.0#2 on w1", j.begin)
		}
		if to := j.change.To; to.StartTime != now().UnixMilli() || to.EndTime != 0 || to.Gate != "" || to.Message != "" {
			t.Errorf("got %+v, want it started now behind no gate", to)
		}
	})
	t.Run("SaidTwiceChangesNothing", func(t *testing.T) {
		t.Parallel()
		w := scene(batch.Running)
		w.held, w.off, w.work.KillAt = true, true, 1
		if j := check(t, fact(wire.FactStarted), w, judged{verdict: wire.VerdictOK}); j.begin != nil {
			t.Errorf("got %+v begun again, want nothing", j.begin)
		}
	})
	t.Run("AfterARefusalIsStale", func(t *testing.T) {
		t.Parallel()
		w := scene(batch.Assigned)
		w.work.RefusedAt = 1
		check(t, fact(wire.FactStarted), w, judged{verdict: wire.VerdictStale})
	})
	for name, c := range map[string]struct {
		change func(*world)
		detail string
	}{
		"UnmetGoesBack":  {func(w *world) { w.work.Unmet = 1 }, "a dependency is not met any more"},
		"HeldGoesBack":   {func(w *world) { w.held = true }, "a hold came between"},
		"OffGoesBack":    {func(w *world) { w.off = true }, "w1 was switched off between assignment and start"},
		"KilledGoesBack": {func(w *world) { w.work.KillAt = 1 }, "a kill came between"},
		"BrokenGoesBack": {func(w *world) { w.broken = []store.ParentKey{{TaskID: 4, WorkNo: "20150517"}} }, "a parent is not successful any more"},
		"GoneGoesBack":   {func(w *world) { w.gone = []store.ThirdKey{{Code: "pay", DataNo: "20150517"}} }, "pay 20150517 is announced no longer"},
		"DeniedGoesBack": {func(w *world) { w.denied, w.def.Spec.Account = true, "hadoop" }, "the task's owner may not use the account hadoop any more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := scene(batch.Assigned)
			c.change(&w)
			j := check(t, fact(wire.FactStarted), w, no)
			if to := j.change.To; to.Host != "" || to.Incarnation != "" || to.AssignTime != 0 || to.Attempt != 2 {
				t.Errorf("got %+v, want it on no host with its attempt number kept", to)
			}
			if j.begin != nil || !slices.Equal(j.unparent, w.broken) || !slices.Equal(j.unthird, w.gone) {
				t.Errorf("got %+v begun and %v, %v unmet, want nothing begun and %v, %v", j.begin, j.unparent, j.unthird, w.broken, w.gone)
			}
			if !strings.Contains(j.change.Detail, c.detail) {
				t.Errorf("got %q in the journal, want %q in it", j.change.Detail, c.detail)
			}
		})
	}
}

func TestRefusedTwiceIsOnce(t *testing.T) {
	t.Parallel()
	f, w := fact(wire.FactRefused), scene(batch.Assigned)
	f.Reason = "free memory 1 MiB"
	j := judge(f, w)
	if to := j.change.To; to.RefusedAt != now().UnixMilli() || to.RefusedReason != f.Reason || to.Host != "w1" {
		t.Errorf("got %+v, want it refused with the numbers and still w1's", to)
	}
	w.work = &j.change.To
	check(t, f, w, judged{verdict: wire.VerdictOK})
}

func TestUnreadyNamesItsPaths(t *testing.T) {
	t.Parallel()
	f, w := fact(wire.FactUnready), scene(batch.Assigned)
	f.Unmet, f.Reason = []wire.PathCheck{{Path: "file:///x", Ready: "exists"}}, "gone"
	w.work.RefusedAt, w.work.RefusedReason = 3, "busy"
	j := judge(f, w)
	if !slices.Equal(j.unpath, f.Unmet) || j.change.To.RefusedAt != 0 || j.change.Detail != "gone" {
		t.Errorf("got %+v, want the paths unmet and no refusal left", j)
	}
}

func TestUnstartedUsesNoTry(t *testing.T) {
	t.Parallel()
	w := scene(batch.Running)
	w.work.StartTime, w.work.UserFailures, w.work.InfraFailures = 9, 1, 2
	j := judge(fact(wire.FactUnstarted), w)
	to := j.change.To
	if to.UserFailures != 1 || to.InfraFailures != 2 || to.RetryAt != 0 || to.StartTime != 0 {
		t.Errorf("got %+v, want no try used and no wait", to)
	}
	if j.end == nil || j.end.Attempt != 2 || j.end.EndTime == 0 || j.end.Outcome != "unstarted" || j.code != nil {
		t.Errorf("got %+v and %+v, want the attempt's row closed without an exit code", j.end, j.code)
	}
}

func TestUnstartedAfterAKillIsKilled(t *testing.T) {
	t.Parallel()
	w := scene(batch.Running)
	w.work.KillAt, w.work.KillBy, w.work.KillReason = 1, "ann", "wrong data"
	j := check(t, fact(wire.FactUnstarted), w, judged{verdict: wire.VerdictOK, move: batch.MoveFinish, to: batch.Done, finish: batch.Killed, freed: true})
	if j.end == nil || j.end.Outcome != batch.ResultKilled || j.end.EndTime != now().UnixMilli() || j.change.To.EndTime != now().UnixMilli() || j.success {
		t.Errorf("got %+v and %+v, want the attempt and the batch ended now, as killed", j.end, j.change)
	}
}
