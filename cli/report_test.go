package cli

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/wire"
)

func pageOf(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("format") == "json" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"kind":"hourly","at":1431993600000,"normalPermille":989}`)
			return
		}
		_, _ = io.WriteString(w, r.URL.Query().Get("format")+": "+text)
	}
}

func TestReportShow(t *testing.T) {
	m := newMaster(t, map[string]any{"GET /reports/hourly": pageOf("98.9% \x1b[31m\nfine\n"), "GET /reports/daily": pageOf("a day\n")})
	got := at(m).run(t, "report", "hourly", "--at", "2015-05-19T08:00", "--lang", "zh")
	if got.code != exitDone || !strings.HasPrefix(got.out, "text: 98.9%") || strings.Contains(got.out, "\x1b") || !strings.HasSuffix(got.out, "\nfine\n") {
		t.Errorf("got %+v, want the text, and nothing a terminal obeys", got)
	}
	if !m.asked("GET /reports/hourly?at=2015-05-19T08%3A00&format=text&lang=zh") {
		t.Errorf("got %v, want the hour and the language asked for", m.calls)
	}
	if got := at(m).run(t, "report", "daily", "--format", "html"); got.out != "html: a day\n" {
		t.Errorf("got %+v, want the page as it is", got)
	}
	for _, args := range [][]string{{"--format", "json"}, {"-o", "json"}} {
		if got := at(m).run(t, append([]string{"report", "hourly"}, args...)...); got.code != exitDone || !strings.Contains(got.out, `"normalPermille": 989`) {
			t.Errorf("%v: got %+v, want the data", args, got)
		}
	}
	if got := at(m).run(t, "report", "hourly", "--format", "pdf"); got.code != exitUsage || !strings.Contains(got.err, "text, html or json") {
		t.Errorf("got %+v, want it said what there is", got)
	}
}

func TestReportList(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /reports": wire.ReportList{Items: []wire.StoredReport{
			{Kind: "hourly", At: ms(t, "2015-05-19T08:00:00"), MadeAt: ms(t, "2015-05-19T08:03:01"), SentAt: ms(t, "2015-05-19T08:03:05"), Headline: "3 failed, 1 missing."},
			{Kind: "hourly", At: ms(t, "2015-05-19T07:00:00"), MadeAt: ms(t, "2015-05-19T07:03:00"), Green: true, Headline: "Nothing is wrong: 7 batches ended well."},
		}},
		"GET /reports/hourly/readers": wire.ReportReaders{Items: []wire.ReportReader{{User: "hanmei", ChangedAt: ms(t, "2015-05-19T06:00:00")}, {User: "lilei", Always: true, HasMail: true, ChangedAt: ms(t, "2015-05-19T07:00:00")}}},
	})
	golden(t, "report-list", at(m).run(t, "report", "list").out)
	golden(t, "report-readers", at(m).run(t, "report", "readers", "hourly").out)
	if got := at(m).run(t, "report", "list", "weekly"); got.code != exitUsage || !strings.Contains(got.err, "hourly or daily") {
		t.Errorf("got %+v, want it said what there is", got)
	}
}

func TestReportSubscribe(t *testing.T) {
	m := newMaster(t, map[string]any{
		"POST /reports/hourly/readers/me":        wire.ReportReaderReply{Kind: "hourly", User: "lilei", Reads: true, Always: true, HasMail: true, Changed: true},
		"POST /reports/daily/readers/me":         wire.ReportReaderReply{Kind: "daily", User: "lilei", Reads: true},
		"POST /reports/daily/readers/bob":        wire.ReportReaderReply{Kind: "daily", User: "bob", Reads: true, HasMail: true, Changed: true},
		"POST /reports/daily/readers/bob/remove": wire.ReportReaderReply{Kind: "daily", User: "bob"},
		"POST /reports/hourly/readers/me/remove": wire.ReportReaderReply{Kind: "hourly", User: "lilei", Changed: true},
	})
	for _, c := range []struct{ args, want string }{
		{"subscribe hourly --always", "lilei gets the hourly report by mail from now on, every one"},
		{"subscribe daily", "lilei gets the daily report already, every one; nothing was done"},
		{"subscribe daily", "no address to send it to: capri user set lilei --mail ADDRESS"},
		{"subscribe daily --user bob", "bob gets the daily report by mail from now on, every one"},
		{"unsubscribe daily --user bob", "bob does not get the daily report; nothing was done"},
		{"unsubscribe hourly", "lilei gets the hourly report no more"},
	} {
		got := at(m).run(t, append([]string{"report"}, strings.Fields(c.args)...)...)
		if got.code != exitDone || !strings.Contains(got.err, c.want) {
			t.Errorf("%s: got %+v, want %s", c.args, got, c.want)
		}
	}
	if body := m.body("POST /reports/hourly/readers/me"); body != `{"always":true}` {
		t.Errorf("got %s", body)
	}
	if got := at(m).run(t, "report", "subscribe", "weekly"); got.code != exitUsage {
		t.Errorf("got %+v, want no other kind", got)
	}
}
