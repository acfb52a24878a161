import { defineWords } from "../ui/words";

export const words = defineWords({
  en: {
    reading: "Reading", task: "Task", project: "Project", operation: "Operation", worker: "Worker", state: "State", kind: "Kind", what: "What", when: "When", reason: "Reason", detail: "Detail", took: "Took", running: "running",
    overview: "Overview", why: "Why", depends: "Dependencies", attempts: "Attempts", log: "Log", events: "Events", alerts: "Alerts", audit: "Audit",
    way: "The way of this batch", made: "Made", met: "Dependencies met", assigned: "Assigned", startedRunning: "Running", done: "Done", notYet: "not yet",
    logEnd: "End of the log", wholeLog: "The whole log, {size}", note: "Note", scheduled: "Scheduled", interval: "Data of", waited: "Waited", ran: "Ran", exit: "Exit code", retryAt: "Tried again at", priority: "Priority", period: "Period", origin: "Made by", version: "Version of the task", memory: "Memory declared", request: "Request",
    asOf: "As of", expected: "Expected to end at", roots: "Root causes: {n}", since: "since", checked: "Checked", checkedAt: "checked", by: "by", truncated: "There are more causes behind these; the search met its limit.", gates: "Conditions", gateMet: "met", gateUnmet: "not met", gateNotAsked: "not asked yet", timeouts: "Deadlines", due: "due", passed: "passed", spent: "Where the time went", phase: "Phase",
    needs: "Needs", makes: "Makes", needsNothing: "It waits for no data and no other batch.", makesNothing: "No output is declared.", readyWhen: "Ready when", unmetSince: "Not met since", notApplicable: "not applicable",
    attempt: "Attempt", outcome: "Outcome", started: "Started", memoryPeak: "Memory at most", noAttempts: "No attempt has started yet. “Why” says what it waits for.", answerOf: "Answer to attempt {n}: status {status}", moved: "Moved between workers",
    move: "Event", actor: "By", level: "Level", text: "Text", incident: "Incident", sent: "Sent", silenced: "silenced", noAlerts: "No alert has been recorded about this batch.", action: "Action", source: "From", noAudit: "Nobody has done anything to this batch.",
    rerun: "Rerun", kill: "Kill", hold: "Hold", release: "Release", mark: "Mark", quality: "Answer quality check", askTitle: "{verb}: {ref}",
    killRunning: "Its worker ends the script and everything that it started; the batch ends when no process is left.", killWaiting: "It ends at once and does not run.", holdAbout: "It is not assigned to a worker until the hold ends.", releaseAbout: "It is assigned as soon as nothing else is in the way.", markAbout: "You decide the result in the script's stead; what waits for this batch follows the result.", qualityAbout: "You answer in the stead of the data-quality service.",
    holdEnd: "The hold ends", untilReleased: "when somebody releases it", forHours: "after {n} h", result: "Result", success: "successful", failed: "failed", skipped: "skipped", answer: "Answer", mayRun: "It may run", mustNotRun: "It must not run",
  },
  zh: {
    reading: "读取中", task: "任务", project: "项目", operation: "操作", worker: "执行机", state: "状态", kind: "类型", what: "对象", when: "时间", reason: "原因", detail: "详情", took: "用时", running: "运行中",
    overview: "概览", why: "原因", depends: "依赖", attempts: "尝试", log: "日志", events: "事件", alerts: "告警", audit: "审计",
    way: "批次进程", made: "已生成", met: "依赖就绪", assigned: "已分配", startedRunning: "运行", done: "已结束", notYet: "未到",
    logEnd: "日志末尾", wholeLog: "完整日志，{size}", note: "说明", scheduled: "调度时间", interval: "数据区间", waited: "等待", ran: "运行", exit: "退出码", retryAt: "重试时间", priority: "优先级", period: "周期", origin: "来源", version: "任务版本", memory: "声明内存", request: "请求号",
    asOf: "截至", expected: "预计结束于", roots: "根因：{n} 个", since: "自", checked: "检查于", checkedAt: "检查于", by: "检查者", truncated: "背后还有更多原因，查找已达上限。", gates: "条件", gateMet: "满足", gateUnmet: "未满足", gateNotAsked: "尚未判断", timeouts: "时限", due: "截止", passed: "超时于", spent: "时间去向", phase: "阶段",
    needs: "输入", makes: "产出", needsNothing: "不等待任何数据或其他批次。", makesNothing: "未声明产出。", readyWhen: "就绪标志", unmetSince: "未满足自", notApplicable: "不适用",
    attempt: "尝试", outcome: "结果", started: "开始", memoryPeak: "内存峰值", noAttempts: "尚未开始运行，“原因”页说明其等待什么。", answerOf: "第 {n} 次尝试的应答：状态 {status}", moved: "更换执行机",
    move: "事件", actor: "执行者", level: "级别", text: "内容", incident: "事故", sent: "发送", silenced: "已静默", noAlerts: "该批次没有告警记录。", action: "动作", source: "来源地址", noAudit: "没有人操作过该批次。",
    rerun: "重跑", kill: "终止", hold: "暂停", release: "恢复", mark: "标记", quality: "答复质量检查", askTitle: "{verb}：{ref}",
    killRunning: "执行机将结束脚本及其启动的所有进程；进程全部退出后批次结束。", killWaiting: "立即结束，不再运行。", holdAbout: "暂停期间不会分配给执行机。", releaseAbout: "没有其他阻碍时即会分配。", markAbout: "由您代替脚本决定结果；依赖该批次的任务以此结果为准。", qualityAbout: "由您代替数据质量服务答复。",
    holdEnd: "暂停结束于", untilReleased: "有人恢复时", forHours: "{n} 小时后", result: "结果", success: "成功", failed: "失败", skipped: "跳过", answer: "答复", mayRun: "可以运行", mustNotRun: "不可运行",
  },
});
