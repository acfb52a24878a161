package storetest

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
)

// TestTaskListsGoByName wants lists of tasks read along the index of names, as
// far as the page goes, whatever they are filtered by.
func TestTaskListsGoByName(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			faults := &Faults{}
			cfg := Fresh(t, engine)
			cfg.Wrap = faults.Wrap
			w := NewWorld(t, migrated(t, cfg))
			for i := range 400 {
				w.Define(fmt.Sprintf("listed_%d", i), func(d *task.Task) { d.Metadata.Labels = map[string]string{"layer": "dwd"} })
			}
			if engine == MySQL {
				rawExec(t, w.DB, "ANALYZE TABLE capri_task, capri_project, capri_user")
			}
			yes := true
			for name, f := range map[string]store.TaskFilter{
				"all":     {Period: -1},
				"next":    {Period: -1, After: "listed_200"},
				"project": {Period: -1, Project: "web"},
				"owner":   {Period: -1, Owner: Person},
				"period":  {Period: int(period.Day)},
				"enabled": {Period: -1, Enabled: &yes},
				"label":   {Period: -1, Label: "layer", Value: "dwd"},
				"text":    {Period: -1, Text: "ted_"},
			} {
				f.Limit = 20
				var ran []statement
				faults.Watch(func(query string, args []driver.NamedValue) { ran = append(ran, statement{query, args}) })
				w.view(name, func(ctx context.Context, v *store.ViewTx) error {
					rows, err := v.Tasks(ctx, f)
					wantEqual(t, name, len(rows), 20)
					return err
				})
				faults.Watch(nil)
				if len(ran) != 1 {
					t.Fatalf("%s: got %d statements, want one", name, len(ran))
				}
				if plan := planOf(t, w.DB, ran[0]); !strings.Contains(plan, "uk_task_name") || strings.Contains(plan, "ALL - ") || strings.Contains(plan, "Using temporary") || strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%s: got\n%s\nwant the page read along uk_task_name", name, plan)
				}
			}
		})
	}
}

// planOf writes down how an engine does a statement.
func planOf(t *testing.T, db *store.DB, s statement) string {
	t.Helper()
	args := make([]any, len(s.args))
	for i, a := range s.args {
		args[i] = a.Value
	}
	var b strings.Builder
	if db.Engine() == SQLite {
		rows := []struct {
			ID, Parent, Notused int
			Detail              string
		}{}
		if err := sqlx.NewDb(db.Raw(), SQLite).SelectContext(t.Context(), &rows, "EXPLAIN QUERY PLAN "+s.query, args...); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			fmt.Fprintln(&b, r.Detail)
		}
		// the second order is that of the page
		return strings.Replace(b.String(), "USE TEMP B-TREE FOR ORDER BY", "", 1)
	}
	for _, p := range mariaSteps(t, db, s.query, args) {
		if !strings.HasPrefix(p.table, "<derived") {
			fmt.Fprintf(&b, "%s: %s\n", p.table, p.text)
		}
	}
	return b.String()
}
