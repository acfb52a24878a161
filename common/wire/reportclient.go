package wire

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// ReportQuery asks for one report.
type ReportQuery struct {
	Kind string // hourly or daily
	At   string // its end or any instant in the hour or day after; empty: the newest
	Lang string // of text and html
}

func (q ReportQuery) path(format string) string {
	return "/reports/" + url.PathEscape(q.Kind) + "?" + params("at", q.At, "lang", q.Lang, "format", format).Encode()
}

// Report returns a report.
func (c *Client) Report(ctx context.Context, q ReportQuery) (Report, error) {
	var report Report
	err := c.get(ctx, q.path("json"), nil, &report)
	return report, err
}

// ReportPage returns a report as people read it: format is text or html.
func (c *Client) ReportPage(ctx context.Context, q ReportQuery, format string) ([]byte, error) {
	return c.roundTrip(ctx, http.MethodGet, q.path(format), nil)
}

// Reports returns a page of the reports that are stored, newest first.
func (c *Client) Reports(ctx context.Context, kind, lang, cursor string, limit int) (ReportList, error) {
	var list ReportList
	err := c.get(ctx, "/reports", params("kind", kind, "lang", lang, "cursor", cursor, "limit", strconv.Itoa(limit)), &list)
	return list, err
}

// ReportReaders lists who gets a report by mail.
func (c *Client) ReportReaders(ctx context.Context, kind string) (ReportReaders, error) {
	var list ReportReaders
	err := c.get(ctx, "/reports/"+url.PathEscape(kind)+"/readers", nil, &list)
	return list, err
}

// Myself names the caller where a reader of reports is named.
const Myself = "me"

// ReadReport subscribes a user, or Myself, to a report.
func (c *Client) ReadReport(ctx context.Context, kind, user string, request ReportReaderRequest) (ReportReaderReply, error) {
	var reply ReportReaderReply
	err := c.post(ctx, readerPath(kind, user), request, &reply)
	return reply, err
}

// LeaveReport ends the subscription of a user, or of Myself, to a report.
func (c *Client) LeaveReport(ctx context.Context, kind, user string) (ReportReaderReply, error) {
	var reply ReportReaderReply
	err := c.post(ctx, readerPath(kind, user)+"/remove", struct{}{}, &reply)
	return reply, err
}

func readerPath(kind, user string) string {
	return "/reports/" + url.PathEscape(kind) + "/readers/" + url.PathEscape(user)
}
