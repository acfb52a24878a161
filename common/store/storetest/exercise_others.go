package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// otherCases are about what other programs ask for.
func otherCases() []exercise {
	return []exercise{
		{name: "RaisesAlertsOfOthersOnce", run: raisesOthers},
		{name: "ListsEndedBatchesOfTasks", run: listsEnded},
		{name: "CountsWhatWaitsForWorkers", run: countsQueue},
	}
}

func raisesOthers(t *testing.T, w *World) {
	task := w.Task()
	object := fmt.Sprint("nas", task)
	raise := func(occurrence string) (row store.AlertRow, fresh bool) {
		id := w.IDs(1)[0]
		w.operate("raise", func(ctx context.Context, o *store.OperateTx) (err error) {
			row, fresh, err = o.RaiseOther(ctx, store.Alert{ID: id, Kind: "external.disk", Object: object, Occurrence: occurrence, Level: store.LevelNotice, TaskID: task, Text: "full"})
			return err
		})
		return row, fresh
	}
	first, fresh := raise("1")
	wantEqual(t, "new", fresh, true)
	wantEqual(t, "raised by", first.RaisedBy, "admin")
	again, fresh := raise("1")
	wantEqual(t, "new again", fresh, false)
	wantEqual(t, "the same one", again.ID, first.ID)
	second, _ := raise("2")
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		f := store.AlertFilter{Kind: "external.disk", Level: store.LevelNotice, Object: object, Task: first.Task, From: first.CreatedAt, To: second.CreatedAt, Limit: 1}
		page, err := v.Alerts(ctx, f)
		if err != nil {
			return err
		}
		wantEqual(t, "newest", page[0].ID, second.ID)
		f.Before = store.AlertKey{CreatedAt: page[0].CreatedAt, ID: page[0].ID}
		if page, err = v.Alerts(ctx, f); err != nil {
			return err
		}
		wantEqual(t, "the one before", page[0].ID, first.ID)
		one, err := v.AlertByID(ctx, first.ID)
		wantEqual(t, "by id", one, first)
		return err
	})
}

func listsEnded(t *testing.T, w *World) {
	one, two, none := w.Task(), w.Task(), w.Task()
	at := func(n int64) func(*store.NewBatch) { return func(b *store.NewBatch) { b.ScheduleTime = n } }
	a, b := w.Batch(one, "20150518", at(10)), w.Batch(two, "20150518", at(20))
	c, open := w.Batch(one, "20150519", at(30)), w.Batch(two, "20150519", at(40))
	w.Succeed(a, b)
	w.ok("assign", w.Assign(Host, c, open))
	w.ok("start", w.Start(c, open))
	w.ok("fail", w.Finish(1, c))
	rawExec(t, w.DB, "UPDATE capri_task_work SET finishState = 2 WHERE id = ? AND state = 3", c)
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		keys, err := v.Ended(ctx, []int64{one, two, none}, 1)
		if err != nil {
			return err
		}
		wantEqual(t, "newest of each", fmt.Sprint(len(keys)), "2")
		n, err := v.CountEnded(ctx, []int64{one, two, none}, 2)
		if err != nil {
			return err
		}
		wantEqual(t, "counted, up to a bound", n, 2)
		last, err := v.LastInstances(ctx, []int64{a, b, c})
		if err != nil {
			return err
		}
		wantEqual(t, "last attempts", len(last), 3)
		stands, err := v.TaskStandings(ctx, []int64{one, two, none})
		wantEqual(t, "the first", stands[one], store.TaskStanding{Ended: batch.Failed})
		wantEqual(t, "the second", stands[two], store.TaskStanding{Running: true, Ended: batch.Success})
		wantEqual(t, "the third", stands[none], store.TaskStanding{})
		return err
	})
}

func countsQueue(t *testing.T, w *World) {
	task := w.Task()
	for i := range 3 {
		w.Batch(task, fmt.Sprintf("2015051%d", i), func(b *store.NewBatch) { b.Priority, b.ScheduleTime = i/2, int64(100-i) })
	}
	waits := w.Batch(task, "20150520", func(b *store.NewBatch) { b.Thirds = []store.NewThird{{Code: "pay", Key: fmt.Sprint(task)}} })
	held := w.Batch(task, "20150521")
	w.lead("hold", func(ctx context.Context, l *store.LeaderTx) error {
		return l.SetGates(ctx, []store.Gate{{ID: held, Code: string(batch.GateHeld)}})
	})
	wantEqual(t, "waits for a third party", w.Work(waits).Unmet, 1)
	w.view("count", func(ctx context.Context, v *store.ViewTx) error {
		shares, err := v.QueueShares(ctx)
		var mine []store.QueueShare
		for _, s := range shares {
			if s.TaskID == task {
				mine = append(mine, s)
			}
		}
		want := []store.QueueShare{{TaskID: task, TaskVersion: 1, Priority: 0, Count: 2, Since: 99}, {TaskID: task, TaskVersion: 1, Priority: 1, Count: 1, Since: 98}}
		wantEqual(t, "shares", fmt.Sprint(mine), fmt.Sprint(want))
		return err
	})
}
