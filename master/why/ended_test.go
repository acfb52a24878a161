package why

import (
	"context"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// TestWhereTheTimeWent gives a batch a history to the second and wants every
// part of it told, in order.
func TestWhereTheTimeWent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		up := r.Define("up")
		work := r.Batch(r.Define("a"), "20150518", func(b *store.NewBatch) {
			b.Inputs = []store.NewPath{{Path: "file:///in", Ready: "exists"}}
			b.Thirds = []store.NewThird{{Code: "pay", Key: "1", Met: true}}
			b.Parents = []store.NewParent{{TaskID: up, WorkNo: "20150518"}}
		})
		parent := r.Batch(up, "20150518")
		r.Succeed(parent)
		r.Decide("meet", func(ctx context.Context, l *store.LeaderTx) error {
			if _, err := l.SetPaths(ctx, []store.PathState{{Path: "file:///in", Ready: "exists", Met: true}}); err != nil {
				return err
			}
			_, err := l.MeetParents(ctx, []store.ParentKey{{TaskID: up, WorkNo: "20150518"}})
			return err
		})
		r.must(r.Assign(storetest.Host, work))
		r.must(r.Start(work))
		r.must(r.Retry(work))
		r.Succeed(work)
		const at = 1_700_000_000_000
		r.Change("UPDATE capri_master_epoch SET since = ?", int64(at)) // the term that decides
		r.Change("UPDATE capri_task_work SET createdAt = ?, endTime = ? WHERE id = ?", int64(at), int64(at+200_000), work)
		for seq, second := range []int64{0, 70, 75, 85, 120, 130, 205} { // create assign start retry assign start finish, which is reported late
			r.Change("UPDATE capri_batch_event SET at = ? WHERE workId = ? AND seq = ?", at+second*1000, work, seq+1)
		}
		r.Change("UPDATE capri_task_data SET lastCheckedAt = ? WHERE taskWorkId = ?", int64(at+20_000), work)
		r.Change("UPDATE capri_tthird_data SET lastCheckedAt = ? WHERE taskWorkId = ?", int64(at), work)
		r.Change("UPDATE capri_tparent_data SET lastCheckedAt = ? WHERE taskWorkId = ?", int64(at+40_000), work)
		r.Change("UPDATE capri_task_instance SET endTime = ?, nextRetryAt = ? WHERE taskWorkId = ? AND attempt = 1", int64(at+85_000), int64(at+115_000), work)
		r.Change("UPDATE capri_task_instance SET startTime = ? WHERE taskWorkId = ? AND attempt = 2", int64(at+130_000), work)
		r.Change("INSERT INTO capri_gate_spent (workId, gate, millis) VALUES (?, 'NO_WORKER', 11000)", work)
		r.Change("INSERT INTO capri_gate_spent (workId, gate, millis) VALUES (?, 'BATCH_HELD', 9000)", work)
		r.Change("INSERT INTO capri_gate_spent (workId, gate, millis) VALUES (?, 'RETRY_WAIT', 29000)", work)
		got := r.ask("a/20150518")
		var phases []string
		for _, p := range got.Spent {
			phases = append(phases, p.Phase+" "+(speech{lang: English}).span(p.From)+" "+(speech{lang: English}).span(p.Millis))
		}
		want := []string{
			"DATA_PATH 0 s 20 s", "PARENT_BATCH 0 s 40 s", "BATCH_HELD 40 s 9 s", "NO_WORKER 49 s 11 s", "SCHEDULING 1 min 15 s",
			"RETRY_WAIT 1 min 15 s 30 s", "ASSIGNED 1 min 45 s 15 s", "RUNNING 2 min 1 min 20 s",
		}
		if strings.Join(phases, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(phases, "\n"), strings.Join(want, "\n"))
		}
		if !strings.HasSuffix(got.Summary, "succeeded at 2023-11-14 22:16:40 in attempt 2; of 3 min 20 s altogether most, 1 min 20 s, went into: running") {
			t.Errorf("got %s, want where most of the time went", got.Summary)
		}
		facts := strings.Join(got.Facts, "\n")
		for _, text := range []string{"attempt 1 on w1", "failed, exit code 1", "attempt 2 on w1", "success", "the last dependency, up/20150518, was there at 2023-11-14 22:14:00 (up/20150518.0: done: success)"} {
			if !strings.Contains(facts, text) {
				t.Errorf("got\n%s\nwant %s", facts, text)
			}
		}
		if strings.Contains(facts, "exit code 1: exit code") {
			t.Errorf("got %s, want what is known said once", facts)
		}
	})
}

// TestEndingsSayWhoAndWhy ends batches in every way that has somebody behind it.
func TestEndingsSayWhoAndWhy(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("a")
		end := func(workNo string, move batch.MoveName, change func(*store.Work)) string {
			id := r.Batch(task, workNo, func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "file:///in", Ready: "exists"}} })
			r.Operate("end it", func(ctx context.Context, o *store.OperateTx) error {
				works, err := o.Lock(ctx, []int64{id})
				if err != nil {
					return err
				}
				to := *works[id]
				to.State, to.EndTime = batch.Done, o.Now()
				change(&to)
				return o.Move(ctx, []store.Change{{Move: move, From: *works[id], To: to}})
			})
			return r.ask("a/" + workNo).Summary
		}
		for _, c := range []struct{ got, want string }{
			{end("20150518", batch.MoveKill, func(w *store.Work) { w.Finish, w.KillBy, w.KillReason = batch.Killed, "bob", "wrong day" }), "killed by bob at "},
			{end("20150519", batch.MoveSkip, func(w *store.Work) { w.Finish, w.Message = batch.Skipped, "not needed" }), "skipped by admin at "},
			{end("20150520", batch.MoveMark, func(w *store.Work) { w.Finish, w.MarkedBy = batch.Success, "ann" }), "marked success by ann at "},
			{end("20150521", batch.MoveMark, func(w *store.Work) { w.Finish, w.MarkedBy = batch.Failed, "ann" }), "marked failed by ann at "},
		} {
			if !strings.HasPrefix(c.got, c.want) {
				t.Errorf("got %s, want %s", c.got, c.want)
			}
		}
		denied := r.Batch(r.Define("b"), "20150518")
		r.Decide("deny", func(ctx context.Context, l *store.LeaderTx) error {
			works, err := l.Lock(ctx, []int64{denied})
			if err != nil {
				return err
			}
			to := *works[denied]
			to.State, to.Finish, to.EndTime, to.Message = batch.Done, batch.Failed, l.Now(), batch.Message(batch.GateAccount, "etl")
			return l.Move(ctx, batch.Place, []store.Change{{Move: batch.MoveDeny, From: *works[denied], To: to}})
		})
		if got := r.ask("b/20150518").Summary; !strings.Contains(got, "before it ran: the task's owner may not use the execution account etl") {
			t.Errorf("got %s, want why it was denied", got)
		}
		r.Change("UPDATE capri_task_work SET createdAt = createdAt - 60000 WHERE workNo = '20150518'")
		if got := r.ask("a/20150518"); len(got.Spent) == 0 || got.Spent[0].Phase != string(batch.GateData) {
			t.Errorf("got %+v, want that it waited for its path to the end", got.Spent)
		}
		lost := r.Batch(r.Define("c"), "20150518")
		r.must(r.Assign(storetest.Host, lost))
		r.must(r.Start(lost))
		r.Decide("repair", func(ctx context.Context, l *store.LeaderTx) error {
			works, err := l.Lock(ctx, []int64{lost})
			if err != nil {
				return err
			}
			to := *works[lost]
			to.State, to.Finish, to.EndTime, to.Message = batch.Done, batch.Lost, l.Now(), "eve declared w1 dead"
			return l.Move(ctx, batch.Guard, []store.Change{{Move: batch.MoveRepair, From: *works[lost], To: to}})
		})
		r.Change("UPDATE capri_task_instance SET endTime = 5 WHERE taskWorkId = ?", lost)
		if got := r.ask("c/20150518").Summary; !strings.HasPrefix(got, "lost, found by repair at ") || !strings.Contains(got, "eve declared w1 dead") {
			t.Errorf("got %s, want who found it lost", got)
		}
	})
}

func TestRunningTellsUntilWhen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		work := r.Batch(id, "20150518")
		r.must(r.Assign(storetest.Host, work))
		r.must(r.Start(work))
		r.Decide("learn", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutTaskStats(ctx, []store.TaskStat{{TaskID: id, Runs: 9, P50Millis: 60_000, P95Millis: 90_000, LearnedAt: 1}})
		})
		began := time.Now().Add(-time.Hour).UnixMilli()
		r.Change("UPDATE capri_task_work SET startTime = ?, killAt = 5, killBy = 'bob', killReason = 'wrong day' WHERE id = ?", began, work)
		r.Change("UPDATE capri_schedul_cluster SET lastCheckTime = 1000")
		got := r.ask("a/20150518")
		if got.ExpectedAt != began+60_000 || len(got.Spent) == 0 {
			t.Errorf("got %+v, want when it should end and where its time went so far", got)
		}
		facts := strings.Join(got.Facts, "\n")
		for _, text := range []string{
			"its last 9 runs took 1 min at the median and 1 min 30 s at the 95th percentile", "it has run for 1 h", "bob ordered it killed",
			"w1: silent since", "a wait task: it stays running",
		} {
			if !strings.Contains(facts, text) {
				t.Errorf("got\n%s\nwant %s", facts, text)
			}
		}
	})
}
