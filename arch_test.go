package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// source is one Go file of the tree.
type source struct {
	path  string // from the root, with slashes
	dir   string // its package, "." for the root
	test  bool
	lines int
	set   *token.FileSet
	file  *ast.File
}

// violation is a broken rule, with the reason for the rule.
type violation struct {
	where string
	what  string
}

func (s *source) at(pos token.Pos, format string, args ...any) violation {
	return violation{
		where: fmt.Sprintf("%s:%d", s.path, s.set.Position(pos).Line),
		what:  fmt.Sprintf(format, args...),
	}
}

// texts yields the file's string literals; the parts of a concatenation are one.
func (s *source) texts() iter.Seq2[token.Pos, string] {
	return func(yield func(token.Pos, string) bool) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			x, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			value := text(x)
			if value == "" {
				return true
			}
			return yield(x.Pos(), value) && false // its parts were seen
		})
	}
}

func parse(name string, content []byte) (*source, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, content, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	return &source{
		path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		lines: strings.Count(string(content), "\n"), set: set, file: file,
	}, nil
}

// readTree parses every Go file of the module. Folders of other modules and of
// things that are no Go packages are left out.
func readTree(root fs.FS) ([]*source, error) {
	var sources []*source
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			hidden := name != "." && strings.HasPrefix(entry.Name(), ".")
			if hidden || slices.Contains([]string{"bin", "tools", "testdata", "node_modules", "capri-data"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		s, err := parse(name, content)
		if err != nil {
			return err
		}
		sources = append(sources, s)
		return nil
	})
	return sources, err
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	sources, err := readTree(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(rules())) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range sources {
				for _, v := range rules()[name](s) {
					t.Errorf("%s: %s", v.where, v.what)
				}
			}
		})
	}
	for _, s := range sources {
		if !s.test && s.lines > goodFile {
			t.Logf("%s has %d lines; we aim at %d", s.path, s.lines, goodFile)
		}
	}
}

// TestTheMoveIsWhereTheRuleLooks fails when the one statement that the rule
// "move" lets pass has gone elsewhere: the exception would be for nothing.
func TestTheMoveIsWhereTheRuleLooks(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("common/store/move.go")
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse("common/store/move.go", content)
	if err != nil {
		t.Fatal(err)
	}
	writers := 0
	for _, decl := range s.file.Decls {
		if function, ok := decl.(*ast.FuncDecl); ok && updatesBatches(function) && namesState(function) {
			writers++
		}
	}
	if writers != 1 {
		t.Errorf("got %d functions in %s that write the state of batches, want 1", writers, s.path)
	}
}

// TestArchitectureCatchesPlants breaks every rule once and keeps it once.
func TestArchitectureCatchesPlants(t *testing.T) {
	t.Parallel()
	long := "package gate\n" + strings.Repeat("\n", longFile)
	for _, plant := range []struct {
		name, rule, path, code string
		want                   int
	}{
		{"ImportGoingUp", "storeys", "common/store/a.go", `package store; import _ "capricornus/master/duty"`, 1},
		{"ImportGoingUpToMain", "storeys", "master/api/a.go", `package api; import _ "capricornus/cli"`, 1},
		{"ImportOfASibling", "storeys", "master/gate/a.go", `package gate; import _ "capricornus/master/place"`, 1},
		{"ImportAcrossTheDaemons", "storeys", "worker/run/a.go", `package run; import _ "capricornus/master/intake"`, 1},
		{"PackageWithoutAPlace", "storeys", "common/util/a.go", `package util`, 1},
		{"MasterPackageWithoutAPlace", "storeys", "master/misc/a.go", `package misc`, 1},
		{"TestSupportInTheProduct", "storeys", "master/a.go", `package master; import _ "capricornus/common/store/storetest"`, 1},
		{"TestSupportInTheBench", "storeys", "bench/a.go", `package main; import _ "capricornus/e2e/labtest"`, 0},
		{"ImportGoingDown", "storeys", "master/gate/a.go", `package gate; import _ "capricornus/common/store"`, 0},
		{"ImportOfAChild", "storeys", "common/store/a.go", `package store; import _ "capricornus/common/store/dialect"`, 0},
		{"TestImportingAnything", "storeys", "master/gate/a_test.go", `package gate; import _ "capricornus/master/place"`, 0},
		{"RaftElsewhere", "doors", "master/duty/a.go", `package duty; import _ "github.com/hashicorp/raft"`, 1},
		{"GocronElsewhere", "doors", "master/gate/a.go", `package gate; import _ "github.com/go-co-op/gocron/v2"`, 1},
		{"SQLElsewhere", "doors", "master/plan/a.go", `package plan; import _ "database/sql"`, 1},
		{"SQLInATestElsewhere", "doors", "master/plan/a_test.go", `package plan; import _ "github.com/jmoiron/sqlx"`, 1},
		{"HDFSElsewhere", "doors", "worker/run/a.go", `package run; import _ "github.com/colinmarc/hdfs/v2"`, 1},
		{"GopsutilElsewhere", "doors", "worker/run/a.go", `package run; import _ "github.com/shirou/gopsutil/v3/mem"`, 1},
		{"SQLAtItsDoor", "doors", "common/store/storetest/a.go", `package storetest; import _ "database/sql"`, 0},
		{"OSInAPurePackage", "pure", "common/task/a.go", `package task; import _ "os"`, 1},
		{"HTTPInAPurePackage", "pure", "common/fault/a.go", `package fault; import _ "net/http"`, 1},
		{"LogInAPurePackage", "pure", "common/batch/a.go", `package batch; import _ "log/slog"`, 1},
		{"ClockInAPurePackage", "pure", "common/period/a.go", `package period; import clock "time"; var a = clock.Now`, 1},
		{"URLInAPurePackage", "pure", "common/task/a.go", `package task; import _ "net/url"`, 0},
		{"ClockElsewhere", "pure", "common/store/a.go", `package store; import "time"; var a = time.Now`, 0},
		{"StatementElsewhere", "sql", "master/plan/a.go", "package plan; const q = `SELECT id\nFROM capri_task`", 1},
		{"StatementInPieces", "sql", "master/plan/a.go", `package plan; var q = "UPDATE " + "capri_task SET a = " + "1"`, 1},
		{"Prose", "sql", "master/plan/a.go", `package plan; const q = "select a task from the list, then update it"`, 0},
		{"StateByHand", "move", "common/store/a.go", `package store; const q = "UPDATE capri_task_work SET gate = '', state = 3 WHERE id = ?"`, 1},
		{"StateByAnotherList", "move", "common/store/a.go",
			`package store; func (t *tx) end() { t.d.updateFrom("capri_task_work", "", []string{"state", "gate"}, nil) }`, 1},
		{"StateByTheMovesColumns", "move", "common/store/a.go",
			`package store; func (t *tx) end() { t.d.updateFrom("capri_task_work", "", moveSet(), nil) }`, 1},
		{"OtherColumns", "move", "common/store/a.go",
			`package store; func (t *tx) end() { t.d.updateFrom("capri_task_work", "", []string{"gate"}, nil) }`, 0},
		{"StateOfARow", "move", "common/store/a.go",
			`package store; const q = "UPDATE capri_task_work SET unmet = (SELECT COUNT(*) FROM d WHERE d.state = 0) WHERE state = 1"`, 0},
		{"TooLong", "length", "master/gate/a.go", long, 1},
		{"JustNotTooLong", "length", "master/gate/a.go", long[:len(long)-1], 0},
		{"Init", "init", "master/gate/a.go", `package gate; func init() {}`, 1},
		{"MethodInit", "init", "master/gate/a.go", `package gate; type a int; func (a) init() {}`, 0},
		{"Sleep", "test wait", "master/gate/a_test.go", `package gate; import "time"; func f() { time.Sleep(1) }`, 1},
		{"Skip", "test wait", "master/gate/a_test.go", `package gate; import "testing"; func TestA(t *testing.T) { t.Skip("no") }`, 1},
		{"SkipOfHDFS", "test wait", "common/datapath/hdfstest/a.go", `package hdfstest; import "testing"; func a(t testing.TB) { t.Skip("no") }`, 0},
		{"SkipOfNamespaces", "test wait", "e2e/labtest/a.go", `package labtest; import "testing"; func a(t testing.TB) { t.Skip("no") }`, 0},
		{"SkipInChaos", "test wait", "e2e/chaos/a_test.go", `package chaos_test; import "testing"; func TestA(t *testing.T) { t.Skip("no") }`, 1},
		{"SleepOutsideTests", "test wait", "master/gate/a.go", `package gate; import "time"; func f() { time.Sleep(1) }`, 0},
	} {
		t.Run(plant.name, func(t *testing.T) {
			t.Parallel()
			s, err := parse(plant.path, []byte(plant.code))
			if err != nil {
				t.Fatal(err)
			}
			found := rules()[plant.rule](s)
			if len(found) != plant.want {
				t.Errorf("got %d violations %v of rule %s, want %d", len(found), found, plant.rule, plant.want)
			}
		})
	}
}
