import { defineWords } from "../ui/words";

/** Texts of the form beside a task file. */
export const words = defineWords({
  en: {
    form: "Form", yaml: "YAML", formOrYaml: "Form or YAML", notReadable: "The file cannot be read, so the form waits: {problem} (line {line}). Mend it in the YAML.", noTask: "The file has no task: the form waits for one in the YAML.",
    basics: "What it is", schedule: "When it runs", depends: "What it waits for and makes", runs: "What it runs", limitsAndRetry: "Limits and repetition", where: "Where it runs",
    name: "Name", title: "Title", project: "Project", owner: "Owner", labels: "Labels", labelsHint: "name=value",
    period: "Period", hour: "hour", day: "day", week: "week", month: "month", cronPeriod: "cron", manual: "manual", cron: "Cron expression", enabled: "Enabled", priority: "Priority (0 goes first)",
    validFrom: "Valid from", validTo: "Valid to", earliest: "Not before (time of day)",
    parents: "Parent tasks", addParent: "Add a parent task", addParentHint: "name or title", removeParent: "Remove the parent {name}", sameInterval: "same interval", newest: "newest batch", back: "{n} back", between: "{from} to {to} back", noParents: "It waits for no other task.",
    inputs: "Paths it reads", outputs: "Paths it makes", path: "Path {n}: {what}", addPath: "Add a path: {what}", add: "Add", remove: "Remove", removePath: "Remove path {n}: {what}",
    type: "Type", script: "Script", notHere: "What it runs is written in the YAML, below {key}.",
    retryTimes: "Tries after a failure", retryInterval: "Time between tries", dependTimeout: "Dependencies late after", outputTimeout: "Output late after", runTimeout: "Longest run", expect: "Usual run, seconds",
    group: "Worker group", memory: "Memory", account: "Execution account", inYaml: "written in the YAML", example: "such as {text}",
  },
  zh: {
    form: "表单", yaml: "YAML", formOrYaml: "表单或 YAML", notReadable: "文件无法解析，表单暂不可用：{problem}（第 {line} 行）。请在 YAML 中修正。", noTask: "文件中没有任务，请先在 YAML 中编写。",
    basics: "基本信息", schedule: "调度", depends: "依赖与产出", runs: "执行内容", limitsAndRetry: "超时与重试", where: "运行环境",
    name: "名称", title: "标题", project: "项目", owner: "负责人", labels: "标签", labelsHint: "名称=值",
    period: "周期", hour: "小时", day: "天", week: "周", month: "月", cronPeriod: "cron", manual: "手动", cron: "cron 表达式", enabled: "启用", priority: "优先级（0 最先）",
    validFrom: "有效期起", validTo: "有效期止", earliest: "最早执行时刻",
    parents: "上游任务", addParent: "添加上游任务", addParentHint: "名称或标题", removeParent: "移除上游 {name}", sameInterval: "相同业务区间", newest: "最新批次", back: "往前 {n} 个周期", between: "往前 {from} 至 {to} 个周期", noParents: "没有上游任务。",
    inputs: "输入路径", outputs: "输出路径", path: "第 {n} 个：{what}", addPath: "添加：{what}", add: "添加", remove: "移除", removePath: "移除第 {n} 个：{what}",
    type: "类型", script: "脚本", notHere: "执行内容请在 YAML 的 {key} 下编写。",
    retryTimes: "失败后重试次数", retryInterval: "重试间隔", dependTimeout: "依赖超时时刻", outputTimeout: "产出超时时刻", runTimeout: "最长运行时间", expect: "预计运行秒数",
    group: "执行机组", memory: "内存", account: "执行账号", inYaml: "见 YAML", example: "例如 {text}",
  },
});
