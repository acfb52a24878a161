package page

import (
	"fmt"
	"time"

	"capricornus/common/wire"
)

// Languages of reports.
const (
	English = "en"
	Chinese = "zh"
)

// tongue is a language and the zone that instants are shown in.
type tongue struct {
	zh   bool
	zone *time.Location
}

// say is a phrase in the language, with its figures put in.
func (t tongue) say(p phrase, args ...any) string {
	text := p.en
	if t.zh {
		text = p.zh
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// phrase is what is said, in both languages; verbs stand in the same order.
type phrase struct{ en, zh string }

func of(en, zh string) phrase { return phrase{en, zh} }

// named is the phrase of a code, or the code itself: what is new has no word yet.
func (t tongue) named(words map[string]phrase, code string) string {
	if p, ok := words[code]; ok {
		return t.say(p)
	}
	return code
}

func scoreWords() map[string]phrase {
	return map[string]phrase{
		wire.ScoreExpected: of("Expected", "应有批次"), wire.ScoreGenerated: of("Generated", "已生成"), wire.ScoreMissing: of("Missing", "缺批"),
		wire.ScoreWaiting: of("Waiting now", "当前等待"), wire.ScoreRunning: of("Running now", "当前运行"),
		wire.ScoreOK: of("Ended well", "成功"), wire.ScoreFailed: of("Failed", "失败"),
		wire.ScoreDependLate: of("Inputs late", "依赖超时"), wire.ScoreOutputLate: of("Output late", "产出超时"), wire.ScoreReruns: of("Reruns", "重跑"),
	}
}

func causeWords() map[string]phrase {
	return map[string]phrase{
		wire.CauseExitCode: of("exit code", "退出码"), wire.CauseMemory: of("memory", "内存不足"), wire.CausePath: of("path", "路径"),
		wire.CauseAccount: of("account", "执行账号"), wire.CauseTimeout: of("run timeout", "运行超时"), wire.CauseLost: of("lost", "失联"),
		wire.CauseInfrastructure: of("infrastructure", "平台环境"),
	}
}

func levelWords() map[string]phrase {
	return map[string]phrase{
		wire.LevelCritical: of("critical", "严重"), wire.LevelImportant: of("important", "重要"), wire.LevelNotice: of("notice", "关注"), "task": of("task", "任务"),
	}
}

func stateWords() map[string]phrase {
	return map[string]phrase{
		wire.WorkerOn: of("on", "上线"), wire.WorkerOff: of("off", "下线"), wire.WorkerSilent: of("silent", "失联"), wire.WorkerDead: of("dead", "已判死"),
	}
}

func serviceWords() map[string]phrase {
	return map[string]phrase{
		"generate": of("generation", "批次生成"), "depend": of("dependency check", "依赖检查"), "paths": of("path check", "路径检查"),
		"assign": of("assignment", "任务分配"), "timeout": of("timeouts", "超时检查"), "repair": of("repair", "僵死修复"),
		"notice": of("telling people", "通知判定"), "deliver": of("sending", "通知发送"), "heartbeat": of("outside monitor", "外部监控"),
		"monitor": of("platform monitor", "平台监控"), "missing": of("missing batches", "缺批检查"), "roster": of("duty roster", "值班更新"),
	}
}

func finishWords() map[string]phrase {
	return map[string]phrase{
		"success": of("ended well", "成功"), "failed": of("failed", "失败"), "lost": of("lost", "失联"), "killed": of("killed", "被终止"),
	}
}

func alertWords() map[string]phrase {
	return map[string]phrase{
		"depend-timeout": of("inputs late", "依赖超时"), "output-timeout": of("output late", "产出超时"), "batch-failed": of("batch failed", "批次失败"),
		"batch-refused": of("batch refused again and again", "批次屡被拒绝"), "batch-missing": of("batch missing", "缺批"),
		"attempt-over-memory": of("over its memory", "内存超限"), "attempt-over-limit": of("over a limit", "资源超限"),
		"hdfs-hung": of("hung on HDFS", "HDFS 卡住"), "download-hung": of("download hung", "程序包下载卡住"), "outputs-unknown": of("outputs unknown", "产出无法确认"),
		"worker-lost": of("worker lost", "执行机失联"), "worker-back": of("worker back", "执行机恢复"),
		"big-task": of("duration far off", "耗时异常"), "long-run": of("long run", "运行过长"),
		"attempt-stalled": of("attempt stalled", "运行停滞"), "generate-failed": of("not generated", "生成失败"), "generate-mass-failure": of("mass failure of generation", "大量生成失败"),
		"generate-too-old": of("too old to make up for", "漏批过旧"), "coldstart-unfinished": of("skipped by a cold start", "冷启动跳过"), "job-refused": of("job refused", "作业被拒"),
		"moved-tasks": of("tasks moved away", "任务被移走"), "moves": of("batches moved away", "改派频繁"), "memory-refused-tasks": of("short of memory", "内存不足"),
		"memory-refusals": of("refusals for memory", "因内存拒绝"), "masters-low": of("few masters", "主节点过少"), "workers-low": of("few workers", "执行机过少"),
		"clock-off": of("clock off", "时钟偏差"), "duty-gap": of("gap in the roster", "值班空缺"), "database-slow": of("database slow", "数据库过慢"),
		"canary-late": of("canary late", "金丝雀任务迟到"), "send-failed": of("message not delivered", "通知未送达"), "pass-slow": of("service slow", "服务过慢"),
		"pass-old": of("service behind", "服务滞后"), "service-silent": of("service silent", "服务停摆"), "hdfs-not-answering": of("HDFS does not answer", "HDFS 无应答"),
		"files-not-answering": of("files do not answer", "文件系统无应答"), "depend-check-failed": of("path unknown", "依赖无法检查"),
		"quality-silent": of("no quality answer", "质检无答复"), "quality-unreachable": of("quality service away", "质检不可达"),
	}
}

// took is a length of time as people say it, by its two largest parts.
func (t tongue) took(d time.Duration) string {
	switch {
	case d < 0:
		return t.took(0)
	case d < 10*time.Second:
		return t.say(of("%.1f s", "%.1f 秒"), d.Seconds())
	case d < time.Minute:
		return t.say(of("%d s", "%d 秒"), int(d.Seconds()))
	case d < time.Hour:
		return t.parts(int(d.Minutes()), of("min", "分"), int(d.Seconds())%60, of("s", "秒"))
	case d < 48*time.Hour:
		return t.parts(int(d.Hours()), of("h", "小时"), int(d.Minutes())%60, of("min", "分"))
	}
	return t.parts(int(d.Hours())/24, of("d", "天"), int(d.Hours())%24, of("h", "小时"))
}

func (t tongue) parts(large int, unit phrase, small int, subunit phrase) string {
	text := fmt.Sprintf("%d %s", large, t.say(unit))
	if small > 0 {
		text += fmt.Sprintf(" %d %s", small, t.say(subunit))
	}
	return text
}

func (t tongue) millis(n int64) string { return t.took(time.Duration(n) * time.Millisecond) }

func (t tongue) time(at int64) time.Time { return time.UnixMilli(at).In(t.zone) }

// clock is an instant of about today.
func (t tongue) clock(at int64) string { return t.time(at).Format("15:04") }

// when is an instant of any day.
func (t tongue) when(at int64) string { return t.time(at).Format("01-02 15:04") }

// share writes thousandths as a percentage.
func share(permille int) string {
	if permille >= 1000 {
		return "100%"
	}
	return fmt.Sprintf("%d.%d%%", permille/10, permille%10)
}
