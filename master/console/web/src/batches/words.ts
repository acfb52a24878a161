import { defineWords } from "../ui/words";

export const words = defineWords({
  en: {
    batches: "Batches", batch: "Batch", state: "State", why: "Why", scheduled: "Scheduled", waited: "Waited", ran: "Ran", worker: "Worker", task: "Task", project: "Project", operation: "Operation", origin: "Made by",
    anyState: "any state", today: "today", yesterday: "yesterday", week: "7 days", allTime: "any time", range: "Scheduled in", late: "late only", clear: "Clear filters",
    noneToday: "No batch of today matches.", none: "No batch matches these filters.", allTimes: "Look at any time", filterTask: "Task, exactly", filterProject: "Project, exactly",
    unmet: "waits for {n}", created: "Made", started: "Started", ended: "Ended", attempts: "Attempt", priority: "Priority", ranSeconds: "Ran (s)", retryAt: "tried again at {time}",
  },
  zh: {
    batches: "批次", batch: "批次", state: "状态", why: "原因", scheduled: "调度时间", waited: "等待", ran: "运行", worker: "执行机", task: "任务", project: "项目", operation: "操作", origin: "来源",
    anyState: "所有状态", today: "今天", yesterday: "昨天", week: "近 7 天", allTime: "全部时间", range: "调度于", late: "仅超时", clear: "清除筛选",
    noneToday: "今天没有符合条件的批次。", none: "没有符合条件的批次。", allTimes: "查看全部时间", filterTask: "任务（精确）", filterProject: "项目（精确）",
    unmet: "等待 {n} 项依赖", created: "生成时间", started: "开始时间", ended: "结束时间", attempts: "尝试", priority: "优先级", ranSeconds: "运行（秒）", retryAt: "{time} 重试",
  },
});
