package root

import (
	"strings"
	"unicode/utf8"

	"capricornus/common/store"
	"capricornus/master/notice/text"
)

// sayLimit is how long a cause in a message is, in letters, where what is fixed
// leaves room for that.
const sayLimit = 60

// Say says an incident's cause in a few words, in Chinese for lang zh and in
// English for every other one; it is pure. Names are cut in the middle.
func Say(lang string, in *store.Incident) string {
	before, name, behind := parts(lang, in)
	fixed := utf8.RuneCountInString(before) + utf8.RuneCountInString(behind)
	return before + middle(name, max(sayLimit-fixed, sayLimit/3)) + behind
}

// parts are what stands before a name, the name, and what stands behind it.
func parts(lang string, in *store.Incident) (before, name, behind string) {
	zh := lang == text.Chinese
	of := func(chinese, english string) string {
		if zh {
			return chinese
		}
		return english
	}
	switch in.IncidentRoot.Kind {
	case store.RootPath:
		if in.Kind == store.AlertDependTimeout || in.Kind == store.AlertOutputTimeout {
			return of("缺路径 ", "missing "), in.Root, ""
		}
		return text.Label(lang, in.Kind) + of("：", ": "), in.Root, ""
	case store.RootThird:
		return of("第三方数据未到 ", "not announced: "), in.Root, ""
	case store.RootBatch:
		said := batchWords(in)
		return "", in.Root, " " + of(said.zh, said.en)
	case store.RootAbsent:
		return "", in.Root, of(" 未生成", " was never made")
	case store.RootWorker:
		return of("机器 ", "worker "), in.Root, of(" 失联", " is lost")
	case store.RootChannel:
		return of("渠道 ", "channel "), in.Root, of(" 发送失败", " fails")
	}
	label, object := text.Label(lang, in.Kind), strings.TrimPrefix(in.Root, in.Kind+":")
	if object == "" || object == "platform" {
		return "", label, ""
	}
	return label + of("：", ": "), object, ""
}

type words struct{ zh, en string }

// batchWords say what the matter is with a batch.
func batchWords(in *store.Incident) words {
	switch in.Kind {
	case store.AlertBatchFailed:
		return words{"失败", "failed"}
	case store.AlertOutputTimeout, store.AlertDependTimeout:
		return lateWords(in)
	case store.AlertBatchRefused:
		return words{"多次被机器拒绝", "was refused by workers"}
	case store.AlertOverMemory:
		return words{"内存超出", "uses too much memory"}
	case store.AlertOverLimit:
		return words{"超限被终止", "was ended for a limit"}
	case store.AlertHDFSHung:
		return words{"卡在 HDFS", "hung on HDFS"}
	case store.AlertOutputsUnseen:
		return words{"产出无法检查", "has outputs nobody can look at"}
	case kindSilent:
		return words{"没有质检答复", "has no data-quality answer"}
	case store.AlertStalled:
		return words{"运行停滞", "gets nowhere"}
	}
	return words{"有问题", "is in trouble"}
}

// lateWords: what others wait for may have failed; the cause tells.
func lateWords(in *store.Incident) words {
	for said, w := range map[string]words{
		wordFailed: {"失败", "failed"}, wordLost: {"已丢失", "is lost"},
		wordKilled: {"已被终止", "was killed"}, wordSkipped: {"已被跳过", "was skipped"},
	} {
		if strings.HasPrefix(in.Cause, in.Root+said) {
			return w
		}
	}
	if in.Kind == store.AlertOutputTimeout {
		return words{"未按时产出", "is late"}
	}
	return words{"尚未完成", "is not done yet"}
}
