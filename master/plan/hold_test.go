package plan

import (
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func (r *commander) hold(o Object, reason string, until int64) wire.CommandReply {
	r.t.Helper()
	got, err := r.HoldObject(r.t.Context(), ann(), o, Command{Reason: reason, Until: until})
	r.must(err)
	return got
}

func (r *commander) release(o Object) wire.CommandReply {
	r.t.Helper()
	got, err := r.ReleaseObject(r.t.Context(), ann(), o, Command{})
	r.must(err)
	return got
}

func (r *commander) inForce() int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_hold WHERE releasedAt = 0 AND (until = 0 OR until > ?)", time.Now().UnixMilli())
}

func TestHoldTakesBackWhatIsAssigned(t *testing.T) {
	t.Parallel()
	objects := map[string]Object{
		"task":    {Kind: store.HoldTask, Name: "a", Source: store.SourcePerson},
		"project": {Kind: store.HoldProject, Name: "web", Source: store.SourcePerson},
		"breaker": {Kind: store.HoldTask, Name: "a", Source: store.SourceBreaker},
	}
	for name, o := range objects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, w *storetest.World) {
				r := newCommander(t, w)
				id := r.Batch(r.Define("a"), "20150518")
				r.assign()
				if got := r.hold(o, "disk is full", 0); !got.Changed || r.freed != 1 {
					t.Errorf("got %+v, assign woken %d times, want it held, and the duty told at once", got, r.freed)
				}
				if v := r.says(id, wire.FactStarted, nil); v != wire.VerdictNo {
					t.Errorf("got %s for a start under a hold, want no", v)
				}
				r.wantState("given back by the check before the start", id, batch.Waiting, batch.None)
				r.assign()
				held := r.wantState("held", id, batch.Waiting, batch.None)
				if held.Gate != string(batch.GateHeld) || !strings.Contains(held.Message, "disk is full") {
					t.Errorf("got gate %s %s, want the hold with its reason", held.Gate, held.Message)
				}
				if got := r.release(o); !got.Changed || r.freed != 2 {
					t.Errorf("got %+v, assign woken %d times, want it released, and the duty told at once", got, r.freed)
				}
				r.assign()
				r.wantState("released", id, batch.Assigned, batch.None)
			})
		})
	}
}

func TestHoldOfOneBatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		a := r.Define("a")
		id, other := r.Batch(a, "20150518"), r.Batch(a, "20150519")
		r.assign()
		if got := r.command("a/20150518", hold()); !got.Changed || !strings.Contains(got.Message, "taken back") {
			t.Errorf("got %+v, want it held and taken back", got)
		}
		r.assign()
		r.wantState("held", id, batch.Waiting, batch.None)
		r.wantState("not meant", other, batch.Assigned, batch.None)
		if got := r.command("a/20150518", hold()); got.Changed || got.Code != CodeSame {
			t.Errorf("got %+v, want nothing changed the second time", got)
		}
		until := time.Now().Add(time.Hour).UnixMilli()
		if got := r.command("a/20150518", Command{Kind: KindHold, Reason: "longer", Until: until}); got.Code != CodeHoldAgain {
			t.Errorf("got %+v, want the reason and the end changed", got)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_hold WHERE reason = 'longer' AND until = ?", until); n != 1 || r.inForce() != 1 {
			t.Errorf("got %d rows with the new reason of %d, want one in all", n, r.inForce())
		}
		r.hold(Object{Kind: store.HoldTask, Name: "a", Source: store.SourceBreaker}, "storm", 0)
		if got := r.command("a/20150518", letGo()); !got.Changed || !strings.Contains(got.Next, "its task is held, its breaker was tripped by ann: storm") {
			t.Errorf("got %+v, want it released and told what else holds it", got)
		}
		if got := r.command("a/20150518", letGo()); got.Changed || got.Message != "a/20150518.0 is not held" {
			t.Errorf("got %+v, want nothing changed the second time", got)
		}
		if n := r.audits("batch.hold") + r.audits("batch.release"); n != 5 {
			t.Errorf("got %d audit rows, want one for each call", n)
		}
	})
}

func TestHoldOfWhatRunsWaitsForItsRetry(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		r.must(r.Assign(storetest.Host, id))
		r.says(id, wire.FactStarted, nil)
		if got := r.command("a/20150518", hold()); !strings.Contains(got.Message, "when it is retried") {
			t.Errorf("got %+v, want it told when the hold takes effect", got)
		}
		r.assign()
		r.wantState("goes on", id, batch.Running, batch.None)
		r.must(r.Retry(id))
		r.assign()
		if got := r.wantState("held at its retry", id, batch.Waiting, batch.None); got.Gate != string(batch.GateHeld) {
			t.Errorf("got gate %s, want the hold", got.Gate)
		}
	})
}

// A release ends a person's hold only: the breaker is reset, the quality
// service answers (exactly.md 20).
func TestEverySourceEndsItsOwnHold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		person, breaker := Object{Kind: store.HoldTask, Name: "a", Source: store.SourcePerson}, Object{Kind: store.HoldTask, Name: "a", Source: store.SourceBreaker}
		r.hold(breaker, "storm", 0)
		if _, err := r.ReleaseObject(t.Context(), ann(), person, Command{}); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "capri breaker reset") {
			t.Errorf("got %v, want CONFLICT that names the breaker and how it is reset", err)
		}
		r.hold(person, "look", 0)
		if got := r.release(person); !got.Changed || !strings.Contains(got.Next, "storm") || r.inForce() != 1 {
			t.Errorf("got %+v with %d holds left, want the person's ended and the breaker told of", got, r.inForce())
		}
		r.assign()
		r.wantState("behind the breaker", id, batch.Waiting, batch.None)
		if got := r.release(breaker); !got.Changed || r.inForce() != 0 {
			t.Errorf("got %+v with %d holds left, want the breaker closed", got, r.inForce())
		}
		if got := r.release(breaker); got.Changed || got.Code != CodeNotHeld {
			t.Errorf("got %+v, want nothing changed the second time", got)
		}
		quality := r.IDs(1)[0]
		r.Change("INSERT INTO capri_hold (id, kind, objectId, actor, reason, source, since, until, releasedAt, releasedBy) VALUES (?, 'batch', ?, 'dq', 'nulls', 'quality', 1, 0, 0, '')", quality, id)
		r.refused("a quality block", "a/20150518", ann(), letGo(), fault.Conflict, "blocked by dq: nulls")
		for action, want := range map[string]int{"breaker.trip": 1, "breaker.reset": 2, "task.hold": 1, "task.release": 1} {
			if n := r.audits(action); n != want {
				t.Errorf("got %d audit rows of %s, want %d", n, action, want)
			}
		}
		if got := r.Text("SELECT detail FROM capri_audit_log WHERE action = 'task.release'"); got != `{"changed":true,"before":"its breaker was tripped by ann: storm; held by ann: look","after":"its breaker was tripped by ann: storm"}` {
			t.Errorf("got audit %s, want what held it before and after", got)
		}
	})
}

func TestHoldsOfTwoAtOnceAreOneHold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		r.Batch(r.Define("a"), "20150518")
		object := Object{Kind: store.HoldTask, Name: "a", Source: store.SourcePerson}
		var wg sync.WaitGroup
		for _, who := range []string{"ann", "bob", "cid", "dan"} {
			wg.Go(func() {
				if _, err := r.HoldObject(t.Context(), person(who), object, Command{Reason: "by " + who}); err != nil {
					t.Errorf("%s: got %v, want no error", who, err)
				}
			})
			wg.Go(func() {
				if _, err := r.Command(t.Context(), person(who), ref("a/20150518"), Command{Kind: KindHold, Reason: "by " + who}); err != nil {
					t.Errorf("%s: got %v, want no error", who, err)
				}
			})
		}
		wg.Wait()
		if n := r.inForce(); n != 2 {
			t.Errorf("got %d holds in force, want one of the task and one of the batch", n)
		}
	})
}

func TestObjectsThatAreNotThere(t *testing.T) {
	t.Parallel()
	r := newCommander(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	for _, kind := range []string{store.HoldTask, store.HoldProject} {
		o := Object{Kind: kind, Name: "nothing", Source: store.SourcePerson}
		if _, err := r.HoldObject(t.Context(), ann(), o, Command{Reason: "r"}); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: got %v, want NOT_FOUND", kind, err)
		}
		if _, err := r.HoldObject(t.Context(), ann(), o, Command{}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s without a reason: got %v, want INVALID", kind, err)
		}
	}
}
