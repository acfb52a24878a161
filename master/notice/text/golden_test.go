package text_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/master/notice/rule"
	"capricornus/master/notice/text"
)

// update rewrites the golden files: go test ./master/notice/text -update.
var update = flag.Bool("update", false, "rewrite golden files")

func languages() []string { return []string{text.Chinese, "en"} }

// golden compares a text with its file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range gotLines {
		if i >= len(wantLines) || gotLines[i] != wantLines[i] {
			t.Errorf("got in line %d of %s\n%s\nand not what the golden file has; look at it, then run with -update", i+1, name, gotLines[i])
			return
		}
	}
	if len(gotLines) != len(wantLines) {
		t.Errorf("got %d lines, want the %d of %s", len(gotLines), len(wantLines), name)
	}
}

func morning() time.Time {
	return time.Date(2024, 6, 13, 7, 52, 10, 0, time.FixedZone("CST", 8*3600))
}

// alertOf is an alert as the code raises this kind.
func alertOf(kind string) text.Alert {
	a := text.Alert{ID: 7, Kind: kind, Level: "task", At: morning().Add(-70 * time.Second)}
	objects := map[string]string{
		"download-hung": "hdfs://c1/programs/etl-1.4.tar.gz", "depend-check-failed": "hdfs://c1/dw/ods/user/dt=20240612",
		"quality-unreachable": "https://quality.example.cn/api", "clock-off": "worker w-07", "hdfs-not-answering": "hdfs://c1",
		"files-not-answering": "file:///mnt/nas", "generate-too-old": "generate.day", "coldstart-unfinished": "operation 8812",
		"job-refused": "jobs.file/echo-job", "pass-slow": "generate", "pass-old": "depend", "service-silent": "paths",
		"masters-low": "platform", "workers-low": "platform", "generate-mass-failure": "platform", "external.disk-full": "nas7", "brand-new": "something",
		"worker-lost": "w-07", "worker-back": "w-07", "moved-tasks": "w-07", "moves": "w-07", "memory-refused-tasks": "w-07", "memory-refusals": "w-07",
		"big-task": "dwd_order_d", "canary-late": "capri_canary", "database-slow": "platform", "send-failed": "sms", "duty-gap": "dw/20240613",
	}
	a.Object = objects[kind]
	if a.Object == "" {
		a.Object, a.Task, a.WorkNo, a.Title, a.Owner, a.Project = "dwd_order_d/20240612.0", "dwd_order_d", "20240612", "订单明细", "张三", "dw"
	}
	a.Text = "the text as it was recorded"
	return a
}

func about(a text.Alert, change func(*text.Message)) text.Message {
	m := text.Message{
		Purpose: text.PurposeAlert, Key: "m-81215", Code: "x7k2", Link: "https://a.example.cn", Cluster: "prod", Level: a.Level,
		Alerts: []text.Alert{a}, OpenedAt: a.At, Now: morning(), Rule: "优先级 2 的默认规则", Others: []string{"李雷 (短信)", "韩梅梅 (邮件)"}, OnDuty: "李雷",
	}
	if strings.Contains(a.Object, "_d/2024") {
		m.Affected = 41
	}
	if change != nil {
		change(&m)
	}
	return m
}

// examples are messages of every purpose.
func examples() map[string]text.Message {
	failed := alertOf("batch-failed")
	failed.Text = "dwd_order_d/20240612.0 failed in attempt 3 on w-07: exit code 137"
	failed.Host, failed.Attempt, failed.ExitCode = "w-07", 3, 137
	failed.Took, failed.Usual = 132*time.Minute, 41*time.Minute
	failed.Why = []string{
		"第 3 次执行失败，不再重试（自 07:51）", "任务声明 4096 MiB，本次最多使用 6210 MiB", "下游 ads_gmv_d/20240612 等 41 个批次在等待它（自 06:40）",
	}
	failed.LogTail = strings.Split(`24/06/13 07:50:58 INFO  DAGScheduler: Job 12 failed: insertInto at Load.scala:88, took 402.1 s
24/06/13 07:50:58 WARN  TaskSetManager: Lost task 187.3 in stage 31.0 (TID 9921, w-07, executor 4): ExecutorLostFailure (executor 4 exited caused by one of the running tasks) Reason: Container killed by YARN for exceeding memory limits. 6.1 GB of 6 GB physical memory used.
24/06/13 07:50:59 ERROR Load: <order> & "detail" could not be written
    at com.example.dw.Load$.main(Load.scala:88)
    at com.example.dw.Load.main(Load.scala)
Killed`, "\n")
	late := func(n int) []text.Alert {
		var all []text.Alert
		for i := range n {
			a := alertOf("depend-timeout")
			a.Task = fmt.Sprintf("dws_%s_%03d_d", []string{"order", "pay", "user_active_week", "traffic"}[i%4], i)
			a.Object = a.Task + "/20240612.0"
			a.Owner = []string{"张三", "李四", "王五"}[i%3]
			a.At = morning().Add(time.Duration(i-n) * time.Second)
			all = append(all, a)
		}
		return all
	}
	digest := append(late(90), alertOf("worker-lost"), alertOf("batch-failed"), alertOf("big-task"))
	digest[90].Level = "critical"
	plain := alertOf("workers-low")
	plain.Level, plain.Text = "critical", "3 workers live, 6 silent: w-02, w-03, w-05, w-07, w-11, w-12"
	external := alertOf("external.disk-full")
	external.Level, external.Text = "important", "nas7 is 97 % full; 210 GiB are left of 8 TiB"
	over := alertOf("workers-low")
	over.Level, over.Text = "notice", "workers-low of platform is over; it was critical and lasted 12m30s"
	return map[string]text.Message{
		"failed": about(failed, func(m *text.Message) { m.RequestID = "c9b1f6e0a2"; m.Cause = "w-07 内存不足" }),
		"folded": about(failed, func(m *text.Message) { m.Alerts, m.Cause = late(12), "dwd_order_d/20240612 失败" }),
		"update": about(failed, func(m *text.Message) { m.Purpose, m.Alerts, m.Affected = text.PurposeUpdate, late(30), 83 }),
		"digest": about(failed, func(m *text.Message) {
			m.Purpose, m.Alerts, m.Level, m.Affected, m.Code = text.PurposeDigest, digest, "", 0, ""
		}),
		"recovered": about(failed, func(m *text.Message) { m.Purpose, m.Lasted = text.PurposeRecovered, 80*time.Minute }),
		"failure": about(failed, func(m *text.Message) {
			m.Purpose, m.Cause = text.PurposeFailure, "李雷 (短信): the gateway answered 500 in 4 tries"
			m.Affected = 0
		}),
		"test":     about(failed, func(m *text.Message) { m.Purpose, m.Alerts, m.Code, m.Affected = text.PurposeTest, nil, "", 0 }),
		"platform": about(plain, nil),
		"external": about(external, nil),
		"over":     about(over, func(m *text.Message) { m.Level = "notice" }),
	}
}

// kindsRaised are all kinds, and two that no table has.
func kindsRaised() []string {
	var all []string
	for code := range text.Kinds() {
		all = append(all, code)
	}
	all = append(all, "external.disk-full", "brand-new")
	slices.Sort(all)
	return all
}

// levelsOf are the levels that a kind is raised with; other systems use any.
func levelsOf(kind string) []string {
	if levels, known := text.Kinds()[kind]; known {
		return strings.Fields(levels)
	}
	return []string{"critical", "task"}
}

// TestEveryKindIsSaid holds what people read and hear of every kind.
func TestEveryKindIsSaid(t *testing.T) {
	for _, lang := range languages() {
		said := map[string]string{}
		say := func(channel, title, content string) {
			said[channel] += title + "\n    " + strings.ReplaceAll(content, "\n", "\n    ") + "\n"
		}
		for _, kind := range kindsRaised() {
			for _, level := range levelsOf(kind) {
				a := alertOf(kind)
				a.Level = level
				title := kind + "." + level
				say("sms", title, text.Render(rule.SMS, lang, about(a, nil)).Plain)
				say("phone", title, text.Render(rule.Phone, lang, about(a, nil)).Plain)
				say("webhook", title, text.Render(rule.Webhook, lang, about(a, nil)).Plain)
				say("subject", title, text.Render(rule.Mail, lang, about(a, nil)).Subject)
			}
		}
		for channel, all := range said {
			golden(t, filepath.Join(lang, "kinds-"+channel+".txt"), all)
		}
	}
}

// TestEveryPurposeIsSaid holds the messages of every purpose on every channel.
func TestEveryPurposeIsSaid(t *testing.T) {
	for _, lang := range languages() {
		short := ""
		all := examples()
		for _, name := range slices.Sorted(func(yield func(string) bool) {
			for name := range all {
				if !yield(name) {
					return
				}
			}
		}) {
			mail := text.Render(rule.Mail, lang, all[name])
			golden(t, filepath.Join(lang, name+".html"), mail.HTML)
			golden(t, filepath.Join(lang, name+".txt"), "Subject: "+mail.Subject+"\n\n"+mail.Plain)
			for _, channel := range []rule.Channel{rule.SMS, rule.Phone, rule.Webhook} {
				short += fmt.Sprintf("%s, %s\n    %s\n", name, channel, strings.ReplaceAll(text.Render(channel, lang, all[name]).Plain, "\n", "\n    "))
			}
		}
		golden(t, filepath.Join(lang, "purposes.txt"), short)
	}
}

// TestTemplatesAreRegistered holds what one registers at a provider.
func TestTemplatesAreRegistered(t *testing.T) {
	for _, lang := range languages() {
		var all strings.Builder
		for _, tpl := range text.Templates(lang) {
			fmt.Fprintf(&all, "%s\t%s\n    %s\n    %s\n   ", tpl.Code, tpl.Name, tpl.Text, tpl.Unlinked)
			for _, v := range tpl.Variables {
				fmt.Fprintf(&all, " %s<=%d", v.Name, v.Most)
			}
			all.WriteString("\n")
		}
		golden(t, filepath.Join(lang, "templates.txt"), all.String())
	}
}
