package storetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/task"
)

// Person is who gives the commands of a World.
const Person = "admin"

// Each runs a test on every engine, in a world of its own that must be sound
// at the end.
func Each(t *testing.T, run func(t *testing.T, w *World)) {
	t.Helper()
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := NewWorld(t, Open(t, engine))
			run(t, w)
			Sound(t, w.DB)
		})
	}
}

// Definition is a whole definition of a day task, as a file without any
// options would be read.
func (w *World) Definition(name string) *task.Task {
	return &task.Task{
		APIVersion: task.APIVersion, Kind: task.KindTask,
		Metadata: task.Metadata{Name: name, Project: "web", Owner: Person},
		Spec: task.Spec{
			Period: "day", Enabled: true, Priority: 5, MaxRunning: 10, Success: "exit-code", OnWorkerLost: "wait",
			Workers: task.Workers{Group: "default", Policy: "health-first"},
			Run:     task.Run{Type: "shell", Script: "true"},
		},
	}
}

// Define saves a task with a whole definition and returns its id.
func (w *World) Define(name string, change ...func(*task.Task)) int64 {
	w.t.Helper()
	def := w.Definition(name)
	for _, c := range change {
		c(def)
	}
	return w.Task(func(s *store.TaskSave) { w.fill(s, def) })
}

// Redefine saves the next version of a task.
func (w *World) Redefine(id int64, version int, def *task.Task) {
	w.t.Helper()
	save := store.TaskSave{ID: id, ProjectID: w.Project, OwnerID: w.Owner, TaskBeginTime: -1, Version: version}
	w.fill(&save, def)
	w.Operate("save the task", func(ctx context.Context, o *store.OperateTx) error {
		return o.SaveTasks(ctx, []store.TaskSave{save}, "test")
	})
}

func (w *World) fill(s *store.TaskSave, def *task.Task) {
	w.t.Helper()
	text, err := json.Marshal(def)
	w.ok("encode the definition", err)
	cycle, err := def.Cycle(time.UTC)
	w.ok("read the period", err)
	s.Title = def.Metadata.Title
	s.Name, s.Definition, s.Period, s.Cron = def.Metadata.Name, string(text), int(cycle.Kind()), def.Spec.Cron
	s.Priority, s.IsEnabled, s.Account, s.MaxRunning = def.Spec.Priority, def.Spec.Enabled, def.Spec.Account, def.Spec.MaxRunning
}

// Operate does what a person commands.
func (w *World) Operate(what string, fn func(context.Context, *store.OperateTx) error) {
	w.t.Helper()
	w.operate(what, fn)
}

// View reads.
func (w *World) View(what string, fn func(context.Context, *store.ViewTx) error) {
	w.t.Helper()
	w.view(what, fn)
}

// Decide writes as the leader.
func (w *World) Decide(what string, fn func(context.Context, *store.LeaderTx) error) {
	w.t.Helper()
	w.lead(what, fn)
}

// Hold holds a batch, a task or a project.
func (w *World) Hold(kind string, id int64) {
	w.t.Helper()
	holdID := w.IDs(1)[0]
	w.operate("hold", func(ctx context.Context, o *store.OperateTx) error {
		return o.PutHold(ctx, store.Hold{ID: holdID, Kind: kind, ObjectID: id, Actor: "ann", Reason: "the disk is changed", Source: "person"})
	})
}

// Change runs a statement as a database administrator would, and returns how
// many rows it matched.
func (w *World) Change(query string, args ...any) int64 {
	w.t.Helper()
	return rawExec(w.t, w.DB, query, args...)
}

// Figure reads one number as no query of the product does.
func (w *World) Figure(query string, args ...any) int {
	w.t.Helper()
	return w.figure(query, args...)
}

// Text reads one text as no query of the product does.
func (w *World) Text(query string, args ...any) string {
	w.t.Helper()
	var out string
	w.ok(query, w.DB.Raw().QueryRowContext(w.t.Context(), query, args...).Scan(&out))
	return out
}
