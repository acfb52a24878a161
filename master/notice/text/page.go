package text

import (
	"fmt"
	"strings"
)

// page is a mail before it is HTML or plain text: both are made of it, so both
// say the same.
type page struct {
	Lang     string
	Subject  string
	Colours  colours
	Badge    string // the level, or what the message is for
	Headline string // what happened
	Address  string // of the incident; empty: none
	Impact   string // when, how many, why
	About    string // the task, its project, its owner
	Detail   string // as the alert was recorded
	Why      *section
	Log      *section
	Bars     *bars
	List     *list
	Buttons  []button
	Told     []row
	Notes    string
}

// section is a heading with lines.
type section struct {
	Title string
	Lines []string
}

// row is a label and what it labels.
type row struct{ Label, Value string }

// bars compare two durations.
type bars struct {
	Title string
	Rows  []bar
	Note  string
}

// bar is one of them; Percent is of the longer one.
type bar struct {
	Label, Value string
	Percent      int
	Colour       string
}

// page gathers what a message says, the list of its alerts aside.
func (w *writer) page() *page {
	p := &page{
		Lang: words{"zh-CN", "en"}.in(w.lang), Subject: w.subject(), Colours: w.colours(), Badge: capital(w.badge()),
		Headline: w.headline(), Address: w.incident(), Impact: w.impact(), Buttons: w.buttons(), Told: w.told(), Notes: w.notes(),
	}
	if w.m.Purpose == PurposeTest || len(w.m.Alerts) == 0 {
		return p
	}
	happens := w.m.Purpose == PurposeAlert || w.m.Purpose == PurposeUpdate
	if a := w.single(); a != nil && (happens || w.m.Purpose == PurposeRecovered) {
		p.About = w.about(a)
	}
	if happens {
		if a := w.single(); a != nil {
			p.Detail = a.Text
		}
		a := &w.m.Alerts[detailed(w.m.Alerts)]
		p.Why, p.Log, p.Bars = w.why(a), w.log(a), w.bars(a)
	}
	return p
}

// badge is the first word of a message.
func (w *writer) badge() string {
	switch w.m.Purpose {
	case PurposeUpdate:
		return w.level(w.worst()) + w.of("·更新", ", update")
	case PurposeDigest:
		return w.of("汇总", "digest")
	case PurposeRecovered:
		return w.of("已恢复", "recovered")
	case PurposeFailure:
		return w.of("未送达", "not delivered")
	case PurposeTest:
		return w.of("测试", "test")
	}
	return w.level(w.worst())
}

// headline says what happened.
func (w *writer) headline() string {
	n := len(w.m.Alerts)
	switch w.m.Purpose {
	case PurposeTest:
		return w.of("这是一条测试消息，无需处理", "This is a test message; there is nothing to do")
	case PurposeDigest:
		if n == 1 {
			return w.of("1 条告警：%s", "1 alert: %s", w.levels())
		}
		return w.of("%d 条告警：%s", "%d alerts: %s", n, w.levels())
	case PurposeFailure:
		return w.of("有通知没有送达", "Somebody could not be told")
	case PurposeRecovered:
		if n == 0 {
			return w.of("事件已恢复", "The incident is over")
		}
		return w.of("%s，已恢复", "%s; this is over", w.sentence(before(w.first())))
	}
	switch n {
	case 0:
		return w.of("告警", "An alert")
	case 1:
		return w.sentence(w.first())
	}
	object := w.object(w.first())
	if k := kindOf(w.first().Kind); w.alike() && k.about == aboutBatch && k.says.zh != "" {
		return w.of("%s 等 %d 个批次%s", "%s and others: %d batches, %s", object, n, words{k.says.zh, k.name.en}.in(w.lang))
	}
	return w.of("%s 等 %d 条告警", "%s and others: %d alerts", object, n)
}

// before is an alert as it was before what it tells of was over.
func before(a *Alert) *Alert {
	out := *a
	out.Level = ""
	return &out
}

// alike says that all alerts are of one kind.
func (w *writer) alike() bool {
	for i := range w.m.Alerts {
		if w.m.Alerts[i].Kind != w.m.Alerts[0].Kind {
			return false
		}
	}
	return true
}

// impact is when it happened, how many wait for it, and why.
func (w *writer) impact() string {
	var parts []string
	switch w.m.Purpose {
	case PurposeTest:
		return strings.Trim(w.m.Cluster+" · "+w.m.Now.Format("2006-01-02 15:04"), " ·")
	case PurposeFailure:
	default:
		parts = append(parts, w.begun().Format("2006-01-02 15:04"))
	}
	if w.m.Purpose == PurposeRecovered && w.m.Lasted > 0 {
		parts = append(parts, w.of("历时 %s", "lasted %s", w.span(w.m.Lasted)))
	}
	if w.m.Affected > 0 {
		parts = append(parts, w.of("影响 %d 个下游批次", "affected batches: %d", w.m.Affected))
	}
	if w.m.Cause != "" {
		form := words{"根因：%s", "cause: %s"}
		if w.m.Purpose == PurposeFailure {
			form = words{"%s", "%s"}
		}
		parts = append(parts, fmt.Sprintf(form.in(w.lang), w.m.Cause))
	}
	if w.m.OnDuty != "" {
		parts = append(parts, w.of("值班 %s", "on duty %s", w.m.OnDuty))
	}
	return strings.Join(parts, " · ")
}

// levels says how many alerts there are of each level, the worst first.
func (w *writer) levels() string {
	counts := map[int]int{}
	for i := range w.m.Alerts {
		counts[severity(w.m.Alerts[i].Level)]++
	}
	var parts []string
	for _, level := range []string{levelCritical, levelImportant, levelTask, levelNotice} {
		if n := counts[severity(level)]; n > 0 {
			name := w.level(level)
			if level == levelTask {
				name = w.of("任务", "task")
			}
			parts = append(parts, fmt.Sprintf("%s %d", name, n))
		}
	}
	return strings.Join(parts, w.of("，", ", "))
}
