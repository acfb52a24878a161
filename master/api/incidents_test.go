package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// troubled is a rig with an incident of three alerts that ann and an address of
// nobody's were told of.
type troubled struct {
	*rig

	noticed atomic.Int32
	code    string
	alerts  []int64
}

func newTroubled(t *testing.T, engine string) *troubled {
	t.Helper()
	r := &troubled{rig: newRigOn(t, engine)}
	r.api.Noticed = func() { r.noticed.Add(1) }
	r.person("ann", "viewer", "data")
	r.apply(taskText("mine", "web", "admin", ""))
	r.code, r.alerts = r.incident("/data/in", 3)
	return r
}

func troubledEngines(t *testing.T, run func(t *testing.T, r *troubled)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			run(t, newTroubled(t, engine))
		})
	}
}

// incident opens an incident with alerts, a message about it to ann and one to
// an address, which was refused.
func (r *rig) incident(path string, alerts int) (code string, ids []int64) {
	r.t.Helper()
	ids = r.world.IDs(alerts + 3)
	code = fmt.Sprintf("x%d", ids[0])
	r.world.Decide("tell of an incident", func(ctx context.Context, l *store.LeaderTx) error {
		in := store.Incident{
			ID: ids[0], Code: code, IncidentRoot: store.IncidentRoot{Kind: store.RootPath, Root: path}, Kind: store.AlertDependTimeout, Cause: "it is not there",
			Level: store.LevelImportant, Affected: alerts, OpenedAt: 1000, LastAlertAt: 2000, ToldAt: 3000,
		}
		if err := l.PutIncidents(ctx, []store.Incident{in}); err != nil {
			return err
		}
		message := func(id int64, to, channel, address string) store.Message {
			return store.Message{ID: id, Purpose: "alert", IncidentID: in.ID, Recipient: to, Channel: channel, Address: address, Level: in.Level, Alerts: alerts, DueAt: 5, Subject: "late"}
		}
		sms, mail := ids[1], ids[2]
		if err := l.PutMessages(ctx, []store.Message{message(sms, "ann", "sms", "13800001234"), message(mail, "addr:team@x.org", "mail", "team@x.org")}); err != nil {
			return err
		}
		var told []store.Delivery
		var dealt []store.DealtAlert
		for _, id := range ids[3:] {
			if err := l.Raise(ctx, store.Alert{ID: id, Kind: store.AlertDependTimeout, Object: fmt.Sprintf("mine/%d.0", id), Occurrence: "once", Level: store.LevelTask, Text: "late"}); err != nil {
				return err
			}
			told = append(told, store.Delivery{AlertID: id, Recipient: "ann", Channel: "sms", Rule: "sms-right", MessageID: sms},
				store.Delivery{AlertID: id, Recipient: "addr:team@x.org", Channel: "mail", Rule: "auxiliary", MessageID: mail})
			dealt = append(dealt, store.DealtAlert{AlertID: id, IncidentID: in.ID})
		}
		if err := l.PutDeliveries(ctx, told); err != nil {
			return err
		}
		return l.DealAlerts(ctx, dealt)
	})
	r.world.Change("UPDATE capri_message SET state = 2, tries = 4, answer = 'no such user team@x.org here', endedAt = 9 WHERE id = ?", ids[2])
	return code, ids[3:]
}

func (r *rig) resolve(code string) {
	r.t.Helper()
	r.world.Change("UPDATE capri_incident SET openKey = NULL, resolvedAt = 7000 WHERE code = ?", code)
}

func TestIncidentsAreListed(t *testing.T) {
	t.Parallel()
	troubledEngines(t, incidentsAreListed)
}

func incidentsAreListed(t *testing.T, r *troubled) {
	t.Helper()
	over, _ := r.incident("/data/old", 1)
	r.resolve(over)
	for query, want := range map[string]string{
		"": over + " " + r.code, "state=open": r.code, "state=ended": over, "text=/data/old": over, "text=is%20not": over + " " + r.code, "rootKind=third": "", "level=critical": "", "rootKind=path&level=important&state=open": r.code,
	} {
		var list wire.IncidentList
		r.must(http.MethodGet, root+"/incidents?"+query, "viewer", nil, &list)
		var got []string
		for _, in := range list.Items {
			got = append(got, in.Code)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	var first, second wire.IncidentList
	r.must(http.MethodGet, root+"/incidents?limit=1", "viewer", nil, &first)
	r.must(http.MethodGet, root+"/incidents?limit=1&cursor="+first.Next, "viewer", nil, &second)
	if len(first.Items) != 1 || len(second.Items) != 1 || first.Items[0].Code != over || second.Items[0].Code != r.code || second.Next != "" || second.Items[0].ToldAt != 3000 {
		t.Errorf("got %+v and %+v, want one after the other", first, second)
	}
	for path, code := range map[string]fault.Code{"/incidents?state=odd": fault.Invalid, "/incidents?cursor=zz": fault.Invalid, "/incidents/none": fault.NotFound} {
		if p := r.problem(http.MethodGet, root+path, "viewer", nil); p.Code != string(code) {
			t.Errorf("%s: got %+v, want %s", path, p, code)
		}
	}
}

func TestAnIncidentHasItsAlertsAndMessages(t *testing.T) {
	t.Parallel()
	troubledEngines(t, incidentIsShown)
}

func incidentIsShown(t *testing.T, r *troubled) {
	t.Helper()
	for token, want := range map[string]string{
		"viewer": "********234 addr:t…@x.org t…@x.org no such user t…@x.org here", r.loginToken("ann"): "13800001234 addr:t…@x.org t…@x.org no such user t…@x.org here",
		"operator": "13800001234 addr:team@x.org team@x.org no such user team@x.org here",
	} {
		var in wire.IncidentDetail
		r.must(http.MethodGet, root+"/incidents/%23"+strings.ToUpper(r.code), token, nil, &in)
		if in.Code != r.code || in.Root != "/data/in" || len(in.Alerts) != 3 || in.Next != "" || len(in.Messages) != 2 {
			t.Fatalf("%s: got %+v, want three alerts and two messages", token, in)
		}
		sms, mail := in.Messages[0], in.Messages[1]
		if got := strings.Join([]string{sms.Address, mail.Recipient, mail.Address, mail.Answer}, " "); got != want || sms.State != "waits" || mail.State != "failed" || mail.Tries != 4 {
			t.Errorf("%s: got %s, want %s", token, got, want)
		}
		var told wire.AlertDeliveries
		r.must(http.MethodGet, fmt.Sprintf("%s/alerts/%d/deliveries?lang=zh", root, r.alerts[0]), token, nil, &told)
		if len(told.Items) != 2 || told.Alert.Incident != r.code || told.Items[1].Rule != "sms-right" || told.Items[1].Because == "sms-right" || told.Items[1].Message.Address != sms.Address || told.Items[0].Message.Recipient != mail.Recipient {
			t.Errorf("%s: got %+v, want who is told, masked likewise", token, told)
		}
	}
	many, _ := r.incident("/data/many", incidentAlerts+2)
	var in wire.IncidentDetail
	r.must(http.MethodGet, root+"/incidents/"+many, "viewer", nil, &in)
	var rest wire.AlertList
	r.must(http.MethodGet, root+"/alerts?incident="+many+"&cursor="+in.Next, "viewer", nil, &rest)
	if len(in.Alerts) != incidentAlerts || len(rest.Items) != 2 || slices.ContainsFunc(rest.Items, func(a wire.Alert) bool { return a.Incident != many || a.DealtAt == 0 }) {
		t.Errorf("got %d alerts and %+v, want the rest of them in the list", len(in.Alerts), rest)
	}
	if p := r.problem(http.MethodGet, root+"/alerts/7777777/deliveries", "viewer", nil); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want NOT_FOUND", p)
	}
}

func TestIncidentsAreAcknowledged(t *testing.T) {
	t.Parallel()
	troubledEngines(t, incidentIsAcknowledged)
}

func incidentIsAcknowledged(t *testing.T, r *troubled) {
	t.Helper()
	path := root + "/incidents/" + r.code + "/ack"
	var in wire.Incident
	r.must(http.MethodPost, path, "operator", wire.AckRequest{Note: "I look at it"}, &in)
	if in.AckBy != "admin" || in.AckNote != "I look at it" || in.QuietUntil != in.AckAt+3_600_000 || in.ResolvedAt != 0 || r.noticed.Load() != 1 {
		t.Errorf("got %+v, told %d times, want it acknowledged for an hour and open", in, r.noticed.Load())
	}
	in = wire.Incident{}
	r.must(http.MethodPost, path, "admin", struct{}{}, &in)
	r.wantRows("incident.ack", `"before":{"ackBy":"","ackAt":0,"ackNote":""}`, `"ackNote":"I look at it"},"before"`)
	if in.AckNote != "" || r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'incident.ack' AND object = 'incident "+r.code+"'") != 2 {
		t.Errorf("got %+v, want it acknowledged anew", in)
	}
	r.resolve(r.code)
	for _, c := range []struct {
		path, token string
		body        any
		code        fault.Code
	}{
		{path, "operator", wire.AckRequest{}, fault.Conflict},
		{root + "/incidents/none/ack", "operator", wire.AckRequest{}, fault.NotFound},
		{path, "developer", wire.AckRequest{}, fault.Forbidden},
		{path, "operator", wire.AckRequest{Note: "two\nlines"}, fault.Invalid},
		{path, "operator", wire.AckRequest{Note: strings.Repeat("长", 401)}, fault.Invalid},
		{path, "operator", `{"nota": "x"}`, fault.Usage},
	} {
		if p := r.problem(http.MethodPost, c.path, c.token, c.body); p.Code != string(c.code) {
			t.Errorf("%s %v: got %+v, want %s", c.path, c.body, p, c.code)
		}
	}
	if r.noticed.Load() != 2 {
		t.Errorf("got the duty told %d times, want twice", r.noticed.Load())
	}
}
