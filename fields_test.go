package main_test

import (
	"flag"
	"fmt"
	"go/ast"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"capricornus/common/batch"
)

var updateFields = flag.Bool("update", false, "write docs/fields.md as the source has it")

// service is one part of the masters, as domain.md names it, with the files
// that are its own. Files may be shared: what stands in them is then each
// one's. What a service changes is not written here: it is read from the
// source.
type service struct {
	name  string
	duty  bool // of the leader, with a clock; its name is that of the duty
	when  string
	files []string
}

func services() []service {
	return []service{
		{"generate", true, "makes the batches that are due (domain.md §4)", []string{"master/plan/generate.go", "master/plan/failed.go"}},
		{"create", true, "makes the batches of applied plans and carries out bulk commands, page by page", []string{"master/plan/create.go", "master/plan/page.go", "master/plan/command.go", "master/plan/effect.go", "master/plan/aftercare.go"}},
		{"depend", true, "finds out which parents and third parties are there (domain.md §5)", []string{"master/gate/pass.go"}},
		{"paths", true, "looks at data paths (domain.md §5)", []string{"master/gate/path.go", "master/gate/look.go"}},
		{"quality", true, "asks the data-quality service and lives with its silence (domain.md §8)", []string{"master/gate/quality_*.go"}},
		{"assign", true, "assigns and re-assigns batches, and notes what stops the others (domain.md §6, §9)", []string{"master/place/*.go"}},
		{"timeout", true, "marks what is late (domain.md §9)", []string{"master/guard/timeout.go"}},
		{"repair", true, "ends attempts that will not report (domain.md §9)", []string{"master/guard/repair.go", "master/guard/end.go"}},
		{"hosts", true, "tells people of workers that are lost or have returned", []string{"master/guard/hosts.go"}},
		{"learn", true, "learns durations and memory from recent runs", []string{"master/watch/learn.go"}},
		{"bigtask", true, "compares yesterday's durations with what was expected (seed A3-42)", []string{"master/watch/bigtask.go", "master/watch/watch.go"}},
		{"monitor", true, "watches the masters, the workers and the duties (domain.md §9)", []string{"master/watch/monitor.go", "master/watch/watch.go"}},
		{"missing", true, "looks for batches that should be there and are not (seed A3-37)", []string{"master/watch/watch.go"}},
		{"retention", true, "takes old batches and operations away", []string{"master/watch/retire.go"}},
		{"jobs", true, "makes tasks of the rows of capri_job and of the jobs of a file (seed A4-02)", []string{"master/jobs/take.go", "master/jobs/gone.go"}},
		{"report", true, "makes the hourly and the daily report and keeps them (console.md §3.5)", []string{"master/report/send.go"}},
		{"roster", true, "fills the duty roster from rotations and tells of its gaps (domain.md §9, seed A3-52)", []string{"master/roster/keep.go", "master/roster/book.go"}},
		{"notice", true, "decides whom to tell of alerts: incidents, messages, ends and repeats (domain.md §10)", []string{"master/notice/notifier.go", "master/notice/follow.go"}},
		{"deliver", true, "sends messages and records their answers (domain.md §10)", []string{"master/notice/deliver/*.go"}},
		{"heartbeat", true, "calls the outside monitor as long as people can be told", nil},
		{"facts", false, "what workers and keepers report: heartbeats, starts, refusals, ends", []string{"master/intake/*.go"}},
		{"execute", false, "a person runs a task now", []string{"master/plan/execute.go"}},
		{"plan and apply", false, "rerun, cold start and bulk commands, before their batches are made", []string{"master/plan/apply.go", "master/plan/cancel.go"}},
		{"commands", false, "a person kills, skips, marks, holds or releases one object", []string{"master/plan/single.go", "master/plan/effect.go", "master/plan/hold.go"}},
		{"tasks", false, "a person saves, enables, disables and deletes tasks and projects", []string{"master/api/apply.go", "master/define/*.go"}},
		{"answers and announcements", false, "the data-quality service answers, a third party announces", []string{"master/api/quality.go", "master/api/cluster.go"}},
		{"hosts and settings", false, "a person switches a worker, declares one dead, takes a master in or out, or changes a setting", []string{"master/fleet/*.go", "master/api/hosts.go", "master/api/members.go", "master/api/settings.go"}},
		{"calls of other programs", false, "another system raises an alert or makes a job; a call with an idempotency key is made once", []string{"master/api/alerts.go", "master/api/once.go", "master/jobs/create.go"}},
		{"incidents and silences", false, "a person acknowledges an incident, keeps alerts quiet for a while, or tries a channel", []string{"master/api/incidents.go", "master/api/silences.go", "master/api/alerttests.go"}},
		{"users and logins", false, "a person logs in or out; users, departments, accounts, members and tokens are managed", []string{"master/identity/*.go", "master/api/credential.go"}},
		{"readers of reports", false, "a person wants a report by mail, or no more", []string{"master/api/reports.go"}},
		{"days on duty", false, "a person sets or clears days on duty, imports them, or puts a rotation", []string{"master/roster/change.go", "master/roster/rotate.go", "master/roster/import.go", "master/roster/book.go"}},
		{"the master itself", false, "claims its term, says that it is there, records when its duties ran; the first start makes credentials", []string{"master/master.go", "master/presence.go", "master/recorder.go", "cli/masterrun.go"}},
		{"migration", false, "an administrator brings the schema up to date: settings and the administrator of a new database; leaves out ids after a restore", []string{"cli/migrate.go", "cli/devrun.go", "cli/database.go"}},
	}
}

// moveNames are the moves by the names of their constants.
func moveNames(sources []*source) map[string]batch.MoveName {
	out := map[string]batch.MoveName{}
	for _, s := range sources {
		if s.path != "common/batch/move.go" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "MoveName" {
				out[v.Names[0].Name] = batch.MoveName(text(v.Values[0]))
			}
			return true
		})
	}
	return out
}

// work is what one file of the masters writes.
type work struct {
	methods []string // of the store's transactions
	moves   []batch.MoveName
}

// worksOf finds what every file of the masters writes.
func worksOf(sources []*source, r *sqlReader) map[string]work {
	moves := moveNames(sources)
	out := map[string]work{}
	for _, s := range sources {
		if s.test || isTestSupport(s.dir) || !below(s.dir, "master") && !below(s.dir, "cli") || s.dir == "master/why" { // why only reads
			continue
		}
		w := work{}
		called := storeCalls(s, r)
		w.methods = slices.Sorted(maps.Keys(called))
		ast.Inspect(s.file, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := x.X.(*ast.Ident); ok && pkg.Name == "batch" && moves[x.Sel.Name] != "" && !slices.Contains(w.moves, moves[x.Sel.Name]) {
					w.moves = append(w.moves, moves[x.Sel.Name])
				}
			}
			return true
		})
		if len(w.methods)+len(w.moves) > 0 {
			out[s.path] = w
		}
	}
	return out
}

var transaction = regexp.MustCompile(`^\*?(store\.)?(LeaderTx|WorkTx|OperateTx)$`)

// storeCalls names the writing methods that a file calls on transactions of the
// store, or on something that its package describes by such methods, and on the
// database itself.
func storeCalls(s *source, r *sqlReader) map[string]bool {
	out := map[string]bool{}
	note := func(name string) {
		if len(r.funcs[name]) > 0 && len(r.writes(name)) > 0 {
			out[name] = true
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			callsOn(n.Type, n.Body, note)
		case *ast.FuncLit:
			callsOn(n.Type, n.Body, note)
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"db", "DB"}, lastName(f.X)) {
				note(f.Sel.Name)
			}
		}
		return true
	})
	return out
}

// callsOn notes the calls that a function makes on its transactions.
func callsOn(of *ast.FuncType, body *ast.BlockStmt, note func(string)) {
	if body == nil {
		return
	}
	txs := map[string]bool{}
	for _, p := range of.Params.List {
		kind := typeName(p.Type)
		for _, name := range p.Names {
			txs[name.Name] = transaction.MatchString(kind) || strings.HasSuffix(kind, "Tx")
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		if f, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := f.X.(*ast.Ident); ok && txs[id.Name] {
				note(f.Sel.Name)
			}
		}
		return true
	})
}

func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// lastName is the name an expression ends with: db of m.db, DB of a.DB.
func lastName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

// gather is what all files of a service write together.
func gather(t *testing.T, s service, works map[string]work) work {
	t.Helper()
	var out work
	for _, pattern := range s.files {
		found := false
		for _, file := range slices.Sorted(maps.Keys(works)) {
			if ok, err := path.Match(pattern, file); err != nil || !ok {
				continue
			}
			found = true
			out.methods = append(out.methods, works[file].methods...)
			out.moves = append(out.moves, works[file].moves...)
		}
		if !found {
			t.Errorf("got no file %s of service %s that writes anything, want the table to name what there is", pattern, s.name)
		}
	}
	slices.Sort(out.methods)
	out.methods = slices.Compact(out.methods)
	return out
}

func TestFieldsDocumentIsTheSource(t *testing.T) {
	t.Parallel()
	sources, err := readTree(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	r := newSQLReader(sources)
	works := worksOf(sources, r)
	document := fieldsDocument(t, r, works)
	checkServices(t, sources, works)
	for _, u := range r.unclear {
		t.Errorf("got a statement whose table or columns cannot be read from the source: %s", u)
	}
	if strings.Contains(document, unknown) {
		t.Errorf("got a column that cannot be read from the source: write its statement like its neighbours\n%s", document)
	}
	const name = "docs/fields.md"
	if *updateFields {
		if err := os.WriteFile(name, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != document {
		t.Errorf("got a %s that differs from the source, want it generated: go test . -run TestFieldsDocument -update", name)
	}
}

// checkServices wants every file that writes to belong to a service, every duty
// to be one, every move to be somebody's, and no writing method left over.
func checkServices(t *testing.T, sources []*source, works map[string]work) {
	t.Helper()
	for file, w := range works {
		if !slices.ContainsFunc(services(), func(s service) bool {
			return slices.ContainsFunc(s.files, func(p string) bool { ok, _ := path.Match(p, file); return ok })
		}) {
			t.Errorf("got %s, which writes %v %v, in no service: name it in services()", file, w.methods, w.moves)
		}
	}
	duties := dutyNames(sources)
	for _, s := range services() {
		if s.duty != slices.Contains(duties, s.name) {
			t.Errorf("got service %s, and duties %v: want each duty to be a service of its name", s.name, duties)
		}
	}
	for _, d := range duties {
		if !slices.ContainsFunc(services(), func(s service) bool { return s.name == d }) {
			t.Errorf("got duty %s, want it among services()", d)
		}
	}
	made := []batch.MoveName{batch.MoveCreate} // by InsertBatches
	for _, w := range works {
		made = append(made, w.moves...)
	}
	for _, m := range batch.Moves() {
		if !slices.Contains(made, m.Name) {
			t.Errorf("got move %s made by nobody", m.Name)
		}
	}
}

// dutyNames are the names that duties have in the source.
func dutyNames(sources []*source) []string {
	var out []string
	for _, s := range sources {
		if s.test || !below(s.dir, "master") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 && strings.HasPrefix(v.Names[0].Name, "Duty") && text(v.Values[0]) != "" {
				out = append(out, text(v.Values[0]))
			}
			return true
		})
	}
	return out
}

func fieldsDocument(t *testing.T, r *sqlReader, works map[string]work) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Which service changes what\n\n" +
		"Generated from the source by `go test . -run TestFieldsDocument -update`; do not edit.\n\n" +
		"A batch (`capri_task_work`) changes its state, its result and what goes with them by moves alone; the store refuses a\n" +
		"move that changes another column than those listed. Every move also raises `seq`, notes the term in `epoch`, and adds\n" +
		"one row to `capri_batch_event` and, when the batch leaves a gate, the time it stood there to `capri_gate_spent`.\n" +
		"Everything else a service writes follows as tables: \"adds\" means new rows, columns are changed in rows that are there.\n" +
		"Ids of new rows are taken from `capri_sequence` by all of them.\n")
	for _, s := range services() {
		w := gather(t, s, works)
		kind := "Command or report"
		if s.duty {
			kind = "Duty of the leader"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s: %s.\n", s.name, kind, s.when)
		writeMoves(&b, w)
		writeTables(&b, r, w)
	}
	return b.String()
}

func writeMoves(b *strings.Builder, w work) {
	rows := 0
	for _, m := range batch.Moves() {
		creates := m.Name == batch.MoveCreate && slices.Contains(w.methods, "InsertBatches")
		if !creates && !slices.Contains(w.moves, m.Name) {
			continue
		}
		if rows == 0 {
			b.WriteString("\n| move | from → to | columns of capri_task_work |\n|---|---|---|\n")
		}
		rows++
		var pairs []string
		for _, p := range m.Pairs {
			from := p.From.String()
			if p.From == batch.Nothing {
				from = "∅"
			}
			pairs = append(pairs, from+" → "+p.To.String())
		}
		columns := strings.Join(m.Columns, ", ")
		if creates {
			columns = "a new row"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", m.Name, strings.Join(pairs, ", "), columns)
	}
}

// writeTables lists what is written besides moves.
func writeTables(b *strings.Builder, r *sqlReader, w work) {
	all := effects{}
	for _, method := range w.methods {
		if method != "Move" { // moves say what they change
			all.join(r.writes(method))
		}
	}
	delete(all, "capri_sequence")
	if len(all) == 0 {
		return
	}
	b.WriteString("\n| table | adds | deletes | columns changed |\n|---|---|---|---|\n")
	yes := map[bool]string{true: "yes", false: ""}
	for _, table := range slices.Sorted(maps.Keys(all)) {
		e := all[table]
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", table, yes[e.adds], yes[e.deletes], strings.Join(slices.Sorted(maps.Keys(e.columns)), ", "))
	}
}
