package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func TestListMissing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.world.Define("gap")
	old := time.Now().AddDate(0, 0, -10).UnixMilli()
	r.world.Change("UPDATE capri_task SET createdAt = ?, savedAt = ?", old, old)
	r.world.Change("UPDATE capri_task_version SET savedAt = ?", old)
	r.world.Define("never", func(d *task.Task) { d.Spec.Enabled = false })
	day := func(ago int) string { return time.Now().UTC().AddDate(0, 0, -ago).Format(time.DateOnly) }
	var list wire.MissingList
	r.must(http.MethodGet, "/api/v1/missing?project=web&from="+day(5)+"&to="+day(3), "viewer", nil, &list)
	if len(list.Items) != 3 || list.More || list.From == 0 || list.To == 0 {
		t.Fatalf("got %+v, want three days of one task", list)
	}
	first := list.Items[0]
	if first.Batch != "gap/"+strings.ReplaceAll(day(5), "-", "") || first.Task != "gap" || first.Project != "web" || !strings.Contains(first.Reason, "generat") {
		t.Errorf("got %+v, want the first day's batch and what generation says", first)
	}
	r.must(http.MethodGet, "/api/v1/missing?lang=zh", "viewer", nil, &list)
	if len(list.Items) == 0 || strings.Contains(list.Items[0].Reason, "generat") {
		t.Errorf("got %+v, want the reason in Chinese", list.Items)
	}
	for query, code := range map[string]fault.Code{
		"from=" + day(40): fault.Invalid, "from=" + day(1) + "&to=" + day(2): fault.Invalid, "from=nonsense": fault.Invalid, "project=nothing": fault.NotFound,
	} {
		if got := r.problem(http.MethodGet, "/api/v1/missing?"+query, "viewer", nil); got.Code != string(code) {
			t.Errorf("%s: got %+v, want %s", query, got, code)
		}
	}
}
