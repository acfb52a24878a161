package batch

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// GateCode names what stops a waiting batch, column capri_task_work.gate.
type GateCode string

// The gates, in the order in which the scheduler asks (domain.md §6).
const (
	GateData      GateCode = "DATA_PATH"         // an input path is not ready
	GateThird     GateCode = "THIRD_PARTY"       // a third party has not announced
	GateParent    GateCode = "PARENT_BATCH"      // a parent batch is not successful
	GateOperation GateCode = "OPERATION_PENDING" // its operation is still making batches
	GateLatest    GateCode = "LATEST_SCHED_TIME" // scheduled later than the system allows now
	GateDisabled  GateCode = "TASK_DISABLED"
	GateHeld      GateCode = "BATCH_HELD"
	GateQuality   GateCode = "DQ_GATE"
	GateEarliest  GateCode = "EARLIEST_TIME"
	GateRetry     GateCode = "RETRY_WAIT"
	GateMaximum   GateCode = "CONCURRENCY"
	GateAccount   GateCode = "ACCOUNT"
	GateWorker    GateCode = "NO_WORKER"
	GateQueue     GateCode = "QUEUED_BEHIND" // workers fit and are full
)

// Answers of the data-quality service, column capri_task_work.qualityState.
const (
	QualityNone  = 0
	QualitySent  = 1
	QualityRun   = 2
	QualityBlock = 3
)

// Held is a hold in force: whose, why, until when (0: until released).
type Held struct {
	Object string // batch, task or project
	Actor  string
	Reason string
	Until  int64
}

// Case is all that the gates between "nothing unmet" and "a worker" ask about.
// Instants are UTC milliseconds, 0 for none.
type Case struct {
	OperationPending bool
	ScheduleAt       int64
	LatestAt         int64 // setting latest_schedule_time; 0: now
	TaskEnabled      bool
	Hold             *Held
	Quality          bool // the task has the data-quality gate
	QualityState     int
	EarliestAt       int64
	RetryAt          int64
	Failures         int // attempts that failed; without one it was a worker that gave the batch back
	Active           int // assigned and running batches of the task
	MaxRunning       int
	Account          string
	AccountAllowed   bool
}

// givenBack is an argument of the sentence about GateRetry.
const givenBack = "given back"

// Verdict is one gate's answer.
type Verdict struct {
	Gate    GateCode
	Open    bool
	Args    []string // of the sentence
	OpensAt int64    // when time alone opens it; 0: not by time
}

// Gates asks every gate in order. It is pure; place stops at the first that is
// shut, `why` shows them all.
func (c Case) Gates(now int64) []Verdict {
	latest := c.LatestAt
	if latest == 0 {
		latest = now
	}
	at := func(ms int64) string { return strconv.FormatInt(ms, 10) }
	held := Verdict{Gate: GateHeld, Open: c.Hold == nil}
	if c.Hold != nil {
		held.Args = []string{c.Hold.Object, c.Hold.Actor, c.Hold.Reason}
		held.OpensAt = c.Hold.Until
	}
	schedule := Verdict{Gate: GateLatest, Open: c.ScheduleAt <= latest, Args: []string{at(latest)}}
	if c.LatestAt == 0 {
		schedule.OpensAt = c.ScheduleAt
	}
	retry := Verdict{Gate: GateRetry, Open: c.RetryAt <= now, Args: []string{at(c.RetryAt)}, OpensAt: c.RetryAt}
	if c.Failures == 0 {
		retry.Args = append(retry.Args, givenBack)
	}
	return []Verdict{
		{Gate: GateOperation, Open: !c.OperationPending},
		schedule,
		{Gate: GateDisabled, Open: c.TaskEnabled},
		held,
		{Gate: GateQuality, Open: !c.Quality || c.QualityState == QualityRun},
		{Gate: GateEarliest, Open: c.EarliestAt <= now, Args: []string{at(c.EarliestAt)}, OpensAt: c.EarliestAt},
		retry,
		{Gate: GateMaximum, Open: c.Active < c.MaxRunning, Args: []string{strconv.Itoa(c.MaxRunning)}},
		{Gate: GateAccount, Open: c.AccountAllowed || c.Account == "", Args: []string{c.Account}},
	}
}

// FirstShut returns the first gate that is shut, if any.
func (c Case) FirstShut(now int64) (Verdict, bool) {
	for _, v := range c.Gates(now) {
		if !v.Open {
			return v, true
		}
	}
	return Verdict{}, false
}

// Message is a sentence as the database keeps it: a code and its arguments, so
// that it can be shown in any language.
func Message(g GateCode, args ...string) string {
	text, err := json.Marshal(append([]string{string(g)}, args...))
	if err != nil {
		return string(g)
	}
	return string(text)
}

// Say writes a stored message as a sentence, in English or, for lang "zh", in
// the seeds' Chinese. Text that is no message is returned as it is.
func Say(message, lang string, zone *time.Location) string {
	var parts []string
	if json.Unmarshal([]byte(message), &parts) != nil || len(parts) == 0 {
		if lang == "zh" {
			return chineseReason(message)
		}
		return message
	}
	args := append(parts[1:], "", "", "")
	switch GateCode(parts[0]) {
	case GateEarliest, GateRetry, GateLatest:
		args[0] = clock(args[0], zone)
	default:
	}
	if lang == "zh" {
		return chinese(GateCode(parts[0]), args)
	}
	return english(GateCode(parts[0]), args)
}

func clock(ms string, zone *time.Location) string {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil || n == 0 {
		return ms
	}
	return time.UnixMilli(n).In(zone).Format(time.DateTime)
}

func english(g GateCode, a []string) string {
	switch g {
	case GateData:
		return "waits for input paths"
	case GateThird:
		return "waits for a third party's announcement"
	case GateParent:
		return "waits for parent batches"
	case GateOperation:
		return "its operation is still making batches; all of them start together"
	case GateLatest:
		return "scheduled later than the latest schedule time the system allows now, " + a[0]
	case GateDisabled:
		return "the task is disabled"
	case GateHeld:
		return fmt.Sprintf("the %s is held by %s: %s", a[0], a[1], a[2])
	case GateQuality:
		return "the data-quality service has not released it"
	case GateEarliest:
		return "may not start before " + a[0]
	case GateRetry:
		if a[1] == givenBack {
			return "a worker could not begin it and gave it back; the next one may have it at " + a[0]
		}
		return "the last attempt failed; the next one begins at " + a[0]
	case GateMaximum:
		return fmt.Sprintf("%s batches of this task are running, which is its maximum", a[0])
	case GateAccount:
		return fmt.Sprintf("the task's owner may not use the execution account %s", a[0])
	case GateWorker:
		return "no worker fits: " + a[0]
	case GateQueue:
		return "every worker that fits is full; it runs as soon as one has room"
	}
	return string(g)
}

// chineseReason says a reason that After gave in Chinese; those of workers and
// people stay in their own words.
func chineseReason(text string) string {
	switch text {
	case "killed":
		return "被终止"
	case "run timeout":
		return "运行超时"
	case "every output is ready":
		return "全部产出已就绪"
	case "the outputs could not be looked at":
		return "无法检查产出"
	case "the attempt could not run":
		return "未能启动运行"
	case "no process and no exit code are left of the attempt":
		return "进程与退出码均已丢失"
	}
	code, found := strings.CutPrefix(text, "exit code ")
	if !found {
		return text
	}
	if n, missing := strings.CutSuffix(code, ", but not every output is ready"); missing {
		return "退出码 " + n + ",但产出未全部就绪"
	}
	return "退出码 " + code
}

// ObjectName names what is held, a batch, a task or a project, in a language.
func ObjectName(object, lang string) string {
	if lang != "zh" {
		return object
	}
	switch object {
	case "batch":
		return "批次"
	case "task":
		return "任务"
	case "project":
		return "项目"
	}
	return object
}

func chinese(g GateCode, a []string) string {
	switch g {
	case GateData:
		return "等待数据路径"
	case GateThird:
		return "等待第三方数据"
	case GateParent:
		return "等待父任务批次"
	case GateOperation:
		return "所属操作仍在生成批次"
	case GateLatest:
		return "晚于系统允许的最晚调度时间 " + a[0]
	case GateDisabled:
		return "任务已停用"
	case GateHeld:
		return fmt.Sprintf("%s已被 %s 暂停:%s", ObjectName(a[0], "zh"), a[1], a[2])
	case GateQuality:
		return "数据质量监控未放行"
	case GateEarliest:
		return "未到最早执行时间 " + a[0]
	case GateRetry:
		if a[1] == givenBack {
			return "执行机无法开始执行,已退回,将于 " + a[0] + " 重新分配"
		}
		return "上次执行失败,将于 " + a[0] + " 重试"
	case GateMaximum:
		return fmt.Sprintf("此任务同时运行的任务数达到最大 %s 个,等待下次调度", a[0])
	case GateAccount:
		return fmt.Sprintf("调度失败,失败原因:此任务负责人没有权限使用此账号 %s 运行任务", a[0])
	case GateWorker:
		return "没有合适的机器:" + a[0]
	case GateQueue:
		return "合适的机器均已满,排队等待"
	}
	return string(g)
}
