package store

import (
	"context"
	"errors"
	"fmt"
)

// AlertSendFailed is the kind of alerts about messages that could not be sent;
// their objects are a channel, or the name of a webhook.
const AlertSendFailed = "send-failed"

// DueMessages lists messages of a channel that wait and whose next try may
// begin, those first that have waited longest; those to the recipients of
// passed are left out.
func (t *ViewTx) DueMessages(ctx context.Context, channel string, passed []string, limit int) ([]Message, error) {
	query, args := "SELECT "+messageCols+" FROM capri_message"+t.d.byIndex("ix_message_due")+" WHERE state = 0 AND channel = ? AND dueAt <= ?", []any{channel, t.now}
	if len(passed) > 0 {
		query, args = query+" AND recipient NOT IN ("+placeholders(len(passed))+")", append(args, anys(passed)...)
	}
	var out []Message
	// ix_message_due (state, channel, dueAt, id)
	if err := t.all(ctx, &out, query+" ORDER BY dueAt, id LIMIT ?", append(args, limit)...); err != nil {
		return nil, fmt.Errorf("list due messages: %w", err)
	}
	return out, nil
}

// NextDue is when the next try of any message of these channels may begin; 0:
// none waits.
func (t *ViewTx) NextDue(ctx context.Context, channels ...string) (int64, error) {
	var next int64
	for _, channel := range channels {
		var at int64
		// ix_message_due (state, channel, dueAt, id)
		err := t.get(ctx, &at, "SELECT dueAt FROM capri_message"+t.d.byIndex("ix_message_due")+" WHERE state = 0 AND channel = ? ORDER BY dueAt, id LIMIT 1", channel)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("read when the next message is due: %w", err)
		}
		if next == 0 || at < next {
			next = at
		}
	}
	return next, nil
}

// MessageClaim is that a try of a message begins.
type MessageClaim struct {
	ID    int64
	Tries int   // begun before
	Until int64 // until then nobody begins another one
}

// ClaimMessages counts a try of each message that waits still, is due and has
// not been begun by somebody else, and returns these as they are now. What is
// claimed takes no more alerts.
func (t *LeaderTx) ClaimMessages(ctx context.Context, all []MessageClaim) ([]Message, error) {
	byID := make(map[int64]MessageClaim, len(all))
	ids := make([]int64, len(all))
	for i, c := range all {
		byID[c.ID], ids[i] = c, c.ID
	}
	var out []Message
	var rows [][]any
	for page := range pages(sorted(ids), 500) {
		var found []Message
		// by the primary key
		if err := t.all(ctx, &found, "SELECT "+messageCols+" FROM capri_message WHERE id IN ("+placeholders(len(page))+") ORDER BY id"+t.d.forUpdate, anys(page)...); err != nil {
			return nil, fmt.Errorf("lock messages: %w", err)
		}
		for _, m := range found {
			c := byID[m.ID]
			if m.State != MessageWaits || m.Tries != c.Tries || m.DueAt > t.now {
				continue
			}
			m.Tries, m.DueAt = c.Tries+1, c.Until
			out = append(out, m)
			rows = append(rows, []any{m.ID, m.Tries, m.DueAt})
		}
	}
	cols := []string{"id", "tries", "dueAt"}
	for page := range t.d.statements(rows) {
		// by the primary key
		if _, err := t.exec(ctx, t.d.updateFrom("capri_message", t.d.values(cols, len(page)), cols[1:], cols[:1]), flat(page)...); err != nil {
			return nil, fmt.Errorf("claim messages: %w", err)
		}
	}
	return out, nil
}

// MessageEnd is how a try of a message ended.
type MessageEnd struct {
	ID      int64
	Tries   int // which try it was
	State   int // MessageWaits: there is another one
	DueAt   int64
	Answer  string // one line
	Subject string
}

// SettleMessages writes how tries ended, and when alerts were told first. It
// returns the ids of those that it wrote: a message that has been begun anew, or
// has ended, stays as it is.
func (t *LeaderTx) SettleMessages(ctx context.Context, all []MessageEnd) ([]int64, error) {
	waits, err := t.lockTries(ctx, all)
	if err != nil {
		return nil, err
	}
	var settled, sent []int64
	var rows [][]any
	for _, e := range all {
		if tries, ok := waits[e.ID]; !ok || tries != e.Tries {
			continue
		}
		ended := t.now
		if e.State == MessageWaits {
			ended = 0
		}
		if e.State == MessageSent {
			sent = append(sent, e.ID)
		}
		settled = append(settled, e.ID)
		rows = append(rows, []any{e.ID, e.State, e.DueAt, clip(e.Answer, 400), clip(e.Subject, 400), ended})
	}
	cols := []string{"id", "state", "dueAt", "answer", "subject", "endedAt"}
	for page := range t.d.statements(rows) {
		// by the primary key
		if _, err := t.exec(ctx, t.d.updateFrom("capri_message", t.d.values(cols, len(page)), cols[1:], cols[:1]), flat(page)...); err != nil {
			return nil, fmt.Errorf("settle messages: %w", err)
		}
	}
	return settled, t.alertsTold(ctx, sent)
}

// lockTries locks those of messages that wait and reads which try is theirs.
func (t *LeaderTx) lockTries(ctx context.Context, all []MessageEnd) (map[int64]int, error) {
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	out := make(map[int64]int, len(all))
	for page := range pages(sorted(ids), 500) {
		var found []struct {
			ID    int64 `db:"id"`
			Tries int   `db:"tries"`
		}
		// by the primary key
		if err := t.all(ctx, &found, "SELECT id, tries FROM capri_message WHERE state + 0 = 0 AND id IN ("+placeholders(len(page))+") ORDER BY id"+t.d.forUpdate, anys(page)...); err != nil {
			return nil, fmt.Errorf("lock messages: %w", err)
		}
		for _, f := range found {
			out[f.ID] = f.Tries
		}
	}
	return out, nil
}

// alertsTold writes when the alerts of messages were told, where that is new.
func (t *LeaderTx) alertsTold(ctx context.Context, messages []int64) error {
	var alerts []int64
	for page := range pages(messages, 500) {
		var found []int64
		// ix_delivery_message (messageId)
		if err := t.all(ctx, &found, "SELECT DISTINCT alertId FROM capri_alert_delivery WHERE messageId IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return fmt.Errorf("read alerts of messages: %w", err)
		}
		alerts = append(alerts, found...)
	}
	for page := range pages(sorted(alerts), 1000) {
		// by the primary key
		if _, err := t.exec(ctx, "UPDATE capri_alert SET deliveredAt = ? WHERE deliveredAt + 0 = 0 AND id IN ("+placeholders(len(page))+")", append([]any{t.now}, anys(page)...)...); err != nil {
			return fmt.Errorf("note that alerts were told: %w", err)
		}
	}
	return nil
}

// PutMessages puts messages that a person asks for.
func (t *OperateTx) PutMessages(ctx context.Context, all []Message) error {
	return t.putMessages(ctx, all)
}

// MessageByID reads one message.
func (t *ViewTx) MessageByID(ctx context.Context, id int64) (Message, error) {
	var out Message
	// by the primary key
	err := t.get(ctx, &out, "SELECT "+messageCols+" FROM capri_message WHERE id = ?", id)
	return out, err
}
