package api

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

const (
	callsDoc   = "../../docs/api.md"
	callsBegin = "| call | role | what |\n|---|---|---|\n"
)

// TestCallsAreListed holds that docs/api.md lists exactly the calls there are.
func TestCallsAreListed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var rows []string
	for path, item := range r.api.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op != nil {
				rows = append(rows, fmt.Sprintf("%s\x00| `%s %s` | %v | %s |\n", path+op.Method, op.Method, strings.TrimPrefix(path, root), op.Extensions["x-capri-role"], op.Summary))
			}
		}
	}
	slices.Sort(rows)
	want := ""
	for _, row := range rows {
		_, line, _ := strings.Cut(row, "\x00")
		want += line
	}
	text, err := os.ReadFile(callsDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), callsBegin)
	got, after, ends := strings.Cut(rest, "\n\n")
	if !found || !ends {
		t.Fatalf("%s: no table of calls", callsDoc)
	}
	if *update {
		if err := os.WriteFile(callsDoc, []byte(before+callsBegin+want+"\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got+"\n" != want {
		t.Errorf("%s: the table of calls is not that of the code: run this test with -update", callsDoc)
	}
}
