package metrics_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"capricornus/common/metrics"
)

const (
	rulesFile   = "../../conf/prometheus/capri.rules.yml"
	runbookFile = "../../docs/runbook.md"
	pageFile    = "../../docs/observability.md"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var seriesName = regexp.MustCompile(`\bcapri_[a-z_]+`)

// checkExpr holds that an expression reads figures that there are. Its grammar
// is checked by Prometheus' own parser, in tools/promcheck.
func checkExpr(t *testing.T, where, expr string) {
	t.Helper()
	all := append(metrics.OfMaster(), metrics.OfWorker()...)
	for _, name := range seriesName.FindAllString(expr, -1) {
		if !slices.ContainsFunc(all, func(m metrics.Metric) bool {
			return m.Name == name || m.Kind == metrics.Histogram && slices.Contains([]string{m.Name + "_bucket", m.Name + "_sum", m.Name + "_count"}, name)
		}) {
			t.Errorf("%s reads %s, which is no figure", where, name)
		}
	}
	if expr == "" || strings.Count(expr, "(") != strings.Count(expr, ")") {
		t.Errorf("%s: %q is no expression", where, expr)
	}
}

func TestRulesReadFiguresAndHaveTheirPage(t *testing.T) {
	t.Parallel()
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.UnmarshalWithOptions([]byte(read(t, rulesFile)), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	book := read(t, runbookFile)
	seen := map[string]bool{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if seen[r.Alert] {
				t.Errorf("two rules are named %s", r.Alert)
			}
			seen[r.Alert] = true
			checkExpr(t, r.Alert, r.Expr)
			if want := "docs/runbook.md#" + strings.ToLower(r.Alert); r.Annotations["runbook_url"] != want || !strings.Contains(book, "\n## "+r.Alert+"\n") {
				t.Errorf("%s: got the page %q, want %q with that section", r.Alert, r.Annotations["runbook_url"], want)
			}
			if !slices.Contains([]string{"critical", "important", "notice", "none"}, r.Labels["severity"]) || r.Annotations["summary"] == "" {
				t.Errorf("%s: got %v %v, want a severity and a summary", r.Alert, r.Labels, r.Annotations)
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^## (\w+)$`).FindAllStringSubmatch(book, -1) {
		if !seen[m[1]] {
			t.Errorf("the runbook has a section %s and there is no such rule", m[1])
		}
	}
	if len(seen) < 20 {
		t.Errorf("got %d rules", len(seen))
	}
}

func TestDashboardsReadFigures(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../conf/grafana/*.json")
	if err != nil || len(files) != 4 {
		t.Fatalf("got %v, %v, want four dashboards", files, err)
	}
	for _, name := range files {
		var board struct {
			UID        string `json:"uid"`
			Title      string `json:"title"`
			Templating struct {
				List []struct{ Name, Type string }
			} `json:"templating"`
			Panels []struct {
				ID         int    `json:"id"`
				Title      string `json:"title"`
				Datasource struct{ UID string }
				Targets    []struct{ Expr, RefID string }
			} `json:"panels"`
		}
		if err := json.Unmarshal([]byte(read(t, name)), &board); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if board.UID+".json" != filepath.Base(name) || len(board.Panels) == 0 || len(board.Templating.List) == 0 || board.Templating.List[0].Type != "datasource" {
			t.Errorf("%s: got uid %q, %d panels, variables %v", name, board.UID, len(board.Panels), board.Templating.List)
		}
		seen := map[int]bool{}
		for _, p := range board.Panels {
			if seen[p.ID] || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
				t.Errorf("%s, panel %q: got id %d, data source %q, %d targets; want its own id and the variable", name, p.Title, p.ID, p.Datasource.UID, len(p.Targets))
			}
			seen[p.ID] = true
			for _, target := range p.Targets {
				checkExpr(t, board.Title+" / "+p.Title, target.Expr)
			}
		}
	}
}

// TestEveryFigureIsInTheDocs holds name, labels and meaning.
func TestEveryFigureIsInTheDocs(t *testing.T) {
	t.Parallel()
	page := read(t, pageFile)
	for _, m := range append(metrics.OfMaster(), metrics.OfWorker()...) {
		labels := strings.Join(m.Labels, ", ")
		if row := "| `" + m.Name + "` | " + string(m.Kind) + " | " + labels + " | " + m.Help + " |"; !strings.Contains(page, row) {
			t.Errorf("%s has no row\n%s", pageFile, row)
		}
	}
}
