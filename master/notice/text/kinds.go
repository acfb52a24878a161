package text

import (
	"maps"
	"strings"
	"sync"
)

// words is a text in both languages.
type words struct{ zh, en string }

func (w words) in(lang string) string {
	if lang == Chinese {
		return w.zh
	}
	return w.en
}

// Levels of alerts, as they are recorded (domain.md §10).
const (
	levelCritical  = "critical"
	levelImportant = "important"
	levelNotice    = "notice"
	levelTask      = "task"
)

// about is what an alert's object is, which decides how a sentence names it.
type about int

const (
	aboutThing    about = iota // anything: its name, a colon, the kind
	aboutBatch                 // task/workNo.run, with #attempt or without
	aboutTask                  // a task
	aboutHost                  // a worker
	aboutPath                  // a path or an address
	aboutService               // a duty of the masters
	aboutPlatform              // the whole cluster: the object is not said
)

// kind is how people are told of one kind of alerts.
type kind struct {
	about  about
	levels string // that it is raised with, space between
	name   words  // a label, for subjects, lists and figures
	says   words  // what follows the object in a sentence; of the platform, the sentence
	brief  words  // the same for a short message; a language without one takes says
	alone  bool   // its object may be something else than a batch
	ends   bool   // it is raised once more as a notice when it is over
}

// kinds is the table: every kind of alert that the code raises, by its code.
var kinds = sync.OnceValue(func() map[string]kind { //nolint:gochecknoglobals // read only, made once
	out := map[string]kind{}
	for _, part := range []map[string]kind{batchKinds(), taskKinds(), workerKinds(), platformKinds()} {
		maps.Copy(out, part)
	}
	return out
})

// kindOf is the kind of a code; one that is not known has a name made of it.
func kindOf(code string) kind {
	if k, known := kinds()[code]; known {
		return k
	}
	name := code
	if name == "" {
		name = "alert"
	}
	if outside, external := strings.CutPrefix(code, externalPrefix); external {
		return kind{levels: externalLevels, name: words{"外部告警 " + outside, "external " + outside}}
	}
	return kind{levels: externalLevels, name: words{name, name}}
}

// externalPrefix stands before the kinds that other systems raise, at every level.
const (
	externalPrefix = "external."
	externalLevels = "critical important notice task"
)

// ended says that an alert tells of a condition that is over: the monitor raises
// it with the same kind, as a notice, which it raises for nothing else.
func ended(a *Alert) bool { return a.Level == levelNotice && kindOf(a.Kind).ends }

// batchKinds are those whose object is a batch or one of its attempts.
func batchKinds() map[string]kind {
	return map[string]kind{
		"depend-timeout": {about: aboutBatch, levels: "task", name: words{"依赖超时", "inputs late"},
			says: words{"依赖超时", "did not get its inputs in time"}, brief: words{en: "inputs late"}},
		"output-timeout": {about: aboutBatch, levels: "task", name: words{"产出超时", "output late"},
			says: words{"未按时产出", "is not successful in time"}, brief: words{en: "output late"}},
		"batch-failed": {about: aboutBatch, levels: "task", name: words{"失败", "failed"},
			says: words{"失败", "failed"}},
		"batch-refused": {about: aboutBatch, levels: "important", name: words{"多次被拒", "refused"},
			says: words{"多次被机器拒绝", "was refused by workers again and again"}, brief: words{"多次被拒", "refused"}},
		"attempt-over-memory": {about: aboutBatch, levels: "critical", name: words{"内存超出", "over memory"},
			says: words{"使用的内存超出声明", "uses more memory than its task declares"}, brief: words{"内存超出", "over memory"}},
		"attempt-over-limit": {about: aboutBatch, levels: "critical", name: words{"超限终止", "over a limit"},
			says: words{"超出限制，被机器终止", "was ended by its worker for a limit"}, brief: words{"超限终止", "over limit"}},
		"hdfs-hung": {about: aboutBatch, levels: "important", alone: true, name: words{"卡在 HDFS", "hung on HDFS"},
			says: words{"卡在 HDFS 上，相关进程已终止", "had a process that hung on HDFS, which was ended"}, brief: words{"卡在HDFS", "hung on HDFS"}},
		"outputs-unknown": {about: aboutBatch, levels: "important", alone: true, name: words{"产出无法检查", "outputs unknown"},
			says: words{"已运行完，但产出无法检查", "has ended, and its outputs cannot be looked at"}, brief: words{"产出待查", "not judged"}},
		"attempt-stalled": {about: aboutBatch, levels: "important task", name: words{"运行停滞", "stalled"},
			says: words{"运行已久，长时间没有任何进展", "runs longer than usual and gets nowhere"}, brief: words{"长时间无进展", "gets nowhere"}},
		"long-run": {about: aboutBatch, levels: "task", name: words{"运行过久", "ran long"},
			says: words{"运行过久", "ran for very long"}, brief: words{en: "ran long"}},
		"batch-missing": {about: aboutBatch, levels: "important", alone: true, name: words{"缺批次", "missing"},
			says: words{"应有而未生成", "should be there and is not"}, brief: words{"应有未生成", "missing"}},
		"generate-failed": {about: aboutBatch, levels: "task", name: words{"生成失败", "not generated"},
			says: words{"生成失败", "could not be generated"}, brief: words{en: "not generated"}},
		"quality-silent": {about: aboutBatch, levels: "task", name: words{"质检无答复", "no quality answer"},
			says: words{"没有得到数据质量监控的答复", "has no answer from the data-quality service"}, brief: words{"质检无答复", "no DQ answer"}},
	}
}

// taskKinds are those about definitions and how batches come to be.
func taskKinds() map[string]kind {
	return map[string]kind{
		"big-task": {about: aboutTask, levels: "task", name: words{"耗时异常", "unusual duration"},
			says: words{"实际耗时与预期相差很大，预期已更新", "took far longer or shorter than expected; the expectation was changed"}, brief: words{"耗时异常，预期已更新", "unusual duration"}},
		"generate-mass-failure": {about: aboutPlatform, levels: "critical", name: words{"大量生成失败", "mass failure of generation"},
			says: words{"许多任务的批次没能生成", "The batches of many tasks could not be generated"}, brief: words{"大量批次生成失败", "many batches not generated"}},
		"generate-too-old": {levels: "important", name: words{"漏批过旧", "too old to make up for"},
			says: words{"有漏掉的批次太旧，不会自动补，需要时请冷启动", "has missed batches that are too old to be made up for; cold-start them if they are needed"}, brief: words{"漏批过旧，需要时请冷启动", "has missed batches too old"}},
		"coldstart-unfinished": {levels: "notice", name: words{"冷启动跳过", "skipped by a cold start"},
			says: words{"跳过了尚未结束的批次", "left batches alone because an unfinished one is there"}, brief: words{en: "skipped batches"}},
		"job-refused": {levels: "important", name: words{"作业被拒", "job refused"},
			says: words{"不能成为任务，原有任务照常运行", "cannot become a task; the task it was goes on"}, brief: words{"不能成为任务", "is refused as a job"}},
	}
}

// workerKinds are those whose object is a worker, or a path that workers need.
func workerKinds() map[string]kind {
	return map[string]kind{
		"worker-lost": {about: aboutHost, levels: "critical important notice", name: words{"机器失联", "worker lost"},
			says: words{"失联", "is lost"}},
		"worker-back": {about: aboutHost, levels: "notice", name: words{"机器恢复", "worker back"},
			says: words{"已恢复联系", "is back"}},
		"moved-tasks": {about: aboutHost, levels: "important critical", ends: true, name: words{"任务被移走", "tasks moved away"},
			says: words{"有许多任务的批次被改派到别处", "has had the batches of many tasks taken away"}, brief: words{"有许多任务被改派", "lost batches of many tasks"}},
		"moves": {about: aboutHost, levels: "important critical", ends: true, name: words{"改派频繁", "batches moved away"},
			says: words{"接连有批次被改派到别处", "has had batches taken away again and again"}, brief: words{"接连有批次被改派", "keeps losing batches"}},
		"memory-refused-tasks": {about: aboutHost, levels: "important critical", ends: true, name: words{"内存不足", "short of memory"},
			says: words{"内存不足，拒绝了许多任务的批次", "is short of memory and refused batches of many tasks"}, brief: words{"内存不足，拒绝许多任务", "is short of memory"}},
		"memory-refusals": {about: aboutHost, levels: "important critical", ends: true, name: words{"因内存拒绝", "refusals for memory"},
			says: words{"内存不足，接连拒绝批次", "is short of memory and keeps refusing batches"}, brief: words{en: "refuses for memory"}},
		"download-hung": {about: aboutPath, levels: "important", name: words{"程序包下载卡住", "download hung"},
			says: words{"程序包下载卡住或太慢，已终止", "is a program package whose download hung or was too slow, and was ended"}, brief: words{"程序包下载卡住", "download hung"}},
	}
}

// platformKinds are those of the masters, their duties and what they depend on.
func platformKinds() map[string]kind {
	return map[string]kind{
		"masters-low": {about: aboutPlatform, levels: "important critical", ends: true, name: words{"master 过少", "few masters"},
			says: words{"在线的 master 过少", "Too few masters are live"}, brief: words{"在线master过少", "too few masters"}},
		"workers-low": {about: aboutPlatform, levels: "important critical", ends: true, name: words{"机器过少", "few workers"},
			says: words{"在线的机器过少", "Too few workers are live"}, brief: words{"在线机器过少", "too few workers"}},
		"clock-off": {levels: "important", ends: true, name: words{"时钟偏差", "clock off"},
			says: words{"时钟偏差过大", "has a clock that is off"}},
		"duty-gap": {levels: "important notice", name: words{"值班空缺", "gap in the roster"},
			says: words{"值班安排有空缺或一人兼两岗", "has a day with nobody on duty, or one person twice"}, brief: words{"值班有空缺", "has a gap in its roster"}},
		"database-slow": {about: aboutPlatform, levels: "important", ends: true, name: words{"数据库过慢", "database slow"},
			says: words{"数据库应答过慢", "The database answers slowly"}, brief: words{"数据库过慢", "database slow"}},
		"canary-late": {about: aboutTask, levels: "important critical", ends: true, name: words{"金丝雀任务迟到", "canary late"},
			says: words{"作为金丝雀没有按时走完平台全程", "is the canary and has not come through the platform in time"}, brief: words{"金丝雀任务迟到", "canary late"}},
		"send-failed": {levels: "important", name: words{"通知未送达", "message not delivered"},
			says: words{"有通知多次没有送达，不再重试", "did not take a message, which is not tried again"}, brief: words{"有通知未送达", "did not take a message"}},
		"pass-slow": {about: aboutService, levels: "important critical", ends: true, name: words{"服务过慢", "service slow"},
			says: words{"一轮运行过久", "takes too long for one pass"}, brief: words{en: "is slow"}},
		"pass-old": {about: aboutService, levels: "critical", ends: true, name: words{"服务滞后", "service behind"},
			says: words{"过久没有成功运行", "has not succeeded for too long"}, brief: words{en: "lags behind"}},
		"service-silent": {about: aboutService, levels: "important critical", ends: true, name: words{"服务停摆", "service silent"},
			says: words{"没有按时运行", "has not run when it should"}, brief: words{en: "does not run"}},
		"hdfs-not-answering": {levels: "important critical", ends: true, name: words{"HDFS 无应答", "HDFS does not answer"},
			says: words{"没有应答", "does not answer"}},
		"files-not-answering": {levels: "important critical", ends: true, name: words{"文件系统无应答", "files do not answer"},
			says: words{"没有应答", "does not answer"}},
		"depend-check-failed": {about: aboutPath, levels: "critical", name: words{"依赖无法检查", "path unknown"},
			says: words{"多次无法检查", "cannot be looked at"}},
		"quality-unreachable": {about: aboutPath, levels: "critical", name: words{"质检不可达", "quality service away"},
			says: words{"数据质量监控多次无法访问", "is the data-quality service, which cannot be reached"}, brief: words{"质检无法访问", "not reached (quality)"}},
	}
}
