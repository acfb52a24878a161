package deliver

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"capricornus/common/store"
	"capricornus/master/notice"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/root"
	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// Key is a message's key, the same in every try: the code of its incident, "d"
// where there is none, and the message's id in base 36.
func Key(code string, id int64) string {
	if code == "" {
		code = "d"
	}
	return code + "-" + strconv.FormatInt(id, 36)
}

// compose is what a message says. It is pure.
func compose(f *facts, m *store.Message, link string) text.Message {
	in := f.incidents[m.IncidentID]
	alerts := f.alerts[m.ID]
	lang := f.lang(m)
	out := text.Message{
		Purpose: m.Purpose, Key: Key(in.Code, m.ID), Code: in.Code, Link: link, Level: m.Level, Cause: cause(&in, lang), Affected: max(waiting(&in, m.Affected), f.behind[in.ID]),
		Alerts: make([]text.Alert, len(alerts)), Now: f.now, Rule: f.rule(alerts, lang), Others: f.others(m, lang), OnDuty: f.name(f.onDuty[m.ID]),
	}
	if in.OpenedAt != 0 {
		out.OpenedAt = time.UnixMilli(in.OpenedAt).In(f.now.Location())
	}
	if m.Purpose == text.PurposeRecovered && in.ResolvedAt > in.OpenedAt {
		out.Lasted = time.Duration(in.ResolvedAt-in.OpenedAt) * time.Millisecond
	}
	for i := range alerts {
		out.Alerts[i] = f.alert(&alerts[i])
	}
	if len(alerts) == 1 {
		f.detail(&alerts[0], &out.Alerts[0])
	}
	return out
}

// cause is what an incident comes from, in a few words; empty where there is no
// one incident.
func cause(in *store.Incident, lang string) string {
	if in.ID == 0 {
		return ""
	}
	return root.Say(lang, in)
}

// waiting is how many batches wait for what an incident is about: those that it
// is about, but for the one that it comes from.
func waiting(in *store.Incident, affected int) int {
	switch in.IncidentRoot.Kind {
	case store.RootPath, store.RootThird, store.RootAbsent:
		return affected
	case store.RootBatch:
		return max(0, affected-1)
	}
	return 0
}

// alert is one of those that a message tells of.
func (f *facts) alert(a *store.ToldAlert) text.Alert {
	return text.Alert{
		ID: a.ID, Kind: a.Kind, Level: a.Level, Object: a.Object, Task: a.Task, Title: a.Title, WorkNo: a.WorkNo, Project: a.Project,
		Owner: f.owner(a.Owner), At: time.UnixMilli(a.CreatedAt).In(f.now.Location()),
	}
}

// owner is how the owner of a task is called.
func (f *facts) owner(name string) string {
	if u, known := f.people[name]; known && u.Title != "" {
		return u.Title
	}
	return name
}

// logLines are how many lines of a log a message shows at most.
const logLines = 20

// detail adds what an alert that is told by itself says besides.
func (f *facts) detail(a *store.ToldAlert, out *text.Alert) {
	d, known := f.details[a.ID]
	if !known {
		return
	}
	out.Text = d.Text
	if d.Attempt == 0 || a.Kind == store.AlertBatchFailed && a.Occurrence != strconv.Itoa(d.Attempt) {
		return // it was about another attempt
	}
	out.Attempt, out.Host, out.ExitCode = d.Attempt, d.Host, d.ExitCode
	if d.EndTime > d.StartTime && d.StartTime > 0 {
		out.Took, out.Usual = time.Duration(d.EndTime-d.StartTime)*time.Millisecond, time.Duration(d.Expect)*time.Second
	}
	if tail := strings.TrimRight(d.Tail, "\r\n"); tail != "" {
		lines := strings.Split(strings.ReplaceAll(tail, "\r\n", "\n"), "\n")
		out.LogTail = lines[max(0, len(lines)-logLines):]
	}
}

// rule says by which rule somebody is told; nothing where alerts differ.
func (f *facts) rule(alerts []store.ToldAlert, lang string) string {
	if len(alerts) == 0 || slices.ContainsFunc(alerts, func(a store.ToldAlert) bool { return a.Rule != alerts[0].Rule }) {
		return ""
	}
	by := rule.Rule(alerts[0].Rule)
	if !slices.Contains(rule.Rules(), by) {
		return ""
	}
	return by.In(lang)
}

// others are who else is told of an incident, with the channel.
func (f *facts) others(m *store.Message, lang string) []string {
	var out []string
	for _, p := range f.places[m.IncidentID] {
		if p.Recipient == m.Recipient && p.Channel == m.Channel {
			continue
		}
		name := f.name(p.Recipient)
		switch {
		case strings.HasPrefix(p.Recipient, hookPrefix):
			name = strings.TrimPrefix(p.Recipient, hookPrefix)
		case name == "":
			name = notice.Masked(p.Address, rule.Channel(p.Channel))
		}
		open, closed := " (", ")"
		if lang == text.Chinese {
			open, closed = "（", "）"
		}
		out = append(out, name+open+channelIn(p.Channel, lang)+closed)
	}
	return out
}

// channelIn is a channel in words.
func channelIn(name, lang string) string {
	words := map[rule.Channel][2]string{
		rule.Phone: {"call", "电话"}, rule.SMS: {"short message", "短信"}, rule.Mail: {"mail", "邮件"}, rule.Webhook: {"chat group", "群"},
	}[rule.Channel(name)]
	switch {
	case words[0] == "":
		return name
	case lang == text.Chinese:
		return words[1]
	}
	return words[0]
}

// envelope is a message with whom it is for.
func (f *facts) envelope(m *store.Message, said text.Text) channel.Envelope {
	code := f.incidents[m.IncidentID].Code
	return channel.Envelope{
		Key: Key(code, m.ID), Address: m.Address, Name: f.name(m.Recipient), Lang: f.lang(m), Level: m.Level, Text: said, References: f.references(m, code),
	}
}

// references are the keys of earlier mails about the same incident to the same
// recipient: the first, by which mail programs know the thread, and the last.
func (f *facts) references(m *store.Message, code string) string {
	if m.IncidentID == 0 || m.Channel != string(rule.Mail) {
		return ""
	}
	var keys []string
	for _, p := range f.places[m.IncidentID] {
		if p.Recipient != m.Recipient || p.Channel != m.Channel {
			continue
		}
		for _, id := range []int64{p.First, p.Last} {
			if key := Key(code, id); id < m.ID && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return strings.Join(keys, " ")
}
