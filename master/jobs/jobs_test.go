package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/job"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

// rig is the duty over a real database.
type rig struct {
	*storetest.World

	t       *testing.T
	jobs    *Jobs
	applied atomic.Int32
}

// onEach runs a test on every engine.
func onEach(t *testing.T, test func(r *rig)) {
	t.Helper()
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			r := &rig{World: storetest.NewWorld(t, storetest.Open(t, engine)), t: t}
			r.jobs = r.duty()
			test(r)
		})
	}
}

func (r *rig) duty(config ...job.Job) *Jobs {
	return New(Deps{DB: r.DB, Config: config, Applied: func() { r.applied.Add(1) }, Log: slog.New(slog.DiscardHandler)})
}

func (r *rig) take() int {
	r.t.Helper()
	pass, err := r.jobs.Take(r.t.Context(), r.Lead)
	if err != nil {
		r.t.Fatal(err)
	}
	return pass.Rows
}

func (r *rig) row(name, expr, command string) {
	r.t.Helper()
	r.Change("INSERT INTO capri_job (name, expr, command) VALUES (?, ?, ?)", name, expr, command)
}

// task reads the task of a job; nil: there is none.
func (r *rig) task(name string) *task.Task {
	r.t.Helper()
	var was standing
	r.View("read the task", func(ctx context.Context, t *store.ViewTx) (err error) {
		row, err := t.TaskEver(ctx, job.TaskName(name))
		if err != nil {
			return nil //nolint:nilerr // there is none
		}
		was.Task = row
		was.def, err = row.Decode()
		return err
	})
	if was.def != nil && was.def.Spec.Enabled != was.IsEnabled {
		r.t.Errorf("%s: got enabled %v in the definition and %v in the column", name, was.def.Spec.Enabled, was.IsEnabled)
	}
	return was.def
}

func (r *rig) problem(name string) string {
	return r.Text("SELECT error FROM capri_job WHERE name = ?", name)
}

const everySecond = "* * * * * *"

func TestRowsBecomeTasks(t *testing.T) {
	onEach(t, func(r *rig) {
		t := r.t
		r.row("echo-job", "0/5 * * * * *", "echo hello")
		r.row("ping", "*/2 * * * *", `{"type":"http","method":"POST","target":"http://127.0.0.1:1/"}`)
		if got := r.take(); got != 2 || r.applied.Load() != 1 {
			t.Errorf("got %d rows and %d wakes, want 2 and one", got, r.applied.Load())
		}
		echo, ping := r.task("echo-job"), r.task("ping")
		if echo == nil || ping == nil || echo.Metadata.Title != "echo-job" || echo.Metadata.Owner != "admin" || echo.Metadata.Project != "jobs" ||
			echo.Spec.Retry.Times != 3 || ping.Spec.Run.HTTP.Method != "POST" {
			t.Fatalf("got %+v and %+v, want two tasks", echo, ping)
		}
		for range 2 {
			if r.take() != 0 {
				t.Error("got something done, want nothing when nothing has changed")
			}
		}
		r.Change("UPDATE capri_job SET expr = '0/7 * * * * *' WHERE name = 'echo-job'")
		if got := r.take(); got != 1 || r.task("echo-job").Spec.Cron != "0/7 * * * * *" {
			t.Errorf("changed: got %d and %s, want the new expression", got, r.task("echo-job").Spec.Cron)
		}
		r.Change("DELETE FROM capri_job WHERE name = 'echo-job'")
		if got := r.take(); got != 1 || r.task("echo-job").Spec.Enabled || !r.task("ping").Spec.Enabled {
			t.Errorf("deleted: got %d, want the one task switched off", got)
		}
		r.row("echo-job", everySecond, "echo again")
		if got := r.take(); got != 1 || !r.task("echo-job").Spec.Enabled {
			t.Errorf("back: got %d, want the task switched on", got)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action IN ('job.take', 'job.disable')"); n != 5 {
			t.Errorf("got %d audit rows, want one for each change", n)
		}
	})
}

// TestBadRowsHarmNobody: each is noted and told once; the others are taken.
func TestBadRowsHarmNobody(t *testing.T) {
	onEach(t, func(r *rig) {
		t := r.t
		r.Define("mine")
		for name, command := range map[string]string{"no-expr": "true", "json": `{"type":`, "mine": "true", "good": "true"} {
			expr := everySecond
			if name == "no-expr" {
				expr = "never"
			}
			r.row(name, expr, command)
		}
		r.row("kept", everySecond, "true")
		r.take()
		r.take()
		for name, want := range map[string]string{"no-expr": "cron", "json": "neither", "mine": "is no job", "good": "", "kept": ""} {
			if got := r.problem(name); (want == "") != (got == "") || !strings.Contains(got, want) {
				t.Errorf("%s: got error %q, want %q", name, got, want)
			}
		}
		if r.task("good") == nil || r.task("no-expr") != nil || r.task("mine").Metadata.Project == job.Project {
			t.Error("got other tasks than good and kept")
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = 'job-refused' AND level = 'important'"); n != 3 {
			t.Errorf("got %d alerts, want one for each bad row", n)
		}
		r.Change("UPDATE capri_job SET expr = 'never' WHERE name = 'kept'")
		r.take()
		if kept := r.task("kept"); !kept.Spec.Enabled || kept.Spec.Cron != everySecond || r.problem("kept") == "" {
			t.Errorf("got %+v, want the task as it was", kept)
		}
		r.Change("UPDATE capri_job SET expr = ? WHERE name = 'no-expr'", everySecond)
		if r.take() != 1 || r.problem("no-expr") != "" || r.task("no-expr") == nil {
			t.Errorf("mended: got error %q, want a task", r.problem("no-expr"))
		}
	})
}

func TestTheFileIsTakenOnceATerm(t *testing.T) {
	t.Parallel()
	r := &rig{World: storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)), t: t}
	shell := func(name, command string) job.Job {
		return job.Job{Name: name, Expr: everySecond, Command: job.Command{Type: "shell", Target: command}}
	}
	r.jobs = r.duty(shell("a", "true"), shell("b", "true"))
	if r.take() != 2 || r.take() != 0 {
		t.Fatal("got another number of tasks, want two, once")
	}
	off := *r.task("a")
	off.Spec.Enabled = false
	r.row("a", everySecond, "false") // the file's name
	r.take()
	if r.problem("a") == "" || r.task("a").Spec.Run.Script != "true" {
		t.Errorf("got %+v, want the row refused", r.task("a"))
	}
	r.jobs = r.duty(shell("a", "sleep 1")) // another master's, which leads now
	if r.take() != 2 || r.task("a").Spec.Run.Script != "sleep 1" || r.task("b").Spec.Enabled {
		t.Errorf("got %+v and %+v, want a changed and b switched off", r.task("a"), r.task("b"))
	}
	r.jobs = r.duty() // that names no file
	if r.take() != 0 || !r.task("a").Spec.Enabled {
		t.Error("got something done without a file, want nothing")
	}
}

func TestTakeUnderFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			n := 0
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					n++
					name := fmt.Sprintf("job_%d", n)
					w.Change("INSERT INTO capri_job (name, expr, command) VALUES (?, ?, 'true')", name, everySecond)
					w.Change("INSERT INTO capri_job (name, expr, command) VALUES (?, 'never', 'true')", name+"_bad")
					return name
				},
				Run: func(ctx context.Context, w *storetest.World, _ any) error {
					jobs := New(Deps{DB: w.DB, Applied: func() {}, Log: slog.New(slog.DiscardHandler)})
					_, err := jobs.Take(ctx, w.Lead)
					return err
				},
				Result: func(w *storetest.World, given any) string {
					return fmt.Sprint(w.Figure("SELECT COUNT(*) FROM capri_task WHERE name = ? AND isEnabled = 1 AND version = 1", given),
						w.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE object = ?", given),
						w.Figure("SELECT COUNT(*) FROM capri_job WHERE name = ? AND error <> ''", given.(string)+"_bad"),
						w.Figure("SELECT COUNT(*) FROM capri_alert WHERE object = ?", "capri_job/"+given.(string)+"_bad"))
				},
			})
		})
	}
}

func TestCreate(t *testing.T) {
	onEach(t, func(r *rig) {
		t := r.t
		by := By{Actor: store.Actor{Kind: "person", ID: "admin"}, Source: "127.0.0.1"}
		j := job.Job{Name: "create-http-job-1", Expr: "0/5 * * * * *", Command: job.Command{Type: "shell", Target: "echo hello"}}
		create := func(j job.Job) (Made, error) { return Create(t.Context(), r.DB, by, j) }
		first, err := create(j)
		if err != nil || !first.Fresh || first.ID == 0 || r.task(j.Name).Metadata.Owner != "admin" {
			t.Fatalf("got %+v and %v, want a task of admin's", first, err)
		}
		if again, err := create(j); err != nil || again.Fresh || again.ID != first.ID {
			t.Errorf("again: got %+v and %v, want the same one", again, err)
		}
		other := j
		other.Command.Target = "echo other"
		if _, err := create(other); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("another command: got %v, want a conflict", err)
		}
		r.Define("mine")
		taken := j
		taken.Name = "mine"
		if _, err := create(taken); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("another task's name: got %v, want a conflict", err)
		}
		bad := j
		bad.Expr = "never"
		if _, err := create(bad); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("bad expression: got %v, want it refused", err)
		}
		r.row(j.Name, j.Expr, j.Command.Target)
		r.take()
		if r.problem(j.Name) == "" {
			t.Error("got the row taken, want it refused: the name is the call's")
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'job.create'"); n != 1 {
			t.Errorf("got %d audit rows, want 1", n)
		}
	})
}

func TestManyCreateTheSameJobAtOnce(t *testing.T) {
	onEach(t, func(r *rig) {
		t := r.t
		by := By{Actor: store.Actor{Kind: "person", ID: "admin"}}
		var fresh atomic.Int32
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				made, err := Create(t.Context(), r.DB, by, job.Job{Name: "a", Expr: everySecond, Command: job.Command{Type: "shell", Target: "true"}})
				if err != nil {
					t.Errorf("create: %v", err)
				}
				if made.Fresh {
					fresh.Add(1)
				}
			})
		}
		group.Wait()
		if fresh.Load() != 1 {
			t.Errorf("got %d made, want 1", fresh.Load())
		}
	})
}
