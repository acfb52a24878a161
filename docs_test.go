package main_test

import (
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// coverageFile says of every required detail whether it is done, where, and
// which test holds it.
const coverageFile = "docs/seed-coverage.md"

// required are the ids that must each have one row, with the last number of each series.
func required() []string {
	var ids []string
	for _, series := range []struct {
		prefix string
		last   int
	}{{"A3", 70}, {"A0", 10}, {"A1", 7}, {"A2", 6}, {"A4", 5}, {"GAP", 29}} {
		for n := 1; n <= series.last; n++ {
			ids = append(ids, fmt.Sprintf("%s-%02d", series.prefix, n))
		}
	}
	return ids
}

// repository is what documents are compared with.
type repository struct {
	files fs.FS
	tests map[string]bool // "common/period.TestCronFires"; of the root: "capricornus.TestArchitecture"
}

func readRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{files: os.DirFS("."), tests: map[string]bool{}}
	sources, err := readTree(r.files)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		if !s.test {
			continue
		}
		pkg := s.dir
		if pkg == "." {
			pkg = "capricornus"
		}
		for _, decl := range s.file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if ok && function.Recv == nil && testName.MatchString(function.Name.Name) {
				r.tests[pkg+"."+function.Name.Name] = true
			}
		}
	}
	return r
}

func (r *repository) has(name string) bool {
	_, err := fs.Stat(r.files, name)
	return err == nil
}

func (r *repository) read(t *testing.T, name string) string {
	t.Helper()
	content, err := fs.ReadFile(r.files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var (
	testName = regexp.MustCompile(`^(Test|Fuzz)[A-Z]`)
	rowStart = regexp.MustCompile(`^\| ((A\d|GAP)-\d+) \|`)
	quoted   = regexp.MustCompile("`([^`]+)`")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ `)
)

// nothing stands in a column that has no entry.
const nothing = "–"

// names are the entries of a column, each between backquotes.
func names(column string) []string {
	var out []string
	for _, m := range quoted.FindAllStringSubmatch(column, -1) {
		out = append(out, m[1])
	}
	return out
}

// checkRow says what is wrong with one row: | id | what | status | code | test |.
func (r *repository) checkRow(line string) []string {
	columns := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, ""), "| "), " | ")
	if len(columns) != 5 {
		return []string{fmt.Sprintf("has %d columns, want 5: id, what, status, code, test", len(columns))}
	}
	var wrong []string
	status, code, tests := columns[2], names(columns[3]), names(columns[4])
	if !slices.Contains([]string{"done", "partly", "open"}, status) {
		wrong = append(wrong, fmt.Sprintf("has the status %q, want done, partly or open", status))
	}
	if strings.TrimSpace(columns[1]) == "" {
		wrong = append(wrong, "does not say what it is")
	}
	if status == "done" && (len(code) == 0 || len(tests) == 0) {
		wrong = append(wrong, "is done, so it must name its code and a test")
	}
	if status == "partly" && len(code) == 0 {
		wrong = append(wrong, "is partly done, so it must name its code")
	}
	for i, found := range [][]string{code, tests} {
		if len(found) == 0 && columns[3+i] != nothing {
			wrong = append(wrong, fmt.Sprintf("has %q in column %d, want names between backquotes or %s", columns[3+i], 4+i, nothing))
		}
	}
	for _, name := range code {
		if !r.has(name) {
			wrong = append(wrong, "names the code "+name+", which does not exist")
		}
	}
	for _, name := range tests {
		if !r.tests[name] {
			wrong = append(wrong, "names the test "+name+", which does not exist; the form is path/of/package.TestName")
		}
	}
	return wrong
}

func TestSeedCoverage(t *testing.T) {
	t.Parallel()
	r := readRepository(t)
	seen := map[string]int{}
	for n, line := range strings.Split(r.read(t, coverageFile), "\n") {
		m := rowStart.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		seen[m[1]]++
		for _, wrong := range r.checkRow(line) {
			t.Errorf("%s:%d: %s %s", coverageFile, n+1, m[1], wrong)
		}
	}
	for _, id := range required() {
		if seen[id] != 1 {
			t.Errorf("got %d rows of %s in %s, want 1", seen[id], id, coverageFile)
		}
		delete(seen, id)
	}
	for id := range seen {
		t.Errorf("got a row of %s in %s, which is no id", id, coverageFile)
	}
}

func TestSeedCoverageCatchesPlants(t *testing.T) {
	t.Parallel()
	r := readRepository(t)
	for _, plant := range []struct {
		name, row string
		want      int
	}{
		{"Good", "| A3-01 | what | done | `main.go` | `common/period.TestCronFires` |", 0},
		{"GoodWithABarInside", "| A3-01 | a \\| b | open | – | – |", 0},
		{"MissingColumn", "| A3-01 | what | open | – |", 1},
		{"UnknownStatus", "| A3-01 | what | nearly | – | – |", 1},
		{"DoneWithoutATest", "| A3-01 | what | done | `main.go` | – |", 1},
		{"PartlyWithoutCode", "| A3-01 | what | partly | – | – |", 1},
		{"CodeThatIsNotThere", "| A3-01 | what | partly | `common/nowhere` | – |", 1},
		{"TestThatIsNotThere", "| A3-01 | what | partly | `main.go` | `common/period.TestNothing` |", 1},
		{"NameWithoutQuotes", "| A3-01 | what | partly | `main.go` | TestCronFires |", 1},
	} {
		t.Run(plant.name, func(t *testing.T) {
			t.Parallel()
			if wrong := r.checkRow(plant.row); len(wrong) != plant.want {
				t.Errorf("got %d findings %q, want %d", len(wrong), wrong, plant.want)
			}
		})
	}
}

// TestREADMEsAreTwins holds that both say the same as far as a program can see,
// and that a reader is through in three screens.
func TestREADMEsAreTwins(t *testing.T) {
	t.Parallel()
	r := readRepository(t)
	english, chinese := r.read(t, "README.md"), r.read(t, "README.zh-CN.md")
	for name, content := range map[string]string{"README.md": english, "README.zh-CN.md": chinese} {
		if lines := strings.Count(content, "\n"); lines > 150 {
			t.Errorf("got %d lines in %s, want at most 150", lines, name)
		}
	}
	for what, count := range map[string]func(string) int{
		"headings":    func(s string) int { return len(heading.FindAllString(outsideCode(s), -1)) },
		"code blocks": func(s string) int { return strings.Count(s, "\n```") / 2 },
		"table rows":  func(s string) int { return strings.Count(outsideCode(s), "\n|") },
		"links":       func(s string) int { return len(link.FindAllString(s, -1)) },
	} {
		if got, want := count(chinese), count(english); got != want {
			t.Errorf("got %d %s in README.zh-CN.md, want %d as in README.md", got, what, want)
		}
	}
}

// outsideCode is a document without its code blocks.
func outsideCode(document string) string {
	var out strings.Builder
	for i, part := range strings.Split(document, "\n```") {
		if i%2 == 0 {
			out.WriteString(part)
		}
	}
	return out.String()
}

func documents(t *testing.T, r *repository) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md", "examples/*/*.md"} {
		found, err := fs.Glob(r.files, pattern)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	return out
}

func TestLinksLeadToFiles(t *testing.T) {
	t.Parallel()
	r := readRepository(t)
	for _, name := range documents(t, r) {
		for _, m := range link.FindAllStringSubmatch(outsideCode(r.read(t, name)), -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if !r.has(path.Join(path.Dir(name), target)) {
				t.Errorf("%s links to %s, which does not exist", name, target)
			}
		}
	}
}

// TestDecisionsArePagesOfOneKind: context, choice, cost; numbered without gaps;
// listed in the index.
func TestDecisionsArePagesOfOneKind(t *testing.T) {
	t.Parallel()
	r := readRepository(t)
	index := r.read(t, "docs/README.md")
	pages, err := fs.Glob(r.files, "docs/decisions/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, page := range pages {
		content := r.read(t, page)
		if number := fmt.Sprintf("%04d", i+1); !strings.HasPrefix(path.Base(page), number+"-") || !strings.HasPrefix(content, "# "+number+" ") {
			t.Errorf("%s is page %s by its place; its name and title must say so", page, number)
		}
		for _, part := range []string{"\n## Context\n", "\n## Choice\n", "\n## Cost\n"} {
			if strings.Count(content, part) != 1 {
				t.Errorf("%s does not have the part %q once", page, strings.TrimSpace(part))
			}
		}
		if !strings.Contains(index, "(decisions/"+path.Base(page)+")") {
			t.Errorf("docs/README.md does not list %s", page)
		}
	}
}
