import { defineWords } from "../ui/words";

export const words = defineWords({
  en: {
    log: "Log", attempt: "Attempt", attemptOn: "attempt {n} on {host}: {outcome}", runs: "running", exitCode: "exit code {n}", notStarted: "No attempt of this batch has started, so there is no log yet.", seeWhy: "See what it waits for",
    start: "Start", end: "End", wrap: "Wrap lines", download: "Download {size}", place: "Place in the log", following: "New lines are shown as they come.",
    newLines: "{n} new lines", newMany: "more than {n} new lines", empty: "The attempt has written nothing.", emptyYet: "The attempt has written nothing yet.",
    partial: "Worker {host} is out of reach. This is the end of the log, {size}, which the masters keep.", mayNot: "Logs may be read by who works on the project, and by operators.",
    search: "Find in the log", ignoreCase: "Ignore case", regexp: "Regular expression", hits: "Lines found", searching: "Searching", hitsAll: "Lines found: {n}", hitsSoFar: "Lines found so far: {n}", searchOn: "Search on",
  },
  zh: {
    log: "日志", attempt: "尝试", attemptOn: "第 {n} 次，{host}：{outcome}", runs: "运行中", exitCode: "退出码 {n}", notStarted: "该批次尚未开始运行，还没有日志。", seeWhy: "查看其等待什么",
    start: "开头", end: "末尾", wrap: "自动换行", download: "下载 {size}", place: "日志位置", following: "新日志实时显示。",
    newLines: "{n} 行新日志", newMany: "超过 {n} 行新日志", empty: "本次尝试没有输出。", emptyYet: "本次尝试暂无输出。",
    partial: "执行机 {host} 无法访问，以下为主节点保留的日志末尾 {size}。", mayNot: "项目相关人员和运维人员可以查看日志。",
    search: "在日志中查找", ignoreCase: "忽略大小写", regexp: "正则表达式", hits: "匹配行", searching: "查找中", hitsAll: "匹配 {n} 行", hitsSoFar: "已匹配 {n} 行", searchOn: "继续查找",
  },
});
