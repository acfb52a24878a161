package cli

import (
	"strings"
	"testing"

	"capricornus/common/wire"
)

func TestBatchMissing(t *testing.T) {
	due := ms(t, "2015-05-19T16:01:00")
	m := newMaster(t, map[string]any{"GET /missing": wire.MissingList{More: true, Items: []wire.Missing{
		{Batch: "dwd_access_d/20150520", Task: "dwd_access_d", Project: "weblog", WorkNo: "20150520", DueAt: due, Reason: "generation failed 4 times: no such macro"},
	}}})
	got := at(m).run(t, "batch", "missing", "--from", "2015-05-19", "--project", "weblog")
	if got.code != exitDone || !strings.Contains(got.err, "there may be more") {
		t.Errorf("got %+v, want it said that there is more", got)
	}
	golden(t, "batch-missing", got.out)
	if got := at(m).run(t, "batch", "missing", "-o", "name"); got.out != "dwd_access_d/20150520\n" {
		t.Errorf("got %+v, want the name", got)
	}
	none := newMaster(t, map[string]any{"GET /missing": wire.MissingList{From: due, To: due + 60_000}})
	if got := at(none).run(t, "batch", "missing"); got.code != exitDone || got.out != "" || !strings.Contains(got.err, "nothing is missing between") {
		t.Errorf("got %+v, want a word on stderr", got)
	}
}
