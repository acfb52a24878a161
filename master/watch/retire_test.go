package watch

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

func TestMayGo(t *testing.T) {
	t.Parallel()
	const before, newest = int64(1000), int64(5000)
	done := func(change ...func(*store.Work)) *store.Work {
		w := &store.Work{State: batch.Done, ScheduleTime: 500, EndTime: 600}
		for _, c := range change {
			c(w)
		}
		return w
	}
	cases := []struct {
		name   string
		number store.OldNumber
		want   bool
	}{
		{"OldRunsGo", store.OldNumber{Runs: []*store.Work{done(), done()}, Newest: newest}, true},
		{"ParentsOfUnfinishedBatchesStay", store.OldNumber{Runs: []*store.Work{done()}, Newest: newest, Referred: true}, false},
		{"WhatIsToRunAgainStays", store.OldNumber{Runs: []*store.Work{done()}, Newest: newest, Planned: true}, false},
		{"AnUnfinishedRunKeepsAllRuns", store.OldNumber{Runs: []*store.Work{done(), done(func(w *store.Work) { w.State = batch.Waiting })}, Newest: newest}, false},
		{"AYoungRunKeepsAllRuns", store.OldNumber{Runs: []*store.Work{done(), done(func(w *store.Work) { w.EndTime = before })}, Newest: newest}, false},
		{"WhatWasDueLatelyStays", store.OldNumber{Runs: []*store.Work{done(func(w *store.Work) { w.ScheduleTime = before })}, Newest: newest}, false},
		{"TheNewestStays", store.OldNumber{Runs: []*store.Work{done()}, Newest: 500}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := mayGo(&c.number, before); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestOperationMayGo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o    store.OldOperation
		want bool
	}{
		"DoneAndOld":        {store.OldOperation{State: "done", CreatedAt: 5, EndedAt: 9}, true},
		"CancelledAndOld":   {store.OldOperation{State: "cancelled", CreatedAt: 5, EndedAt: 9}, true},
		"StillRunning":      {store.OldOperation{State: "running", CreatedAt: 5}, false},
		"StillMakesBatches": {store.OldOperation{State: "creating", CreatedAt: 5}, false},
		"WithBatchesLeft":   {store.OldOperation{State: "done", CreatedAt: 5, EndedAt: 9, Batches: true}, false},
		"EndedLately":       {store.OldOperation{State: "done", CreatedAt: 5, EndedAt: 10}, false},
		"NeverEnded":        {store.OldOperation{State: "cancelled", CreatedAt: 5}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := operationMayGo(c.o, 10); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestKeptBy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	days := func(at int64) int { return int(now.Sub(time.UnixMilli(at)).Hours() / 24) }
	for name, c := range map[string]struct {
		settings map[string]string
		want     [4]int
	}{
		"ByDefault":                           {nil, [4]int{400, 180, 400, 30}},
		"AsSet":                               {map[string]string{"keep_batch_days": "90", "keep_alert_days": "7", "keep_operation_days": "8", "keep_log_days": "5"}, [4]int{90, 7, 8, 5}},
		"NeverFewerThanGenerationMakesUpFor":  {map[string]string{"keep_batch_days": "3"}, [4]int{62, 180, 400, 30}},
		"NorThanItIsSetToMakeUpFor":           {map[string]string{"keep_batch_days": "90", "generate_recover_days": "99"}, [4]int{99, 180, 400, 30}},
		"WhatIsNoNumberCountsAsTheDefault":    {map[string]string{"keep_batch_days": "soon", "keep_alert_days": "-1"}, [4]int{400, 180, 400, 30}},
		"RecoveringThatIsNoNumberCountsAs_62": {map[string]string{"keep_batch_days": "1", "generate_recover_days": ""}, [4]int{62, 180, 400, 30}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := keptBy(c.settings, now)
			if have := [4]int{days(got.batches), days(got.alerts), days(got.operations), days(got.logs)}; have != c.want {
				t.Errorf("got %v days, want %v", have, c.want)
			}
			if d := days(got.plans); d != 7 {
				t.Errorf("got plans kept for %d days, want 7", d)
			}
		})
	}
}

func (r *rig) retire() int {
	r.t.Helper()
	got, err := r.Retire(r.t.Context(), r.Lead)
	r.must(err)
	return got.Rows
}

func (r *rig) wantThere(what string, want bool, ids ...int64) {
	r.t.Helper()
	for _, id := range ids {
		if got := r.Figure("SELECT COUNT(*) FROM capri_task_work WHERE id = ?", id) == 1; got != want {
			r.t.Errorf("%s: got batch %d there %v, want %v", what, id, got, want)
		}
	}
}

func daysAgo(n int) time.Time { return time.Now().AddDate(0, 0, -n) }

// rows counts what belongs to a batch, in all tables.
func (r *rig) rows(id int64) int {
	r.t.Helper()
	n := 0
	for from := range strings.FieldsSeq(`capri_task_data.taskWorkId capri_tthird_data.taskWorkId capri_tparent_data.taskWorkId capri_task_instance.taskWorkId
capri_reschedule_log.taskWorkId capri_batch_event.workId capri_gate_spent.workId capri_attempt_log.taskWorkId capri_hold.objectId`) {
		table, col, _ := strings.Cut(from, ".")
		n += r.Figure("SELECT COUNT(*) FROM "+table+" WHERE "+col+" = ?", id)
	}
	return n
}

func TestRetireTakesOldBatchesWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("daily")
		young := r.ran(id, "20260101", daysAgo(399), time.Minute, 0)
		old := r.Batch(id, "20250101", func(b *store.NewBatch) {
			b.ScheduleTime = daysAgo(401).UnixMilli()
			b.Outputs = []store.NewPath{{Path: "/out", Ready: "exists"}}
			b.Thirds = []store.NewThird{{Code: "pay", Key: "1", Met: true}}
			b.Parents = []store.NewParent{{TaskID: id, WorkNo: "20241231", State: store.DepNotApplicable}}
		})
		r.Decide("gates", func(ctx context.Context, l *store.LeaderTx) error {
			if err := l.SetGates(ctx, []store.Gate{{ID: old, Code: "hold"}}); err != nil {
				return err
			}
			return l.InsertReassignments(ctx, []store.Reassignment{{WorkID: old, OldHost: "w9"}})
		})
		r.Succeed(old)
		r.Hold(store.HoldBatch, old)
		r.Change("INSERT INTO capri_gate_spent (workId, gate, millis) VALUES (?, 'x', 1)", old)
		r.Change("INSERT INTO capri_attempt_log (taskWorkId, attempt, fromByte, text, keptAt) VALUES (?, 1, 0, 'x', 1)", old)
		r.Change("UPDATE capri_task_work SET endTime = ? WHERE id = ?", daysAgo(401).UnixMilli(), old)
		if n := r.rows(old); n < 10 {
			t.Fatalf("got %d rows of the old batch, want some in every table", n)
		}
		codes := r.Figure("SELECT COUNT(*) FROM capri_user_code_log")
		if n := r.retire(); n != 1 {
			t.Errorf("got %d taken away, want the old batch", n)
		}
		r.wantThere("old", false, old)
		r.wantThere("young", true, young)
		if n := r.rows(old); n != 0 {
			t.Errorf("got %d rows of the batch left, want none", n)
		}
		if got := r.Figure("SELECT COUNT(*) FROM capri_user_code_log"); got != codes-1 {
			t.Errorf("got %d codes of %d left, want all but one", got, codes)
		}
	})
}

func TestRetireTakesTheEndsOfLogsBeforeTheirBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		daily := r.Define("daily")
		old, young := r.ran(daily, "20260101", daysAgo(40), time.Minute, 0), r.ran(daily, "20260102", daysAgo(1), time.Minute, 0)
		for id, kept := range map[int64]int{old: 31, young: 29} {
			r.Change("INSERT INTO capri_attempt_log (taskWorkId, attempt, fromByte, text, keptAt) VALUES (?, 1, 0, 'x', ?)", id, daysAgo(kept).UnixMilli())
		}
		if n := r.retire(); n != 1 {
			t.Errorf("got %d taken away, want one end of a log", n)
		}
		r.wantThere("both", true, old, young)
		if n := r.Figure("SELECT COUNT(*) FROM capri_attempt_log WHERE taskWorkId = ?", young); n != 1 || r.Figure("SELECT COUNT(*) FROM capri_attempt_log") != 1 {
			t.Errorf("got %d of the young one's, want it alone kept", n)
		}
	})
}

func TestRetireKeepsWhatIsNeeded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		daily, dormant, child := r.Define("daily"), r.Define("dormant"), r.Define("child")
		newest := r.ran(daily, "20260101", daysAgo(1), time.Minute, 0)
		gone := r.ran(daily, "20250101", daysAgo(500), time.Minute, 0)
		parent := r.ran(daily, "20250102", daysAgo(499), time.Minute, 0)
		first := r.ran(daily, "20250103", daysAgo(498), time.Minute, 0)
		again := r.Batch(daily, "20250103", func(b *store.NewBatch) { b.Type, b.ScheduleTime = 1, daysAgo(498).UnixMilli() })
		r.Succeed(again) // it ended just now
		twice := r.ran(daily, "20250104", daysAgo(497), time.Minute, 0)
		second := r.Batch(daily, "20250104", func(b *store.NewBatch) { b.Type, b.ScheduleTime = 1, daysAgo(497).UnixMilli() })
		r.Succeed(second)
		r.Change("UPDATE capri_task_work SET endTime = ? WHERE id = ?", daysAgo(450).UnixMilli(), second)
		lone := r.ran(dormant, "20240101", daysAgo(900), time.Minute, 0)
		waits := r.Batch(child, "20260101", func(b *store.NewBatch) {
			b.ScheduleTime = daysAgo(1).UnixMilli()
			b.Parents = []store.NewParent{{TaskID: daily, WorkNo: "20250102", State: store.DepMet}}
		})
		for range 2 {
			r.retire()
			r.wantThere("old, and old in both runs", false, gone, twice, second)
			r.wantThere("parent of an unfinished batch", true, parent, waits)
			r.wantThere("an old run beside a young one", true, first, again)
			r.wantThere("the newest of its task", true, lone, newest)
		}
		r.Succeed(waits)
		r.retire()
		r.wantThere("its child has ended", false, parent)
	})
}

func TestRetireGoesThroughAllPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("hourly")
		var ids []int64
		for i := range retirePage + 5 {
			ids = append(ids, r.Batch(id, fmt.Sprint(2024010100+i), func(b *store.NewBatch) { b.ScheduleTime = daysAgo(500).UnixMilli() + int64(i) }))
		}
		newest := r.Batch(id, "2026010100")
		r.Succeed(append(ids, newest)...)
		r.Change("UPDATE capri_task_work SET endTime = ? WHERE id <> ?", daysAgo(500).UnixMilli(), newest)
		r.Change("UPDATE capri_task_work SET scheduleTime = ? WHERE id = ?", daysAgo(1).UnixMilli(), newest)
		if n := r.retire(); n != len(ids) {
			t.Errorf("got %d taken away, want all %d", n, len(ids))
		}
	})
}

func TestRetireOfTheRest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		at := func(days int) int64 { return daysAgo(days).UnixMilli() }
		for i := range retirePage + 3 {
			r.Change("INSERT INTO capri_alert (id, kind, object, occurrence, level, taskId, text, createdAt, deliveredAt) VALUES (?, 'k', ?, '1', 'task', 0, '', ?, 0)", i+1, fmt.Sprint(i), at(200))
		}
		r.Change("INSERT INTO capri_alert (id, kind, object, occurrence, level, taskId, text, createdAt, deliveredAt) VALUES (9000, 'k', 'young', '1', 'task', 0, '', ?, 0)", at(179))
		plan := func(id int64, days int) {
			r.Change("INSERT INTO capri_plan (id, kind, request, fingerprint, author, createdAt, expiresAt, operationId, seen) VALUES (?, 'rerun', '', '', '', 1, ?, 0, '')", id, at(days))
		}
		plan(1, 8)
		plan(2, 6)
		hold := func(id int64, until, released int64) {
			r.Change("INSERT INTO capri_hold (id, kind, objectId, actor, reason, source, since, until, releasedAt, releasedBy) VALUES (?, 'task', 1, '', '', 'person', 1, ?, ?, '')", id, until, released)
		}
		hold(1, 0, at(401))
		hold(2, at(401), 0)
		hold(3, 0, at(399))
		hold(4, 0, 0)
		hold(5, at(399), 0)
		operation := func(id int64, state string, days int) {
			r.Change("INSERT INTO capri_operation (id, kind, state, author, reason, request, total, created, createdAt, endedAt) VALUES (?, 'rerun', ?, '', '', '', 1, 0, ?, ?)", id, state, at(days), at(days))
			r.Change("INSERT INTO capri_operation_item (operationId, n, taskId, taskVersion, workNo, decision, code, existingId, batchId) VALUES (?, 0, 1, 1, '1', 'skip', '', 0, 0)", id)
		}
		operation(1, store.OperationDone, 401)
		operation(2, store.OperationCancelled, 401)
		operation(3, store.OperationRunning, 401)
		operation(4, store.OperationDone, 399)
		operation(5, store.OperationDone, 401)
		r.Batch(r.Define("kept"), "20150518", func(b *store.NewBatch) { b.OperationID = 5 })
		if n := r.retire(); n != retirePage+3+1+2+2 {
			t.Errorf("got %d taken away, want %d", n, retirePage+8)
		}
		for table, want := range map[string][]int{"capri_alert": {9000}, "capri_plan": {2}, "capri_hold": {3, 4, 5}, "capri_operation": {3, 4, 5}} {
			if n := r.Figure("SELECT COUNT(*) FROM " + table); n != len(want) {
				t.Errorf("got %d rows of %s left, want %v", n, table, want)
			}
			for _, id := range want {
				if r.Figure("SELECT COUNT(*) FROM "+table+" WHERE id = ?", id) != 1 {
					t.Errorf("got row %d of %s gone, want it kept", id, table)
				}
			}
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_operation_item"); n != 3 {
			t.Errorf("got %d items, want those of the operations that are left", n)
		}
	})
}

func TestRetireKeepsWhatAnOperationIsToRunAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		daily := r.Define("daily")
		r.ran(daily, "20260101", daysAgo(1), time.Minute, 0)
		planned := r.ran(daily, "20250101", daysAgo(500), time.Minute, 0)
		ids := r.IDs(1)
		r.Operate("apply", func(ctx context.Context, o *store.OperateTx) error {
			return o.PutOperation(ctx, store.Operation{ID: ids[0], Kind: "rerun", State: store.OperationCreating, Total: 1},
				[]store.OperationItem{{TaskID: daily, TaskVersion: 1, WorkNo: "20250101", Decision: "create", ExistingID: planned}}, 0)
		})
		r.retire()
		r.wantThere("an operation runs it again", true, planned)
	})
}
