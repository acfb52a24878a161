package storetest

import (
	"context"
	"fmt"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// Host is the worker of a World; Incarnation is its process.
const (
	Host        = "w1"
	Incarnation = "i1"
)

// World is a small cluster in a database: a term, a worker with 1,000 slots, a
// project and what tests put into it. Its methods do what the masters do, step
// by step, and may be repeated.
type World struct {
	DB      *store.DB
	Lead    *store.Lead
	Project int64
	Owner   int64

	t     testing.TB
	tasks int
}

// NewWorld claims a term and makes the worker and the project.
func NewWorld(t testing.TB, db *store.DB) *World {
	t.Helper()
	w := &World{DB: db, t: t}
	epoch, err := db.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 1, Holder: "m1"})
	w.ok("claim", err)
	w.Lead = db.Lead(epoch, "m1")
	w.Beat(Host, 1000)
	ids := w.IDs(2)
	w.Project = ids[0]
	w.operate("save the project", func(ctx context.Context, o *store.OperateTx) error {
		return o.SaveProject(ctx, store.Project{ID: ids[0], Name: "web", Owner: "admin", Definition: "{}"}, "data", ids[1])
	})
	w.view("read the users", func(ctx context.Context, v *store.ViewTx) error {
		users, err := v.Users(ctx)
		if err == nil {
			w.Owner = users[0].ID
		}
		return err
	})
	return w
}

func (w *World) ok(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: got %v, want no error", what, err)
	}
}

func (w *World) operate(what string, fn func(context.Context, *store.OperateTx) error) {
	w.t.Helper()
	ctx := w.t.Context()
	w.ok(what, w.DB.Operate(ctx, store.Actor{Kind: "person", ID: "admin"}, func(t *store.OperateTx) error { return fn(ctx, t) }))
}

func (w *World) view(what string, fn func(context.Context, *store.ViewTx) error) {
	w.t.Helper()
	ctx := w.t.Context()
	w.ok(what, w.DB.View(ctx, func(t *store.ViewTx) error { return fn(ctx, t) }))
}

func (w *World) lead(what string, fn func(context.Context, *store.LeaderTx) error) {
	w.t.Helper()
	ctx := w.t.Context()
	w.ok(what, w.Lead.Tx(ctx, "test", func(t *store.LeaderTx) error { return fn(ctx, t) }))
}

// IDs allots ids.
func (w *World) IDs(n int) []int64 {
	w.t.Helper()
	ids, err := w.DB.IDs(w.t.Context(), n)
	w.ok("allot ids", err)
	return ids
}

// Beat writes one heartbeat of a worker.
func (w *World) Beat(host string, slots int) {
	w.t.Helper()
	ctx := w.t.Context()
	w.ok("beat", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: host}, func(t *store.WorkTx) error {
		return t.Beat(ctx, []store.Host{{
			Host: host, CheckInterval: 30000, Memory: 64 << 30, Incarnation: Incarnation, Group: "default",
			Labels: "{}", Features: "[]", Slots: slots, Version: "test",
		}})
	}))
}

// Task saves a new task and returns its id; change, if given, alters what is saved.
func (w *World) Task(change ...func(*store.TaskSave)) int64 {
	w.t.Helper()
	w.tasks++
	save := store.TaskSave{
		ID: w.IDs(1)[0], Name: fmt.Sprintf("task_%d", w.tasks), ProjectID: w.Project, OwnerID: w.Owner, Period: 1,
		IsEnabled: true, TaskBeginTime: -1, Version: 1, Definition: `{"spec":{"success":"exit-code"}}`,
	}
	for _, c := range change {
		c(&save)
	}
	w.operate("save the task", func(ctx context.Context, t *store.OperateTx) error {
		return t.SaveTasks(ctx, []store.TaskSave{save}, "test")
	})
	return save.ID
}

// Draft is a batch of a task as InsertBatches takes it, with an id of its own.
func (w *World) Draft(task int64, workNo string, change ...func(*store.NewBatch)) store.NewBatch {
	w.t.Helper()
	b := store.NewBatch{
		ID: w.IDs(1)[0], TaskID: task, TaskVersion: 1, ProjectID: w.Project, Period: 1, WorkNo: workNo, Origin: batch.ByTimer,
		Priority: 5, ScheduleTime: 1_700_000_000_000, BizStart: 1_699_900_000_000, BizEnd: 1_700_000_000_000,
	}
	for _, c := range change {
		c(&b)
	}
	return b
}

// Batch makes one batch and returns its id.
func (w *World) Batch(task int64, workNo string, change ...func(*store.NewBatch)) int64 {
	w.t.Helper()
	b := w.Draft(task, workNo, change...)
	w.ok("insert a batch", w.Insert(b))
	return b.ID
}

// Insert makes batches in one transaction.
func (w *World) Insert(all ...store.NewBatch) error {
	ctx := w.t.Context()
	return w.Lead.Tx(ctx, "generate", func(t *store.LeaderTx) error { return t.InsertBatches(ctx, all) })
}

// Assign gives those of the batches that wait to a worker.
func (w *World) Assign(host string, ids ...int64) error {
	ctx := w.t.Context()
	return w.Lead.Tx(ctx, "assign", func(t *store.LeaderTx) error {
		changes, err := changesFrom(ctx, t, batch.MoveAssign, batch.Waiting, ids)
		if err != nil {
			return err
		}
		for i := range changes {
			to := &changes[i].To
			to.State, to.Attempt, to.Host, to.Incarnation, to.AssignTime = batch.Assigned, to.Attempt+1, host, Incarnation, t.Now()
		}
		return t.Move(ctx, batch.Place, changes)
	})
}

// Start starts those of the batches that are assigned.
func (w *World) Start(ids ...int64) error {
	ctx := w.t.Context()
	return w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(t *store.WorkTx) error {
		changes, err := changesFrom(ctx, t, batch.MoveStart, batch.Assigned, ids)
		if err != nil {
			return err
		}
		attempts := make([]store.Instance, 0, len(changes))
		for i := range changes {
			to := &changes[i].To
			to.State, to.StartTime = batch.Running, t.Now()
			attempts = append(attempts, store.Instance{WorkID: to.ID, Attempt: to.Attempt, Code: code(to), Host: to.Host, Incarnation: to.Incarnation})
		}
		if err := t.BeginInstances(ctx, attempts); err != nil {
			return err
		}
		return t.Move(ctx, changes)
	})
}

// Finish ends those of the batches that run, successfully when exit is 0.
func (w *World) Finish(exit int, ids ...int64) error {
	return w.end(batch.MoveFinish, exit, ids)
}

// Retry ends the attempts of those of the batches that run; they wait again.
func (w *World) Retry(ids ...int64) error { return w.end(batch.MoveRetry, 1, ids) }

func (w *World) end(move batch.MoveName, exit int, ids []int64) error {
	ctx := w.t.Context()
	return w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(t *store.WorkTx) error {
		changes, err := changesFrom(ctx, t, move, batch.Running, ids)
		if err != nil {
			return err
		}
		var attempts []store.Instance
		var codes []store.UserCode
		for i := range changes {
			to := &changes[i].To
			settle(to, move, exit, t.Now())
			outcome := batch.ResultSuccess
			if exit != 0 {
				outcome = batch.ResultFailed
			}
			attempts = append(attempts, store.Instance{WorkID: to.ID, Attempt: to.Attempt, EndTime: t.Now(), HasExit: true, ExitCode: exit, ResultCode: exit, Outcome: outcome})
			codes = append(codes, store.UserCode{Code: code(to), ExitCode: exit})
		}
		if err := t.EndInstances(ctx, attempts); err != nil {
			return err
		}
		if err := t.InsertUserCodes(ctx, codes); err != nil {
			return err
		}
		return t.Move(ctx, changes)
	})
}

func settle(to *store.Work, move batch.MoveName, exit int, now int64) {
	if move == batch.MoveRetry {
		to.State, to.RetryAt, to.UserFailures = batch.Waiting, now, to.UserFailures+1
		return
	}
	to.State, to.Finish, to.EndTime, to.ResultCode = batch.Done, batch.Success, now, exit
	if exit != 0 {
		to.Finish = batch.Failed
	}
}

// Succeed takes batches from waiting to success.
func (w *World) Succeed(ids ...int64) {
	w.t.Helper()
	w.ok("assign", w.Assign(Host, ids...))
	w.ok("start", w.Start(ids...))
	w.ok("finish", w.Finish(0, ids...))
}

// Work reads a batch.
func (w *World) Work(id int64) store.Work {
	w.t.Helper()
	var out store.Work
	w.view("read a batch", func(ctx context.Context, t *store.ViewTx) (err error) {
		out, err = t.WorkByID(ctx, id)
		return err
	})
	return out
}

type locker interface {
	Lock(ctx context.Context, ids []int64) (map[int64]*store.Work, error)
}

// changesFrom locks batches and drafts a move of those in one state.
func changesFrom(ctx context.Context, t locker, move batch.MoveName, from batch.State, ids []int64) ([]store.Change, error) {
	works, err := t.Lock(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []store.Change
	for _, id := range ids {
		if w := works[id]; w != nil && w.State == from {
			out = append(out, store.Change{Move: move, From: *w, To: *w})
		}
	}
	return out, nil
}

func code(w *store.Work) string {
	return batch.Ref{Task: fmt.Sprintf("t%d", w.TaskID), WorkNo: w.WorkNo, Run: w.Type}.AttemptCode(w.Attempt)
}
