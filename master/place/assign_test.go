package place

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

// stage is a placer over a world.
type stage struct {
	*storetest.World
	t      *testing.T
	placer *Placer
	rung   []string
	silent []string // file systems that do not answer the masters
	before []int64  // batches that have come before the data-quality gate
}

func newStage(t *testing.T, w *storetest.World) *stage {
	t.Helper()
	s := &stage{World: w, t: t}
	s.placer = New(w.DB, store.NewDefinitions(w.DB, 100), func() []string { return s.silent }, Notify{
		Assigned: func(hosts []string) { s.rung = append(s.rung, hosts...) },
		Quality:  func(ids []int64) { s.before = append(s.before, ids...) },
	}, slog.New(slog.DiscardHandler))
	return s
}

// pass is one full pass of a term that began an hour ago.
func (s *stage) pass() int {
	s.t.Helper()
	s.rung = nil
	s.placer.lastFull.Store(0)
	got, err := s.placer.Assign(s.t.Context(), s.Lead, time.Now().Add(-time.Hour))
	if err != nil {
		s.t.Fatalf("assign: got %v, want no error", err)
	}
	return got.Rows
}

func (s *stage) wantWork(what string, id int64, holds func(store.Work) bool) store.Work {
	s.t.Helper()
	w := s.Work(id)
	if !holds(w) {
		s.t.Errorf("got %+v, want %s", w, what)
	}
	return w
}

func on(host string) func(store.Work) bool {
	return func(w store.Work) bool { return w.State == batch.Assigned && w.Host == host }
}

func gated(code batch.GateCode) func(store.Work) bool {
	return func(w store.Work) bool { return w.State == batch.Waiting && w.Gate == string(code) }
}

func (s *stage) log(id int64) []store.Reassignment {
	s.t.Helper()
	var out []store.Reassignment
	s.View("read the log", func(ctx context.Context, v *store.ViewTx) (err error) {
		out, err = v.Reassignments(ctx, []int64{id}, 0)
		return err
	})
	return out
}

func TestAssignGivesReadyBatchesToWorkers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Define("plain")
		one := s.Batch(id, "20150518")
		waiting := s.Batch(id, "20150519", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "file:///x", Ready: "exists"}} })
		if n := s.pass(); n != 1 {
			t.Errorf("got %d batches changed, want 1", n)
		}
		got := s.wantWork("it assigned to w1", one, on("w1"))
		if got.Attempt != 1 || got.Incarnation != storetest.Incarnation || got.AssignTime == 0 || got.ScheduleTime != 1_700_000_000_000 {
			t.Errorf("got %+v, want attempt 1 of w1's incarnation, and the schedule time untouched", got)
		}
		if !slices.Equal(s.rung, []string{"w1"}) {
			t.Errorf("got %v rung, want w1", s.rung)
		}
		s.wantWork("it waiting", waiting, func(w store.Work) bool { return w.State == batch.Waiting })
		if n := s.pass(); n != 0 || s.rung != nil {
			t.Errorf("got %d changed and %v rung by a second pass, want nothing", n, s.rung)
		}
	})
}

func TestAssignKeepsToSlotsMemoryAndMaximum(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		s.Change("UPDATE capri_schedul_cluster SET slots = 3, memory = 1000 WHERE host = ?", storetest.Host)
		single := s.Define("single", func(d *task.Task) { d.Spec.MaxRunning = 1 })
		first, second := s.Batch(single, "20150518"), s.Batch(single, "20150519")
		large := s.Define("large")
		big := s.Batch(large, "20150518", func(b *store.NewBatch) { b.Memory, b.Priority = 900, 6 })
		bigger := s.Batch(large, "20150519", func(b *store.NewBatch) { b.Memory, b.Priority = 200, 7 })
		small := s.Batch(large, "20150520", func(b *store.NewBatch) { b.Priority = 8 })
		last := s.Batch(large, "20150521", func(b *store.NewBatch) { b.Priority = 9 })
		s.pass()
		for _, id := range []int64{first, big, small} {
			s.wantWork("it assigned", id, on("w1"))
		}
		at := s.wantWork("it at the maximum", second, gated(batch.GateMaximum))
		if zh := batch.Say(at.Message, "zh", time.UTC); zh != "此任务同时运行的任务数达到最大 1 个,等待下次调度" {
			t.Errorf("got %s, want the given sentence", zh)
		}
		s.wantWork("no worker with the memory", bigger, gated(batch.GateWorker))
		s.wantWork("it in the queue", last, gated(batch.GateQueue))
	})
}

func TestAssignGoesByPriorityTimeAndID(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		s.Change("UPDATE capri_schedul_cluster SET slots = 2 WHERE host = ?", storetest.Host)
		id := s.Define("line")
		old := s.Batch(id, "20150518", func(b *store.NewBatch) { b.ScheduleTime = 1 })
		young := s.Batch(id, "20150519", func(b *store.NewBatch) { b.ScheduleTime = 2 })
		urgent := s.Batch(id, "20150520", func(b *store.NewBatch) { b.Priority, b.ScheduleTime = 0, 3 })
		s.pass()
		s.wantWork("the urgent one assigned", urgent, on("w1"))
		s.wantWork("the older one assigned", old, on("w1"))
		s.wantWork("the younger one in the queue", young, gated(batch.GateQueue))
	})
}

func TestAssignFailsABatchWithoutItsAccount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		id := s.Define("account", func(d *task.Task) { d.Spec.Account = "etl" })
		denied := s.Batch(id, "20150518")
		s.pass()
		got := s.wantWork("it failed", denied, func(w store.Work) bool {
			return w.State == batch.Done && w.Finish == batch.Failed && w.EndTime > 0 && w.Attempt == 0
		})
		if zh := batch.Say(got.Message, "zh", time.UTC); zh != "调度失败,失败原因:此任务负责人没有权限使用此账号 etl 运行任务" {
			t.Errorf("got %s, want the given sentence", zh)
		}
		s.Operate("grant", func(ctx context.Context, o *store.OperateTx) error {
			return o.PutGrant(ctx, store.Grant{UserID: s.Owner, Account: "etl"})
		})
		granted := s.Batch(id, "20150519")
		s.pass()
		s.wantWork("it assigned", granted, on("w1"))
	})
}

func TestAssignWritesAGateOnceAndKeepsSince(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		later := time.Now().Add(time.Hour).UnixMilli()
		id := s.Batch(s.Define("late"), "20150518", func(b *store.NewBatch) { b.EarliestAt = later })
		s.placer.lastFull.Store(0)
		got, err := s.placer.Assign(t.Context(), s.Lead, time.Now())
		if err != nil || got.Next.UnixMilli() != later {
			t.Errorf("got %v, %v, want the next pass when the gate opens, %d", got.Next, err, later)
		}
		s.wantWork("the earliest start as its gate", id, gated(batch.GateEarliest))
		s.Change("UPDATE capri_task_work SET gateSince = 77 WHERE id = ?", id)
		s.pass()
		s.wantWork("since kept and no journal row", id, func(w store.Work) bool { return w.GateSince == 77 && w.Seq == 1 })
		s.Hold(store.HoldBatch, id)
		s.pass()
		s.wantWork("the hold as its gate, since now", id, func(w store.Work) bool { return w.Gate == string(batch.GateHeld) && w.GateSince > 77 })
		s.Change("UPDATE capri_task_work SET earliestAt = 0 WHERE id = ?", id)
		s.Operate("release", func(ctx context.Context, o *store.OperateTx) error {
			_, err := o.ReleaseHolds(ctx, store.HoldBatch, id)
			return err
		})
		s.pass()
		s.wantWork("no gate left", id, func(w store.Work) bool { return on("w1")(w) && w.Gate == "" && w.Message == "" })
	})
}

func TestLatestScheduleTimeFreezesNewerBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		set := func(value string) {
			s.Operate("set", func(ctx context.Context, o *store.OperateTx) error {
				return o.PutSetting(ctx, store.SettingLatestSchedule, value)
			})
		}
		id := s.Batch(s.Define("frozen"), "20150518")
		set("2020-01-01T00:00:00Z") // the batch is scheduled in 2023
		s.pass()
		got := s.wantWork("it frozen", id, gated(batch.GateLatest))
		if text := batch.Say(got.Message, "en", time.UTC); !strings.HasSuffix(text, "2020-01-01 00:00:00") {
			t.Errorf("got %s, want the setting in it", text)
		}
		set("")
		s.pass()
		s.wantWork("it assigned when the setting is empty", id, on("w1"))
	})
}
