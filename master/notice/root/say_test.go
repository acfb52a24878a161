package root

import (
	"strings"
	"testing"
	"unicode/utf8"

	"capricornus/common/store"
)

func incident(rootKind, root, kind string) store.Incident {
	return store.Incident{IncidentRoot: store.IncidentRoot{Kind: rootKind, Root: root}, Kind: kind, Cause: "the text of an alert"}
}

func TestCausesAreSaidInAFewWords(t *testing.T) {
	t.Parallel()
	because := func(in store.Incident, cause string) store.Incident { in.Cause = cause; return in }
	const path, ref = "hdfs://nn1/in/dt=20150518", "dwd_order/20240613"
	for _, c := range []struct {
		in     store.Incident
		zh, en string
	}{
		{incident("path", path, "depend-timeout"), "缺路径 " + path, "missing " + path},
		{incident("path", path, "output-timeout"), "缺路径 " + path, "missing " + path},
		{incident("path", path, "depend-check-failed"), "依赖无法检查：" + path, "path unknown: " + path},
		{incident("path", path, "download-hung"), "程序包下载卡住：" + path, "download hung: " + path},
		{incident("third", "pay/20150518", "depend-timeout"), "第三方数据未到 pay/20150518", "not announced: pay/20150518"},
		{incident("batch", ref, "batch-failed"), ref + " 失败", ref + " failed"},
		{because(incident("batch", ref, "depend-timeout"), ref+" failed in attempt 1 on w1"), ref + " 失败", ref + " failed"},
		{because(incident("batch", ref, "depend-timeout"), ref+" is lost"), ref + " 已丢失", ref + " is lost"},
		{because(incident("batch", ref, "output-timeout"), ref+" was killed"), ref + " 已被终止", ref + " was killed"},
		{because(incident("batch", ref, "depend-timeout"), ref+" was skipped"), ref + " 已被跳过", ref + " was skipped"},
		{incident("batch", ref, "depend-timeout"), ref + " 尚未完成", ref + " is not done yet"},
		{incident("batch", ref, "output-timeout"), ref + " 未按时产出", ref + " is late"},
		{incident("batch", ref, "batch-refused"), ref + " 多次被机器拒绝", ref + " was refused by workers"},
		{incident("batch", ref, "attempt-over-memory"), ref + " 内存超出", ref + " uses too much memory"},
		{incident("batch", ref, "attempt-over-limit"), ref + " 超限被终止", ref + " was ended for a limit"},
		{incident("batch", ref, "hdfs-hung"), ref + " 卡在 HDFS", ref + " hung on HDFS"},
		{incident("batch", ref, "outputs-unknown"), ref + " 产出无法检查", ref + " has outputs nobody can look at"},
		{incident("batch", ref, "quality-silent"), ref + " 没有质检答复", ref + " has no data-quality answer"},
		{incident("batch", ref, "attempt-stalled"), ref + " 运行停滞", ref + " gets nowhere"},
		{incident("batch", ref, "of-tomorrow"), ref + " 有问题", ref + " is in trouble"},
		{incident("absent", ref, "depend-timeout"), ref + " 未生成", ref + " was never made"},
		{incident("worker", "w1", "worker-lost"), "机器 w1 失联", "worker w1 is lost"},
		{incident("watch", "hdfs-not-answering:nn1:8020", "hdfs-not-answering"), "HDFS 无应答：nn1:8020", "HDFS does not answer: nn1:8020"},
		{incident("watch", "masters-low:platform", "masters-low"), "master 过少", "few masters"},
		{incident("channel", "sms", "send-failed"), "渠道 sms 发送失败", "channel sms fails"},
		{incident("event", "external.disk:nas", "external.disk"), "外部告警 disk：nas", "external disk: nas"},
		{incident("event", "big-task:dwd_order", "big-task"), "耗时异常：dwd_order", "unusual duration: dwd_order"},
		{incident("event", "w1", "worker-back"), "机器恢复：w1", "worker back: w1"}, // it came back, and nobody knew it was lost
		{incident("event", "nobody-knows:", "nobody-knows"), "nobody-knows", "nobody-knows"},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en, "": c.en} {
			if got := Say(lang, &c.in); got != want {
				t.Errorf("%s of %s in %q: got %s, want %s", c.in.Kind, c.in.Root, lang, got, want)
			}
		}
	}
}

func TestLongCausesAreCutInTheMiddle(t *testing.T) {
	t.Parallel()
	long := "hdfs://nn1/" + strings.Repeat("仓库", 60) + "/dt=20150518"
	for _, kind := range []string{"path", "third", "batch", "absent", "worker", "watch", "channel", "event"} {
		for _, lang := range []string{"zh", "en"} {
			in := incident(kind, long, "depend-timeout")
			if kind == "watch" || kind == "event" {
				in = incident(kind, "pass-old:"+long, "pass-old")
			}
			got := Say(lang, &in)
			if utf8.RuneCountInString(got) != sayLimit || !strings.Contains(got, "…") || !strings.Contains(got, "0518") {
				t.Errorf("%s: got %s, want %d letters and both ends of the name", kind, got, sayLimit)
			}
		}
	}
}
