package text

import (
	"strings"
	"time"
	"unicode"
)

// spokenLimit is how long a call may talk (console.md §3.2).
const spokenLimit = 15 * time.Second

// spokenName is how many characters of a name a call says at most.
const spokenName = 40

// phone is what a call says: names by their titles, work numbers digit by digit.
// Names are cut until it is short enough.
func (w *writer) phone() string {
	for room := spokenName; room > 1; room-- {
		if text := w.call(room); spokenFor(text) <= spokenLimit {
			return text
		}
	}
	return w.call(1)
}

// call is the whole call with at most room characters of each name.
func (w *writer) call(room int) string {
	ask := w.of("请在控制台确认。", "Please acknowledge it in the console.")
	switch w.m.Purpose {
	case PurposeTest:
		return w.of("这是调度平台的测试电话，无需处理。", "This is a test call from the scheduler. There is nothing to do.")
	case PurposeRecovered:
		return w.of("调度平台通知。%s，已恢复。", "A message from the scheduler. %s has recovered.", w.opening(w.spokenObject(w.first(), room)))
	case PurposeFailure:
		return w.of("调度平台通知。有一条告警没有送达，%s。请查看邮件。", "A message from the scheduler. An alert was not delivered: %s. Please see your mail.", said(w.m.Cause, room))
	case PurposeDigest:
		return w.of("调度平台告警。另有%s条告警，请查看邮件。", "Alert from the scheduler. More alerts: %s. Please see your mail.", spokenCount(w, len(w.m.Alerts)))
	}
	head := w.of("调度平台%s告警。", "%s alert from the scheduler. ", w.spokenLevel())
	if a := w.single(); a != nil {
		return head + w.spokenAlert(a, room) + w.spokenImpact() + ask
	}
	return head + w.of("%s，等%s条告警。", "%[2]s alerts, the first about %[1]s. ", w.spokenObject(w.first(), room), spokenCount(w, len(w.m.Alerts))) + w.spokenImpact() + ask
}

func (w *writer) spokenLevel() string {
	if level := w.worst(); severity(level) != severity(levelTask) {
		return capital(w.level(level))
	}
	return w.of("任务", "Task")
}

// spokenAlert says what happened to what.
func (w *writer) spokenAlert(a *Alert, room int) string {
	k, object := kindOf(a.Kind), w.spokenObject(a, room)
	says := k.says.in(w.lang)
	_, _, batch := batchOf(a)
	switch {
	case says == "", ended(a), k.about == aboutBatch && !batch:
		return w.of("%s，%s。", "%s: %s. ", w.opening(object), said(w.name(a), room))
	case k.about == aboutPlatform:
		return w.of("%s。", "%s. ", says)
	}
	if batch {
		return w.of("%s，%s。", "%s, %s. ", w.opening(object), says)
	}
	return w.of("%s，%s。", "%s %s. ", w.opening(object), says)
}

// opening is a name at the beginning of a sentence.
func (w *writer) opening(name string) string {
	if w.lang == Chinese {
		return name
	}
	return capital(name)
}

func (w *writer) spokenImpact() string {
	if w.m.Affected <= 0 {
		return ""
	}
	return w.of("影响下游%s个。", "Affected batches: %s. ", spokenCount(w, w.m.Affected))
}

// spokenObject names what an alert is about.
func (w *writer) spokenObject(a *Alert, room int) string {
	task, no, ok := batchOf(a)
	title := said(w.object(a), room)
	if a.Title != "" {
		title = said(a.Title, room)
	} else if ok {
		title = said(task, room)
	}
	switch about := kindOf(a.Kind).about; {
	case ok:
		return w.of("任务，%s，批次，%s", "task %s, batch %s", title, w.digits(no))
	case about == aboutTask:
		return w.of("任务，%s", "task %s", title)
	case about == aboutHost:
		return w.of("机器，%s", "worker %s", title)
	case about == aboutService:
		return w.of("服务，%s", "service %s", title)
	}
	return title
}

// said is a name as a voice can say it: no signs, and no more than room characters.
func said(name string, room int) string {
	spaced := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			return r
		}
		return ' '
	}, name)
	runes := []rune(strings.Join(strings.Fields(spaced), " "))
	return strings.TrimSpace(string(runes[:min(len(runes), room)]))
}

// digits says a work number digit by digit; a rerun says its number after it.
func (w *writer) digits(no string) string {
	number, run, rerun := strings.Cut(no, ".")
	number, run = number[:min(len(number), 12)], run[:min(len(run), 3)]
	out := w.eachDigit(number)
	if rerun {
		out += w.of("，重跑%s", ", rerun %s", w.eachDigit(run))
	}
	return out
}

func (w *writer) eachDigit(number string) string {
	if w.lang != Chinese {
		return strings.Join(strings.Split(number, ""), " ")
	}
	numerals := []rune("零一二三四五六七八九")
	return strings.Map(func(r rune) rune { return numerals[(r-'0')%10] }, number)
}

// spokenCount says how many; what is many is said as such.
func spokenCount(w *writer, n int) string {
	if n > 9999 {
		return w.of("一万多", "over nine thousand")
	}
	return count(n)
}

// spokenFor is about how long a voice takes to say a text: a little under five
// Chinese characters, fifteen letters of words or three digits a second, with a
// rest at each sign.
func spokenFor(text string) time.Duration {
	var took time.Duration
	for _, r := range text {
		switch {
		case r < unicode.MaxASCII && unicode.IsLetter(r):
			took += 65 * time.Millisecond
		case unicode.IsDigit(r):
			took += 300 * time.Millisecond
		case r == ' ':
			took += 20 * time.Millisecond
		case strings.ContainsRune("。.:；;", r):
			took += 300 * time.Millisecond
		case strings.ContainsRune("，,、", r):
			took += 150 * time.Millisecond
		default:
			took += 215 * time.Millisecond
		}
	}
	return took
}
