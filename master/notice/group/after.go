package group

import (
	"time"

	"capricornus/common/store"
	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// Times of what follows an incident's first messages (console.md §3.3).
const (
	RepeatCritical  = 30 * time.Minute
	RepeatImportant = 4 * time.Hour
)

// Recoveries are the messages that an incident is over: to everybody who was
// told of it by itself, but for calls. lasts are the last messages by place;
// ends is the alert that told of the end, 0 for none.
func Recoveries(now int64, in *store.Incident, lasts []store.Message, ends int64) Plan {
	var p Plan
	if in.IsEvent() {
		return p
	}
	for i := range lasts {
		last := &lasts[i]
		if !alone(last.Purpose) || last.State == store.MessageFailed || last.Channel == string(rule.Phone) {
			continue
		}
		m := next(now, in, *last, text.PurposeRecovered, len(p.Messages))
		if last.State == store.MessageWaits {
			m.DueAt = max(m.DueAt, last.DueAt+leastWait.Milliseconds()) // after what it takes back
		}
		if ends != 0 {
			m.Alerts = 1
			p.Deliveries = append(p.Deliveries, store.Delivery{AlertID: ends, Recipient: m.Recipient, Channel: m.Channel, Rule: "recovered", MessageID: m.ID})
		}
		p.Messages = append(p.Messages, m)
	}
	return p
}

// RepeatDue says that people are told once more of an incident that goes on and
// that nobody has acknowledged of late.
func RepeatDue(now int64, in *store.Incident) bool {
	if in.IsEvent() || in.ToldAt == 0 || in.ResolvedAt != 0 || in.AckAt != 0 && now-in.AckAt < store.AckQuiet.Milliseconds() {
		return false
	}
	every := RepeatImportant
	switch in.Level {
	case store.LevelCritical:
		every = RepeatCritical
	case store.LevelImportant:
	default:
		return false
	}
	return now-in.ToldAt >= every.Milliseconds()
}

// Repeats are the messages that an incident goes on, to those who were told of
// it at its level.
func Repeats(now int64, in *store.Incident, lasts []store.Message) []store.Message {
	var out []store.Message
	for i := range lasts {
		m := &lasts[i]
		if !alone(m.Purpose) || m.State == store.MessageWaits || Rank(m.Level) < Rank(in.Level) {
			continue
		}
		out = append(out, next(now, in, *m, text.PurposeUpdate, len(out)))
	}
	return out
}

// next is a message to the place of the last one, that brings no alert; before is
// how many new ones are there already.
func next(now int64, in *store.Incident, last store.Message, purpose string, before int) store.Message {
	return store.Message{
		ID: -int64(before) - 1, Purpose: purpose, IncidentID: in.ID, Recipient: last.Recipient, Channel: last.Channel, Address: last.Address, Lang: last.Lang,
		Level: last.Level, Affected: in.Affected, DueAt: now + leaving.Milliseconds(), CreatedAt: now,
	}
}
