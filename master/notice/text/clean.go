package text

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on what others wrote, in characters; of lists, in entries. Together,
// and escaped, they leave a quarter of a mail to the names of its alerts.
const (
	nameLimit   = 120
	causeLimit  = 200
	textLimit   = 2000
	whyLimit    = 240
	whyEntries  = 12
	lineLimit   = 300
	logLines    = 20
	otherLimit  = 60
	otherPeople = 30
)

// ansi are the sequences that colour terminals.
var ansi = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]")

// clean makes everything in a message inert, once and in one place: nothing after
// it has to mind what names may hold. Only the alert that is told in
// detail keeps its texts.
func clean(m Message) Message {
	m.Key, m.Code, m.Cluster = line(m.Key, nameLimit), line(m.Code, nameLimit), line(m.Cluster, nameLimit)
	m.Cause, m.Rule = line(m.Cause, causeLimit), line(m.Rule, causeLimit)
	m.OnDuty, m.RequestID = line(m.OnDuty, nameLimit), line(m.RequestID, nameLimit)
	m.Link = address(m.Link)
	m.Others = lines(m.Others, otherPeople, otherLimit)
	told := detailed(m.Alerts)
	alerts := make([]Alert, len(m.Alerts))
	for i := range m.Alerts {
		alerts[i] = cleanAlert(&m.Alerts[i], i == told)
	}
	m.Alerts = alerts
	return m
}

func cleanAlert(a *Alert, detailed bool) Alert {
	out := *a
	out.Text, out.Why, out.LogTail = "", nil, nil
	for _, field := range []*string{&out.Kind, &out.Level, &out.Object, &out.Task, &out.Title, &out.WorkNo, &out.Project, &out.Owner, &out.Host} {
		*field = line(*field, nameLimit)
	}
	if !detailed {
		return out
	}
	out.Text = line(a.Text, textLimit)
	out.Why = lines(a.Why, whyEntries, whyLimit)
	for _, l := range a.LogTail[max(0, len(a.LogTail)-logLines):] {
		out.LogTail = append(out.LogTail, strings.TrimRight(shorten(inert(l), lineLimit), " "))
	}
	return out
}

// detailed is the alert that is told in detail: the first one that has more to
// say than its text, or the first.
func detailed(alerts []Alert) int {
	for i := range alerts {
		if len(alerts[i].Why) > 0 || len(alerts[i].LogTail) > 0 {
			return i
		}
	}
	return 0
}

// line is a text of others' on one line, at most limit characters long.
func line(s string, limit int) string {
	if len(s) <= limit && plain(s) && !strings.Contains(s, "  ") {
		return strings.Trim(s, " ")
	}
	return shorten(strings.Join(strings.Fields(inert(s)), " "), limit)
}

func lines(all []string, entries, limit int) []string {
	var out []string
	for _, s := range all[:min(len(all), entries)] {
		if s = line(s, limit); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// inert takes out what does something instead of being read: line breaks and
// other controls become spaces; what turns or hides text, and the colours of
// terminals, go.
func inert(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.Contains(s, "\x1b") {
		s = ansi.ReplaceAllLiteralString(s, "")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// shorten cuts a text in the middle: the ends of names tell them apart.
func shorten(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	if limit <= 0 {
		return ""
	}
	runes := []rune(s)
	head := limit / 2
	tail := limit - 1 - head
	return string(runes[:head]) + "…" + string(runes[len(runes)-tail:])
}

// address is the console's, without a slash at its end; empty when it is no
// address that a browser opens.
func address(link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/")
}
