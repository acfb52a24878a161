package text

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

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
			{w.of("通常", "Usually"), w.span(a.Usual), percent(a.Usual), grey},
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
