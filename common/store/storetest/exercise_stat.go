package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/store"
)

func statCases() []exercise {
	return []exercise{
		{name: "AddsSettingsThatAreNewToAnOldDatabase", alone: newSettings},
		{name: "KeepsConditionsUntilTheyAreOver", run: keepsConditions},
		{name: "KeepsWhatWasLearned", run: keepsStats},
		{name: "ReadsTheNewestSuccesses", run: newestSuccesses},
		{name: "FindsWhoIsToBeLearned", run: toBeLearned},
		{name: "FindsTheNewestSuccess", run: newestSuccess},
		{name: "CountsOpenIncidents", run: openIncidents},
	}
}

func newSettings(t *testing.T, cfg store.Config) {
	db := migrated(t, cfg)
	rawExec(t, db, "DELETE FROM capri_dic_data WHERE dicKey = 'keep_batch_days'")
	rawExec(t, db, "UPDATE capri_dic_data SET dicValue = '7' WHERE dicKey = 'keep_alert_days'")
	if _, err := db.Migrate(t.Context(), Zone); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := db.View(t.Context(), func(v *store.ViewTx) (err error) {
		got, err = v.Settings(t.Context())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "a setting that was missing", got["keep_batch_days"], "400")
	wantEqual(t, "a setting that was changed", got["keep_alert_days"], "7")
}

func keepsStats(t *testing.T, w *World) {
	first, second := w.Task(), w.Task()
	put := func(all ...store.TaskStat) {
		w.lead("learn", func(ctx context.Context, l *store.LeaderTx) error { return l.PutTaskStats(ctx, all) })
	}
	want := store.TaskStat{TaskID: first, Runs: 30, P50Millis: 1000, P95Millis: 9000, PeakMemory: 1 << 40, LearnedAt: 77}
	put(store.TaskStat{TaskID: first, Runs: 1})
	put(want, store.TaskStat{TaskID: second, Runs: 2})
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.TaskStats(ctx, []int64{first, 1})
		wantEqual(t, "tasks", len(got), 1)
		wantEqual(t, "learned", got[first], want)
		return err
	})
}

// ended makes a successful batch that ran from one instant to another.
func (w *World) ended(task int64, no string, scheduled, start, end int64) int64 {
	w.t.Helper()
	id := w.Batch(task, no, func(b *store.NewBatch) { b.ScheduleTime = scheduled })
	w.Succeed(id)
	rawExec(w.t, w.DB, "UPDATE capri_task_work SET startTime = ?, endTime = ?, peakMemory = ? WHERE id = ?", start, end, end-start, id)
	return id
}

func newestSuccesses(t *testing.T, w *World) {
	task, other := w.Task(), w.Task()
	var last int64
	for i := range int64(4) {
		last = w.ended(task, fmt.Sprintf("2015051%d", i), 100+i, 1000*i+1, 1000*i+5)
	}
	w.ended(other, "20150518", 1, 7, 9)
	failed := w.Batch(task, "20150517", func(b *store.NewBatch) { b.ScheduleTime = 500 })
	w.ok("assign", w.Assign(Host, failed))
	w.ok("start", w.Start(failed))
	w.ok("finish", w.Finish(1, failed))
	marked := w.ended(task, "20150518", 600, 1, 2)
	rawExec(t, w.DB, "UPDATE capri_task_work SET markedBy = 'ann' WHERE id = ?", marked)
	hourly := w.ended(task, "2015051800", 700, 1, 2)
	rawExec(t, w.DB, "UPDATE capri_task_work SET outputPeriod = 0 WHERE id = ?", hourly)
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.RecentSuccesses(ctx, []int64{other, task, 1}, 3)
		wantEqual(t, "tasks", len(got), 2)
		wantEqual(t, "runs of the other task", len(got[other]), 1)
		if len(got[task]) != 3 {
			t.Fatalf("got %d runs, want the newest 3", len(got[task]))
		}
		wantEqual(t, "the newest run", got[task][0], store.SuccessRun{TaskID: task, WorkID: last, WorkNo: "20150513", StartTime: 3001, EndTime: 3005, PeakMemory: 4})
		wantEqual(t, "how long it took", got[task][0].Millis(), 4)
		wantEqual(t, "the third", got[task][2].WorkNo, "20150511")
		return err
	})
}

func toBeLearned(t *testing.T, w *World) {
	const minute = 60_000
	unlearned, again, known, old := w.Task(), w.Task(), w.Task(), w.Task()
	for _, id := range []int64{unlearned, again, known} {
		w.ended(id, "20150518", 1, 100*minute, 110*minute)
	}
	w.ended(old, "20150518", 1, 10*minute, 20*minute)
	running := w.Batch(w.Task(), "20150518")
	w.ok("assign", w.Assign(Host, running))
	w.lead("learn", func(ctx context.Context, l *store.LeaderTx) error {
		return l.PutTaskStats(ctx, []store.TaskStat{{TaskID: again, LearnedAt: 109 * minute}, {TaskID: known, LearnedAt: 111 * minute}})
	})
	list := func(after int64, limit int) (out []int64) {
		w.view("list", func(ctx context.Context, v *store.ViewTx) (err error) {
			out, err = v.TasksToLearn(ctx, 50*minute, after, limit)
			return err
		})
		return out
	}
	wantEqual(t, "all", fmt.Sprint(among(list(0, 1000), unlearned, again, known, old)), fmt.Sprint([]int64{unlearned, again}))
	wantEqual(t, "after the first", fmt.Sprint(list(unlearned, 1)), fmt.Sprint([]int64{again}))
}

// among keeps the ids that a test made: others may stand in the same database.
func among(ids []int64, mine ...int64) []int64 {
	var out []int64
	for _, id := range ids {
		for _, m := range mine {
			if id == m {
				out = append(out, id)
			}
		}
	}
	return out
}

func keepsConditions(t *testing.T, w *World) {
	kind := fmt.Sprintf("kind-%d", w.IDs(1)[0])
	put := func(all ...store.Condition) {
		w.lead("put", func(ctx context.Context, l *store.LeaderTx) error { return l.PutConditions(ctx, all) })
	}
	open := func() (out []store.Condition) {
		w.view("list", func(ctx context.Context, v *store.ViewTx) error {
			all, err := v.Conditions(ctx)
			for _, c := range all {
				if c.Kind == kind {
					out = append(out, c)
				}
			}
			return err
		})
		return out
	}
	first, second := store.Condition{Kind: kind, Object: "a", Level: "important", Since: 3}, store.Condition{Kind: kind, Object: "b", Level: "critical", Since: 4}
	put(second, first)
	wantEqual(t, "both", fmt.Sprint(open()), fmt.Sprint([]store.Condition{first, second}))
	first.Level = "critical"
	put(first)
	wantEqual(t, "one is worse", fmt.Sprint(open()), fmt.Sprint([]store.Condition{first, second}))
	w.lead("drop", func(ctx context.Context, l *store.LeaderTx) error {
		return l.DropConditions(ctx, []store.Condition{second, {Kind: "other", Object: "a"}})
	})
	wantEqual(t, "the other one is over", fmt.Sprint(open()), fmt.Sprint([]store.Condition{first}))
}

func newestSuccess(t *testing.T, w *World) {
	task, other := w.Task(), w.Task()
	want := func(what string, task, after, at int64) {
		t.Helper()
		w.view("read", func(ctx context.Context, v *store.ViewTx) error {
			got, err := v.NewestSuccess(ctx, task, after)
			wantEqual(t, what, got, at)
			return err
		})
	}
	want("of a task without batches", task, 0, 0)
	first := w.Batch(task, "20150518", func(b *store.NewBatch) { b.ScheduleTime = 1000 })
	want("of one that waits", task, 0, 0)
	w.Succeed(first)
	w.Succeed(w.Batch(task, "20150520", func(b *store.NewBatch) { b.ScheduleTime = 3000 }), w.Batch(other, "20150522", func(b *store.NewBatch) { b.ScheduleTime = 9000 }))
	failed := w.Batch(task, "20150521", func(b *store.NewBatch) { b.ScheduleTime = 4000 })
	w.ok("assign", w.Assign(Host, failed))
	w.ok("start", w.Start(failed))
	w.ok("finish", w.Finish(1, failed))
	want("beside one that failed", task, 0, 3000)
	want("after an instant", task, 2999, 3000)
	want("after it", task, 3000, 0)
}

func openIncidents(t *testing.T, w *World) {
	put := func(root, level string, open any) {
		id := w.IDs(1)[0]
		w.Change(`INSERT INTO capri_incident (id, code, rootKind, root, openKey, kind, cause, level, affected, openedAt, lastAlertAt, toldAt, resolvedAt, ackBy, ackAt, ackNote)
VALUES (?, ?, 'tally', ?, ?, 'k', '', ?, 1, 1, 1, 0, 0, '', 0, '')`, id, fmt.Sprintf("t%x", id), root, open, level)
	}
	counts := func() map[string]int {
		out := map[string]int{}
		w.view("count", func(ctx context.Context, v *store.ViewTx) error {
			got, err := v.IncidentTallies(ctx)
			for _, g := range got {
				out[g.Level] = g.Count
			}
			return err
		})
		return out
	}
	before := counts()
	put("a", "critical", 1)
	put("b", "critical", 1)
	put("c", "important", 1)
	put("d", "critical", nil)
	after := counts()
	wantEqual(t, "critical ones that are open", after["critical"]-before["critical"], 2)
	wantEqual(t, "important ones that are open", after["important"]-before["important"], 1)
}
