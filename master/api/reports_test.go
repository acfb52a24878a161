package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const pathReports = "/api/v1/reports"

// TestReportIsMadeForWhoAsks: an hour nobody has kept a report of, in three forms.
func TestReportIsMadeForWhoAsks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	var got wire.Report
	r.must(http.MethodGet, pathReports+"/hourly", "viewer", nil, &got)
	hour := r.world.DB.Now().UTC().Truncate(time.Hour)
	if got.Kind != wire.ReportHourly || got.At != hour.UnixMilli() || got.From != hour.Add(-time.Hour).UnixMilli() || len(got.Scores) != 10 {
		t.Errorf("got %+v, want the hour that ended last", got)
	}
	for format, want := range map[string]string{"text": "text/plain; charset=utf-8", "html": "text/html; charset=utf-8", "json": "application/json"} {
		answer := r.send(http.MethodGet, pathReports+"/daily?lang=zh&format="+format, "viewer", nil)
		if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != want {
			t.Errorf("%s: got %d %s, want %s", format, answer.Code, answer.Header().Get("Content-Type"), want)
		}
		if format != "json" && !strings.Contains(answer.Body.String(), "调度日报") {
			t.Errorf("%s: got %s, want it in Chinese", format, answer.Body)
		}
		if policy := answer.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe-inline") != (format == "html") {
			t.Errorf("%s: got the policy %q", format, policy)
		}
	}
	for _, query := range []string{"/hourly?at=2199-01-01", "/hourly?at=soon", "/hourly?format=pdf", "/weekly"} {
		if answer := r.send(http.MethodGet, pathReports+query, "viewer", nil); answer.Code/100 != 4 {
			t.Errorf("%s: got %d, want a refusal", query, answer.Code)
		}
	}
	if p := r.problem(http.MethodGet, pathReports+"/hourly?at=2199-01-01", "viewer", nil); p.Code != string(fault.Invalid) {
		t.Errorf("got %+v, want INVALID for what is to come", p)
	}
}

// TestKeptReports: what is kept is answered as it is, and listed newest first.
func TestKeptReports(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first := time.Date(2015, 5, 18, 8, 0, 0, 0, time.UTC)
	for n := range 3 {
		at := first.Add(time.Duration(n) * time.Hour).UnixMilli()
		body, err := json.Marshal(wire.Report{Kind: wire.ReportHourly, At: at, Normal: 900 + n, Zone: "UTC", Green: n == 1})
		if err != nil {
			t.Fatal(err)
		}
		r.world.Decide("keep a report", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutReport(ctx, store.Report{Kind: wire.ReportHourly, At: at, Quiet: n == 1, Body: string(body), MadeAt: at + 180_000})
		})
	}
	var got wire.Report
	for query, want := range map[string]int{"?at=2015-05-18T09:00": 901, "?at=2015-05-18T09:59:59Z": 901, "?at=2015-05-18T08:00:00%2B00:00": 900} {
		r.must(http.MethodGet, pathReports+"/hourly"+query, "viewer", nil, &got)
		if got.Normal != want {
			t.Errorf("%s: got %d, want %d", query, got.Normal, want)
		}
	}
	var list wire.ReportList
	r.must(http.MethodGet, pathReports+"?limit=2", "viewer", nil, &list)
	if len(list.Items) != 2 || list.Items[0].At != first.Add(2*time.Hour).UnixMilli() || !list.Items[1].Green || list.Next == "" ||
		list.Items[1].Headline != "Nothing is wrong: 0 batches ended well." || list.Items[0].Headline != "0 alerts." {
		t.Errorf("got %+v, want the newest two with their headlines", list)
	}
	var chinese wire.ReportList
	r.must(http.MethodGet, pathReports+"?limit=2&lang=zh", "viewer", nil, &chinese)
	if chinese.Items[1].Headline != "一切正常：成功 0 个批次。" {
		t.Errorf("got %+v, want the headlines in Chinese", chinese)
	}
	next := list.Next
	list = wire.ReportList{}
	r.must(http.MethodGet, pathReports+"?limit=2&cursor="+next, "viewer", nil, &list)
	if len(list.Items) != 1 || list.Items[0].At != first.UnixMilli() || list.Next != "" {
		t.Errorf("got %+v, want the last one", list)
	}
	r.must(http.MethodGet, pathReports+"?kind=daily", "viewer", nil, &list)
	if len(list.Items) != 0 {
		t.Errorf("got %+v, want no daily one", list)
	}
}

func TestReadersOfReports(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const me = pathReports + "/daily/readers/me"
	var reply wire.ReportReaderReply
	for _, step := range []struct {
		path                   string
		body                   any
		reads, always, changed bool
	}{
		{me, wire.ReportReaderRequest{}, true, false, true},
		{me, wire.ReportReaderRequest{}, true, false, false},
		{me, wire.ReportReaderRequest{Always: true}, true, true, true},
		{me + "/remove", struct{}{}, false, false, true},
		{me + "/remove", struct{}{}, false, false, false},
		{me, wire.ReportReaderRequest{Always: true}, true, true, true},
	} {
		reply = wire.ReportReaderReply{}
		r.must(http.MethodPost, step.path, "viewer", step.body, &reply)
		if reply.Reads != step.reads || reply.Always != step.always || reply.Changed != step.changed || reply.User != "admin" {
			t.Errorf("%s %v: got %+v", step.path, step.body, reply)
		}
	}
	var list wire.ReportReaders
	r.must(http.MethodGet, pathReports+"/daily/readers", "viewer", nil, &list)
	if len(list.Items) != 1 || list.Items[0].User != "admin" || !list.Items[0].Always {
		t.Errorf("got %+v, want the one", list)
	}
	r.must(http.MethodPost, pathReports+"/hourly/readers/admin", "superadmin", wire.ReportReaderRequest{}, &reply)
	if !reply.Reads || !reply.Changed || reply.HasMail || reply.User != "admin" || reply.Kind != wire.ReportHourly {
		t.Errorf("got %+v, want the one that was named", reply)
	}
	r.must(http.MethodPost, pathReports+"/hourly/readers/admin/remove", "superadmin", struct{}{}, &reply)
	for user, token := range map[string]string{"admin": "admin", "nobody": "superadmin"} {
		if got := r.send(http.MethodPost, pathReports+"/hourly/readers/"+user, token, wire.ReportReaderRequest{}); got.Code/100 != 4 {
			t.Errorf("%s for %s: got %d, want it refused", token, user, got.Code)
		}
	}
	if n := r.world.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE 'report.%'"); n != 6 {
		t.Errorf("got %d audit rows, want one for each change", n)
	}
	if got := r.send(http.MethodPost, pathReports+"/weekly/readers/me", "viewer", wire.ReportReaderRequest{}); got.Code/100 != 4 {
		t.Errorf("got %d, want no other kind", got.Code)
	}
}
