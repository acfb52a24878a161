package report

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/report/compose"
	"capricornus/master/report/page"
)

// byMail is the channel of all messages with reports.
const byMail = "mail"

// keep keeps a report and puts a message for each reader who wants it, both in
// one transaction of the leader's: a report that is there has been sent.
func (r *Reports) keep(ctx context.Context, lead *store.Lead, span compose.Span, made *wire.Report) error {
	body, err := json.Marshal(made)
	if err != nil {
		return fmt.Errorf("encode a report: %w", err)
	}
	messages, err := r.messages(ctx, span, made)
	if err != nil {
		return err
	}
	row := store.Report{Kind: made.Kind, At: made.At, Quiet: made.Green, Body: string(body), MadeAt: made.MadeAt}
	kept := false
	err = lead.Tx(ctx, Duty, func(t *store.LeaderTx) (err error) {
		kept, err = t.KeepReport(ctx, row, messages)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the %s report of %d: %w", made.Kind, made.At, err)
	}
	if kept && len(messages) > 0 && r.Put != nil {
		r.Put()
	}
	return nil
}

// messages are those that carry a report to who wants it and has an address.
func (r *Reports) messages(ctx context.Context, span compose.Span, made *wire.Report) ([]store.Message, error) {
	if !compose.Sent(span, r.DB.Now()) {
		return nil, nil
	}
	var readers []store.Reader
	var settings map[string]string
	err := r.DB.View(ctx, func(t *store.ViewTx) (err error) {
		if readers, err = t.Readers(ctx, span.Kind); err != nil {
			return err
		}
		settings, err = t.Settings(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []store.Message
	for _, reader := range readers {
		if !compose.Wanted(span.Kind, span.At, made.Green, reader.Always) {
			continue
		}
		if reader.Mail == "" {
			r.Log.Warn("a reader of reports has no mail address and gets nothing", logs.User, reader.User, logs.State, span.Kind)
			continue
		}
		subject := page.Subject(made, cmp.Or(reader.Lang, settings[store.SettingNoticeLanguage]))
		out = append(out, store.Message{Recipient: reader.User, Channel: byMail, Address: reader.Mail, Lang: reader.Lang, Level: wire.LevelNotice, Subject: subject})
	}
	if len(out) == 0 {
		return nil, nil
	}
	ids, err := r.DB.IDs(ctx, len(out))
	for i := range ids {
		out[i].ID = ids[i]
	}
	return out, err
}

// MailOf is the mail that a message of reports is sent as, in its language. A
// report that is not kept any more is NotFound.
func (r *Reports) MailOf(ctx context.Context, m *store.Message) (page.Mail, error) {
	kind, at, ok := store.ReportOf(m.Ref)
	if !ok {
		return page.Mail{}, fault.New(fault.Invalid, "message %d names no report: %q", m.ID, m.Ref)
	}
	var row store.Report
	err := r.DB.View(ctx, func(t *store.ViewTx) (err error) {
		row, err = t.ReportAt(ctx, kind, at)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return page.Mail{}, fault.New(fault.NotFound, "the report %s is not kept any more", m.Ref)
	}
	if err != nil {
		return page.Mail{}, fmt.Errorf("read the report %s: %w", m.Ref, err)
	}
	var kept wire.Report
	if err := json.Unmarshal([]byte(row.Body), &kept); err != nil {
		return page.Mail{}, fault.Wrap(fault.Internal, err, "the report %s cannot be read", m.Ref)
	}
	return page.MailOf(&kept, m.Lang, "")
}
