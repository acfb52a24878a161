package cli

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestAnOperationSaysWhatWasAskedFor(t *testing.T) {
	op := wire.Operation{ID: 7, Kind: "rerun", State: "done", Request: &wire.PlanRequest{
		Kind: "rerun", From: "20150518", To: "20150520", Tasks: []string{"a", "b", "c", "d", "e", "f", "g"}, Mode: "failed", Cascade: "all", Operation: 3, Until: ms(t, "2015-05-20T12:00:00"),
	}}
	got := at(newMaster(t, map[string]any{"GET /operations/7": op})).run(t, "op", "show", "7")
	want := "from 20150518, to 20150520, tasks a b c d e and 2 more, mode failed, cascade all, until 2015-05-20T12:00:00+08:00, operation 3\n"
	if got.code != exitDone || !strings.Contains(got.out, want) {
		t.Errorf("got %+v, want %q", got, want)
	}
}
