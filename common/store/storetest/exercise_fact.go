package storetest

import (
	"context"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func factCases() []exercise {
	return []exercise{
		{name: "StartsAnAttemptOnce", run: attemptOnce},
		{name: "KeepsOneSuccessPerAttempt", run: userCodes},
		{name: "BeatsWithoutTouchingTheSwitch", run: beats},
		{name: "SwitchesAHostOffAndOn", run: switches},
		{name: "RecordsAnAlertOnce", run: alerts},
		{name: "KeepsTheLastRunOfADuty", run: serviceRuns},
	}
}

func attemptOnce(t *testing.T, w *World) {
	ctx := t.Context()
	id := w.Batch(w.Task(), "20150518")
	w.ok("assign", w.Assign(Host, id))
	w.ok("start", w.Start(id))
	err := w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		return tx.BeginInstances(ctx, []store.Instance{{WorkID: id, Attempt: 1, Code: "again", Host: Host}})
	})
	wantError(t, "begin the same attempt again", err, store.ErrExists)
}

func userCodes(t *testing.T, w *World) {
	ctx := t.Context()
	put := func(code string, exits ...int) {
		var all []store.UserCode
		for _, e := range exits {
			all = append(all, store.UserCode{Code: code, ExitCode: e})
		}
		w.ok("put codes", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
			return tx.InsertUserCodes(ctx, all)
		}))
	}
	put("a#1", 1, 0)
	put("a#1", 0, 3)
	put("a#2", 0)
	var successes, failures int
	row := w.DB.Raw().QueryRowContext(ctx, `SELECT SUM(CASE WHEN user_code = 0 THEN 1 ELSE 0 END), SUM(CASE WHEN user_code <> 0 THEN 1 ELSE 0 END)
FROM capri_user_code_log WHERE task_instance_code = 'a#1' AND execute_state = 0 AND create_time IS NOT NULL`)
	w.ok("read codes", row.Scan(&successes, &failures))
	wantEqual(t, "successes", successes, 1)
	wantEqual(t, "failures", failures, 2)
}

func (w *World) host(name string) store.Host {
	w.t.Helper()
	var h store.Host
	w.view("read the worker", func(ctx context.Context, v *store.ViewTx) (err error) {
		h, err = v.HostByName(ctx, name)
		return err
	})
	return h
}

func beats(t *testing.T, w *World) {
	w.Beat("dba", 4)
	w.Beat("dba", 8)
	wantEqual(t, "slots", w.host("dba").Slots, 8)
	wantEqual(t, "rows changed by hand", rawExec(t, w.DB,
		"UPDATE capri_schedul_cluster SET isStop = 1, stopTime = 5, stopReason = 'disk', stopUntil = 7 WHERE host = 'dba'"), 1)
	w.Beat("dba", 9)
	h := w.host("dba")
	if !h.IsStop || h.StopTime != 5 || h.StopReason != "disk" || h.StopUntil != 7 || h.Slots != 9 || h.LastCheckTime == 0 {
		t.Errorf("got %+v, want the administrator's switch beside the new heartbeat", h)
	}
}

func switches(t *testing.T, w *World) {
	w.Beat("switched", 4)
	w.operate("off", func(ctx context.Context, o *store.OperateTx) error {
		return o.SwitchHost(ctx, "switched", true, "kernel", 99)
	})
	h := w.host("switched")
	if !h.StoppedAt(98) || h.StoppedAt(99) || h.StopReason != "kernel" || h.StopTime == 0 {
		t.Errorf("got %+v, want it off until 99", h)
	}
	w.operate("on", func(ctx context.Context, o *store.OperateTx) error {
		return o.SwitchHost(ctx, "switched", false, "", 0)
	})
	h = w.host("switched")
	if h.StoppedAt(1) || h.StopTime != 0 {
		t.Errorf("got %+v, want it on", h)
	}
	ctx := t.Context()
	err := w.DB.Operate(ctx, store.Actor{}, func(o *store.OperateTx) error { return o.SwitchHost(ctx, "nobody", true, "", 0) })
	wantError(t, "switch an unknown worker", err, store.ErrNotFound)
}

func alerts(t *testing.T, w *World) {
	a := store.Alert{Kind: "depend-timeout", Object: "task/20150518.0", Occurrence: "1", Level: store.LevelTask, Text: "late"}
	for range 2 {
		a.ID = w.IDs(1)[0]
		w.lead("raise", func(ctx context.Context, tx *store.LeaderTx) error { return tx.Raise(ctx, a) })
	}
	a.Occurrence, a.ID = "2", w.IDs(1)[0]
	w.operate("raise another", func(ctx context.Context, o *store.OperateTx) error { return o.Raise(ctx, a) })
	var n int
	w.ok("count", w.DB.Raw().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM capri_alert WHERE object = ?", a.Object).Scan(&n))
	wantEqual(t, "alerts", n, 2)
}

func serviceRuns(t *testing.T, w *World) {
	for _, rows := range []int64{3, 4} {
		w.lead("put", func(ctx context.Context, tx *store.LeaderTx) error {
			return tx.PutServiceRun(ctx, store.ServiceRun{Name: "assign", StartedAt: 1, EndedAt: 2, Rows: rows})
		})
	}
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.ServiceRuns(ctx)
		if len(all) != 1 || all[0].Rows != 4 || all[0].Epoch != w.Lead.Epoch() {
			t.Errorf("got %+v, want the second run alone", all)
		}
		return err
	})
}

func readyCases() []exercise {
	return []exercise{
		{name: "ListsReadyBatchesByPriorityTimeAndID", run: readyOrder},
		{name: "SumsUpWhatHostsHold", run: usages},
		{name: "KeepsSinceWhileTheGateStays", run: gates},
		{name: "LogsReassignments", run: reassignments},
	}
}

func readyOrder(t *testing.T, w *World) {
	want := map[int64]bool{}
	for i := range 9 {
		want[w.Batch(w.Task(), "20150518", func(b *store.NewBatch) { b.Priority, b.ScheduleTime = i%2, int64(1000+i/4) })] = true
	}
	w.reader("/not/ready")
	var got []store.Work
	after := store.FirstReady()
	for {
		var page []store.Work
		w.view("ready", func(ctx context.Context, v *store.ViewTx) (err error) {
			page, err = v.Ready(ctx, after, 2)
			return err
		})
		if len(page) == 0 {
			break
		}
		end := page[len(page)-1]
		after = store.ReadyKey{Priority: end.Priority, ScheduleTime: end.ScheduleTime, ID: end.ID}
		got = append(got, page...)
	}
	wantEqual(t, "ready batches", len(got), len(want))
	for i, b := range got {
		if !want[b.ID] || i > 0 && (got[i-1].Priority > b.Priority || got[i-1].Priority == b.Priority && got[i-1].ScheduleTime > b.ScheduleTime) {
			t.Errorf("got %+v at place %d, want it in order", b, i)
		}
	}
}

func usages(t *testing.T, w *World) {
	task := w.Task()
	var ids []int64
	for _, no := range []string{"20150518", "20150519", "20150520"} {
		ids = append(ids, w.Batch(task, no, func(b *store.NewBatch) { b.Memory = 10 }))
	}
	w.Beat("used", 10)
	w.ok("assign", w.Assign("used", ids...))
	w.ok("start", w.Start(ids[0]))
	rawExec(t, w.DB, "UPDATE capri_task_work SET refusedAt = 5 WHERE id = ?", ids[1])
	w.view("usages", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Usages(ctx)
		got := map[store.Usage]bool{}
		for _, u := range all {
			got[u] = true
		}
		for _, want := range []store.Usage{
			{Host: "used", TaskID: task, State: batch.Assigned, Count: 1, Memory: 10},
			{Host: "used", TaskID: task, State: batch.Running, Count: 1, Memory: 10},
		} {
			if !got[want] {
				t.Errorf("got %+v, want %+v among them", all, want)
			}
		}
		running, err2 := v.OnHost(ctx, "used", batch.Running, 10)
		w.ok("on host", err2)
		wantEqual(t, "running on it", len(running), 1)
		assigned, err2 := v.AssignedWorks(ctx, 10)
		w.ok("assigned", err2)
		wantEqual(t, "assigned", len(assigned), 2)
		return err
	})
}

func gates(t *testing.T, w *World) {
	id, other := w.Batch(w.Task(), "20150518"), w.Batch(w.Task(), "20150518")
	set := func(code, message string) store.Work {
		w.lead("set", func(ctx context.Context, tx *store.LeaderTx) error {
			return tx.SetGates(ctx, []store.Gate{{ID: other, Code: code, Message: message}, {ID: id, Code: code, Message: message}})
		})
		return w.Work(id)
	}
	first := set("hold", "held by ann")
	rawExec(t, w.DB, "UPDATE capri_task_work SET gateSince = 77 WHERE id = ?", id)
	same := set("hold", "held by bob")
	if same.GateSince != 77 || same.Message != "held by bob" || first.Gate != "hold" || same.Seq != 1 {
		t.Errorf("got %+v, want the same since with the new message", same)
	}
	if next := set("limit", "full"); next.GateSince == 77 || next.Gate != "limit" {
		t.Errorf("got %+v, want another gate since now", next)
	}
	w.ok("assign", w.Assign(Host, id))
	if got := set("late", "too late"); got.Gate == "late" {
		t.Errorf("got gate %q on an assigned batch, want it left alone", got.Gate)
	}
}

func reassignments(t *testing.T, w *World) {
	id := w.Batch(w.Task(), "20150518")
	r := store.Reassignment{WorkID: id, Attempt: 1, OldHost: "w0", OldAssignTime: 5, NewHost: Host, Reason: "not started"}
	for range 2 {
		w.lead("log", func(ctx context.Context, tx *store.LeaderTx) error {
			return tx.InsertReassignments(ctx, []store.Reassignment{r})
		})
	}
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Reassignments(ctx, []int64{id}, 0)
		if len(all) != 1 || all[0].OldHost != "w0" || all[0].At == 0 {
			t.Errorf("got %+v, want one", all)
		}
		return err
	})
}
