import { defineWords } from "../ui/words";

export const words = defineWords({
  en: {
    views: "Ways to see batches", list: "List", grid: "Grid", gantt: "Gantt", task: "Task", tasks: "Tasks", project: "Project", batches: "Batches", others: "Not successful", andMore: "and {n} more",
    gridOf: "Batches by task and work number, {period}", period: "Period", range: "Range", hour: "hours", day: "days", week: "weeks", month: "months", hours: "Hours", days: "Days", weeks: "Weeks", months: "Months",
    lastOf: "last {n} {period}", dated: "from … to …", from: "From", to: "To", filterProject: "Project, exactly", shownAs: "Shown as", picture: "Picture", table: "Table",
    tasksBy: "{rows} tasks × {cols}", moreTasks: "More tasks", noTasks: "No task produces by {period} here.", allProjects: "All projects",
    noBatch: "no batch", lateDepend: "dependencies late", lateOutput: "output late", lateBoth: "dependencies and output late", runs: "{n} runs",
    gridKeys: "Arrows move, Shift with arrows or a drag selects, Enter or a double click opens the batch.", chooseCell: "Choose a cell to see its batch.",
    chosen: "{tasks} tasks, {from} to {to}", rerun: "Rerun {n} batches", rerunOne: "Rerun", nothingToRerun: "no batch there", why: "Why", log: "Log",
  },
  zh: {
    views: "批次视图", list: "列表", grid: "网格", gantt: "甘特图", task: "任务", tasks: "任务", project: "项目", batches: "批次", others: "未成功", andMore: "另有 {n} 个",
    gridOf: "按任务与批次号排列的批次（{period}）", period: "周期", range: "范围", hour: "小时", day: "天", week: "周", month: "月", hours: "小时", days: "天", weeks: "周", months: "月",
    lastOf: "最近 {n} {period}", dated: "指定日期", from: "从", to: "到", filterProject: "项目（精确）", shownAs: "显示为", picture: "图", table: "表格",
    tasksBy: "{rows} 个任务 × {cols}", moreTasks: "更多任务", noTasks: "这里没有按{period}产出的任务。", allProjects: "所有项目",
    noBatch: "无批次", lateDepend: "依赖超时", lateOutput: "产出超时", lateBoth: "依赖与产出均超时", runs: "共 {n} 次运行",
    gridKeys: "方向键移动；Shift+方向键或拖动可框选；回车或双击打开批次。", chooseCell: "选中一个格子查看批次。",
    chosen: "{tasks} 个任务，{from} 至 {to}", rerun: "重跑 {n} 个批次", rerunOne: "重跑", nothingToRerun: "选区内没有批次", why: "原因", log: "日志",
  },
});
