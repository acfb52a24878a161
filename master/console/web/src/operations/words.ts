import { defineWords } from "../ui/words";

export const words = defineWords({
  en: {
    operations: "Operations", operation: "Operation {id}", newRerun: "Rerun…", newColdStart: "Cold start…", none: "No operation yet.", noneHint: "A rerun, a cold start or a command on many batches makes one.",
    kind: "Kind", state: "State", progress: "Progress", author: "By", reason: "Reason", created: "Created", ended: "Ended", took: "Took", request: "Request", id: "Id",
    kind_rerun: "rerun", kind_coldstart: "cold start", kind_kill: "kill", kind_hold: "hold", kind_release: "release", kind_mark: "mark", kind_execute: "run", kind_run: "run",
    state_creating: "being made", state_running: "running", state_done: "done", state_cancelled: "cancelled", cancelling: "being cancelled",
    made: "{created} of {total} made, {done} done, {failed} failed, {skipped} skipped", dealt: "{created} of {total} {past}, {failed} left alone, {skipped} skipped", andBlocked: "{text}, {blocked} blocked",
    past_kill: "killed", past_hold: "held", past_release: "released", past_mark: "marked", left: "about {time} left",
    cancelOp: "Cancel…", cancelTitle: "Cancel operation {id}?", cancelVerb: "Stop the operation", cancelText: "Nothing more is made or changed, and what it has made and has not begun is ended. What runs goes on. It can be resumed.",
    resumeOp: "Resume…", resumeTitle: "Go on with operation {id}?", resumeVerb: "Resume", resumeText: "What was left is made or changed now.",
    rerunFailed: "Rerun what failed", rerunFailedOf: "Rerun what failed of {period} tasks", itsBatches: "Its batches", itsFailed: "Failed batches",
    batches: "Batches", decision: "Decision", batch: "Batch", code: "Code", became: "State", result: "Result", noItems: "The operation has no batches.", noItem: "No batch of the operation is like this.", showAll: "Show all", anyDecision: "Any decision", anyState: "Any state", planSame: "Plan the same again…",
    decide_create: "create", decide_change: "change", decide_skip: "skip", decide_block: "block", decide_fail: "left alone",
  },
  zh: {
    operations: "操作", operation: "操作 {id}", newRerun: "重跑…", newColdStart: "冷启动…", none: "还没有操作。", noneHint: "重跑、冷启动或批量命令会产生操作。",
    kind: "类型", state: "状态", progress: "进度", author: "操作人", reason: "原因", created: "创建时间", ended: "结束时间", took: "历时", request: "请求号", id: "编号",
    kind_rerun: "重跑", kind_coldstart: "冷启动", kind_kill: "终止", kind_hold: "暂停", kind_release: "放行", kind_mark: "标记", kind_execute: "执行", kind_run: "执行",
    state_creating: "生成中", state_running: "运行中", state_done: "已完成", state_cancelled: "已取消", cancelling: "取消中",
    made: "共 {total} 个，已生成 {created}，成功 {done}，失败 {failed}，跳过 {skipped}", dealt: "共 {total} 个，已{past} {created}，未处理 {failed}，跳过 {skipped}", andBlocked: "{text}，阻止 {blocked}",
    past_kill: "终止", past_hold: "暂停", past_release: "放行", past_mark: "标记", left: "约剩 {time}",
    cancelOp: "取消操作…", cancelTitle: "取消操作 {id}？", cancelVerb: "停止该操作", cancelText: "不再生成或变更批次；已生成但未开始的批次将被终止，正在运行的继续运行。之后可以恢复。",
    resumeOp: "恢复…", resumeTitle: "继续操作 {id}？", resumeVerb: "恢复", resumeText: "将继续处理剩余的批次。",
    rerunFailed: "重跑失败批次", rerunFailedOf: "重跑失败批次（{period}）", itsBatches: "查看批次", itsFailed: "失败批次",
    batches: "批次", decision: "决定", batch: "批次", code: "原因码", became: "状态", result: "结果", noItems: "该操作没有批次。", noItem: "该操作没有此类批次。", showAll: "全部显示", anyDecision: "所有决定", anyState: "所有状态", planSame: "按相同条件重新计划…",
    decide_create: "生成", decide_change: "变更", decide_skip: "跳过", decide_block: "阻止", decide_fail: "未处理",
  },
});
