package place

import (
	"context"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// says writes what its worker says of a batch: a move, and what goes with it.
func (s *stage) says(id int64, move batch.MoveName, change func(t *store.WorkTx, to *store.Work) error) {
	s.t.Helper()
	ctx := s.t.Context()
	err := s.DB.Work(ctx, store.Actor{Kind: "worker", ID: s.Work(id).Host}, func(t *store.WorkTx) error {
		works, err := t.Lock(ctx, []int64{id})
		if err != nil {
			return err
		}
		to := *works[id]
		if err := change(t, &to); err != nil {
			return err
		}
		return t.Move(ctx, []store.Change{{Move: move, From: *works[id], To: to}})
	})
	if err != nil {
		s.t.Fatalf("%s: %v", move, err)
	}
}

// refuse is a worker's word that it has no room.
func (s *stage) refuse(id int64) {
	s.t.Helper()
	s.says(id, batch.MoveRefuse, func(t *store.WorkTx, to *store.Work) error {
		to.RefusedAt, to.RefusedReason = t.Now(), "free memory 1 MiB, need 1 GiB"
		return nil
	})
}

func TestReassignmentChainsTheLog(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		s.Beat("w2", 500)
		id := s.Batch(s.Define("moved"), "20150518")
		s.pass()
		first := s.wantWork("it on w1", id, on("w1"))
		s.refuse(id)
		s.pass()
		second := s.wantWork("it on w2 at once", id, on("w2"))
		if second.Attempt != 2 || second.RefusedAt != 0 || second.RefusedReason != "" || second.ScheduleTime != first.ScheduleTime {
			t.Errorf("got %+v, want attempt 2, no refusal and the schedule time untouched", second)
		}
		s.Change("UPDATE capri_task_work SET assignTime = 5 WHERE id = ?", id)
		s.pass()
		s.wantWork("it waiting: both workers are excluded", id, gated(batch.GateWorker))
		log := s.log(id)
		if len(log) != 2 {
			t.Fatalf("got %+v, want two rows", log)
		}
		want := []store.Reassignment{
			{WorkID: id, Attempt: 1, OldHost: "w1", OldAssignTime: first.AssignTime, NewHost: "w2", Reason: "w1 refused: free memory 1 MiB, need 1 GiB", At: log[0].At},
			{WorkID: id, Attempt: 2, OldHost: "w2", OldAssignTime: 5, Reason: "not started on w2 within 5m0s", At: log[1].At},
		}
		for i := range want {
			if log[i] != want[i] {
				t.Errorf("got %+v, want %+v", log[i], want[i])
			}
		}
		s.pass()
		s.wantWork("it still waiting", id, gated(batch.GateWorker))
		s.Change("UPDATE capri_reschedule_log SET at = at - 300001 WHERE taskWorkId = ? AND attempt = 2", id)
		s.pass()
		s.wantWork("it on w2, whose exclusion has ended", id, on("w2"))
	})
}

func TestAssignTakesFromWorkersThatCannotStartIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		task := s.Define("stranded")
		silent, lost := s.Batch(task, "20150518"), s.Batch(task, "20150519")
		s.pass()
		s.Beat("w2", 500)
		s.Change("UPDATE capri_task_work SET incarnation = 'i0' WHERE id = ?", lost)
		s.pass()
		s.wantWork("it on w2: w1 has another root by now", lost, on("w2"))
		s.wantWork("it where it was", silent, on("w1"))
		s.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 3600000 WHERE host = 'w1'")
		if _, err := s.placer.Assign(t.Context(), s.Lead, time.Now()); err != nil {
			t.Fatal(err)
		}
		s.wantWork("it where it was: a new term gives workers one check interval", silent, on("w1"))
		s.pass()
		s.wantWork("it on w2: w1 is silent", silent, on("w2"))
	})
}

func TestHeldBatchIsPulledBackAndReturnsToTheSameWorker(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		task := s.Define("held")
		id := s.Batch(task, "20150518")
		s.pass()
		s.Hold(store.HoldTask, task)
		s.pass()
		s.wantWork("it back behind the hold", id, func(w store.Work) bool { return gated(batch.GateHeld)(w) && w.Host == "" && w.AssignTime == 0 })
		s.Operate("release", func(ctx context.Context, o *store.OperateTx) error {
			_, err := o.ReleaseHolds(ctx, store.HoldTask, task)
			return err
		})
		s.pass()
		s.wantWork("it on its worker again at once", id, func(w store.Work) bool { return on("w1")(w) && w.Attempt == 2 })
		if log := s.log(id); len(log) != 0 {
			t.Errorf("got %+v, want no re-assignment logged: the worker has not failed", log)
		}
	})
}

func TestUnmetBatchIsPulledBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		parent := s.Define("parent")
		s.Succeed(s.Batch(parent, "20150518"))
		id := s.Batch(s.Define("child"), "20150518", func(b *store.NewBatch) {
			b.Parents = []store.NewParent{{TaskID: parent, WorkNo: "20150518", State: store.DepMet}}
		})
		s.pass()
		s.wantWork("it assigned", id, on("w1"))
		s.Batch(parent, "20150518", func(b *store.NewBatch) { b.Type = 1 })
		s.Hold(store.HoldTask, parent)
		s.pass()
		s.wantWork("it waiting for the parent's new run", id, func(w store.Work) bool {
			return w.State == batch.Waiting && w.Unmet == 1 && w.Host == ""
		})
	})
}

func TestRacesAreSkipped(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		parent := s.Define("parent")
		s.Succeed(s.Batch(parent, "20150518"))
		task := s.Define("raced")
		held := s.Batch(task, "20150518")
		unmet := s.Batch(task, "20150519", func(b *store.NewBatch) {
			b.Parents = []store.NewParent{{TaskID: parent, WorkNo: "20150518", State: store.DepMet}}
		})
		taken, killed, free := s.Batch(task, "20150520"), s.Batch(task, "20150521"), s.Batch(task, "20150522")
		p, decisions := s.decided()
		if len(decisions) != 5 {
			t.Fatalf("got %d decisions, want 5", len(decisions))
		}
		s.Hold(store.HoldBatch, held)
		s.Batch(parent, "20150518", func(b *store.NewBatch) { b.Type = 1 })
		s.must(s.Assign(storetest.Host, taken))
		s.kill(killed)
		s.must(p.write(t.Context(), decisions))
		s.wantWork("the held one waiting", held, func(w store.Work) bool { return w.State == batch.Waiting && w.Seq == 1 })
		s.wantWork("the unmet one waiting", unmet, func(w store.Work) bool { return w.State == batch.Waiting && w.Unmet == 1 && w.Seq == 1 })
		s.wantWork("the taken one as it was", taken, func(w store.Work) bool { return w.Attempt == 1 && w.Seq == 2 })
		s.wantWork("the killed one dead", killed, func(w store.Work) bool { return w.Finish == batch.Killed && w.Seq == 2 })
		s.wantWork("the free one assigned", free, on("w1"))
		if p.changed != 1 {
			t.Errorf("got %d changed, want the free one alone", p.changed)
		}
	})
}

// decided is a pass between deciding and writing.
func (s *stage) decided() (*pass, []Decision) {
	s.t.Helper()
	p := &pass{Placer: s.placer, lead: s.Lead}
	var out []Decision
	s.View("decide", func(ctx context.Context, v *store.ViewTx) (err error) {
		if p.s, err = ReadSnapshot(ctx, v, 0); err != nil {
			return err
		}
		works, err := v.Ready(ctx, store.FirstReady(), 100)
		if err != nil {
			return err
		}
		if err := p.s.Facts(ctx, v, s.placer.defs, works); err != nil {
			return err
		}
		for _, w := range works {
			if d := p.s.decideReady(w); d.Kind == Assign {
				out = append(out, d)
			}
		}
		return nil
	})
	return p, out
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("got %v, want no error", err)
	}
}

func (s *stage) kill(id int64) {
	s.t.Helper()
	s.Operate("kill", func(ctx context.Context, o *store.OperateTx) error {
		works, err := o.Lock(ctx, []int64{id})
		if err != nil {
			return err
		}
		to := *works[id]
		to.State, to.Finish, to.EndTime = batch.Done, batch.Killed, o.Now()
		return o.Move(ctx, []store.Change{{Move: batch.MoveKill, From: *works[id], To: to}})
	})
}

func TestFencedPassWritesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Batch(s.Define("fenced"), "20150518")
		if _, err := s.DB.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"}); err != nil {
			t.Fatal(err)
		}
		p, decisions := s.decided()
		if err := p.write(t.Context(), decisions); err == nil {
			t.Error("got no error from the old leader's write, want it fenced")
		}
		s.wantWork("it waiting", id, func(w store.Work) bool { return w.State == batch.Waiting && w.Seq == 1 })
	})
}
