// Package report makes the hourly and the daily report (console.md §3.5): it
// reads the figures, has them put together and keeps them. What is decided is in
// package compose, how it is written in package page. Mails with a report are put
// as messages beside it; sending those is somebody else's.
package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/duty"
	"capricornus/master/report/compose"
)

// Duty is the name of the duty that makes reports, Cron when it does, and Every
// how often when its clock is stretched.
const (
	Duty  = "report"
	Cron  = "3 * * * *"
	Every = time.Hour
)

// Deps are what reports are made from.
type Deps struct {
	DB   *store.DB
	Zone *time.Location
	// Why explains a batch in a language.
	Why func(ctx context.Context, ref batch.Ref, lang string) (wire.Why, error)
	// Cover counts the batches with a base time after from, up to and with to: those
	// that should be there, those that are not, and names a few of these.
	Cover func(ctx context.Context, from, to time.Time, few int) (expected, missing int, gone []string, err error)
	// Ahead lists the base times of all tasks after from, up to and with to.
	Ahead func(ctx context.Context, from, to time.Time) (map[int64][]time.Time, error)
	// Services describes the duties; nil: none are shown.
	Services func() []Service
	// Put is called when messages wait to be sent; nil: nobody wants to know.
	Put func()
	Log *slog.Logger // nil: nothing is logged
}

// Service is a duty of the leader.
type Service struct {
	Name  string
	Every time.Duration // 0: it goes by the clock
	Limit time.Duration // a run may take so long
	Core  bool          // shown when it is well, too
}

// Reports makes reports. It is safe for concurrent use.
type Reports struct {
	Deps

	turn chan struct{} // held while one is made for who asks
	made made          // behind turn
}

// made is the report that was made last for who asked.
type made struct {
	kind   string
	at     int64
	report wire.Report
}

// New wires the making of reports.
func New(d Deps) *Reports {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Reports{Deps: d, turn: make(chan struct{}, 1)}
}

// fresh is how long a report that is not kept answers who asks for it again.
const fresh = time.Minute

// Make makes the reports that are owed, keeps them and has them sent, one by one.
func (r *Reports) Make(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	var kept compose.Kept
	now := r.DB.Now().In(r.Zone)
	err := r.DB.View(ctx, func(t *store.ViewTx) (err error) {
		kept, err = r.kept(ctx, t)
		return err
	})
	if err != nil {
		return duty.Pass{}, err
	}
	pass := duty.Pass{}
	for _, span := range compose.Owed(now, kept) {
		made, err := r.compose(ctx, span)
		if err != nil {
			return pass, fmt.Errorf("%s report of %s: %w", span.Kind, span.At.Format(time.RFC3339), err)
		}
		if err := r.keep(ctx, lead, span, &made); err != nil {
			return pass, err
		}
		pass.Rows++
	}
	return pass, nil
}

// kept reads which reports of late are there.
func (r *Reports) kept(ctx context.Context, t *store.ViewTx) (compose.Kept, error) {
	times := func(kind string) ([]time.Time, error) {
		rows, err := t.Reports(ctx, kind, endOfTime, 50)
		var out []time.Time
		for _, row := range rows {
			out = append(out, time.UnixMilli(row.At))
		}
		return out, err
	}
	hourly, err := times(wire.ReportHourly)
	if err != nil {
		return compose.Kept{}, err
	}
	daily, err := times(wire.ReportDaily)
	return compose.Kept{Hourly: hourly, Daily: daily}, err
}

// endOfTime is after every report.
const endOfTime = 1 << 62

// Report is the report of the hour or day that ended last at an instant, 0 for
// the newest: the one that is kept, or one that is made now.
func (r *Reports) Report(ctx context.Context, kind string, at int64) (wire.Report, error) {
	now := r.DB.Now().In(r.Zone)
	if at > now.UnixMilli() {
		return wire.Report{}, fault.New(fault.Invalid, "there is no report of what is to come").WithHint("leave the time out for the newest report")
	}
	var row store.Report
	span := compose.SpanOf(kind, time.UnixMilli(at).In(r.Zone))
	err := r.DB.View(ctx, func(t *store.ViewTx) (err error) {
		if at != 0 {
			row, err = t.ReportAt(ctx, kind, span.At.UnixMilli())
			return err
		}
		rows, err := t.Reports(ctx, kind, endOfTime, 1)
		span = compose.SpanOf(kind, now)
		if err != nil {
			return err
		}
		// The newest is what the duty has made: the hour's own is not there before minute 3.
		if len(rows) == 0 || rows[0].At < span.From.UnixMilli() {
			return store.ErrNotFound
		}
		row, err = t.ReportAt(ctx, kind, rows[0].At)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return r.once(ctx, span)
	}
	if err != nil {
		return wire.Report{}, err
	}
	var out wire.Report
	if err := json.Unmarshal([]byte(row.Body), &out); err != nil {
		return out, fmt.Errorf("read the %s report of %d: %w", kind, row.At, err)
	}
	return out, nil
}

// once makes a report for who asks, one at a time: many may ask at once.
func (r *Reports) once(ctx context.Context, span compose.Span) (wire.Report, error) {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return wire.Report{}, ctx.Err()
	}
	defer func() { <-r.turn }()
	at := span.At.UnixMilli()
	if m := &r.made; m.kind == span.Kind && m.at == at && r.DB.Now().UnixMilli()-m.report.MadeAt < fresh.Milliseconds() {
		return m.report, nil
	}
	report, err := r.compose(ctx, span)
	if err == nil {
		r.made = made{span.Kind, at, report}
	}
	return report, err
}
