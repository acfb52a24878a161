package intake

import (
	"strings"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestNoticesOfWorkersAreAlertsOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		taskID := r.Define("fetch")
		id := r.Batch(taskID, "20150518")
		hung := wire.Notice{
			Kind: store.AlertHDFSHung, Host: storetest.Host, WorkID: id, Attempt: 2, Object: "somebody/else.0#1", Occurrence: "77.9",
			Level: store.LevelCritical, Text: "process 77 has stood still",
		}
		take := func(want int, all ...wire.Notice) {
			t.Helper()
			reply, err := r.Notices(t.Context(), wire.NoticesRequest{Notices: all})
			if err != nil || reply.New != want {
				t.Errorf("got %+v, %v, want %d new", reply, err, want)
			}
		}
		take(1, hung)
		got := r.Text("SELECT CONCAT(object, ' ', occurrence, ' ', level, ' ', text) FROM capri_alert WHERE taskId = ?", taskID)
		if want := "fetch/20150518.0#2 77.9 important process 77 has stood still"; got != want {
			t.Errorf("got %q, want %q: the attempt and the level are the masters' to say", got, want)
		}
		other, host, strange := hung, hung, hung
		other.Occurrence = "78.3"
		host.WorkID, host.Object = 0, ""
		strange.Kind = "batch-failed"
		long := host
		long.Occurrence, long.Text = strings.Repeat("9", 300), strings.Repeat("x", 99_999)
		take(3, hung, other, other, host, strange, long)
		take(0, hung, other, host, strange, long)
		take(0)
		if n := r.alerts(store.AlertHDFSHung); n != 4 {
			t.Errorf("got %d alerts, want 4", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ? AND object = ? AND taskId = 0", store.AlertHDFSHung, storetest.Host); n != 2 {
			t.Errorf("got %d alerts about the host itself, want 2", n)
		}
		slow := wire.Notice{Kind: store.AlertDownloadHung, Host: storetest.Host, Object: "hdfs:///apps/etl.tar.gz", Occurrence: "2026-11-20T08", Text: "hung"}
		elsewhere := slow
		elsewhere.Host = "w9"
		take(1, slow, elsewhere)
		got = r.Text("SELECT CONCAT(object, ' ', level) FROM capri_alert WHERE kind = ?", store.AlertDownloadHung)
		if want := "hdfs:///apps/etl.tar.gz important"; got != want {
			t.Errorf("got %q, want %q: it is the path that matters, not the host", got, want)
		}
		if n := r.alerts("batch-failed"); n != 0 {
			t.Errorf("got %d alerts of a kind that is not for workers to raise, want none", n)
		}
	})
}
