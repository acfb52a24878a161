import { defineWords } from "../ui/words";

export const words = defineWords({
  en: {
    batches: "Batches", grid: "Grid", tasks: "Tasks", graph: "Graph", operations: "Operations", hosts: "Workers", masters: "Masters", alerts: "Alerts", duty: "On duty", reports: "Reports", admin: "Administration", docs: "Interface",
    search: "Search", searchHint: "Tasks, batches, workers, operations", nothingFound: "Nothing has “{q}” in its name", moreFound: "more: type more of the name",
    live: "Live", stale: "Not live: what you see may be old. Trying again.", connecting: "Connecting", slow: "The master takes long to answer. What stands here may be old until it does.",
    zone: "Times are in {zone}", leader: "{node} leads", noLeader: "Nobody leads", language: "Language", light: "Light", dark: "Dark", theme: "Look", menu: "Menu",
    logout: "Log out", myAccount: "My account", login: "Log in", name: "Name", password: "Password", loginTitle: "Capricornus", wrong: "Name or password is wrong, or the user is locked.", oidc: "Log in at the identity provider",
    ended: "Your session has ended. Log in to go on where you were.", noPage: "There is no such page", broken: "This page cannot be shown. If the master was upgraded meanwhile, loading it anew helps.", loadAnew: "Load it anew", home: "Home", keys: "Keys", close: "Close",
    keySearch: "search", keyMove: "next and previous row", keyOpen: "open the row", keyExplain: "why", keyLog: "log", keyRerun: "rerun", keyHelp: "this list", keyGoBatches: "go to batches", keyGoTasks: "go to tasks", keyGoHosts: "go to workers", keyGoOperations: "go to operations", keySelect: "select the row",
    skip: "Skip to the content",
    found_task: "Tasks", found_batch: "Batches", found_host: "Workers", found_operation: "Operations", found_project: "Projects", found_user: "Users",
  },
  zh: {
    batches: "批次", grid: "网格", tasks: "任务", graph: "血缘", operations: "操作", hosts: "执行机", masters: "主节点", alerts: "告警", duty: "值班", reports: "报表", admin: "管理", docs: "接口",
    search: "搜索", searchHint: "任务、批次、执行机、操作", nothingFound: "没有名称包含“{q}”的对象", moreFound: "还有更多，请输入更完整的名称",
    live: "实时", stale: "未连接：所见内容可能已过时，正在重连。", connecting: "正在连接", slow: "主节点响应缓慢，在其响应之前，所见内容可能已过时。",
    zone: "时间均为 {zone}", leader: "{node} 为主", noLeader: "当前无主节点", language: "语言", light: "浅色", dark: "深色", theme: "外观", menu: "菜单",
    logout: "退出", myAccount: "我的账号", login: "登录", name: "用户名", password: "密码", loginTitle: "Capricornus", wrong: "用户名或密码错误，或用户已被锁定。", oidc: "通过身份提供方登录",
    ended: "会话已结束，登录后回到原处。", noPage: "没有这个页面", broken: "此页面无法显示。若主节点刚刚升级，请重新加载。", loadAnew: "重新加载", home: "首页", keys: "快捷键", close: "关闭",
    keySearch: "搜索", keyMove: "下一行、上一行", keyOpen: "打开该行", keyExplain: "原因", keyLog: "日志", keyRerun: "重跑", keyHelp: "快捷键列表", keyGoBatches: "前往批次", keyGoTasks: "前往任务", keyGoHosts: "前往执行机", keyGoOperations: "前往操作", keySelect: "选中该行",
    skip: "跳到正文",
    found_task: "任务", found_batch: "批次", found_host: "执行机", found_operation: "操作", found_project: "项目", found_user: "用户",
  },
});
