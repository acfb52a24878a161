import { defineWords } from "../ui/words";

export const words = defineWords({
  en: {
    select: "Select {ref}", selectShown: "Select all that are shown", selected: "{n} selected", matching: "All that match the filter", clear: "Clear selection", about: "What to do with the selected batches", all: "Act on all that match",
    kill: "Kill", hold: "Hold", release: "Release", mark: "Mark", planTitle: "{verb} {n} batches", planTitleOne: "{verb} one batch", planTitleAll: "{verb} all batches that match the filter", plan: "Show the plan", apply: "{verb} {n} batches", applyOne: "{verb} one batch",
    killAbout: "What waits ends at once; what runs is ended by its worker.", holdAbout: "They are not assigned to workers until the hold ends.", releaseAbout: "They are assigned as soon as nothing else is in the way.", markAbout: "You decide the results in the scripts’ stead.",
    change: "changed", skip: "left as they are", block: "not allowed", counts: "What would happen", batch: "Batch", decision: "Decision", moreItems: "and {n} more", nothing: "No batch that matches can be changed by this.", nothingToDo: "Nothing would change.", first: "Nothing has changed yet. See what would, then apply it.",
  },
  zh: {
    select: "选择 {ref}", selectShown: "选择当前显示的全部", selected: "已选 {n} 个", matching: "符合筛选的全部批次", clear: "清除选择", about: "对所选批次的操作", all: "操作全部符合项",
    kill: "终止", hold: "暂停", release: "恢复", mark: "标记", planTitle: "{verb} {n} 个批次", planTitleOne: "{verb} 1 个批次", planTitleAll: "{verb}符合筛选的全部批次", plan: "查看计划", apply: "{verb} {n} 个批次", applyOne: "{verb} 1 个批次",
    killAbout: "等待中的立即结束，运行中的由执行机结束。", holdAbout: "暂停期间不会分配给执行机。", releaseAbout: "没有其他阻碍时即会分配。", markAbout: "由您代替脚本决定结果。",
    change: "将变更", skip: "保持不变", block: "无权变更", counts: "计划结果", batch: "批次", decision: "决定", moreItems: "另有 {n} 个", nothing: "没有可执行该操作的符合项。", nothingToDo: "不会有任何变更。", first: "目前尚未变更，先查看计划，再执行。",
  },
});
