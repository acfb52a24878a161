import { defineWords } from "../ui/words";

export const words = defineWords({
  en: {
    workers: "Workers", masters: "Masters", services: "Duties", groups: "Worker groups", parts: "Parts of the cluster",
    worker: "Worker", state: "State", group: "Group", slots: "Slots", running: "running", assigned: "assigned", load: "Load per core", memory: "Free memory", disk: "Free disk", reserved: "Reserved memory", seen: "Last heard of", version: "Version", reason: "Switched off", actions: "Actions",
    on: "on", off: "off", draining: "draining", drained: "drained", silent: "silent", dead: "dead", groupOff: "group off", unknown: "never heard of",
    anyState: "any state", anyGroup: "any group", filterHost: "Part of the name", clear: "Clear filters", onFilter: "on", offFilter: "off", silentFilter: "silent or dead", byState: "State", byGroup: "Group", order: "Order", nameFirst: "by name", loadFirst: "most load first", memoryFirst: "least memory first", diskFirst: "least disk first", busyFirst: "busiest first", seenFirst: "longest silent first",
    none: "No worker has been heard of yet. Start one with capri worker; it appears by itself.", noMatch: "No worker matches these filters.",
    noReason: "no reason given", by: "by {who}", byDatabase: "by a statement in the database", since: "since", until: "until", theGroupIsOff: "group {group} is switched off", ofSlots: "{used} of {slots}", slotsFree: "{free} free",
    switchOn: "Switch on", switchOff: "Switch off", drain: "Drain", declareDead: "Declare dead", hostOn: "Switch {host} on", hostOff: "Switch {host} off", hostDrain: "Drain {host}", hostDead: "Declare {host} dead",
    onText: "{host} gets batches again.", offText: "{host} finishes what it runs ({n} now) and gets nothing new.", drainText: "{host} gets nothing new so that it becomes empty ({n} on it now); it stays off afterwards.",
    deadText: "Says that {host} is gone for good with everything that ran on it. The {n} attempts that count as running there end, and lost ones are tried again elsewhere.", deadCheck: "Say it only when no process is left on that host: nobody else can know, and a script that goes on there would run twice.", deadPhrase: "Type {host} to go on",
    facts: "Facts", labels: "Labels", memoryAll: "Memory", ofMemory: "{free} free of {all}", address: "Address", root: "Root directory", known: "Known since", started: "Started", lease: "Lease", leaseText: "after {span} of silence it ends attempts of fence tasks", silentAfter: "silent after {span}", limit: "nothing new from {limit}", enforces: "What it can enforce", lacks: "What it lacks",
    begun: "Since", onIt: "On it now", nothingOnIt: "Nothing runs on it and nothing is assigned to it.", takenAway: "Taken away in the last 24 hours", nothingTaken: "No batch was taken away from it before it had started.", batch: "Batch", attempt: "Attempt", at: "At", to: "Went to", waitedAgain: "waited again", why: "Why", allBatches: "All batches of this worker",
    session: "every attempt in a session of its own", sessionNot: "attempts have no session of their own", timeouts: "run timeouts", timeoutsNot: "no run timeouts", keeper: "a keeper that watches attempts while the worker is down", keeperNot: "no keeper: nobody watches attempts while the worker is down", accounts: "scripts as accounts of their own", accountsNot: "no accounts: scripts run as the worker's own user", privileges: "no new privileges for scripts", privilegesNot: "scripts may gain privileges by setuid programs",
    memoryKept: "limits of memory kept by the kernel", memoryNot: "the kernel does not limit memory: samples are taken instead", processesKept: "limits of processes kept by the kernel", processesNot: "the kernel does not limit processes: samples are taken instead",
  },
  zh: {
    workers: "执行机", masters: "主节点", services: "后台服务", groups: "执行机分组", parts: "集群组成",
    worker: "执行机", state: "状态", group: "分组", slots: "槽位", running: "运行中", assigned: "已分配", load: "每核负载", memory: "可用内存", disk: "可用磁盘", reserved: "预留内存", seen: "最近心跳", version: "版本", reason: "关闭情况", actions: "操作",
    on: "已开启", off: "已关闭", draining: "排空中", drained: "已排空", silent: "失联", dead: "已宣告死亡", groupOff: "分组已停用", unknown: "从未上报",
    anyState: "所有状态", anyGroup: "所有分组", filterHost: "名称包含", clear: "清除筛选", onFilter: "已开启", offFilter: "已关闭", silentFilter: "失联或死亡", byState: "状态", byGroup: "分组", order: "排序", nameFirst: "按名称", loadFirst: "负载高在前", memoryFirst: "内存少在前", diskFirst: "磁盘少在前", busyFirst: "最忙在前", seenFirst: "失联久在前",
    none: "尚无执行机上报。用 capri worker 启动后会自动出现。", noMatch: "没有符合条件的执行机。",
    noReason: "未填写原因", by: "由 {who} 操作", byDatabase: "通过数据库语句关闭", since: "自", until: "至", theGroupIsOff: "分组 {group} 已停用", ofSlots: "{used} / {slots}", slotsFree: "空闲 {free}",
    switchOn: "开启", switchOff: "关闭", drain: "排空", declareDead: "宣告死亡", hostOn: "开启 {host}", hostOff: "关闭 {host}", hostDrain: "排空 {host}", hostDead: "宣告 {host} 死亡",
    onText: "{host} 将重新接收批次。", offText: "{host} 会跑完手头的批次（当前 {n} 个），不再接收新批次。", drainText: "{host} 不再接收新批次，直至清空（当前 {n} 个）；清空后保持关闭。",
    deadText: "确认 {host} 及其上运行的一切都已不复存在。仍计为在其上运行的 {n} 次尝试将结束，丢失的会在其他执行机重试。", deadCheck: "请仅在确定该机器上没有任何残留进程时执行：系统无从得知，若脚本仍在运行，就会被重复执行。", deadPhrase: "请输入 {host} 以继续",
    facts: "概况", labels: "标签", memoryAll: "内存", ofMemory: "共 {all}，可用 {free}", address: "地址", root: "根目录标识", known: "首次上报", started: "启动时间", lease: "租约", leaseText: "失联 {span} 后自行结束需隔离任务的尝试", silentAfter: "超过 {span} 无心跳即视为失联", limit: "达到 {limit} 后不再接收", enforces: "具备的管控能力", lacks: "缺少的管控能力",
    begun: "开始时间", onIt: "当前承载", nothingOnIt: "当前没有运行中或已分配的批次。", takenAway: "近 24 小时被收回的批次", nothingTaken: "没有批次在启动前被收回。", batch: "批次", attempt: "尝试", at: "时间", to: "改派至", waitedAgain: "重新等待", why: "原因", allBatches: "该执行机的全部批次",
    session: "每次尝试使用独立会话", sessionNot: "尝试没有独立会话", timeouts: "运行超时控制", timeoutsNot: "不支持运行超时", keeper: "执行机停机期间由守护进程看护尝试", keeperNot: "没有守护进程：执行机停机期间无人看护尝试", accounts: "脚本可用各自的账号运行", accountsNot: "不支持账号切换：脚本以执行机自身用户运行", privileges: "禁止脚本提升权限", privilegesNot: "脚本可通过 setuid 程序提升权限",
    memoryKept: "由内核限制内存", memoryNot: "内核不限制内存，改为定期采样", processesKept: "由内核限制进程数", processesNot: "内核不限制进程数，改为定期采样",
  },
});
