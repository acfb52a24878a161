import { defineWords } from "./words";

export const commonWords = defineWords({
  en: {
    noAnswer: "The master does not answer.", request: "request", copy: "Copy", copied: "Copied", again: "Try again", old: "What you see is from before.",
    waiting: "waiting", held: "held", assigned: "assigned", running: "running", ok: "successful", failed: "failed", killed: "killed", skipped: "skipped", late: "late", lost: "lost",
    loading: "Loading", nothing: "Nothing here", more: "More", refused: "Your role does not allow this: {action}", reason: "Reason", cancel: "Cancel", all: "all", ago: "{time} ago", inTime: "in {time}",
  },
  zh: {
    noAnswer: "主节点没有应答。", request: "请求号", copy: "复制", copied: "已复制", again: "重试", old: "所见为此前内容。",
    waiting: "等待", held: "暂停", assigned: "已分配", running: "运行中", ok: "成功", failed: "失败", killed: "已终止", skipped: "已跳过", late: "超时", lost: "丢失",
    loading: "加载中", nothing: "暂无内容", more: "更多", refused: "您的角色无权执行：{action}", reason: "原因", cancel: "取消", all: "全部", ago: "{time}前", inTime: "{time}后",
  },
});
