package place

import (
	"context"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// turn gives a worker's switch a position, as a person does.
func (s *stage) turn(host string, to store.Switch) {
	s.t.Helper()
	ctx := s.t.Context()
	s.must(s.DB.Operate(ctx, store.Actor{Kind: "person", ID: "eve"}, func(o *store.OperateTx) error {
		_, _, err := o.SwitchHost(ctx, host, to)
		return err
	}))
}

func TestAWorkerThatIsOffLosesWhatItHasNotStarted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		task := s.Define("switched")
		idle, busy := s.Batch(task, "20150518"), s.Batch(task, "20150519")
		s.pass()
		s.must(s.Start(busy))
		s.Beat("w2", 500)
		s.turn("w1", store.Switch{Off: true, Drain: true, Reason: "kernel"})
		before := s.Work(idle)
		s.pass()
		s.wantWork("what runs where it runs", busy, func(w store.Work) bool { return w.State == batch.Running && w.Host == "w1" })
		s.wantWork("what has not started on w2", idle, on("w2"))
		want := store.Reassignment{WorkID: idle, Attempt: 1, OldHost: "w1", OldAssignTime: before.AssignTime, NewHost: "w2", Reason: "switched off: w1, by eve: kernel"}
		log := s.log(idle)
		if len(log) != 1 || log[0].At == 0 {
			t.Fatalf("got %+v, want one row", log)
		}
		if want.At = log[0].At; log[0] != want {
			t.Errorf("got %+v, want %+v", log[0], want)
		}
		fresh := s.Batch(task, "20150520")
		s.pass()
		s.wantWork("what is new on w2", fresh, on("w2"))
	})
}

func TestWhatASwitchTookReturnsToTheSameWorkerAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Batch(s.Define("alone"), "20150518")
		s.pass()
		s.turn("w1", store.Switch{Off: true, Reason: "kernel"})
		s.pass()
		s.wantWork("it waiting: nobody else is there", id, gated(batch.GateWorker))
		s.turn("w1", store.Switch{})
		s.pass()
		s.wantWork("it on w1 again", id, func(w store.Work) bool { return on("w1")(w) && w.Attempt == 2 })
	})
}

// A database administrator's statement is as good as a command, and its end as well.
func TestTheSwitchIsReadFromTheTableInEveryPass(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Batch(s.Define("by_hand"), "20150518")
		s.pass()
		s.Change("UPDATE capri_schedul_cluster SET isStop = 1 WHERE host = 'w1'")
		s.Beat("w1", 500)
		s.pass()
		s.wantWork("it waiting", id, gated(batch.GateWorker))
		if log := s.log(id); len(log) != 1 || log[0].Reason != "switched off: w1, in the database" {
			t.Errorf("got %+v, want who has done it", log)
		}
		s.Change("UPDATE capri_schedul_cluster SET stopUntil = 5 WHERE host = 'w1'")
		s.pass()
		s.wantWork("it on w1: the end has passed", id, on("w1"))
		s.Change("UPDATE capri_worker_group SET isEnabled = 0 WHERE name = 'default'")
		s.pass()
		s.wantWork("it waiting: its group is off", id, gated(batch.GateWorker))
		if log := s.log(id); len(log) != 2 || log[1].Reason != "switched off: w1, with its group default" {
			t.Errorf("got %+v, want the group named", log)
		}
		s.Change("UPDATE capri_worker_group SET isEnabled = 1 WHERE name = 'default'")
	})
}

func TestASwitchBetweenDecisionAndWriteHolds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Batch(s.Define("raced"), "20150518")
		p, decisions := s.decided()
		if len(decisions) != 1 {
			t.Fatalf("got %d decisions, want one", len(decisions))
		}
		s.turn("w1", store.Switch{Off: true, Reason: "kernel"})
		s.must(p.write(t.Context(), decisions))
		s.wantWork("it waiting, untouched", id, func(w store.Work) bool { return w.State == batch.Waiting && w.Seq == 1 })
		s.Operate("on", func(ctx context.Context, o *store.OperateTx) error {
			_, _, err := o.SwitchHost(ctx, "w1", store.Switch{})
			return err
		})
		s.pass()
		s.wantWork("it on w1", id, on("w1"))
	})
}
