import { defineWords } from "../ui/words";

/** Texts of who is on duty. */
export const words = defineWords({
  en: {
    duty: "On duty", roster: "Roster", mine: "My days", gaps: "Gaps", rotations: "Rotations", import: "Import", tabs: "Parts of this page",
    now: "On duty now", none: "No department has a roster yet. Put a rotation, set a day or import a roster.", primary: "first", secondary: "second", nobody: "nobody", department: "Department", anyDepartment: "all departments", day: "Day", note: "Note", call: "Call {name}",
    week: "week", month: "month", view: "Days shown", earlier: "Earlier", later: "Later", today: "Today", setDays: "Set days", calendar: "Roster of {from} to {to}", noDays: "Nobody has a roster in these days.", details: "{department}, {day}: details",
    gapNobody: "nobody", gapSecondary: "nobody second", gapSame: "the same twice", gapDisabled: "disabled", gapPhone: "no number",
    source: "From", rotation: "the rotation", manual: "set by hand", imported: "import", unsaid: "nobody has said who", changed: "Changed", by: "by {user}", disabled: "disabled", members: "Members, in order", every: "Days each", start: "First day",
    setTitle: "Say who is on duty", setVerb: "Set these days", setWhat: "It wins over the rotation until it is cleared.", until: "Up to and with, if several days", first: "First", second: "Second", secondHint: "empty: nobody", required: "This is needed.",
    clear: "Give back to the rotation", clearTitle: "Give days of {department} back to the rotation", clearVerb: "Give back", clearWhat: "What was set or imported for {day} is gone; who follows by the rotation is on duty.", close: "Close",
    noMine: "You are not on duty in the next month.", mineWhat: "The days of the next month on which you are on duty.", role: "As",
    noGaps: "No gap in these days.", gapDays: "Days ahead", ahead: "{n} days", wrong: "Wrong", what: "What to do", moreGaps: "There are more gaps than are shown.", platform: "platform", gapsOf: "Gaps",
    noRotation: "There is no rotation. With one, people take turns without anybody setting days.", newRotation: "New rotation", acts: "Actions", edit: "Change", remove: "Delete", rotationTitle: "Rotation", rotationVerb: "Put the rotation", rotationWhat: "Each is on duty for so many days, in this order; the next one is second. Days that people have set or imported stay.", startHint: "empty: today", removeTitle: "Delete the rotation of {department}", removeVerb: "Delete the rotation", removeWhat: "The days to come that it has filled go with it.", memberHint: "Users, in the order of their turns",
    importWhat: "Lines of department, day, first, second and a note; the second and the note may be empty. All of it is imported or nothing. It wins over the rotation and replaces what was set by hand for the same day.", csv: "Roster as CSV", file: "Or a file", preview: "Preview", importVerb: "Import", importTitle: "Import {added} new and {changed} changed days", example: "ops,2026-11-23,ann,bob,by phone", summary: "{added} new, {changed} changed, {same} as they are, {past} over and left alone", findings: "Nothing can be imported: these lines are wrong", line: "Line", message: "What is wrong", action: "Does", before: "Before", after: "After", add: "new", change: "changed", nothingNew: "There is nothing to import: all days are as the file says.", done: "Imported: {added} new, {changed} changed.", changes: "What would change",
  },
  zh: {
    duty: "值班", roster: "值班表", mine: "我的值班", gaps: "缺口", rotations: "轮值", import: "导入", tabs: "页签",
    now: "当前值班", none: "尚无部门排班。可设置轮值、指定日期或导入值班表。", primary: "主", secondary: "备", nobody: "无人", department: "部门", anyDepartment: "所有部门", day: "日期", note: "备注", call: "呼叫 {name}",
    week: "周", month: "月", view: "显示范围", earlier: "往前", later: "往后", today: "今天", setDays: "指定值班", calendar: "{from} 至 {to} 值班表", noDays: "该时段内没有部门排班。", details: "{department}，{day}：详情",
    gapNobody: "无人值班", gapSecondary: "无备班", gapSame: "主备同一人", gapDisabled: "人员停用", gapPhone: "无电话",
    source: "来源", rotation: "轮值", manual: "手工指定", imported: "导入", unsaid: "未排班", changed: "变更", by: "{user}", disabled: "已停用", members: "成员（按顺序）", every: "每人天数", start: "首日",
    setTitle: "指定值班人", setVerb: "指定", setWhat: "在清除之前优先于轮值。", until: "至（含当天，多日时填写）", first: "主班", second: "备班", secondHint: "留空表示无", required: "必填。",
    clear: "恢复轮值", clearTitle: "将 {department} 的值班恢复为轮值", clearVerb: "恢复轮值", clearWhat: "{day} 的手工指定或导入内容将被清除，由轮值决定值班人。", close: "关闭",
    noMine: "未来一个月您没有值班。", mineWhat: "未来一个月内您的值班日。", role: "班次",
    noGaps: "该时段内没有缺口。", gapDays: "范围", ahead: "{n} 天", wrong: "问题", what: "处理方法", moreGaps: "缺口较多，未全部列出。", platform: "平台", gapsOf: "缺口",
    noRotation: "尚无轮值。设置后人员按顺序值班，无需逐日指定。", newRotation: "新建轮值", acts: "操作", edit: "修改", remove: "删除", rotationTitle: "轮值", rotationVerb: "保存轮值", rotationWhat: "成员按顺序各值若干天，下一位为备班。手工指定或导入的日期不受影响。", startHint: "留空为今天", removeTitle: "删除 {department} 的轮值", removeVerb: "删除轮值", removeWhat: "由其排定的未来日期一并清除。", memberHint: "按轮值顺序选择用户",
    importWhat: "每行依次为部门、日期、主班、备班、备注；备班与备注可为空。要么全部导入，要么不导入。导入内容优先于轮值，并替换同一天的手工指定。", csv: "CSV 值班表", file: "或选择文件", preview: "预览", importVerb: "导入", importTitle: "导入新增 {added} 天、变更 {changed} 天", example: "ops,2026-11-23,ann,bob,电话值班", summary: "新增 {added}，变更 {changed}，不变 {same}，已过（不处理）{past}", findings: "无法导入，以下各行有误", line: "行", message: "错误", action: "动作", before: "变更前", after: "变更后", add: "新增", change: "变更", nothingNew: "无需导入：所有日期已与文件一致。", done: "已导入：新增 {added}，变更 {changed}。", changes: "变更预览",
  },
});
