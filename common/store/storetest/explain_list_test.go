package storetest

import (
	"context"
	"database/sql/driver"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// TestListsOfFewAreNotWalks holds that a list of what there may be little of
// starts at an index of just that: walking the whole history in the order of
// time until a page is full would take seconds once there are millions.
func TestListsOfFewAreNotWalks(t *testing.T) {
	t.Parallel()
	failed, killed := batch.Failed, batch.Killed
	lists := map[string]store.BatchFilter{
		"task":               {Task: "task_1"},
		"project":            {Project: "web"},
		"project, finish":    {Project: "web", Finish: &killed},
		"finish":             {Finish: &failed},
		"host":               {Host: "w2"},
		"host nobody has":    {Host: "nobody"},
		"operation":          {OperationID: 3},
		"late":               {Late: true},
		"late of a project":  {Late: true, Project: "web"},
		"late of a task":     {Late: true, Task: "task_1"},
		"late, host":         {Late: true, Host: "w1"},
		"late in a range":    {Late: true, From: 1_000_000, To: 1_100_000},
		"late, second page":  {Late: true, Before: store.BatchKey{ScheduleTime: 1_100_000, ID: 9_000_000}},
		"project, next page": {Project: "web", Before: store.BatchKey{ScheduleTime: 1_100_000, ID: 9_000_000}},
	}
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			faults := &Faults{}
			cfg := Fresh(t, engine)
			cfg.Wrap = faults.Wrap
			l := fill(NewWorld(t, migrated(t, cfg)), 2000)
			if engine == MySQL {
				rawExec(t, l.DB, "ANALYZE TABLE "+strings.Join(bigTables(), ", "))
			}
			for name, f := range lists {
				f.Limit = 20
				var ran []statement
				faults.Watch(func(query string, args []driver.NamedValue) { ran = append(ran, statement{query, args}) })
				l.view(name, func(ctx context.Context, v *store.ViewTx) error {
					_, err := v.Batches(ctx, f)
					return err
				})
				faults.Watch(nil)
				for _, s := range ran {
					for _, walk := range walks(t, l.DB, s) {
						t.Errorf("%s: %s", name, walk)
					}
				}
			}
		})
	}
}

// TestRareResultsOfAProjectAreFoundByResult holds that the few batches of a
// project that failed in a range are not looked for among all it has there.
func TestRareResultsOfAProjectAreFoundByResult(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			faults := &Faults{}
			cfg := Fresh(t, engine)
			cfg.Wrap = faults.Wrap
			l := fill(NewWorld(t, migrated(t, cfg)), 2000)
			if engine == MySQL {
				rawExec(t, l.DB, "ANALYZE TABLE "+strings.Join(bigTables(), ", "))
			}
			for _, finish := range []batch.Finish{batch.Failed, batch.Killed} {
				var ran []statement
				faults.Watch(func(query string, args []driver.NamedValue) { ran = append(ran, statement{query, args}) })
				l.view("list", func(ctx context.Context, v *store.ViewTx) error {
					_, err := v.Batches(ctx, store.BatchFilter{Project: "web", Finish: &finish, From: 1_100_000, To: 2_900_000, Limit: 20})
					return err
				})
				faults.Watch(nil)
				if len(ran) != 1 {
					t.Fatalf("%v: got %d statements, want one", finish, len(ran))
				}
				if plan := planOf(t, l.DB, ran[0]); !strings.Contains(plan, "ix_work_finish") {
					t.Errorf("%v: got\n%s\nwant the index of results", finish, plan)
				}
			}
		})
	}
}

// walks lists the steps of a statement that read all batches, or an index of
// all batches from its end.
func walks(t *testing.T, db *store.DB, s statement) []string {
	t.Helper()
	if !strings.Contains(s.query, "FROM capri_task_work") {
		return nil
	}
	args := make([]any, len(s.args))
	for i, a := range s.args {
		args[i] = a.Value
	}
	steps := liteSteps
	if db.Engine() == MySQL {
		steps = mariaSteps
	}
	var out []string
	for _, p := range steps(t, db, s.query, args) {
		if p.table == "w" && (p.full || p.index) {
			out = append(out, p.text+"\n"+shorten(s.query))
		}
	}
	return out
}
