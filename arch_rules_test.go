package main_test

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// storeys is the house from the ground up (docs/architecture): a package may
// import those of lower storeys only, so packages of one storey, siblings, never
// import each other. What is not listed belongs to its nearest listed parent.
func storeys() [][]string {
	return [][]string{
		{"common/fault", "common/permit", "common/pause", "common/condition", "common/outbound", "common/textdiff", "sql", "scripts", "examples/weblog"},
		{"common/period", "common/batch"},
		{"common/macro"},
		{"common/task"},
		{"common/render", "common/job"},
		{"common/config", "common/logs", "common/logtext", "common/tlsfile"},
		{"common/metrics", "common/trace"},
		{"common/wire", "common/store", "common/datapath", "master/election", "worker/cgroup"},
		{"master/duty", "worker/httpcall"},
		{
			"master/plan", "master/fleet", "master/gate", "master/place", "master/guard", "master/intake", "master/watch", "master/notice", "master/report", "master/roster", "master/identity",
			"master/jobs", "master/graph", "master/grid", "master/search", "master/live",
			"worker/claim", "worker/run", "worker/outbox", "worker/workdir", "worker/vitals", "worker/program",
		},
		{"master/why", "master/define", "worker/keeper", "worker/logserver"},
		{"master/api", "master/console"},
		{"master", "worker"},
		{"cli"},
		{".", "e2e"},
		{"bench"},
	}
}

// door is a dependency that one package alone may import, and why.
type door struct {
	imports string // a module, or a package of the standard library
	opens   string // the only package that may import it, with what is below it
	because string
}

func doors() []door {
	const sql = "only common/store speaks SQL: everything else calls its methods, so that no write can go round the fence"
	return []door{
		{"github.com/hashicorp/raft", "master/election", "raft is turned into terms in one place; nobody else asks who leads"},
		{"go.etcd.io/bbolt", "master/election", "bbolt is raft's disk"},
		{"github.com/go-co-op/gocron", "master/duty", "a clock only wakes a duty; there is one engine for that"},
		{"database/sql", "common/store", sql},
		{"github.com/jmoiron/sqlx", "common/store", sql},
		{"github.com/go-sql-driver/mysql", "common/store", sql},
		{"modernc.org/sqlite", "common/store", sql},
		{"github.com/pressly/goose", "common/store", sql},
		{"github.com/colinmarc/hdfs", "common/datapath", "HDFS calls have no deadline of their own; datapath gives them one"},
		{"github.com/pelletier/go-toml", "common/job", "files of jobs are read in one place; nothing else of ours is TOML"},
		{"github.com/expr-lang/expr", "common/condition", "expressions are parsed and evaluated with the same names and the same limits"},
		{"github.com/prometheus/client_golang", "common/metrics", "the figures and their labels are one list, which rules and dashboards are checked against"},
		{"go.opentelemetry.io", "common/trace", "spans begin and end in one place, and cost nothing where nobody traces"},
		{"github.com/coreos/go-oidc", "master/identity", "identity providers are spoken to in one place"},
		{"golang.org/x/oauth2", "master/identity", "identity providers are spoken to in one place"},
		{"golang.org/x/crypto", "master/identity", "passwords are hashed in one place, with one cost"},
		{"github.com/wneessen/go-mail", "master/notice/channel", "mail is sent in one place, where every step has a deadline and no password leaves unencrypted"},
		{"github.com/emersion/go-smtp", "master/notice/channel", "it is the server of the tests of mail"},
		{"github.com/shirou/gopsutil", "worker/vitals", "figures of hosts and processes are read in one place"},
		{"golang.org/x/term", "cli", "only the command line has a person before it who writes a password"},
	}
}

// purePackages take values and return values (architecture.md, exactly.md 34).
func purePackages() []string {
	return []string{"common/period", "common/macro", "common/task", "common/batch", "common/fault", "common/permit", "common/render", "common/job", "common/condition", "common/textdiff", "examples/weblog", "master/notice/rule", "master/notice/text", "master/notice/group", "master/report/compose", "master/report/page"}
}

// rules are checked file by file; the first result says where, the second what
// is wrong and why it matters.
func rules() map[string]func(*source) []violation {
	return map[string]func(*source) []violation{
		"storeys":   checkStoreys,
		"doors":     checkDoors,
		"pure":      checkPure,
		"sql":       checkSQL,
		"move":      checkStateWrites,
		"length":    checkLength,
		"init":      checkInit,
		"test wait": checkTestCalls,
	}
}

// below says that a package is parent or inside it.
func below(pkg, parent string) bool {
	return pkg == parent || strings.HasPrefix(pkg, parent+"/")
}

// storeyOf is the storey of a package and the listed package it belongs to; the
// longest listed parent counts. The root and unknown packages have none above.
func storeyOf(pkg string) (int, string) {
	level, home := -1, ""
	for i, names := range storeys() {
		for _, name := range names {
			if (below(pkg, name) || pkg == name) && len(name) > len(home) {
				level, home = i, name
			}
		}
	}
	return level, home
}

// isTestSupport names packages that exist for tests: storetest, electiontest.
func isTestSupport(pkg string) bool {
	return strings.HasSuffix(pkg, "test") && pkg != "test"
}

func checkStoreys(s *source) []violation {
	level, home := storeyOf(s.dir)
	homeless := (home == "master" || home == "worker") && s.dir != home && !isTestSupport(s.dir)
	if level < 0 || homeless {
		return []violation{s.at(s.file.Package, "package %s has no place in the house: give it a storey, so that it is clear who may import it", s.dir)}
	}
	if s.test || isTestSupport(s.dir) {
		return nil
	}
	var found []violation
	for _, spec := range s.file.Imports {
		pkg, ours := strings.CutPrefix(importPath(spec), "capricornus/")
		if !ours {
			continue
		}
		if isTestSupport(pkg) && s.dir != "bench" { // which measures what tests break
			found = append(found, s.at(spec.Pos(), "imports %s: what helps tests stays out of the product", pkg))
			continue
		}
		under, owner := storeyOf(pkg)
		switch {
		case owner == home || under < level && under >= 0:
		case under == level:
			found = append(found, s.at(spec.Pos(), "imports its sibling %s: siblings meet in the package above them, or through the database", pkg))
		default:
			found = append(found, s.at(spec.Pos(), "imports %s, which is above it: imports go downward only, or packages cannot be understood one by one", pkg))
		}
	}
	return found
}

func checkDoors(s *source) []violation {
	var found []violation
	for _, spec := range s.file.Imports {
		for _, d := range doors() {
			if !below(importPath(spec), d.imports) || below(s.dir, d.opens) {
				continue
			}
			if s.test && below(s.dir, "e2e") {
				continue // the judge of a whole cluster looks at the tables itself
			}
			found = append(found, s.at(spec.Pos(), "imports %s, whose one door is %s: %s", importPath(spec), d.opens, d.because))
		}
	}
	return found
}

func checkPure(s *source) []violation {
	if s.test || !slices.ContainsFunc(purePackages(), func(pkg string) bool { return below(s.dir, pkg) }) {
		return nil
	}
	banned := []string{"os", "net", "log", "context", "syscall", "io/ioutil", "crypto/rand", "database/sql"}
	var found []violation
	for _, spec := range s.file.Imports {
		name := importPath(spec)
		if slices.ContainsFunc(banned, func(b string) bool { return below(name, b) }) && name != "net/url" {
			found = append(found, s.at(spec.Pos(), "imports %s in a pure package: it takes values and returns values, so that it can be tested and reasoned about alone", name))
		}
	}
	for _, call := range s.uses("time", "Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker") {
		found = append(found, s.at(call, "reads the clock in a pure package: now is a parameter"))
	}
	return found
}

var statement = regexp.MustCompile(`(?s)\b(SELECT\s.+\sFROM|INSERT\s+(IGNORE\s+|OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|(CREATE|ALTER|DROP)\s+TABLE)\b`)

func checkSQL(s *source) []violation {
	if s.test || below(s.dir, "common/store") || below(s.dir, "sql") {
		return nil
	}
	var found []violation
	for pos, text := range s.texts() {
		if statement.MatchString(text) {
			found = append(found, s.at(pos, "holds SQL: statements live in common/store, beside the fence and the dialects"))
		}
	}
	return found
}

var stateWrite = regexp.MustCompile(`(?is)\bUPDATE\s+capri_task_work\b.*?(\bSET|,)\s*(\w+\.)?state\s*=`)

// checkStateWrites holds that a batch changes its state in one statement: the
// one that move makes of updateFrom, beside the table of legal moves.
func checkStateWrites(s *source) []violation {
	const because = "a batch changes its state in common/store's move alone, which checks the move is legal and writes the journal"
	if s.test || isTestSupport(s.dir) {
		return nil
	}
	var found []violation
	for pos, text := range s.texts() {
		if stateWrite.MatchString(text) {
			found = append(found, s.at(pos, "sets the state of batches by hand: %s", because))
		}
	}
	for _, decl := range s.file.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok || !updatesBatches(function) || s.path == "common/store/move.go" && function.Name.Name == "move" {
			continue
		}
		if namesState(function) {
			found = append(found, s.at(function.Pos(), "%s writes column state by updateFrom: %s", function.Name.Name, because))
		}
	}
	return found
}

// updatesBatches says that a function makes an UPDATE of the table of batches.
func updatesBatches(function *ast.FuncDecl) bool {
	found := false
	ast.Inspect(function, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		found = found || ok && selector.Sel.Name == "updateFrom" && text(call.Args[0]) == "capri_task_work"
		return true
	})
	return found
}

// namesState says that a function has the column's name in a string, or takes
// the list of the move's columns.
func namesState(function *ast.FuncDecl) bool {
	found := false
	ast.Inspect(function, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			found = found || slices.Contains(strings.FieldsFunc(text(n), func(r rune) bool { return r == ' ' || r == ',' || r == '\n' }), "state")
		case *ast.Ident:
			found = found || n.Name == "moveSet"
		}
		return true
	})
	return found
}

const (
	longFile = 400 // fails
	goodFile = 300 // is said
)

func checkLength(s *source) []violation {
	if s.test || s.lines <= longFile {
		return nil
	}
	return []violation{s.at(s.file.Package, "has %d lines, want at most %d: a file that long holds two things", s.lines, longFile)}
}

func checkInit(s *source) []violation {
	var found []violation
	for _, decl := range s.file.Decls {
		if function, ok := decl.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == "init" {
			found = append(found, s.at(function.Pos(), "has an init function: what happens is wired where it can be read, not by importing"))
		}
	}
	return found
}

// checkTestCalls forbids tests that wait for time and tests that do not run.
func checkTestCalls(s *source) []violation {
	if !s.test && !isTestSupport(s.dir) {
		return nil
	}
	var found []violation
	leavesOut := slices.Contains([]string{"common/datapath/hdfstest", "e2e/labtest"}, s.dir) // for CAPRI_TEST_SKIP, which scripts/test.sh names
	for _, call := range s.uses("time", "Sleep") {
		found = append(found, s.at(call, "sleeps: a test waits for a condition, a channel or synctest.Wait; sleeping is slow or flaky or both"))
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if ok && !leavesOut && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, selector.Sel.Name) && isTesting(selector.X) {
			found = append(found, s.at(call.Pos(), "skips: what cannot run fails, or scripts/test.sh names it in its last lines"))
		}
		return true
	})
	return found
}

// isTesting says that an expression is called like a *testing.T, B, F or TB.
func isTesting(x ast.Expr) bool {
	ident, ok := x.(*ast.Ident)
	return ok && slices.Contains([]string{"t", "b", "f", "tb"}, ident.Name)
}

// uses finds where functions of a package of the standard library are named.
func (s *source) uses(pkg string, names ...string) []token.Pos {
	local := ""
	for _, spec := range s.file.Imports {
		if importPath(spec) == pkg {
			local = path.Base(pkg)
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	var found []token.Pos
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		ident, ok := selector.X.(*ast.Ident)
		if ok && local != "" && ident.Name == local && slices.Contains(names, selector.Sel.Name) {
			found = append(found, selector.Pos())
		}
		return true
	})
	return found
}

func importPath(spec *ast.ImportSpec) string {
	name, _ := strconv.Unquote(spec.Path.Value)
	return name
}

// text is the value of a string literal, with the parts that are not literal
// left out of a concatenation; empty for anything else.
func text(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			value, _ := strconv.Unquote(x.Value)
			return value
		}
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			return text(x.X) + text(x.Y)
		}
	case *ast.ParenExpr:
		return text(x.X)
	}
	return ""
}
