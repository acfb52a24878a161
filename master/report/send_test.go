package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// reader makes a user who reads a report.
func (r *rig) reader(name, kind string, always bool, change ...func(*store.Person)) {
	r.t.Helper()
	ids := r.IDs(1)
	p := store.Person{ID: ids[0], Name: name, Role: "viewer", IsEnabled: true, Mail: name + "@example.com"}
	for _, c := range change {
		c(&p)
	}
	err := r.DB.Operate(r.t.Context(), store.Actor{Kind: "person", ID: "admin"}, func(o *store.OperateTx) error {
		if err := o.AddPerson(r.t.Context(), p); err != nil {
			return err
		}
		return o.PutReader(r.t.Context(), kind, store.Reader{UserID: p.ID, Always: always})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// atHour lets the report that is owed be that of an hour of the day, and makes it green.
func (r *rig) atHour(hour int) {
	at := r.span.At.UTC()
	r.Zone = time.FixedZone("theirs", (hour-at.Hour())*3600)
	r.Services = nil
	r.Cover = func(context.Context, time.Time, time.Time, int) (expected, missing int, gone []string, err error) {
		return 20, 0, nil, nil
	}
}

// mails are who gets which report, in order.
func (r *rig) mails() string {
	r.t.Helper()
	rows, err := r.DB.Raw().QueryContext(r.t.Context(), "SELECT recipient, ref FROM capri_message ORDER BY recipient, ref")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var who, ref string
		if err := rows.Scan(&who, &ref); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, who+" "+ref)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return strings.Join(out, ",")
}

// TestReportsAreSentOnce: each reader with an address gets one message, which
// has what is needed to send it.
func TestReportsAreSentOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		var said bytes.Buffer
		r.Log = slog.New(slog.NewTextHandler(&said, nil))
		put := 0
		r.Put = func() { put++ }
		r.reader("ann", wire.ReportHourly, true, func(p *store.Person) { p.Lang = "zh" })
		r.reader("bob", wire.ReportHourly, false)
		r.reader("eve", wire.ReportHourly, true, func(p *store.Person) { p.Mail = "" })
		r.reader("tom", wire.ReportHourly, true, func(p *store.Person) { p.IsEnabled = false })
		r.atHour(12)
		r.Cover = func(context.Context, time.Time, time.Time, int) (expected, missing int, gone []string, err error) {
			return 20, 2, nil, nil
		}
		for range 3 {
			r.make()
		}
		ref := fmt.Sprint("hourly/", r.span.At.UnixMilli())
		if got, want := r.mails(), "ann "+ref+",bob "+ref; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if n := w.Figure("SELECT COUNT(*) FROM capri_report WHERE kind = 'hourly' AND sentAt > 0"); n != 1 || put != 1 {
			t.Errorf("got %d reports sent and %d calls, want one each", n, put)
		}
		if text := said.String(); strings.Count(text, "user=") != 1 || !strings.Contains(text, "user=eve") {
			t.Errorf("got %s, want a line about eve", text)
		}
		if n := w.Figure("SELECT COUNT(*) FROM capri_message WHERE purpose = 'report' AND channel = 'mail' AND state = 0 AND tries = 0 AND alerts = 0 AND incidentId = 0 AND dueAt > 0 AND dueAt = createdAt AND endedAt = 0 AND level = 'notice'"); n != 2 {
			t.Errorf("got %d messages that wait, want 2", n)
		}
		for column, want := range map[string]string{"address": "ann@example.com", "lang": "zh", "subject": "[调度小时报] "} {
			if got := w.Text("SELECT " + column + " FROM capri_message WHERE recipient = 'ann'"); !strings.HasPrefix(got, want) {
				t.Errorf("%s: got %s, want %s", column, got, want)
			}
		}
	})
}

// TestAMessageIsRendered: from the report that it names, in its language.
func TestAMessageIsRendered(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	r.make()
	m := &store.Message{ID: 7, Lang: "zh", Ref: store.ReportRef(wire.ReportHourly, r.span.At.UnixMilli())}
	got, err := r.MailOf(t.Context(), m)
	if err != nil || !strings.HasPrefix(got.Subject, "[调度小时报]") || !strings.Contains(got.HTML, `lang="zh-CN"`) || !strings.Contains(got.Plain, "调度小时报") {
		t.Errorf("got %q and %v, want the report in Chinese", got.Subject, err)
	}
	m.Lang = ""
	if got, err := r.MailOf(t.Context(), m); err != nil || !strings.HasPrefix(got.Subject, "[Hourly report]") {
		t.Errorf("got %q and %v, want the report in English", got.Subject, err)
	}
	for ref, want := range map[string]fault.Code{"": fault.Invalid, "hourly": fault.Invalid, "hourly/x": fault.Invalid, "hourly/5": fault.NotFound} {
		if _, err := r.MailOf(t.Context(), &store.Message{Ref: ref}); fault.CodeOf(err) != want {
			t.Errorf("%q: got %v, want %s", ref, err, want)
		}
	}
	r.Change("UPDATE capri_report SET body = '{'")
	if _, err := r.MailOf(t.Context(), m); fault.CodeOf(err) != fault.Internal {
		t.Errorf("got %v, want it said that it cannot be read", err)
	}
}

// TestQuietReports: when nothing is wrong, only who wants them all gets them,
// but for two hours of the day; the daily one everybody gets.
func TestQuietReports(t *testing.T) {
	t.Parallel()
	for hour, want := range map[int][]string{12: {"ann", "day"}, 8: {"ann", "bob"}, 20: {"ann", "bob", "day"}, 0: {"ann"}} {
		t.Run(fmt.Sprint(hour), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
			r.reader("ann", wire.ReportHourly, true)
			r.reader("bob", wire.ReportHourly, false)
			r.reader("day", wire.ReportDaily, false)
			r.atHour(hour)
			r.make()
			got := r.mails()
			if hour == 8 { // the day's is made with it, or three minutes after
				want = slices.DeleteFunc(append(want, "day"), func(name string) bool { return name == "day" && !strings.Contains(got, "day ") })
			}
			for _, name := range []string{"ann", "bob", "day"} {
				if n := strings.Count(got, name+" "); (n == 1) != slices.Contains(want, name) || n > 1 {
					t.Errorf("got %q, want mails to %v", got, want)
				}
			}
		})
	}
	t.Run("Nobody", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
		r.reader("bob", wire.ReportHourly, false)
		r.atHour(12)
		r.make()
		if n := r.Figure("SELECT COUNT(*) FROM capri_report WHERE sentAt <> 0"); n != 0 || r.mails() != "" {
			t.Errorf("got %d reports sent, and %q, want none", n, r.mails())
		}
	})
}

// TestOldReportsAreNotSent: those that are made up after an outage.
func TestOldReportsAreNotSent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.atHour(12)
		r.make()
		w.Change("UPDATE capri_report SET at = at - 4 * 3600000 WHERE kind = 'hourly'")
		w.Change("DELETE FROM capri_report WHERE kind = 'daily'")
		r.reader("ann", wire.ReportHourly, true)
		r.reader("bob", wire.ReportDaily, false)
		if n := r.make(); n != 5 {
			t.Fatalf("got %d reports made, want this hour's, three missed ones and the day's", n)
		}
		for age, want := range map[string]int{"madeAt - at > 7200000 AND kind = 'hourly' AND sentAt > 0": 0, "madeAt - at > 2 * 7200000 AND kind = 'daily' AND sentAt > 0": 1} {
			if n := w.Figure("SELECT COUNT(*) FROM capri_report WHERE " + age); n != want {
				t.Errorf("%s: got %d, want %d", age, n, want)
			}
		}
		if n := w.Figure("SELECT COUNT(*) FROM capri_report WHERE madeAt - at <= 7200000 AND kind = 'hourly' AND sentAt = 0"); n != 0 {
			t.Errorf("got %d reports that are not old and not sent", n)
		}
	})
}

// TestReportsAreSentOnceWhoeverLeads: a leader that is replaced while it makes a
// report has neither kept nor sent anything; the next one does both.
func TestReportsAreSentOnceWhoeverLeads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.reader("ann", wire.ReportHourly, true)
		r.atHour(5)
		var next *store.Lead
		calm := r.Cover
		r.Cover = func(ctx context.Context, from, to time.Time, few int) (expected, missing int, gone []string, err error) {
			if next == nil {
				epoch, err := w.DB.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: 100, Holder: "m2"})
				if err != nil {
					t.Error(err)
				}
				next = w.DB.Lead(epoch, "m2")
			}
			return calm(ctx, from, to, few)
		}
		if _, err := r.Make(t.Context(), w.Lead); !errors.Is(err, store.ErrFenced) {
			t.Errorf("got %v, want the old leader fenced", err)
		}
		if n := w.Figure("SELECT COUNT(*) FROM capri_report") + w.Figure("SELECT COUNT(*) FROM capri_message"); n != 0 {
			t.Errorf("got %d rows of the old leader's, want none", n)
		}
		for range 2 {
			if _, err := r.Make(t.Context(), next); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := r.mails(), fmt.Sprint("ann hourly/", r.span.At.UnixMilli()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
