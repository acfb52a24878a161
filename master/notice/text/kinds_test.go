package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"capricornus/common/store"
	"capricornus/master/notice/text"
)

// source is what the tree says about kinds of alerts.
type source struct {
	constants map[string]string // by name, of the whole tree
	kinds     map[string]string // with where each is
	dynamic   []string          // alerts whose kind is no constant
}

// constant is a name of a kind: the tables of kinds are these.
var constant = regexp.MustCompile(`^(Alert|Kind)[A-Z]`)

// tablesOfKinds are the files whose constants of that form are kinds of alerts.
// Elsewhere such names are kinds of other things.
func tablesOfKinds(path string) bool {
	return slices.ContainsFunc([]string{"common/store/alert.go", "master/watch/", "master/jobs/", "master/gate/", "master/roster/", "master/notice/"}, func(p string) bool {
		return strings.HasPrefix(path, p)
	})
}

// read takes in every Go file of the product.
func (s *source) read(t *testing.T, root string) {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, top := range []string{"common", "master", "worker"} {
		err := fs.WalkDir(os.DirFS(root), top, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "storetest/") {
				return err
			}
			file, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.SkipObjectResolution)
			if err == nil {
				s.takeConstants(name, file)
				files = append(files, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range files {
		s.takeAlerts(set, file)
	}
}

func (s *source) takeConstants(path string, file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, name := range spec.Names {
			if i >= len(spec.Values) {
				break
			}
			literal, ok := spec.Values[i].(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				continue
			}
			value, _ := strconv.Unquote(literal.Value)
			s.constants[name.Name] = value
			if constant.MatchString(name.Name) && tablesOfKinds(path) {
				s.kinds[value] = path
			}
		}
		return true
	})
}

// takeAlerts finds the kinds of alerts that are written where they are raised.
func (s *source) takeAlerts(set *token.FileSet, file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		made, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if list, ok := made.Type.(*ast.ArrayType); ok && nameOf(list.Elt) == "Alert" {
			for _, element := range made.Elts {
				if inner, ok := element.(*ast.CompositeLit); ok && inner.Type == nil {
					s.take(set, inner)
				}
			}
		}
		if nameOf(made.Type) == "Alert" {
			s.take(set, made)
		}
		return true
	})
}

func (s *source) take(set *token.FileSet, made *ast.CompositeLit) {
	for _, element := range made.Elts {
		field, ok := element.(*ast.KeyValueExpr)
		if !ok || nameOf(field.Key) != "Kind" {
			continue
		}
		where := set.Position(field.Pos()).String()
		if literal, ok := field.Value.(*ast.BasicLit); ok {
			value, _ := strconv.Unquote(literal.Value)
			s.kinds[value] = where
			continue
		}
		if value, known := s.constants[nameOf(field.Value)]; known && constant.MatchString(nameOf(field.Value)) {
			s.kinds[value] = where
			continue
		}
		s.dynamic = append(s.dynamic, where)
	}
}

// nameOf is the name of an identifier or of what a selector selects.
func nameOf(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}

// TestEveryKindThatIsRaisedHasWords walks the source: a kind that somebody adds
// has a name and a sentence in both languages, or this fails. Words of kinds that
// nobody raises are found as well.
func TestEveryKindThatIsRaisedHasWords(t *testing.T) {
	s := source{constants: map[string]string{}, kinds: map[string]string{}}
	s.read(t, "../../..")
	if len(s.kinds) < 30 {
		t.Fatalf("got %d kinds in the source, want at least 30: %v", len(s.kinds), slices.Sorted(maps.Keys(s.kinds)))
	}
	known := text.Kinds()
	for kind, where := range s.kinds {
		if _, ok := known[kind]; !ok {
			t.Errorf("got no words for kind %q of %s, want a row in kinds.go", kind, where)
		}
	}
	for kind := range known {
		if _, ok := s.kinds[kind]; !ok {
			t.Errorf("got words for kind %q, want none: nobody raises it", kind)
		}
	}
	for _, where := range s.dynamic {
		if !strings.Contains(where, "/timeout.go") && !strings.Contains(where, "/monitor.go") && !strings.Contains(where, "/notices.go") &&
			!strings.Contains(where, "/alerts.go") && !strings.Contains(where, "/look.go") && !strings.Contains(where, "/master/notice/") {
			t.Errorf("got an alert at %s whose kind cannot be read from the source, want a constant", where)
		}
	}
}

// TestEveryWordIsThereInBothLanguages wants a name and a sentence for each kind.
func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	levels := []string{store.LevelCritical, store.LevelImportant, store.LevelNotice, store.LevelTask}
	for kind, w := range text.Words() {
		for _, zh := range w.Chinese {
			if !strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("got %q for %s, want Chinese", zh, kind)
			}
		}
		for _, en := range w.English {
			if en == "" || strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("got %q for %s, want English", en, kind)
			}
		}
		for level := range strings.FieldsSeq(text.Kinds()[kind]) {
			if !slices.Contains(levels, level) {
				t.Errorf("got level %q for %s, want one of %v", level, kind, levels)
			}
		}
	}
}
