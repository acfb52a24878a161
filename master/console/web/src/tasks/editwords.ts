import { defineWords } from "../ui/words";

/** Texts of the pages on which task files are written. */
export const words = defineWords({
  en: {
    tasks: "Tasks", path: "Where this is", newTask: "New task", editTitle: "Edit {name}", restoreTitle: "Restore {name} to version {version}", file: "Task file",
    newNote: "Change the name, the project and what it runs. Fields that are left out have their defaults.", fromNote: "This began as the file of {name}: give it another name.", restoreNote: "This is version {version}. Saving it makes a new version; what came between stays in the history.", restoreReason: "restored version {version}",
    unsaved: "not saved, kept in this tab", discard: "Discard changes", save: "Save…", foundDraft: "These are your unsaved changes from before.", savedMeanwhile: "Version {version} was saved by {by} since you began from version {began}. Saving puts your text in its place: look at what would change.",
    tabHint: "Tab indents, Shift and Tab take it back; after Escape, Tab leads out of the field. Ctrl or ⌘ and S save.",
    findings: "Findings", noFindings: "No findings.", counts: "Errors: {errors}, warnings: {warnings}", error: "error", warning: "warning", line: "line {n}",
    wouldChange: "What saving would change", notWithErrors: "Known when there are no errors.", willCreate: "{name}: new, version {version}", willChange: "{name}: changed, becomes version {version}", unchanged: "{name}: as it is saved",
    nextFive: "Next five batches", nextOf: "Next batches of {name}", disabled: "None while it is disabled.", manual: "None by itself: it runs by hand.", over: "None: its validity is over, or its expression never comes.", noTask: "The file has no task.",
    leaveTitle: "Leave with unsaved changes?", leaveAbout: "They are kept in this tab and are here when you come back.", leave: "Leave", stay: "Stay",
  },
  zh: {
    tasks: "任务", path: "当前位置", newTask: "新建任务", editTitle: "编辑 {name}", restoreTitle: "将 {name} 还原为版本 {version}", file: "任务文件",
    newNote: "请修改名称、项目和执行内容，省略的字段取默认值。", fromNote: "内容复制自 {name}，请改用其他名称。", restoreNote: "当前内容为版本 {version}。保存后生成新版本，中间的版本仍保留在历史中。", restoreReason: "还原版本 {version}",
    unsaved: "未保存，暂存于本标签页", discard: "放弃修改", save: "保存…", foundDraft: "已恢复您之前未保存的修改。", savedMeanwhile: "您从版本 {began} 开始编辑后，{by} 已保存版本 {version}。保存将覆盖该版本的内容，请核对差异。",
    tabHint: "Tab 缩进，Shift+Tab 取消缩进；按 Escape 后再按 Tab 可离开编辑区。Ctrl/⌘+S 保存。",
    findings: "检查结果", noFindings: "没有问题。", counts: "错误 {errors} 项，警告 {warnings} 项", error: "错误", warning: "警告", line: "第 {n} 行",
    wouldChange: "保存后的变化", notWithErrors: "消除错误后显示。", willCreate: "{name}：新建，版本 {version}", willChange: "{name}：有修改，将为版本 {version}", unchanged: "{name}：与已保存的一致",
    nextFive: "后续五个批次", nextOf: "{name} 的后续批次", disabled: "停用期间没有。", manual: "不自动生成，仅手动执行。", over: "无：已过有效期，或 cron 表达式不再触发。", noTask: "文件中没有任务。",
    leaveTitle: "有未保存的修改，确定离开？", leaveAbout: "修改会暂存于本标签页，返回后仍在。", leave: "离开", stay: "留下",
  },
});
