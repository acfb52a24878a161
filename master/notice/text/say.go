package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// writer says one message in one language. Its message is clean.
type writer struct {
	lang string
	m    Message

	// How many entries the message has lost when it was cleaned.
	whyLeft, othersLeft int
}

func newWriter(lang string, m Message) *writer {
	w := &writer{lang: lang, m: clean(m), othersLeft: max(0, len(m.Others)-otherPeople)}
	if len(m.Alerts) > 0 {
		w.whyLeft = max(0, len(m.Alerts[detailed(m.Alerts)].Why)-whyEntries)
	}
	return w
}

// of says a text of this package's in the writer's language.
func (w *writer) of(zh, en string, args ...any) string {
	form := words{zh, en}.in(w.lang)
	if len(args) == 0 {
		return form
	}
	return fmt.Sprintf(form, args...)
}

// level is the level's name.
func (w *writer) level(level string) string {
	switch level {
	case levelCritical:
		return w.of("严重", "critical")
	case levelImportant:
		return w.of("重要", "important")
	case levelNotice:
		return w.of("关注", "notice")
	}
	return w.of("告警", "alert")
}

// worst is the message's level, or the worst of its alerts when it has none.
func (w *writer) worst() string {
	if w.m.Level != "" {
		return w.m.Level
	}
	level := levelTask
	for i := range w.m.Alerts {
		if severity(w.m.Alerts[i].Level) < severity(level) {
			level = w.m.Alerts[i].Level
		}
	}
	return level
}

// severity puts levels in order, the worst first.
func severity(level string) int {
	switch level {
	case levelCritical:
		return 0
	case levelImportant:
		return 1
	case levelNotice:
		return 3
	}
	return 2
}

// first is the alert that a message of many names: the oldest one, and of a
// digest the worst.
func (w *writer) first() *Alert {
	if len(w.m.Alerts) == 0 {
		return &Alert{At: w.m.OpenedAt}
	}
	if w.m.Purpose == PurposeDigest {
		return w.groups()[0].alerts[0]
	}
	return &w.m.Alerts[0]
}

// single is the one alert that a message tells of; nil: it tells of several.
func (w *writer) single() *Alert {
	if len(w.m.Alerts) == 1 {
		return &w.m.Alerts[0]
	}
	return nil
}

// begun is when what a message tells of began.
func (w *writer) begun() time.Time {
	switch {
	case !w.m.OpenedAt.IsZero():
		return w.local(w.m.OpenedAt)
	case len(w.m.Alerts) > 0 && !w.m.Alerts[0].At.IsZero():
		return w.local(w.m.Alerts[0].At)
	}
	return w.m.Now
}

func (w *writer) local(t time.Time) time.Time { return t.In(w.m.Now.Location()) }

// batchOf is the batch an alert is about: its task, and its work number with the
// run number unless that is the first.
func batchOf(a *Alert) (task, no string, ok bool) {
	object, _, _ := strings.Cut(a.Object, "#")
	task, no, found := strings.Cut(object, "/")
	if found && task != "" && isNo(no) && (kindOf(a.Kind).about == aboutBatch || task == a.Task) {
		return task, strings.TrimSuffix(no, ".0"), true
	}
	return "", "", false
}

// isNo says that a text is a work number, with a run number or without.
func isNo(s string) bool {
	no, run, dotted := strings.Cut(s, ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(no) && (!dotted || digits(run))
}

// thePlatform is the object of what concerns no single host, batch or service.
const thePlatform = "platform"

// object names what an alert is about.
func (w *writer) object(a *Alert) string {
	if task, no, ok := batchOf(a); ok {
		return task + "/" + no
	}
	switch {
	case a.Object == thePlatform:
		return w.of("平台", "platform")
	case a.Object != "":
		return a.Object
	case a.Task != "":
		return a.Task
	case a.Host != "":
		return a.Host
	}
	return "—"
}

// name is the label of an alert's kind; that a condition is over is part of it.
func (w *writer) name(a *Alert) string {
	name := kindOf(a.Kind).name.in(w.lang)
	if ended(a) {
		return w.of("%s，已解除", "%s, over", name)
	}
	return name
}

// sentence says what has happened.
func (w *writer) sentence(a *Alert) string {
	k, object := kindOf(a.Kind), w.object(a)
	says := k.says.in(w.lang)
	_, _, batch := batchOf(a)
	if says == "" || ended(a) || k.about == aboutBatch && !batch {
		return w.of("%s：%s", "%s: %s", object, w.name(a))
	}
	switch k.about {
	case aboutTask:
		return w.of("任务 %s %s", "Task %s %s", object, says)
	case aboutHost:
		return w.of("机器 %s %s", "Worker %s %s", object, says)
	case aboutService:
		return w.of("服务 %s %s", "Service %s %s", object, says)
	case aboutPlatform:
		return says
	case aboutThing, aboutBatch, aboutPath:
	}
	return object + " " + says
}

// span says a length of time in its two largest units.
func (w *writer) span(d time.Duration) string {
	seconds := int64(max(d, 0) / time.Second)
	units := []struct {
		seconds int64
		zh, en  string
	}{{86400, "天", "d"}, {3600, "小时", "h"}, {60, "分", "min"}, {1, "秒", "s"}}
	for i, u := range units {
		if seconds < u.seconds && u.seconds > 1 {
			continue
		}
		out := fmt.Sprintf("%d %s", seconds/u.seconds, w.of(u.zh, u.en))
		if rest := seconds % u.seconds; i+1 < len(units) && rest >= units[i+1].seconds {
			next := units[i+1]
			out += fmt.Sprintf(" %d %s", rest/next.seconds, w.of(next.zh, next.en))
		}
		return out
	}
	return ""
}

// clock is a time of day; one of another day than now has the day before it.
func (w *writer) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = w.local(t)
	if t.Format(time.DateOnly) != w.m.Now.Format(time.DateOnly) {
		return t.Format("01-02 15:04")
	}
	return t.Format("15:04")
}

// count is a number that takes at most five characters.
func count(n int) string {
	if n > 9999 {
		return "9999+"
	}
	return strconv.Itoa(max(n, 0))
}

// incident is the address of the incident's page, on which one acknowledges it.
func (w *writer) incident() string {
	if w.m.Link == "" || w.m.Code == "" || w.m.Purpose == PurposeTest {
		return ""
	}
	return w.m.Link + "/a/" + pathPart(w.m.Code)
}
