import { defineWords } from "../ui/words";

/** Words that several pages of the administration use. */
export const words = defineWords({
  en: {
    admin: "Administration", parts: "Parts of the administration", me: "My account", users: "Users", departments: "Departments", projects: "Projects", accounts: "Execution accounts", tokens: "Tokens", sessions: "Sessions", settings: "Settings", audit: "Audit log", permissions: "Permissions",
    meText: "Who you are here, your password, language and look", usersText: "People and programs, their roles and passwords", departmentsText: "What users and projects belong to", projectsText: "Projects, who works on them, what holds them", accountsText: "System users that tasks may run as, and for whom", tokensText: "Credentials of programs", sessionsText: "Logins of browsers that are open", settingsText: "What the cluster goes by", auditText: "Who did what to what, and from where", permissionsText: "Who may do what",
    notAllowed: "Not for your role", notAllowedText: "Your role, {role}, does not allow this: {text} ({action}). It is allowed from the role {least} on; ask a super administrator.", notAllowedToken: "This credential does not allow this: {text} ({action}).",
    name: "Name", title: "Full name", department: "Department", role: "Role", state: "State", mail: "Mail", phone: "Phone", lang: "Language of messages", actions: "Actions", user: "User", created: "Made", description: "Description", owner: "Owner", tasks: "Tasks", save: "Save", add: "Add", remove: "Remove", delete: "Delete", change: "Change", revoke: "Revoke", none: "none", enabled: "enabled", disabled: "disabled", asCluster: "as the cluster speaks", english: "English", chinese: "Chinese", done: "Done.", facts: "Facts", typeName: "Type {name} to go on", clear: "Clear filters",
  },
  zh: {
    admin: "管理", parts: "管理内容", me: "我的账号", users: "用户", departments: "部门", projects: "项目", accounts: "执行账号", tokens: "令牌", sessions: "会话", settings: "系统设置", audit: "审计日志", permissions: "权限表",
    meText: "个人信息、密码、语言与外观", usersText: "人员与程序及其角色、密码", departmentsText: "用户与项目所属的部门", projectsText: "项目、成员与暂停情况", accountsText: "任务可使用的系统账号及授权", tokensText: "程序使用的凭证", sessionsText: "浏览器的登录会话", settingsText: "集群运行所依据的参数", auditText: "谁在何处对什么做了什么", permissionsText: "各角色可以做什么",
    notAllowed: "您的角色无权查看", notAllowedText: "您的角色 {role} 无权执行：{text}（{action}）。需要 {least} 及以上角色，请联系超级管理员。", notAllowedToken: "当前凭证无权执行：{text}（{action}）。",
    name: "名称", title: "姓名", department: "部门", role: "角色", state: "状态", mail: "邮箱", phone: "电话", lang: "通知语言", actions: "操作", user: "用户", created: "创建时间", description: "说明", owner: "负责人", tasks: "任务", save: "保存", add: "添加", remove: "移除", delete: "删除", change: "修改", revoke: "撤销", none: "无", enabled: "启用", disabled: "停用", asCluster: "跟随集群", english: "英文", chinese: "中文", done: "已完成。", facts: "概况", typeName: "请输入 {name} 以继续", clear: "清除筛选",
  },
});
