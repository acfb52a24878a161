package text

import (
	"strings"
	"time"
	"unicode/utf8"
)

// patterns are the templates of short messages in one language, without their
// ends. In every one the level and the kind are fixed text.
type patterns struct{ lang string }

// head begins a message: who speaks, and how bad it is.
func (p patterns) head(level string) string {
	if p.lang == Chinese {
		return "【调度】" + newWriter(p.lang, Message{}).level(level) + "："
	}
	return capital(newWriter(p.lang, Message{}).level(level)) + ": "
}

// alert is the template of one kind at one level.
func (p patterns) alert(level string, k kind) string {
	brief := k.brief.in(p.lang)
	if brief == "" {
		brief = k.says.in(p.lang)
	}
	forms := map[about]words{
		aboutThing:    {"${object}" + brief + "（${time}）", "${object} " + brief},
		aboutBatch:    {"${task}批次${no}于${time}" + brief + "，影响${affected}个下游", "${task}/${no} " + brief + ", hits ${affected}"},
		aboutTask:     {"任务${task}" + brief + "（${time}）", "task ${task}, " + brief + " (${time})"},
		aboutHost:     {"机器${object}" + brief + "（${time}）", "worker ${object} " + brief},
		aboutPath:     {"${object}" + brief + "（${time}）", "${object} " + brief},
		aboutService:  {"服务${object}" + brief + "（${time}）", "service ${object} " + brief},
		aboutPlatform: {brief + "（${time}）", brief + " (${time})"},
	}
	return p.head(level) + forms[k.about].in(p.lang)
}

// thing names an object and a kind that have no words of their own here.
func (p patterns) thing(level string) string {
	return p.head(level) + words{"${object}：${kind}（${time}）", "${object}: ${kind} (${time})"}.in(p.lang)
}

func (p patterns) folded(level string) string {
	return p.head(level) + words{"${root}等${n}条告警", "${n} alerts, first ${root}"}.in(p.lang)
}

func (p patterns) foldedCause(level string) string {
	return p.head(level) + words{"${root}等${n}条告警，根因${cause}", "${n} alerts, first ${root}, cause ${cause}"}.in(p.lang)
}

func (p patterns) update(level string) string {
	return p.head(level) + words{"${root}仍未恢复，新增${n}条告警，影响${affected}个下游", "${root} goes on, ${n} more, hits ${affected}"}.in(p.lang)
}

func (p patterns) digest() string {
	return words{"【调度】汇总：另有${n}条告警，首条${root}，全部见邮件", "Digest: ${n} more alerts, first ${root}, see mail"}.in(p.lang)
}

func (p patterns) recovered() string {
	return words{"【调度】已恢复：${root}的${kind}，历时${span}", "Recovered: ${root} (${kind}) after ${span}"}.in(p.lang)
}

func (p patterns) failure() string {
	return words{"【调度】通知未送达：${cause}，涉及${n}条告警", "Not delivered: ${cause}, alerts: ${n}"}.in(p.lang)
}

func (p patterns) test() string {
	return words{"【调度】测试短信，${time}发出，无需处理", "Capri: a test message of ${time}, nothing to do"}.in(p.lang)
}

// briefly says a length of time in few characters.
func (w *writer) briefly(d time.Duration) string {
	minutes := int64(max(d, 0) / time.Minute)
	switch {
	case minutes < 1:
		return w.of("不到1分", "<1m")
	case minutes < 60:
		return w.of("%d分", "%dm", minutes)
	case minutes < 24*60:
		return w.of("%d小时%d分", "%dh%dm", minutes/60, minutes%60)
	}
	return w.of("%d天%d小时", "%dd%dh", minutes/60/24, minutes/60%24)
}

// capital is a text with a capital letter at its beginning.
func capital(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:size]) + s[size:]
}
