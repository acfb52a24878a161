package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func reportCases() []exercise {
	return []exercise{
		{name: "CountsTheMovesOfAnHour", run: countsMoves},
		{name: "ListsFailuresAndLongRuns", run: listsFailures},
		{name: "FollowsWhoWaits", run: followsWaits},
		{name: "ListsTheOldestWaits", run: oldestWaits},
		{name: "CountsAlertsAndChanges", run: countsAlerts},
		{name: "CountsByDepartment", run: countsDepartments},
		{name: "KeepsReportsOnce", run: keepsReports},
		{name: "KeepsReaders", run: keepsReaders},
		{name: "SendsReportsOnce", run: sendsReports},
	}
}

const anHour = int64(3_600_000)

// hour is the beginning of an hour in which nothing has happened yet.
func (w *World) hour() int64 { return 2_000_000_000_000 + w.IDs(1)[0]*2*anHour }

// happened puts all that batches went through into the hour.
func (w *World) happened(at int64, ids ...int64) {
	w.t.Helper()
	for _, id := range ids {
		rawExec(w.t, w.DB, "UPDATE capri_batch_event SET at = ? + seq WHERE workId = ?", at, id)
		rawExec(w.t, w.DB, "UPDATE capri_task_work SET endTime = ? + 1000 WHERE id = ? AND endTime > 0", at, id)
	}
}

func countsMoves(t *testing.T, w *World) {
	at, task := w.hour(), w.Task()
	well, badly, open := w.Batch(task, "20150518"), w.Batch(task, "20150519"), w.Batch(task, "20150520")
	again := w.Batch(task, "20150521", func(b *store.NewBatch) { b.Type = 1 })
	w.Succeed(well)
	w.ok("assign", w.Assign(Host, badly))
	w.ok("start", w.Start(badly))
	w.ok("finish", w.Finish(1, badly))
	w.happened(at, well, badly, open, again)
	outside := w.Batch(task, "20150522", func(b *store.NewBatch) { b.Type = 1 })
	w.happened(at+anHour, outside)
	w.view("count", func(ctx context.Context, v *store.ViewTx) error {
		got := map[string]int64{}
		all, err := v.MoveCounts(ctx, at, at+anHour)
		for _, c := range all {
			got[fmt.Sprint(c.Move, " ", c.Finish)] = c.Count
		}
		wantEqual(t, "moves", fmt.Sprint(got), "map[assign none:2 create none:4 finish failed:1 finish success:1 start none:2]")
		if err != nil {
			return err
		}
		a, err := v.Activity(ctx, at, at+anHour)
		wantEqual(t, "what happened", a, store.Activity{OK: 1, Failed: 1, Reruns: 1})
		return err
	})
}

func listsFailures(t *testing.T, w *World) {
	at, task := w.hour(), w.Task()
	var failed []int64
	for i := range 3 {
		id := w.Batch(task, fmt.Sprint(20150518+i))
		w.ok("assign", w.Assign(Host, id))
		w.ok("start", w.Start(id))
		w.ok("finish", w.Finish(3, id))
		failed = append(failed, id)
	}
	well := w.Batch(task, "20150524")
	w.Succeed(well)
	w.happened(at, append(failed, well)...)
	rawExec(t, w.DB, "UPDATE capri_task_work SET startTime = endTime - 500 WHERE taskId = ?", task)
	rawExec(t, w.DB, "UPDATE capri_task_work SET startTime = endTime - 9000 WHERE id = ?", well)
	rawExec(t, w.DB, "UPDATE capri_task_work SET finishState = ? WHERE id = ?", batch.Lost, failed[1])
	rawExec(t, w.DB, "UPDATE capri_task_work SET markedBy = 'ann' WHERE id = ?", failed[2])
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		first, err := v.FailedRuns(ctx, at, at+anHour, store.EndKey{}, 1)
		if err != nil || len(first) != 1 {
			t.Fatalf("got %v and %v, want one", first, err)
		}
		f := first[0]
		wantEqual(t, "the first", fmt.Sprintf("%d %s %s %d %s", f.ID, f.Project, f.Owner, f.ResultCode, f.Finish), fmt.Sprintf("%d web admin 3 failed", failed[0]))
		rest, err := v.FailedRuns(ctx, at, at+anHour, store.EndKey{EndTime: f.EndTime, ID: f.ID}, 10)
		if err != nil || len(rest) != 1 || rest[0].ID != failed[1] {
			t.Errorf("got %v and %v, want the lost one: what a person has marked is not a failure to tell of", rest, err)
		}
		long, err := v.LongRuns(ctx, at, at+anHour, 1000, 10)
		if err != nil || len(long) != 1 || long[0].ID != well || long[0].Owner != "admin" {
			t.Errorf("got %v and %v, want the long one", long, err)
		}
		times, err := v.RunTimes(ctx, at, at+anHour)
		wantEqual(t, "what the successful ones took", fmt.Sprint(times, err), fmt.Sprint([]store.RunTime{{TaskID: task, Runs: 1, Millis: 9000}}, error(nil)))
		return nil
	})
	rawExec(t, w.DB, "UPDATE capri_task_work SET finishState = ? WHERE id = ?", batch.Failed, failed[1]) // as its journal says
}

func followsWaits(t *testing.T, w *World) {
	made, next, last := w.Task(), w.Task(), w.Task()
	path := fmt.Sprintf("/out/%d", made)
	root := w.Batch(made, "1", func(b *store.NewBatch) { b.Outputs = []store.NewPath{{Path: path, Ready: "exists"}} })
	child := w.Batch(next, "1", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: made, WorkNo: "1"}} })
	met := w.Batch(next, "2", func(b *store.NewBatch) {
		b.Parents = []store.NewParent{{TaskID: made, WorkNo: "1", State: store.DepMet}}
	})
	reader := w.Batch(last, "1", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: path, Ready: "exists"}} })
	_ = met
	w.view("walk", func(ctx context.Context, v *store.ViewTx) error {
		key := store.ParentKey{TaskID: made, WorkNo: "1"}
		got, err := v.WaitingChildren(ctx, []store.ParentKey{key, {TaskID: last, WorkNo: "1"}}, 10)
		wantEqual(t, "children", fmt.Sprint(got), fmt.Sprint([]store.Behind{{Before: key, ID: child, ParentKey: store.ParentKey{TaskID: next, WorkNo: "1"}}}))
		if err != nil {
			return err
		}
		got, err = v.WaitingReaders(ctx, []int64{root, child}, 10)
		wantEqual(t, "readers", fmt.Sprint(got), fmt.Sprint([]store.Behind{{Before: key, ID: reader, ParentKey: store.ParentKey{TaskID: last, WorkNo: "1"}}}))
		return err
	})
}

func oldestWaits(t *testing.T, w *World) {
	task := w.Task()
	at := int64(1_500_000_000_000)
	waits := func(no string, due, earliest int64) int64 {
		return w.Batch(task, no, func(b *store.NewBatch) { b.ScheduleTime, b.EarliestAt = due, earliest })
	}
	first, second := waits("1", at-1, 0), waits("2", at-2, at-1)
	waits("3", at+1, 0)
	waits("4", at-1, at+1)
	w.ok("assign", w.Assign(Host, waits("5", at-1, 0)))
	var got []int64
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.OldestWaits(ctx, at, 10000)
		for _, r := range all {
			got = append(got, r.ID)
			wantEqual(t, "owner", r.Owner, "admin")
		}
		if err != nil {
			return err
		}
		busy, err := v.OnWorkers(ctx)
		wantEqual(t, "on a worker", slices.ContainsFunc(busy, func(o store.OnWorker) bool { return o.TaskID == task }), true)
		return err
	})
	wantEqual(t, "those that might have begun", fmt.Sprint(among(got, first, second)), fmt.Sprint([]int64{first, second}))
}

func countsAlerts(t *testing.T, w *World) {
	at, ids := w.hour(), w.IDs(5)
	var alerts []store.Alert
	for i, kind := range []string{"a", "a", "b", "a"} {
		alerts = append(alerts, store.Alert{ID: ids[i], Kind: kind, Object: fmt.Sprint(ids[i]), Occurrence: "once", Level: "notice"})
	}
	w.lead("raise", func(ctx context.Context, l *store.LeaderTx) error { return l.Raise(ctx, alerts...) })
	for i := range 4 {
		rawExec(t, w.DB, "UPDATE capri_alert SET createdAt = ?, deliveredAt = ? WHERE id = ?", at+int64(i)*anHour/3, i%2, ids[i])
	}
	silenced := w.IDs(1)[0]
	w.lead("raise", func(ctx context.Context, l *store.LeaderTx) error {
		return l.Raise(ctx, store.Alert{ID: silenced, Kind: "b", Object: fmt.Sprint(silenced), Occurrence: "once", Level: "notice"})
	})
	rawExec(t, w.DB, "UPDATE capri_alert SET createdAt = ?, silenceId = 7 WHERE id = ?", at, silenced)
	w.operate("change", func(ctx context.Context, o *store.OperateTx) error {
		return o.Audit(ctx, store.Audit{ID: ids[4], Action: "task.hold", Object: "mine"})
	})
	rawExec(t, w.DB, "UPDATE capri_audit_log SET at = ? WHERE id = ?", at, ids[4])
	rawExec(t, w.DB, "INSERT INTO capri_audit_log (id, at, actor, action, object, source, detail) VALUES (?, ?, 'jobs', 'job.take', 'x', '', '')", w.IDs(1)[0], at)
	w.view("count", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.AlertCounts(ctx, at, at+anHour)
		wantEqual(t, "alerts", fmt.Sprint(got), "[{notice a 2 1} {notice b 2 1}]")
		if err != nil {
			return err
		}
		changes, err := v.ChangeCounts(ctx, at, at+anHour, 10)
		wantEqual(t, "what people did", fmt.Sprint(changes), "[{admin task.hold mine 1}]")
		return err
	})
}

func countsDepartments(t *testing.T, w *World) {
	at := w.hour()
	department, name := w.department()
	p := w.somebody(func(p *store.Person) { p.DepartmentID = department })
	task := w.Task(func(s *store.TaskSave) { s.OwnerID = p.ID })
	due := func(no string) int64 {
		return w.Batch(task, no, func(b *store.NewBatch) { b.ScheduleTime = at + 1 })
	}
	w.Succeed(due("1"))
	late := due("2")
	rawExec(t, w.DB, "UPDATE capri_task_work SET dependTimeoutAt = 5, outputTimeoutAt = 6 WHERE id = ?", late)
	w.view("count", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.DepartmentCounts(ctx, at, at+anHour)
		wantEqual(t, "departments", fmt.Sprint(got), fmt.Sprintf("[{%s 2 1 0 1 1}]", name))
		return err
	})
}

func keepsReports(t *testing.T, w *World) {
	kind := fmt.Sprint(w.IDs(1)[0])
	put := func(at int64, body string) {
		w.lead("put", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutReport(ctx, store.Report{Kind: kind, At: at, Quiet: true, Body: body, MadeAt: at + 3})
		})
	}
	for at := int64(10); at <= 30; at += 10 {
		put(at, "{}")
	}
	put(20, "another master's")
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.ReportAt(ctx, kind, 20)
		wantEqual(t, "the first that was kept", got, store.Report{Kind: kind, At: 20, Quiet: true, Body: "{}", MadeAt: 23})
		w.ok("read", err)
		_, err = v.ReportAt(ctx, kind, 21)
		wantError(t, "none", err, store.ErrNotFound)
		page, err := v.Reports(ctx, kind, 30, 5)
		if len(page) != 2 || page[0].At != 20 || page[1].At != 10 || page[0].Body != "" {
			t.Errorf("got %+v, want those before, newest first, without their bodies", page)
		}
		w.ok("list", err)
		page, err = v.WholeReports(ctx, kind, 30, 1)
		wantEqual(t, "with its body", len(page) == 1 && page[0].At == 20 && page[0].Body == "{}", true)
		return err
	})
	w.lead("sweep", func(ctx context.Context, l *store.LeaderTx) error {
		n, err := l.SweepReports(ctx, kind, 30, 1)
		wantEqual(t, "a page", n, 1)
		w.ok("sweep", err)
		n, err = l.SweepReports(ctx, kind, 30, 5)
		wantEqual(t, "the rest", n, 1)
		return err
	})
	wantEqual(t, "reports", w.figure("SELECT COUNT(*) FROM capri_report WHERE kind = ?", kind), 1)
}

func keepsReaders(t *testing.T, w *World) {
	kind, p := fmt.Sprint(w.IDs(1)[0]), w.somebody(func(p *store.Person) { p.Mail, p.Lang = "ann@example.com", "zh" })
	stands := func() (r store.Reader, there bool) {
		w.operate("lock", func(ctx context.Context, o *store.OperateTx) (err error) {
			r, there, err = o.LockReader(ctx, kind, p.ID)
			return err
		})
		return r, there
	}
	_, there := stands()
	wantEqual(t, "a reader", there, false)
	for _, always := range []bool{false, true} {
		w.operate("put", func(ctx context.Context, o *store.OperateTx) error {
			return o.PutReader(ctx, kind, store.Reader{UserID: p.ID, Always: always})
		})
		r, there := stands()
		wantEqual(t, "a reader, as asked for", there && r.Always == always, true)
	}
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Readers(ctx, kind)
		wantEqual(t, "readers", len(all) == 1 && all[0].User == p.Name && all[0].Always && all[0].Mail == p.Mail && all[0].Lang == "zh", true)
		return err
	})
	w.operate("drop", func(ctx context.Context, o *store.OperateTx) error { return o.DropReader(ctx, kind, p.ID) })
	_, there = stands()
	wantEqual(t, "a reader", there, false)
}

func sendsReports(t *testing.T, w *World) {
	ids := w.IDs(5)
	kind, at := fmt.Sprint("k", ids[0]), int64(1_779_148_800_000)
	keep := func(at int64, ids ...int64) (kept bool) {
		var messages []store.Message
		for _, id := range ids {
			messages = append(messages, store.Message{ID: id, Recipient: "ann", Channel: "mail", Address: "ann@example.com", Lang: "zh", Level: "notice", Subject: "how it went"})
		}
		w.lead("keep", func(ctx context.Context, l *store.LeaderTx) (err error) {
			kept, err = l.KeepReport(ctx, store.Report{Kind: kind, At: at, Body: "{}", MadeAt: at + 3}, messages)
			return err
		})
		return kept
	}
	wantEqual(t, "kept", keep(at, ids[1], ids[2]), true)
	wantEqual(t, "kept again", keep(at, ids[3]), false)
	wantEqual(t, "kept, for nobody", keep(at+1), true)
	wantEqual(t, "messages", w.figure("SELECT COUNT(*) FROM capri_message WHERE ref = ? AND purpose = ? AND dueAt > 0", store.ReportRef(kind, at), store.PurposeReport), 2)
	wantEqual(t, "sent", w.figure("SELECT COUNT(*) FROM capri_report WHERE kind = ? AND at = ? AND sentAt > 0", kind, at), 1)
	wantEqual(t, "not sent", w.figure("SELECT COUNT(*) FROM capri_report WHERE kind = ? AND at = ? AND sentAt = 0", kind, at+1), 1)
	gotKind, gotAt, ok := store.ReportOf(store.ReportRef(kind, at))
	wantEqual(t, "what a message names", fmt.Sprint(gotKind, gotAt, ok), fmt.Sprint(kind, at, true))
	_, _, ok = store.ReportOf("k")
	wantEqual(t, "what names nothing", ok, false)
}
