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
		m := lasts[i]
		if !alone(m.Purpose) || m.State == store.MessageFailed || m.Channel == string(rule.Phone) {
			continue
		}
		m.ID, m.Purpose, m.IncidentID = -int64(len(p.Messages))-1, text.PurposeRecovered, in.ID
		m.DueAt = now + leaving.Milliseconds()
		if lasts[i].State == store.MessageWaits {
			m.DueAt = max(m.DueAt, lasts[i].DueAt+leastWait.Milliseconds()) // after what it takes back
		}
		m.State, m.Tries, m.Answer, m.Subject, m.CreatedAt, m.EndedAt, m.Alerts, m.Affected = 0, 0, "", "", now, 0, 0, in.Affected
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
		m := lasts[i]
		if !alone(m.Purpose) || m.State == store.MessageWaits || Rank(m.Level) < Rank(in.Level) {
			continue
		}
		m.ID, m.Purpose, m.DueAt = -int64(len(out))-1, text.PurposeUpdate, now+leaving.Milliseconds()
		m.State, m.Tries, m.Answer, m.Subject, m.CreatedAt, m.EndedAt, m.Alerts, m.Affected = 0, 0, "", "", now, 0, 0, in.Affected
		out = append(out, m)
	}
	return out
}
