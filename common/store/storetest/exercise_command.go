package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func commandCases() []exercise {
	return []exercise{
		{name: "AppliesAPlanOnce", run: planOnce},
		{name: "TicksOffItemsWithTheirBatches", run: operationItems},
		{name: "HoldsUntilReleasedOrOver", run: holds},
		{name: "HoldsOncePerSource", run: holdSources},
		{name: "HoldsAndReleasesManyAtOnce", run: holdMany},
		{name: "ChangesKnownSettingsOnly", run: settings},
		{name: "KnowsTokensThatAreGood", run: tokens},
		{name: "SavesTasksByVersion", run: saves},
		{name: "GrantsAccounts", run: grants},
		{name: "WritesOneAuditRow", run: audits},
	}
}

func planOnce(t *testing.T, w *World) {
	ctx := t.Context()
	ids := w.IDs(3)
	w.operate("put", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutPlan(ctx, store.Plan{ID: ids[0], Kind: "rerun", Request: "{}", Fingerprint: "f", Author: "admin", ExpiresAt: 9})
	})
	apply := func(id int64) error {
		return w.DB.Operate(ctx, store.Actor{Kind: "person", ID: "admin"}, func(o *store.OperateTx) error {
			p, err := o.LockPlan(ctx, ids[0])
			if err != nil {
				return err
			}
			wantEqual(t, "fingerprint", p.Fingerprint, "f")
			return o.PutOperation(ctx, store.Operation{ID: id, Kind: "rerun", State: store.OperationCreating, Author: "admin"}, nil, ids[0])
		})
	}
	w.ok("apply", apply(ids[1]))
	wantError(t, "apply again", apply(ids[2]), store.ErrStale)
	w.operate("look", func(ctx context.Context, o *store.OperateTx) error {
		p, err := o.LockPlan(ctx, ids[0])
		wantEqual(t, "operation of the plan", p.OperationID, ids[1])
		_, missing := o.LockPlan(ctx, -1)
		wantError(t, "unknown plan", missing, store.ErrNotFound)
		return err
	})
}

// operation makes an operation that creates one batch per work number and skips one.
func (w *World) operation(task int64, workNos ...string) int64 {
	w.t.Helper()
	id := w.IDs(1)[0]
	items := []store.OperationItem{{N: 0, TaskID: task, TaskVersion: 1, WorkNo: "19990101", Decision: "skip", Code: "disabled"}}
	for i, no := range workNos {
		items = append(items, store.OperationItem{N: i + 1, TaskID: task, TaskVersion: 1, WorkNo: no, Decision: "create"})
	}
	w.operate("put the operation", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutOperation(ctx, store.Operation{ID: id, Kind: "coldstart", State: store.OperationCreating, Author: "admin", Total: len(items)}, items, 0)
	})
	return id
}

// createPage makes the batches of the next items, as plan does.
func (w *World) createPage(id int64, limit int) (int, error) {
	ctx := w.t.Context()
	var items []store.OperationItem
	err := w.DB.View(ctx, func(v *store.ViewTx) (err error) {
		items, err = v.ItemsToMake(ctx, id, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	ids, err := w.DB.IDs(ctx, len(items))
	if err != nil {
		return 0, err
	}
	drafts := make([]store.NewBatch, 0, len(items))
	for i := range items {
		items[i].BatchID = ids[i]
		drafts = append(drafts, store.NewBatch{
			ID: ids[i], TaskID: items[i].TaskID, TaskVersion: 1, ProjectID: w.Project, WorkNo: items[i].WorkNo,
			Origin: batch.ByColdStart, OperationID: id, ScheduleTime: 1,
		})
	}
	return len(items), w.Lead.Tx(ctx, "create", func(t *store.LeaderTx) error {
		if len(items) == 0 {
			_, err := t.SetOperation(ctx, id, store.OperationCreating, store.OperationRunning)
			return err
		}
		if err := t.InsertBatches(ctx, drafts); err != nil {
			return err
		}
		return t.ItemsMade(ctx, id, items)
	})
}

func operationItems(t *testing.T, w *World) {
	task := w.Task()
	id := w.operation(task, "20150518", "20150519", "20150520")
	w.view("pending", func(ctx context.Context, v *store.ViewTx) error {
		pending, err := v.PendingOperations(ctx)
		wantEqual(t, "pending", pending[id], true)
		return err
	})
	for _, want := range []int{2, 1, 0} {
		n, err := w.createPage(id, 2)
		w.ok("create a page", err)
		wantEqual(t, "batches made", n, want)
	}
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		o, err := v.OperationByID(ctx, id)
		w.ok("read", err)
		if o.Created != 3 || o.State != store.OperationRunning || o.Total != 4 {
			t.Errorf("got %+v, want three made and running", o)
		}
		items, err := v.Items(ctx, store.ItemFilter{Operation: id, After: 1, Limit: 10})
		w.ok("items", err)
		if len(items) != 2 || items[0].BatchID == 0 {
			t.Errorf("got %+v, want the two after number 1, with batches", items)
		}
		progress, err := v.OperationProgress(ctx, id)
		wantEqual(t, "progress", progress, store.Progress{Open: 3})
		return err
	})
	w.view("list", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Operations(ctx, 0, 1)
		if len(all) != 1 || all[0].ID < id {
			t.Errorf("got %+v, want the newest", all)
		}
		running, err2 := v.OperationsIn(ctx, store.OperationRunning, 10)
		wantEqual(t, "running", len(running), 1)
		w.ok("by state", err2)
		return err
	})
}

func settings(t *testing.T, w *World) {
	ctx := t.Context()
	w.operate("change", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutSetting(ctx, store.SettingReschedule, "120")
	})
	err := w.DB.Operate(ctx, store.Actor{ID: "admin"}, func(o *store.OperateTx) error { return o.PutSetting(ctx, "nonsense", "1") })
	wantError(t, "change an unknown setting", err, store.ErrNotFound)
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Settings(ctx)
		wantEqual(t, "setting", all[store.SettingReschedule], "120")
		wantEqual(t, "zone", all[store.SettingZone], Zone)
		return err
	})
}

func tokens(t *testing.T, w *World) {
	ids := w.IDs(3)
	w.operate("put", func(ctx context.Context, o *store.OperateTx) error {
		for i, expires := range []int64{0, o.Now() - 1, o.Now() + 60_000} {
			k := store.Token{ID: ids[i], Hash: fmt.Sprintf("%064d", i), Name: "ci", UserID: w.Owner, Role: "viewer", ExpiresAt: expires}
			if err := o.PutToken(ctx, k); err != nil {
				return err
			}
		}
		n, err := o.CountTokens(ctx)
		wantEqual(t, "some tokens", n > 0, true)
		return err
	})
	know := func(want ...bool) {
		t.Helper()
		w.view("find", func(ctx context.Context, v *store.ViewTx) error {
			for i, good := range want {
				k, err := v.TokenByHash(ctx, fmt.Sprintf("%064d", i))
				if good {
					w.ok("good token", err)
					wantEqual(t, "user", k.User, "admin")
					continue
				}
				wantError(t, fmt.Sprintf("token %d", i), err, store.ErrNotFound)
			}
			return nil
		})
	}
	know(true, false, true, false)
	rawExec(t, w.DB, "UPDATE capri_token SET revokedAt = 5 WHERE id = ?", ids[0])
	know(false, false, true)
	rawExec(t, w.DB, "UPDATE capri_user SET isEnabled = 0")
	know(false, false, false)
	rawExec(t, w.DB, "UPDATE capri_user SET isEnabled = 1")
}

func saves(t *testing.T, w *World) {
	ctx := t.Context()
	id := w.Task(func(s *store.TaskSave) { s.Name = "saved" })
	save := func(id int64, version int) error {
		return w.DB.Operate(ctx, store.Actor{ID: "admin"}, func(o *store.OperateTx) error {
			return o.SaveTasks(ctx, []store.TaskSave{{
				ID: id, Name: "saved", ProjectID: w.Project, OwnerID: w.Owner, Period: 1, IsEnabled: true, Version: version,
				Definition: fmt.Sprintf(`{"v":%d}`, version), Edges: []store.Edge{{ParentID: 1, Kind: "data"}, {ParentID: 1, Kind: "data"}},
			}}, "")
		})
	}
	w.ok("version 2", save(id, 2))
	wantError(t, "version 2 again", save(id, 2), store.ErrStale)
	wantError(t, "version 4 of 2", save(id, 4), store.ErrStale)
	wantError(t, "the name again", save(w.IDs(1)[0], 1), store.ErrExists)
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		task, err := v.TaskByName(ctx, "saved")
		if task.Version != 2 || task.Definition != `{"v":2}` || task.Owner != "admin" || task.Project != "web" {
			t.Errorf("got %+v, want version 2", task)
		}
		w.ok("read", err)
		versions, err := v.VersionsOf(ctx, []int64{id})
		wantEqual(t, "versions", len(versions[id]), 2)
		w.ok("versions", err)
		texts, err := v.Definitions(ctx, []store.VersionKey{{TaskID: id, Version: 2}, {TaskID: id, Version: 9}})
		wantEqual(t, "definition", texts[store.VersionKey{TaskID: id, Version: 2}], `{"v":2}`)
		wantEqual(t, "definitions", len(texts), 1)
		return err
	})
}

func grants(t *testing.T, w *World) {
	g := store.Grant{UserID: w.Owner, Account: "etl"}
	for range 2 {
		w.operate("grant", func(ctx context.Context, o *store.OperateTx) error { return o.PutGrant(ctx, g) })
	}
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Grants(ctx)
		if len(all) != 1 || !all[g] {
			t.Errorf("got %v, want the one", all)
		}
		return err
	})
}

func audits(t *testing.T, w *World) {
	id := w.IDs(1)[0]
	w.operate("audit", func(ctx context.Context, o *store.OperateTx) error {
		return o.Audit(ctx, store.Audit{ID: id, Action: "test", Object: "x", Source: "127.0.0.1", Detail: "{}"})
	})
	var actor string
	w.ok("read", w.DB.Raw().QueryRowContext(t.Context(), "SELECT actor FROM capri_audit_log WHERE id = ?", id).Scan(&actor))
	wantEqual(t, "actor", actor, "admin")
}
