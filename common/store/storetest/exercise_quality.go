package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func qualityCases() []exercise {
	return []exercise{
		{name: "PagesWhatIsBeforeTheGate", run: pagesBehindQuality},
		{name: "NotesOnlyWhatStillWaits", run: notesWhatWaits},
	}
}

func pagesBehindQuality(t *testing.T, w *World) {
	task := w.Task()
	want := map[int64]bool{}
	var gates []store.Gate
	for i := range 7 {
		id := w.Batch(task, fmt.Sprintf("2015051%d", i), func(b *store.NewBatch) { b.Priority, b.ScheduleTime = i/3, int64(i%2) })
		want[id] = true
		gates = append(gates, store.Gate{ID: id, Code: string(batch.GateQuality)})
	}
	answered, held := w.Batch(task, "20150518"), w.Batch(task, "20150519")
	unmet := w.Batch(task, "20150520", func(b *store.NewBatch) { b.Thirds = []store.NewThird{{Code: "pay", Key: "quality"}} })
	gates = append(gates, store.Gate{ID: answered, Code: string(batch.GateQuality)}, store.Gate{ID: held, Code: string(batch.GateHeld)},
		store.Gate{ID: unmet, Code: string(batch.GateQuality)})
	w.lead("gates", func(ctx context.Context, l *store.LeaderTx) error { return l.SetGates(ctx, gates) })
	w.operate("answer", func(ctx context.Context, o *store.OperateTx) error {
		return o.AnswerQuality(ctx, answered, batch.QualityBlock)
	})
	var all []int64
	for after, page := store.FirstReady(), []store.Work{{}}; len(page) > 0; {
		w.view("page", func(ctx context.Context, v *store.ViewTx) (err error) {
			page, err = v.BehindQuality(ctx, after, 2)
			return err
		})
		for _, got := range page {
			if got.TaskID == task && !want[got.ID] {
				t.Errorf("got batch %d, %s, twice or wrongly, want it once or not at all", got.ID, got.WorkNo)
			}
			delete(want, got.ID)
			all = append(all, got.ID)
			after = store.ReadyKey{Priority: got.Priority, ScheduleTime: got.ScheduleTime, ID: got.ID}
		}
	}
	wantEqual(t, "batches that were missed", len(want), 0)
	w.view("by id", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.BehindQualityOf(ctx, append(all, answered, held, unmet))
		wantEqual(t, "by id", len(got), len(all))
		return err
	})
}

func notesWhatWaits(t *testing.T, w *World) {
	task := w.Task()
	waiting, answered, assigned := w.Batch(task, "20150518"), w.Batch(task, "20150519"), w.Batch(task, "20150520")
	w.operate("answer", func(ctx context.Context, o *store.OperateTx) error {
		return o.AnswerQuality(ctx, answered, batch.QualityBlock)
	})
	w.ok("assign", w.Assign(Host, assigned))
	ids := []int64{waiting, answered, assigned}
	w.lead("ask", func(ctx context.Context, l *store.LeaderTx) error {
		if err := l.QualityNotReached(ctx, ids); err != nil {
			return err
		}
		return l.QualityAsked(ctx, ids)
	})
	for id, want := range map[int64][2]int{waiting: {batch.QualitySent, 1}, answered: {batch.QualityBlock, 0}, assigned: {batch.QualityNone, 0}} {
		got := w.Work(id)
		wantEqual(t, "state and tries", [2]int{got.QualityState, got.QualityTries}, want)
		wantEqual(t, "asked at", got.QualitySentAt > 0, id == waiting)
	}
	w.lead("silence", func(ctx context.Context, l *store.LeaderTx) error {
		passed, err := l.QualityPassed(ctx, ids)
		wantEqual(t, "passed", fmt.Sprint(passed), fmt.Sprint([]int64{waiting}))
		return err
	})
	wantEqual(t, "let through", w.Work(waiting).QualityState, batch.QualityRun)
	wantEqual(t, "blocked", w.Work(answered).QualityState, batch.QualityBlock)
}
