package intake

import (
	"context"
	"errors"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// claim is w1 asking for up to free batches that does not wait.
func claim(free int) wire.Claim {
	return wire.Claim{Host: storetest.Host, Incarnation: storetest.Incarnation, Free: free}
}

func (r *rig) claimed(c wire.Claim) map[int64]wire.Assignment {
	r.t.Helper()
	reply, err := r.Claim(r.t.Context(), c)
	r.must(err)
	out := map[int64]wire.Assignment{}
	for _, a := range reply.Assignments {
		out[a.WorkID] = a
	}
	return out
}

func TestClaimHandsOutWhatIsFree(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a", func(d *task.Task) {
			d.Spec.Run.Script, d.Spec.Account, d.Spec.Timeouts.Run = "echo {{ biz_date }}", "etl", task.Duration(time.Minute)
			d.Spec.Workers.Memory = 64
		})
		first := r.Batch(id, "20150518", func(b *store.NewBatch) {
			b.Priority, b.Memory = 1, 1<<30 // reserved, because that much was learned; what is declared is for the worker to check
			b.Outputs = []store.NewPath{{Path: "file:///out", Ready: "exists"}}
		})
		second, refused := r.Batch(id, "20150519"), r.Batch(id, "20150520")
		r.must(r.Assign(storetest.Host, first, second, refused))
		r.say(of(wire.FactRefused, refused, 1))
		got := r.claimed(claim(9))
		if len(got) != 2 {
			t.Fatalf("got %v, want both that are open and not the refused one", got)
		}
		a := got[first]
		if a.Attempt != 1 || a.Task != "a" || a.WorkNo != "20150518" || a.Script != "echo 20150517" || a.Account != "etl" || a.Memory != 64 ||
			a.RunTimeout != 60_000 || len(a.Outputs) != 1 || a.Env["CAPRI_PROJECT"] != "web" {
			t.Errorf("got %+v, want the whole of the batch", a)
		}
		if w := r.Work(first); w.State != batch.Assigned {
			t.Errorf("got %s, want a claim to move nothing", w.State)
		}
		if got := r.claimed(claim(1)); len(got) != 1 || got[first].WorkID == 0 {
			t.Errorf("got %v for one free place, want the more urgent one", got)
		}
		for _, free := range []int{0, -1} {
			if got := r.claimed(claim(free)); len(got) != 0 {
				t.Errorf("got %v for %d free places, want nothing", got, free)
			}
		}
		holding := claim(9)
		holding.Holding = []wire.Held{{WorkID: first, Attempt: 1}, {WorkID: second, Attempt: 7}}
		if got := r.claimed(holding); len(got) != 1 || got[second].WorkID == 0 {
			t.Errorf("got %v, want only what is not in hand as this attempt", got)
		}
		stranger := claim(9)
		stranger.Incarnation = "i2"
		if got := r.claimed(stranger); len(got) != 0 {
			t.Errorf("got %v for another root, want nothing", got)
		}
	})
}

func (r *rig) killIntent(id int64) {
	r.t.Helper()
	r.Change("UPDATE capri_task_work SET killAt = 9, killBy = 'ann', killReason = 'wrong input' WHERE id = ?", id)
}

func TestClaimListsWhatRunsAndWhatMustEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		runs, dies := r.Batch(id, "20150518"), r.Batch(id, "20150519")
		r.must(r.Assign(storetest.Host, runs, dies))
		r.must(r.Start(runs, dies))
		r.killIntent(dies)
		first := claim(9)
		first.First, first.WaitMillis = true, 30_000
		reply, err := r.Claim(t.Context(), first)
		r.must(err)
		if len(reply.Running) != 2 || len(reply.Kills) != 1 {
			t.Errorf("got %+v, want both that run and one kill", reply)
		}
		reply, err = r.Claim(t.Context(), claim(9))
		r.must(err)
		if len(reply.Running) != 0 || len(reply.Kills) != 1 || reply.Kills[0] != (wire.Kill{WorkID: dies, Attempt: 1, Reason: "killed by ann: wrong input"}) {
			t.Errorf("got %+v, want the kill alone", reply)
		}
		killing := claim(9)
		killing.Killing = []wire.Held{{WorkID: dies, Attempt: 1}}
		if reply, err = r.Claim(t.Context(), killing); err != nil || len(reply.Kills) != 0 {
			t.Errorf("got %+v, %v, want no second order", reply, err)
		}
		first.Incarnation = "i2"
		if reply, err = r.Claim(t.Context(), first); err != nil || len(reply.Running)+len(reply.Kills) != 0 {
			t.Errorf("got %+v, %v, want nothing of another root", reply, err)
		}
	})
}

func TestFirstClaimAnswersAtOnceWhenThereIsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	c := claim(9)
	c.First, c.WaitMillis = true, 30_000
	begun := time.Now()
	reply, err := r.Claim(t.Context(), c)
	if err != nil || len(reply.Running) != 0 || time.Since(begun) > 20*time.Second {
		t.Errorf("got %+v, %v after %s, want nothing at once", reply, err, time.Since(begun))
	}
}

// waiting begins a claim that waits, and returns once it does.
func (r *rig) waiting(ctx context.Context) <-chan error {
	r.t.Helper()
	out := make(chan error, 1)
	c := claim(9)
	c.WaitMillis = 30_000
	go func() {
		reply, err := r.Claim(ctx, c)
		if err == nil && len(reply.Assignments) == 0 {
			err = errors.New("nothing was handed out")
		}
		out <- err
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for r.t.Context().Err() == nil {
		r.bells.mu.Lock()
		hung := r.bells.all[storetest.Host] != nil
		r.bells.mu.Unlock()
		if hung {
			break
		}
		<-tick.C
	}
	return out
}

func TestClaimWakesWhenSomethingIsAssigned(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		begun := time.Now()
		answer := r.waiting(t.Context())
		r.Ring([]string{"w2", storetest.Host}) // for nothing: it looks and waits on
		r.must(r.Assign(storetest.Host, id))
		r.Ring([]string{storetest.Host})
		if err := <-answer; err != nil || time.Since(begun) > 20*time.Second {
			t.Errorf("got %v after %s, want the batch at once", err, time.Since(begun))
		}
	})
}

func TestClaimEndsWithTheTerm(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	answer := r.waiting(t.Context())
	r.endTerm()
	if err := <-answer; fault.CodeOf(err) != fault.NotLeader {
		t.Errorf("got %v, want to be sent to another master", err)
	}
}

func TestClaimEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	ctx, cancel := context.WithCancel(t.Context())
	answer := r.waiting(ctx)
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the poll to end with the connection", err)
	}
}

func TestClaimOfAMasterThatDoesNotLeadNamesWhoDoes(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	r.leading = false
	_, err := r.Claim(t.Context(), claim(1))
	var f *fault.Error
	if fault.CodeOf(err) != fault.NotLeader || !errors.As(err, &f) || f.Hint != "http://m1" {
		t.Errorf("got %v, want not the leader, with the leader's address", err)
	}
}
