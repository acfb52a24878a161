package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Report is a report as it is kept: of a kind, and the instant its time ended.
type Report struct {
	Kind   string `db:"kind"`
	At     int64  `db:"at"`
	Quiet  bool   `db:"quiet"` // nothing was wrong
	Body   string `db:"body"`  // JSON
	MadeAt int64  `db:"madeAt"`
	SentAt int64  `db:"sentAt"` // 0: nobody was to get it
}

// PutReport keeps a report, unless there is one of that kind and instant.
func (t *LeaderTx) PutReport(ctx context.Context, r Report) error {
	return t.insert(ctx, "capri_report", "kind, at, quiet, body, madeAt, sentAt", [][]any{{r.Kind, r.At, boolInt(r.Quiet), r.Body, r.MadeAt, 0}}, t.d.ignore("kind"))
}

// KeepReport keeps a report and puts the messages that carry it to its readers,
// unless the report is there already: then nothing changes and kept is false. So
// each reader gets it once, whoever leads. Messages bring their ids and whom they
// are for; they are due at once.
func (t *LeaderTx) KeepReport(ctx context.Context, r Report, messages []Message) (kept bool, err error) {
	// by the primary key
	var there int
	if err := t.get(ctx, &there, "SELECT COUNT(*) FROM capri_report WHERE kind = ? AND at = ?", r.Kind, r.At); err != nil {
		return false, fmt.Errorf("look for a report: %w", err)
	}
	if there > 0 {
		return false, nil
	}
	sentAt := int64(0)
	if len(messages) > 0 {
		sentAt = t.now
	}
	row := []any{r.Kind, r.At, boolInt(r.Quiet), r.Body, r.MadeAt, sentAt}
	if err := t.insert(ctx, "capri_report", "kind, at, quiet, body, madeAt, sentAt", [][]any{row}, ""); err != nil {
		return false, err
	}
	all := slices.Clone(messages)
	for i := range all {
		m := &all[i]
		m.Purpose, m.Ref, m.DueAt = PurposeReport, ReportRef(r.Kind, r.At), t.now
	}
	return true, t.putMessages(ctx, all)
}

// ReportRef is how a message names the report that it carries.
func ReportRef(kind string, at int64) string { return kind + "/" + strconv.FormatInt(at, 10) }

// ReportOf is the report that a message names; ok is false when it names none.
func ReportOf(ref string) (kind string, at int64, ok bool) {
	kind, text, found := strings.Cut(ref, "/")
	at, err := strconv.ParseInt(text, 10, 64)
	return kind, at, found && err == nil
}

// ReportAt reads one report.
func (t *ViewTx) ReportAt(ctx context.Context, kind string, at int64) (Report, error) {
	var r Report
	err := t.get(ctx, &r, "SELECT kind, at, quiet, body, madeAt, sentAt FROM capri_report WHERE kind = ? AND at = ?", kind, at)
	return r, err
}

// Reports lists reports of a kind without their bodies, newest first, before an instant.
func (t *ViewTx) Reports(ctx context.Context, kind string, before int64, limit int) ([]Report, error) {
	var out []Report
	// by the primary key, backwards
	err := t.all(ctx, &out, "SELECT kind, at, quiet, '' AS body, madeAt, sentAt FROM capri_report WHERE kind = ? AND at < ? ORDER BY at DESC LIMIT ?", kind, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	return out, nil
}

// WholeReports is Reports with the bodies.
func (t *ViewTx) WholeReports(ctx context.Context, kind string, before int64, limit int) ([]Report, error) {
	var out []Report
	// by the primary key, backwards
	err := t.all(ctx, &out, "SELECT kind, at, quiet, body, madeAt, sentAt FROM capri_report WHERE kind = ? AND at < ? ORDER BY at DESC LIMIT ?", kind, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	return out, nil
}

// SweepReports deletes the oldest reports of a kind about a time that ended
// before an instant, sent or not, and tells how many.
func (t *LeaderTx) SweepReports(ctx context.Context, kind string, before int64, limit int) (int, error) {
	var old []int64
	// by the primary key
	if err := t.all(ctx, &old, "SELECT at FROM capri_report WHERE kind = ? AND at < ? ORDER BY at LIMIT ?", kind, before, limit); err != nil {
		return 0, fmt.Errorf("list old reports: %w", err)
	}
	for page := range pages(old, 1000) {
		if _, err := t.exec(ctx, "DELETE FROM capri_report WHERE kind = ? AND at IN ("+placeholders(len(page))+")", append([]any{kind}, anys(page)...)...); err != nil {
			return 0, fmt.Errorf("delete old reports: %w", err)
		}
	}
	return len(old), nil
}

// Reader is a user who gets a report by mail.
type Reader struct {
	UserID    int64  `db:"userId"`
	User      string `db:"userName"`
	Always    bool   `db:"always"` // also when nothing is wrong
	Mail      string `db:"mail"`   // address; empty: there is none, and nothing can be sent
	Lang      string `db:"lang"`   // zh, en; empty: as the cluster speaks
	ChangedAt int64  `db:"changedAt"`
}

// Readers lists who gets a report by mail, by name; users that are not enabled
// are left out.
func (t *ViewTx) Readers(ctx context.Context, kind string) ([]Reader, error) {
	var out []Reader
	// a handful of users
	err := t.all(ctx, &out, `SELECT r.userId, u.name AS userName, r.always, u.mail, u.lang, r.changedAt FROM capri_report_reader r JOIN capri_user u ON u.id = r.userId
WHERE r.kind = ? AND u.isEnabled = 1 ORDER BY u.name LIMIT 10000`, kind)
	if err != nil {
		return nil, fmt.Errorf("list readers of reports: %w", err)
	}
	return out, nil
}

// LockReader reads how a user stands to a report, and keeps others from changing
// it; there is false for none.
func (t *OperateTx) LockReader(ctx context.Context, kind string, user int64) (r Reader, there bool, err error) {
	err = t.get(ctx, &r, "SELECT userId, always, changedAt FROM capri_report_reader WHERE kind = ? AND userId = ?"+t.d.forUpdate, kind, user)
	if errors.Is(err, ErrNotFound) {
		return r, false, nil
	}
	return r, err == nil, err
}

// PutReader makes a user a reader of a report.
func (t *OperateTx) PutReader(ctx context.Context, kind string, r Reader) error {
	return t.insert(ctx, "capri_report_reader", "kind, userId, always, changedAt", [][]any{{kind, r.UserID, boolInt(r.Always), t.now}},
		t.d.upsert("kind, userId", "always", "changedAt"))
}

// DropReader makes a user no reader of a report any more.
func (t *OperateTx) DropReader(ctx context.Context, kind string, user int64) error {
	_, err := t.exec(ctx, "DELETE FROM capri_report_reader WHERE kind = ? AND userId = ?", kind, user)
	if err != nil {
		return fmt.Errorf("drop a reader of reports: %w", err)
	}
	return nil
}
