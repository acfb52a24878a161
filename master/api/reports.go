package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/report/page"
)

const tagReports = "reports"

// Reports are made, or were.
type Reports interface {
	// Report is the report of the hour or day that ended last at an instant; 0: the newest.
	Report(ctx context.Context, kind string, at int64) (wire.Report, error)
}

type reportQuery struct {
	At     string `query:"at" maxLength:"40" doc:"an instant: the report of the hour or day that ended last then; the newest"`
	Format string `query:"format" default:"json" enum:"json,text,html" doc:"json, or as people read it"`
	Lang   string `query:"lang" default:"en" enum:"en,zh" doc:"language of text and html"`
}

type reportsQuery struct {
	Kind   string `query:"kind" default:"hourly" enum:"hourly,daily" doc:"which reports"`
	Lang   string `query:"lang" default:"en" enum:"en,zh" doc:"language of the headlines"`
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

type reportKind struct {
	Kind string `path:"kind" enum:"hourly,daily" doc:"which report"`
}

type reportAnswer struct {
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

func (a *api) reportRoutes() {
	for _, r := range []struct{ kind, summary string }{
		{wire.ReportHourly, "How an hour has gone: the report that was made then, or one that is made now"},
		{wire.ReportDaily, "How a day has gone, likewise"},
	} {
		raw(a, route{method: http.MethodGet, path: root + "/reports/" + r.kind, may: permit.View, id: "get-" + r.kind + "-report", tag: tagReports, timeout: reportTimeout, summary: r.summary},
			func(ctx context.Context, q *reportQuery) (*reportAnswer, error) { return a.getReport(ctx, r.kind, q) })
	}
	call(a, route{method: http.MethodGet, path: root + "/reports", may: permit.View, id: "list-reports", tag: tagReports,
		summary: "Reports that are kept, with their headlines, newest first"}, a.listReports)
	const readers = root + "/reports/{kind}/readers"
	call(a, route{method: http.MethodGet, path: readers, may: permit.View, id: "list-report-readers", tag: tagReports,
		summary: "Who gets a report by mail"}, a.listReaders)
	read := route{method: http.MethodPost, path: readers + "/me", may: permit.ManageSelf, id: "read-report", tag: tagReports,
		summary: "Get a report by mail: when something is wrong, at 08:00 and 20:00; or always"}
	call(a, read, a.readReport)
	describeBody[wire.ReportReaderRequest](a, read)
	call(a, route{method: http.MethodPost, path: readers + "/me/remove", may: permit.ManageSelf, id: "leave-report", tag: tagReports,
		summary: "Get a report by mail no more"}, a.leaveReport)
	add := route{method: http.MethodPost, path: readers + "/{user}", may: permit.ManageUsers, id: "add-report-reader", tag: tagReports,
		summary: "Have a report sent to somebody, likewise"}
	call(a, add, a.readReportFor)
	describeBody[wire.ReportReaderRequest](a, add)
	call(a, route{method: http.MethodPost, path: readers + "/{user}/remove", may: permit.ManageUsers, id: "remove-report-reader", tag: tagReports,
		summary: "Send a report to somebody no more"}, a.leaveReportFor)
}

// reportTimeout is for a report that is made now, over many tasks.
const reportTimeout = writeTimeout / 2

// pagePolicy lets the page of a report have its styles, which are in place, and
// nothing else.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"

func (a *api) getReport(ctx context.Context, kind string, q *reportQuery) (*reportAnswer, error) {
	at, err := parseInstant(q.At, from, a.Zone)
	if err != nil {
		return nil, err
	}
	report, err := a.Reports.Report(ctx, kind, at)
	if err != nil {
		return nil, err
	}
	switch q.Format {
	case "text":
		return &reportAnswer{ContentType: "text/plain; charset=utf-8", Body: []byte(page.Text(&report, q.Lang))}, nil
	case "html":
		text, err := page.HTML(&report, q.Lang, "")
		return &reportAnswer{ContentType: "text/html; charset=utf-8", Policy: pagePolicy, Body: []byte(text)}, err
	}
	body, err := json.Marshal(report)
	return &reportAnswer{ContentType: "application/json", Body: append(body, '\n')}, err
}

func (a *api) listReports(ctx context.Context, q *reportsQuery) (wire.ReportList, error) {
	list := wire.ReportList{Items: []wire.StoredReport{}}
	before, err := idPosition(q.Cursor)
	if err != nil {
		return list, err
	}
	if before == 0 {
		before = a.DB.Now().UnixMilli() + 1
	}
	var rows []store.Report
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		rows, err = t.WholeReports(ctx, q.Kind, before, q.Limit+1)
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(r *store.Report) string { return strconv.FormatInt(r.At, 10) })
	if err != nil {
		return list, err
	}
	for _, r := range rows {
		var whole wire.Report
		if err := json.Unmarshal([]byte(r.Body), &whole); err != nil {
			return list, fmt.Errorf("read the %s report of %d: %w", r.Kind, r.At, err)
		}
		list.Items = append(list.Items, wire.StoredReport{
			Kind: r.Kind, At: r.At, Green: r.Quiet, MadeAt: r.MadeAt, SentAt: r.SentAt, Headline: page.Headline(&whole, q.Lang),
		})
	}
	return list, nil
}

func (a *api) listReaders(ctx context.Context, p *reportKind) (wire.ReportReaders, error) {
	list := wire.ReportReaders{Items: []wire.ReportReader{}}
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		rows, err := t.Readers(ctx, p.Kind)
		for _, r := range rows {
			list.Items = append(list.Items, wire.ReportReader{User: r.User, Always: r.Always, HasMail: r.Mail != "", ChangedAt: r.ChangedAt})
		}
		return err
	})
	return list, err
}

type readCall struct {
	Kind    string `path:"kind" enum:"hourly,daily" doc:"which report"`
	RawBody []byte
}

type readCallFor struct {
	Kind    string `path:"kind" enum:"hourly,daily" doc:"which report"`
	User    string `path:"user" maxLength:"100" doc:"name of a user"`
	RawBody []byte
}

type leaveCall struct {
	Kind string `path:"kind" enum:"hourly,daily" doc:"which report"`
}

type leaveCallFor struct {
	Kind string `path:"kind" enum:"hourly,daily" doc:"which report"`
	User string `path:"user" maxLength:"100" doc:"name of a user"`
}

func (a *api) readReport(ctx context.Context, p *readCall) (wire.ReportReaderReply, error) {
	return a.readReportFor(ctx, &readCallFor{p.Kind, callerOf(ctx).name, p.RawBody})
}

func (a *api) readReportFor(ctx context.Context, p *readCallFor) (wire.ReportReaderReply, error) {
	request, err := decode[wire.ReportReaderRequest](p.RawBody, false)
	if err != nil {
		return wire.ReportReaderReply{}, err
	}
	return a.subscribe(ctx, p.Kind, p.User, &request.Always)
}

func (a *api) leaveReport(ctx context.Context, p *leaveCall) (wire.ReportReaderReply, error) {
	return a.subscribe(ctx, p.Kind, callerOf(ctx).name, nil)
}

func (a *api) leaveReportFor(ctx context.Context, p *leaveCallFor) (wire.ReportReaderReply, error) {
	return a.subscribe(ctx, p.Kind, p.User, nil)
}

// subscribe makes a user a reader of a report, or with nil none any more.
func (a *api) subscribe(ctx context.Context, kind, user string, always *bool) (wire.ReportReaderReply, error) {
	who := callerOf(ctx)
	reply := wire.ReportReaderReply{Kind: kind, User: user, Reads: always != nil, Always: always != nil && *always}
	ids, err := a.DB.IDs(ctx, 1)
	if err != nil {
		return reply, err
	}
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		p, err := t.PersonByName(ctx, user)
		if err != nil {
			return named(err, "user", user)
		}
		reply.HasMail = p.Mail != ""
		before, was, err := t.LockReader(ctx, kind, p.ID)
		if err != nil {
			return err
		}
		reply.Changed = was != reply.Reads || was && before.Always != reply.Always
		if !reply.Changed {
			return nil
		}
		action := "report.unsubscribe"
		if always == nil {
			err = t.DropReader(ctx, kind, p.ID)
		} else {
			action = "report.subscribe"
			err = t.PutReader(ctx, kind, store.Reader{UserID: p.ID, Always: *always})
		}
		if err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]any{
			"before": map[string]bool{"reads": was, "always": before.Always}, "after": map[string]bool{"reads": reply.Reads, "always": reply.Always},
		})
		if err != nil {
			return fault.Wrap(fault.Internal, err, "the record of the change cannot be written")
		}
		return t.Audit(ctx, store.Audit{ID: ids[0], Action: action, Object: kind + "/" + p.Name, Source: who.source, Detail: string(detail)})
	})
	return reply, err
}
