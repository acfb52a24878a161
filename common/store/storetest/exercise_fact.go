package storetest

import (
	"context"
	"errors"
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
		{name: "KnowsWhoIsOff", run: stoppedHosts},
		{name: "ListsWhatWasTakenFromAHost", run: takenFrom},
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
		"UPDATE capri_schedul_cluster SET isStop = 1, stopTime = 5, stopReason = 'disk', stopUntil = 7, isDrain = 1, stopBy = 'eve' WHERE host = 'dba'"), 1)
	w.Beat("dba", 9)
	h := w.host("dba")
	if !h.IsStop || h.StopTime != 5 || h.StopReason != "disk" || h.StopUntil != 7 || !h.IsDrain || h.StopBy != "eve" || h.Slots != 9 || h.LastCheckTime == 0 {
		t.Errorf("got %+v, want the administrator's switch beside the new heartbeat", h)
	}
}

const switched = "switched"

// turn switches that worker and returns it as it was and as it is.
func (w *World) turn(by string, s store.Switch) (before, after store.Host) {
	w.t.Helper()
	ctx := w.t.Context()
	w.ok("switch", w.DB.Operate(ctx, store.Actor{Kind: "person", ID: by}, func(o *store.OperateTx) (err error) {
		before, after, err = o.SwitchHost(ctx, switched, s)
		return err
	}))
	wantEqual(w.t, "the row", w.host(switched), after)
	return before, after
}

func switches(t *testing.T, w *World) {
	w.Beat(switched, 4)
	before, off := w.turn("eve", store.Switch{Off: true, Drain: true, Reason: "kernel", Until: 99})
	if before.IsStop || !off.StoppedAt(98) || off.StoppedAt(99) || off.StopReason != "kernel" || off.StopTime == 0 || !off.IsDrain || off.StopBy != "eve" {
		t.Errorf("got %+v, then %+v, want it on, then draining until 99", before, off)
	}
	_, off = w.turn("eve", store.Switch{Off: true, Reason: "kernel"})
	rawExec(t, w.DB, "UPDATE capri_schedul_cluster SET stopTime = 5 WHERE host = 'switched'")
	before, again := w.turn("ann", store.Switch{Off: true, Reason: "disk"})
	if !before.IsStop || before.StopReason != "kernel" || again.StopTime != 5 || again.StopReason != "disk" || again.StopBy != "ann" || again.IsDrain || again.StopUntil != 0 {
		t.Errorf("got %+v, then %+v, want it off since 5 with another reason", off, again)
	}
	before, on := w.turn("ann", store.Switch{Reason: "not kept", Until: 7})
	if !before.IsStop || on.StoppedAt(1) || on.StopTime != 0 || on.StopReason != "" || on.StopBy != "" || on.StopUntil != 0 || on.IsDrain {
		t.Errorf("got %+v, want it on and nothing left of the switch", on)
	}
	ctx := t.Context()
	err := w.DB.Operate(ctx, store.Actor{}, func(o *store.OperateTx) error {
		_, _, err := o.SwitchHost(ctx, "nobody", store.Switch{Off: true})
		return err
	})
	wantError(t, "switch an unknown worker", err, store.ErrNotFound)
}

func stoppedHosts(t *testing.T, w *World) {
	for host, set := range map[string]string{
		"on": "isStop = 0", "off": "isStop = 1", "later": "isStop = 1, stopUntil = 4102444800000", "over": "isStop = 1, stopUntil = 5", "stray": "workerGroup = 'halted'",
	} {
		w.Beat(host, 4)
		wantEqual(t, "rows", rawExec(t, w.DB, "UPDATE capri_schedul_cluster SET "+set+" WHERE host = ?", host), 1)
	}
	rawExec(t, w.DB, "INSERT INTO capri_worker_group (name, description, isEnabled) VALUES ('halted', '', 0)")
	w.view("who is off", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.StoppedHosts(ctx)
		if err == nil && (got["on"] || got["over"] || !got["off"] || !got["later"] || !got["stray"]) {
			t.Errorf("got %v, want off, later and stray", got)
		}
		if err != nil {
			return err
		}
		some, err := v.StoppedHosts(ctx, "on", "later", "nobody")
		if len(some) != 1 || !some["later"] {
			t.Errorf("got %v, want later", some)
		}
		return err
	})
}

func takenFrom(t *testing.T, w *World) {
	id := w.Batch(w.Define("taken"), "20150518")
	w.lead("log", func(ctx context.Context, l *store.LeaderTx) error {
		return l.InsertReassignments(ctx, []store.Reassignment{
			{WorkID: id, Attempt: 1, OldHost: "robbed", NewHost: "x", Reason: "robbed refused: no memory"}, {WorkID: id, Attempt: 2, OldHost: "other", Reason: "silent"},
			{WorkID: id, Attempt: 3, OldHost: "robbed", Reason: store.ReasonOff + "robbed, by eve"},
			{WorkID: id, Attempt: 4, OldHost: "robbed", Reason: "nobody's fault: no memory of it"},
		})
	})
	w.view("what was taken", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.TakenFrom(ctx, "robbed", 0, 10)
		if err == nil && (len(got) != 3 || got[0].Attempt != 1 || got[0].NewHost != "x" || got[1].Attempt != 3 || got[2].Attempt != 4) {
			t.Errorf("got %+v, want attempts 1, 3 and 4", got)
		}
		later, lateErr := v.TakenFrom(ctx, "robbed", got[0].At+1, 10)
		wantEqual(t, "later ones", len(later), 0)
		moved, movedErr := v.Displaced(ctx, []string{"robbed"}, store.Displacement{Memory: "%memory%", NotHosts: "nobody's fault: %"})
		if len(moved) != 1 || moved[0].Moves != 1 || !moved[0].ForMemory {
			t.Errorf("got %+v, want the refusal counted, and neither the switch nor what is not the host's", moved)
		}
		return errors.Join(err, lateErr, movedErr)
	})
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
