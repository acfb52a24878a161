// Package promcheck_test parses the rules and the expressions of dashboards
// with the parser of Prometheus. `go test` in this directory runs it.
package promcheck_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

func TestRulesParse(t *testing.T) {
	t.Parallel()
	groups, errs := rulefmt.ParseFile("../../conf/prometheus/capri.rules.yml", false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	for _, err := range errs {
		t.Error(err)
	}
	if groups == nil || len(groups.Groups) == 0 {
		t.Error("got no rules")
	}
}

func TestExpressionsOfDashboardsParse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../conf/grafana/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v, %v, want dashboards", files, err)
	}
	p := parser.NewParser(parser.Options{})
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var board struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		if err := json.Unmarshal(text, &board); err != nil {
			t.Fatal(err)
		}
		for _, panel := range board.Panels {
			for _, target := range panel.Targets {
				if _, err := p.ParseExpr(target.Expr); err != nil {
					t.Errorf("%s, %s: %v", name, panel.Title, err)
				}
			}
		}
	}
}
