package text

import (
	"fmt"
	"slices"
	"strings"
	"time"
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

// colours go with a level: a strong one for lines and bars, and one that white
// letters are read on.
type colours struct{ Strong, Badge string }

func (w *writer) colours() colours {
	switch w.m.Purpose {
	case PurposeRecovered:
		return colours{"#0E814A", "#0E814A"}
	case PurposeTest, PurposeDigest:
		return colours{"#246DF9", "#1F5FDB"}
	case PurposeFailure:
		return colours{"#C18600", "#8F6300"}
	}
	switch w.worst() {
	case levelCritical:
		return colours{"#CF2122", "#CF2122"}
	case levelNotice:
		return colours{"#246DF9", "#1F5FDB"}
	}
	return colours{"#C18600", "#8F6300"}
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
		return w.of("%s，已恢复", "%s; this is over", w.sentence(begun(w.first())))
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

// begun is an alert as it was before what it tells of was over.
func begun(a *Alert) *Alert {
	before := *a
	before.Level = ""
	return &before
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
			parts = append(parts, fmt.Sprintf("%s %d", w.level(level), n))
		}
	}
	return strings.Join(parts, w.of("，", ", "))
}

// about says whose the alert's task is.
func (w *writer) about(a *Alert) string {
	var parts []string
	for _, part := range []struct{ form, value string }{
		{"%s", a.Title}, {w.of("任务 %s", "task %s"), taskOf(a)}, {w.of("项目 %s", "project %s"), a.Project}, {w.of("负责人 %s", "owner %s"), a.Owner},
	} {
		if part.value != "" {
			parts = append(parts, fmt.Sprintf(part.form, part.value))
		}
	}
	return strings.Join(parts, " · ")
}

// taskOf is the task of an alert whose object does not name it.
func taskOf(a *Alert) string {
	if strings.HasPrefix(a.Object, a.Task) {
		return ""
	}
	return a.Task
}

func (w *writer) why(a *Alert) *section {
	if len(a.Why) == 0 {
		return nil
	}
	all := a.Why
	if w.whyLeft > 0 {
		all = append(slices.Clone(all), w.of("另有 %d 条", "and %d more", w.whyLeft))
	}
	return &section{Title: w.of("原因", "Why") + w.whose(a), Lines: all}
}

// whose names the alert of a section where there are several.
func (w *writer) whose(a *Alert) string {
	if len(w.m.Alerts) == 1 {
		return ""
	}
	return w.of("：%s", ": %s", w.object(a))
}

// log is the end of the log, with where and how the attempt ended.
func (w *writer) log(a *Alert) *section {
	attempt := w.of("执行", "Attempt")
	if a.Attempt > 0 {
		attempt = w.of("第 %d 次执行", "Attempt %d", a.Attempt)
	}
	title := []string{attempt + w.whose(a)}
	if a.Host != "" && a.Host != a.Object {
		title = append(title, w.of("机器 %s", "worker %s", a.Host))
	}
	if a.ExitCode != 0 {
		title = append(title, w.of("退出码 %d", "exit code %d", a.ExitCode))
	}
	if len(a.LogTail) > 0 {
		title = append(title, w.of("日志末尾 %d 行", "end of the log, %d lines", len(a.LogTail)))
	}
	if len(title) == 1 && a.Attempt <= 0 {
		return nil
	}
	return &section{Title: strings.Join(title, " · "), Lines: a.LogTail}
}

// bars compare how long it took with how long it usually takes.
func (w *writer) bars(a *Alert) *bars {
	if a.Took <= 0 || a.Usual <= 0 {
		return nil
	}
	longer := max(a.Took, a.Usual)
	percent := func(d time.Duration) int { return max(1, int(100*d.Seconds()/longer.Seconds())) }
	b := &bars{
		Title: w.of("耗时", "Duration") + w.whose(a),
		Rows: []bar{
			{w.of("这次", "This time"), w.span(a.Took), percent(a.Took), w.colours().Strong},
			{w.of("通常", "Usually"), w.span(a.Usual), percent(a.Usual), "#7D858C"},
		},
	}
	if times := a.Took.Seconds() / a.Usual.Seconds(); times >= 1.5 || times <= 0.67 {
		b.Note = w.of("是通常的 %.1f 倍", "%.1f times the usual", times)
	}
	return b
}

// told says who else knows, and by which rule this recipient does.
func (w *writer) told() []row {
	var rows []row
	if w.m.Rule != "" {
		rows = append(rows, row{w.of("通知您的规则", "You are told by"), w.m.Rule})
	}
	if len(w.m.Others) > 0 {
		others := strings.Join(w.m.Others, w.of("、", ", "))
		if w.othersLeft > 0 {
			others += w.of("，另有 %d 位", " and %d more", w.othersLeft)
		}
		rows = append(rows, row{w.of("同时通知", "Also told"), others})
	}
	return rows
}

// notes are what one needs to ask somebody about this message.
func (w *writer) notes() string {
	var notes []string
	for _, r := range []row{
		{w.of("集群", "cluster"), w.m.Cluster}, {w.of("事件", "incident"), w.m.Code}, {w.of("请求", "request"), w.m.RequestID},
		{w.of("消息", "message"), w.m.Key}, {w.of("发出于", "sent"), w.m.Now.Format("2006-01-02 15:04:05 -07:00")},
	} {
		if r.Value != "" {
			notes = append(notes, r.Label+" "+r.Value)
		}
	}
	return strings.Join(notes, " · ")
}
