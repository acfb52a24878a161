package storetest

import (
	"context"
	"database/sql/driver"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// TestHotQueriesUseIndexes runs every hot query over some thousands of batches,
// asks the engine how it did it, and wants no big table read from end to end.
func TestHotQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			faults := &Faults{}
			cfg := Fresh(t, engine)
			cfg.Wrap = faults.Wrap
			size := 400 // SQLite plans without looking at how much there is
			if engine == MySQL {
				size = 4000
			}
			l := fill(NewWorld(t, migrated(t, cfg)), size)
			if engine == MySQL {
				rawExec(t, l.DB, "ANALYZE TABLE "+strings.Join(bigTables(), ", "))
			}
			seen := map[string]bool{}
			for _, h := range hotQueries(l) {
				var ran []statement
				faults.Watch(func(query string, args []driver.NamedValue) {
					ran = append(ran, statement{query, args})
				})
				err := h.run(t.Context())
				faults.Watch(nil)
				l.ok(h.name, err)
				if len(ran) == 0 {
					t.Errorf("%s: got no statement, want at least one", h.name)
				}
				for _, s := range ran {
					if seen[h.name+s.query] {
						continue
					}
					for _, bad := range fullReads(t, l.DB, s) {
						t.Errorf("%s reads all of %s", h.name, bad)
					}
					seen[h.name+s.query] = true
				}
			}
		})
	}
}

type statement struct {
	query string
	args  []driver.NamedValue
}

func bigTables() []string {
	return []string{
		"capri_task_work", "capri_task_data", "capri_tthird_data", "capri_tparent_data", "capri_third_depend_data", "capri_task_instance",
		"capri_batch_event", "capri_reschedule_log", "capri_operation_item", "capri_token", "capri_task_version", "capri_user_code_log",
		"capri_attempt_log", "capri_audit_log", "capri_session", "capri_alert", "capri_task_grant", "capri_duty", "capri_incident", "capri_message", "capri_alert_delivery",
	}
}

var tableAs = regexp.MustCompile(`\b(?:FROM|JOIN|UPDATE|INTO)\s+(capri_\w+)(?:\s+(?:AS\s+)?(\w+))?`)

var inOrderAs = regexp.MustCompile(`\bSTRAIGHT_JOIN\s+(capri_\w+)\s+(\w+)`)

// inOrderAliases are the names of big tables that MariaDB is told to join last.
func inOrderAliases(query string) []string {
	var out []string
	for _, m := range inOrderAs.FindAllStringSubmatch(query, -1) {
		if slices.Contains(bigTables(), m[1]) {
			out = append(out, m[2])
		}
	}
	return out
}

// bigAliases are the names under which a query knows big tables.
func bigAliases(query string) []string {
	out := bigTables()
	for _, m := range tableAs.FindAllStringSubmatch(query, -1) {
		if slices.Contains(bigTables(), m[1]) && !slices.Contains([]string{"", "WHERE", "SET", "JOIN", "ORDER", "CROSS"}, m[2]) {
			out = append(out, m[2])
		}
	}
	return out
}

// TestFullReadsAreFound keeps the test above honest.
func TestFullReadsAreFound(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			l := fill(NewWorld(t, Open(t, engine)), 400)
			for query, want := range map[string]int{
				"SELECT w.id FROM capri_task_work w WHERE w.message = 'x'":         1,
				"SELECT id FROM capri_task_work ORDER BY createdAt LIMIT 5":        1,
				"UPDATE capri_task_data SET lastError = '' WHERE lastError = 'x'":  1,
				"SELECT COUNT(*) FROM capri_batch_event":                           1,
				"SELECT id FROM capri_task_work ORDER BY scheduleTime, id LIMIT 5": 0,
				"SELECT id FROM capri_task_work WHERE id = 5":                      0,
				"SELECT p.name FROM capri_project p":                               0,
			} {
				wantEqual(t, query, len(fullReads(t, l.DB, statement{query: query})), want)
			}
		})
	}
}

// fullReads lists the big tables that a statement reads from end to end. An
// ordered index is read from its end as far as LIMIT goes: lists do that.
func fullReads(t *testing.T, db *store.DB, s statement) []string {
	t.Helper()
	verb, _, _ := strings.Cut(s.query, " ")
	if !slices.Contains([]string{"SELECT", "UPDATE", "DELETE"}, verb) {
		return nil
	}
	args := make([]any, len(s.args))
	for i, a := range s.args {
		args[i] = a.Value
	}
	big := bigAliases(s.query)
	limited := strings.Contains(s.query, " LIMIT ")
	steps := liteSteps
	if db.Engine() == MySQL {
		steps = mariaSteps
	}
	var out []string
	inOrder := inOrderAliases(s.query)
	for _, p := range steps(t, db, s.query, args) {
		if os.Getenv("CAPRI_TEST_PLANS") != "" {
			t.Log(p.text, shorten(s.query))
		}
		bad := p.full || p.index && !limited
		if bad && slices.Contains(big, p.table) || p.full && !p.guessed && slices.Contains(inOrder, p.table) {
			out = append(out, p.table+": "+p.text+"\n"+shorten(s.query))
		}
	}
	return out
}

func shorten(query string) string {
	query = regexp.MustCompile(`(SELECT [?,]+ UNION ALL )+|(\([?,]+\),)+|(\?,)+`).ReplaceAllString(query, "…")
	return query[:min(len(query), 1500)]
}

// step is one table of a plan: read in full, or an index in full.
type step struct {
	table, text string
	full, index bool
	guessed     bool // of how many rows a join looks at: full for that
}

// Without statistics SQLite takes an index on two coarse columns for better
// than the primary key's first: one batch's rows would cost those of all.
var (
	byBatch = regexp.MustCompile(`taskWorkId (IN \(|= )`)
	coarse  = regexp.MustCompile(`^SEARCH .*INDEX ix_\w+ \((type=\?|state=\?|lastRule=\?| AND )+\)`)
)

func liteSteps(t *testing.T, db *store.DB, query string, args []any) []step {
	t.Helper()
	var rows []struct {
		ID, Parent, Notused int
		Detail              string
	}
	if err := sqlx.NewDb(db.Raw(), SQLite).SelectContext(t.Context(), &rows, "EXPLAIN QUERY PLAN "+query, args...); err != nil {
		t.Fatalf("explain %s: %v", shorten(query), err)
	}
	var out []step
	for _, r := range rows {
		words := strings.Fields(r.Detail)
		if byBatch.MatchString(query) && coarse.MatchString(r.Detail) {
			out = append(out, step{table: words[1], text: r.Detail, full: true})
		}
		if len(words) < 2 || words[0] != "SCAN" {
			continue
		}
		byIndex := strings.Contains(r.Detail, " USING ")
		out = append(out, step{table: words[1], text: r.Detail, full: !byIndex, index: byIndex})
	}
	return out
}

func mariaSteps(t *testing.T, db *store.DB, query string, args []any) []step {
	t.Helper()
	var rows []struct {
		ID      *int    `db:"id"`
		Select  *string `db:"select_type"`
		Table   *string `db:"table"`
		Type    *string `db:"type"`
		Could   *string `db:"possible_keys"`
		Key     *string `db:"key"`
		KeyLen  *string `db:"key_len"`
		Ref     *string `db:"ref"`
		Rows    *string `db:"rows"`
		Details *string `db:"Extra"`
	}
	if err := sqlx.NewDb(db.Raw(), MySQL).SelectContext(t.Context(), &rows, "EXPLAIN "+query, args...); err != nil {
		t.Fatalf("explain %s: %v", shorten(query), err)
	}
	var out []step
	product := map[int]int{} // rows that one SELECT looks at, all tables together
	for _, r := range rows {
		if r.Table == nil || r.Type == nil || r.ID == nil {
			continue
		}
		if n, err := strconv.Atoi(str(r.Rows)); err == nil && *r.Type != "index" {
			product[*r.ID] = max(product[*r.ID], 1) * max(n, 1)
		}
		sorts := strings.Contains(str(r.Details), "filesort") || strings.Contains(str(r.Details), "temporary")
		// of the 4,000 batches of the test; rows that have moved count twice until they are purged
		if product[*r.ID] > 2500 && (sorts || !strings.Contains(query, " LIMIT ")) {
			out = append(out, step{table: *r.Table, full: true, guessed: true, text: fmt.Sprintf("joins %d rows, %s", product[*r.ID], str(r.Details))})
		}
		out = append(out, step{
			table: *r.Table, full: *r.Type == "ALL", index: *r.Type == "index",
			text: fmt.Sprint(*r.Type, " ", str(r.Key), " ", str(r.Rows), " rows ", str(r.Details)),
		})
	}
	return out
}

func str(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

// large is a world with some thousands of batches of 50 tasks.
type large struct {
	*World
	tasks []int64
	open  []int64 // some that wait
	first int64
}

func fill(w *World, size int) large {
	w.t.Helper()
	l := large{World: w}
	for range 50 {
		l.tasks = append(l.tasks, w.Task())
	}
	ids := w.IDs(size)
	l.first = ids[0]
	var all []store.NewBatch
	for i, id := range ids {
		task, no := l.tasks[i%50], fmt.Sprint(20150000+i/50)
		all = append(all, store.NewBatch{
			ID: id, TaskID: task, TaskVersion: 1, ProjectID: w.Project, WorkNo: no, Origin: batch.ByTimer, Priority: i % 5,
			ScheduleTime: int64(1_000_000 + i*1000), OperationID: int64(i % 100), Detail: "made",
			Inputs:  []store.NewPath{{Path: "/in/" + no, Ready: "exists"}},
			Outputs: []store.NewPath{{Path: fmt.Sprintf("/out/%d/%s", task, no), Ready: "exists"}},
			Thirds:  []store.NewThird{{Code: "pay", Key: no}},
			Parents: []store.NewParent{{TaskID: l.tasks[(i+7)%50], WorkNo: no}, {TaskID: l.tasks[(i+9)%50], WorkNo: no}},
		})
		if i >= size-100 {
			l.open = append(l.open, id)
		}
	}
	w.ok("insert", w.Insert(all...))
	done := ids[size-200]
	for _, q := range []string{
		"UPDATE capri_task_work SET state = 3, finishState = 1, unmet = 0, host = 'w1', startTime = scheduleTime, endTime = scheduleTime + 60 WHERE id < :id",
		"UPDATE capri_task_work SET finishState = 2 WHERE id < :id AND id % 97 = 0",
		"UPDATE capri_task_work SET state = 1, unmet = 0, host = 'w1' WHERE id >= :id AND id < :id + 50",
		"UPDATE capri_task_work SET state = 2, unmet = 0, host = 'w2' WHERE id >= :id + 50 AND id < :id + 100",
		"UPDATE capri_task_data SET state = 1 WHERE taskWorkId < :id",
		"UPDATE capri_tthird_data SET state = 1 WHERE taskWorkId < :id",
		"UPDATE capri_tparent_data SET state = 1 WHERE taskWorkId < :id",
	} {
		rawExec(w.t, w.DB, replaceID(q, "id", done))
	}
	rawExec(w.t, w.DB, "INSERT INTO capri_task_instance SELECT id, 1, 'c', 'w1', '', 0, 5, 6, 1, 0, 0, 'success', '', '', 0, 0, 0, 0, 0, 0, '', '' FROM capri_task_work WHERE state > 1")
	rawExec(w.t, w.DB, "INSERT INTO capri_attempt_log SELECT id, 1, 0, 'text', CASE WHEN id % 7 = 6 THEN 5 ELSE 2000000 END FROM capri_task_work WHERE state > 1")
	w.operation(l.tasks[0], "20160101", "20160102")
	fillPeople(l)
	fillAlerts(l)
	fillAlertRights(l)
	fillRoster(l)
	fillSilenced(l)
	return l
}

type hotQuery struct {
	name string
	run  func(ctx context.Context) error
}
