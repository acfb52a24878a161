package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const pathAlerts = "/api/v1/alerts"

func diskFull(occurrence string) wire.RaiseAlertRequest {
	return wire.RaiseAlertRequest{Kind: "disk-full", Object: "nas7", Occurrence: occurrence, Level: "important", Text: "nas7 has 2 % left\n<b>really</b>"}
}

func TestAlertsOfOthersAreRecordedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	var fresh atomic.Int32
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			var reply wire.RaiseAlertReply
			r.must(http.MethodPost, pathAlerts, "developer", diskFull("2026-11-20"), &reply)
			if reply.Raised {
				fresh.Add(1)
			}
		})
	}
	group.Wait()
	if fresh.Load() != 1 {
		t.Errorf("got %d new alerts of the same occurrence, want 1", fresh.Load())
	}
	for range 2 {
		r.must(http.MethodPost, pathAlerts, "developer", diskFull(""), nil)
	}
	about := diskFull("once")
	about.Task = "tidy"
	var reply wire.RaiseAlertReply
	r.must(http.MethodPost, pathAlerts, "developer", about, &reply)
	if reply.Kind != "external.disk-full" || reply.Task != "tidy" || reply.RaisedBy != "admin" || reply.CreatedAt == 0 {
		t.Errorf("got %+v, want it about tidy, raised by admin", reply)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'alert.raise'"); n != 4 {
		t.Errorf("got %d audit rows, want one for each of 4 alerts", n)
	}
	var one wire.Alert
	r.must(http.MethodGet, fmt.Sprintf("%s/%d", pathAlerts, reply.ID), "viewer", nil, &one)
	if one != reply.Alert || one.Text != about.Text {
		t.Errorf("got %+v, want %+v", one, reply.Alert)
	}
}

func TestAlertsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.apply(taskFiles)
	id := r.world.IDs(1)[0]
	r.world.Operate("raise", func(ctx context.Context, o *store.OperateTx) error {
		return o.Raise(ctx, store.Alert{ID: id, Kind: store.AlertWorkerLost, Object: "w1", Occurrence: "1", Level: store.LevelCritical, Text: "w1 is lost"})
	})
	for i := range 5 {
		req := diskFull(fmt.Sprint(i))
		if i == 4 {
			req.Task, req.Object, req.Level = "tidy", "nas8", "critical"
		}
		r.must(http.MethodPost, pathAlerts, "developer", req, nil)
		r.world.Change("UPDATE capri_alert SET createdAt = ? WHERE occurrence = ? AND kind LIKE 'external%'", 1_000_000_000_000+1000*int64(i/2), fmt.Sprint(i))
	}
	r.world.Change("UPDATE capri_alert SET createdAt = ? WHERE id = ?", 1_000_000_000_000, id)
	paged, cursor := []string{}, ""
	for range 9 {
		var list wire.AlertList
		r.must(http.MethodGet, pathAlerts+"?limit=2&cursor="+cursor, "viewer", nil, &list)
		for _, a := range list.Items {
			paged = append(paged, a.Object+"/"+a.Occurrence)
		}
		if cursor = list.Next; cursor == "" {
			break
		}
	}
	if got, want := strings.Join(paged, " "), "nas8/4 nas7/3 nas7/2 nas7/1 nas7/0 w1/1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for filter, want := range map[string]int{
		"kind=worker-lost": 1, "kind=external.disk-full": 5, "level=critical": 2, "object=nas8": 1, "task=tidy": 1, "task=nobody": 0,
		"from=1000000001000": 3, "to=1000000001000": 5, "kind=external.disk-full&object=nas7&level=important": 4,
	} {
		var list wire.AlertList
		r.must(http.MethodGet, pathAlerts+"?"+filter, "viewer", nil, &list)
		if len(list.Items) != want {
			t.Errorf("%s: got %d alerts, want %d", filter, len(list.Items), want)
		}
	}
}

func TestBadAlertsAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, c := range map[string]struct {
		change func(*wire.RaiseAlertRequest)
		code   fault.Code
	}{
		"Kind":       {func(q *wire.RaiseAlertRequest) { q.Kind = "Disk Full" }, fault.Invalid},
		"LongKind":   {func(q *wire.RaiseAlertRequest) { q.Kind = strings.Repeat("k", 32) }, fault.Invalid},
		"NoObject":   {func(q *wire.RaiseAlertRequest) { q.Object = "" }, fault.Invalid},
		"TwoLines":   {func(q *wire.RaiseAlertRequest) { q.Object = "a\nb" }, fault.Invalid},
		"Occurrence": {func(q *wire.RaiseAlertRequest) { q.Occurrence = strings.Repeat("o", 101) }, fault.Invalid},
		"Level":      {func(q *wire.RaiseAlertRequest) { q.Level = "task" }, fault.Invalid},
		"NoText":     {func(q *wire.RaiseAlertRequest) { q.Text = " \n" }, fault.Invalid},
		"LongText":   {func(q *wire.RaiseAlertRequest) { q.Text = strings.Repeat("t", 4001) }, fault.Invalid},
		"Escape":     {func(q *wire.RaiseAlertRequest) { q.Text = "\x1b[2J" }, fault.Invalid},
		"Direction":  {func(q *wire.RaiseAlertRequest) { q.Text = "a\u202eb" }, fault.Invalid},
		"Task":       {func(q *wire.RaiseAlertRequest) { q.Task = "nobody" }, fault.NotFound},
	} {
		req := diskFull("1")
		c.change(&req)
		if p := r.problem(http.MethodPost, pathAlerts, "developer", req); p.Code != string(c.code) {
			t.Errorf("%s: got %+v, want %s", name, p, c.code)
		}
	}
	if p := r.problem(http.MethodPost, pathAlerts, "viewer", diskFull("1")); p.Code != string(fault.Forbidden) {
		t.Errorf("viewer: got %+v, want it forbidden", p)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_alert"); n != 0 {
		t.Errorf("got %d alerts, want none", n)
	}
	if p := r.problem(http.MethodGet, pathAlerts+"/77", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want no such alert", p)
	}
}
