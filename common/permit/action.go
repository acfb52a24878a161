package permit

import (
	"slices"
	"strings"
)

// Action is something that a call does, and a right has to be had for.
type Action string

// The actions. Calls of the interface name one each.
const (
	View           Action = "view"
	ReadLogs       Action = "logs.read"
	ManageSelf     Action = "self.manage"
	EditTasks      Action = "task.edit"
	RunTasks       Action = "task.run"
	ChangeBatch    Action = "batch.change"
	MakePlans      Action = "plan.make"
	RaiseAlerts    Action = "alert.raise"
	SilenceAlerts  Action = "alert.silence"
	AckAlerts      Action = "alert.ack"
	TestAlerts     Action = "alert.test"
	EditDuty       Action = "duty.edit"
	ChangeAny      Action = "batch.change-any"
	HoldProjects   Action = "project.hold"
	TripBreakers   Action = "breaker.trip"
	AnswerGates    Action = "gate.answer"
	SwitchHosts    Action = "host.switch"
	RunServices    Action = "service.run"
	EditGroups     Action = "group.edit"
	EditProjects   Action = "project.edit"
	GrantAccount   Action = "account.grant"
	ReadAudit      Action = "audit.read"
	ChangeMasters  Action = "cluster.change"
	ColdStart      Action = "coldstart"
	ChangeSettings Action = "setting.change"
	ManageUsers    Action = "user.manage"
	WorkerCalls    Action = "worker"
)

// Scope is what a token can be narrowed to. A token without scopes has all
// that its role allows.
type Scope string

// The scopes of tokens.
const (
	ScopeRead    Scope = "read"    // look at everything
	ScopeTasks   Scope = "tasks"   // edit and run tasks
	ScopeBatches Scope = "batches" // rerun, kill, hold, mark
	ScopeFacts   Scope = "facts"   // announce third-party data, answer quality questions, raise alerts
	ScopeOperate Scope = "operate" // hosts, services, breakers
	ScopeAdmin   Scope = "admin"   // groups, projects, grants, users, settings, masters
	ScopeSelf    Scope = "self"    // one's own tokens, sessions, password and addresses
	ScopeWorker  Scope = "worker"
)

// Scopes are those that people can ask for.
func Scopes() []Scope {
	return []Scope{ScopeRead, ScopeTasks, ScopeBatches, ScopeFacts, ScopeOperate, ScopeAdmin, ScopeSelf}
}

// Rule is one row of the table.
type Rule struct {
	Action Action
	Least  Role  // the least role that may
	Own    bool  // below operator: for what is one's own, one's department's, or in a project one is a member of
	Scope  Scope // what a narrowed token needs
	Text   string
	TextZh string
}

// Table is the whole of who may do what (console.md §1.9).
func Table() []Rule {
	return []Rule{
		{View, Viewer, false, ScopeRead, "look at tasks, batches, plans, hosts, masters", "查看任务、批次、计划、机器、主节点"},
		{ReadLogs, Viewer, true, ScopeRead, "read the logs of batches", "查看批次日志"},
		{ManageSelf, Viewer, false, ScopeSelf, "change one's own password, mail, phone, language, tokens and sessions", "管理自己的密码、邮箱、电话、语言、令牌与会话"},
		{EditTasks, Developer, true, ScopeTasks, "create, change, enable, disable and delete tasks", "新建、修改、启停、删除任务"},
		{RunTasks, Developer, true, ScopeTasks, "run a task now, hold and release it", "立即执行、暂停、恢复任务"},
		{ChangeBatch, Developer, true, ScopeBatches, "kill, hold, release and mark batches", "终止、暂停、恢复、置状态批次"},
		{MakePlans, Developer, true, ScopeBatches, "plan reruns and bulk commands and apply them", "重跑与批量操作的计划与执行"},
		{RaiseAlerts, Developer, false, ScopeFacts, "raise alerts from other systems", "由其他系统上报告警"},
		{SilenceAlerts, Developer, true, ScopeOperate, "keep alerts of tasks from people for a while", "静默任务的告警"},
		{AckAlerts, Operator, false, ScopeOperate, "acknowledge alerts", "确认告警"},
		{TestAlerts, Operator, false, ScopeOperate, "send test messages", "发送测试消息"},
		{EditDuty, Operator, false, ScopeOperate, "change who is on duty", "修改值班表"},
		{ChangeAny, Operator, false, ScopeBatches, "rerun, kill, hold and mark batches of every project", "操作所有项目的批次"},
		{HoldProjects, Operator, false, ScopeBatches, "hold and release whole projects", "暂停、恢复整个项目"},
		{TripBreakers, Operator, false, ScopeOperate, "trip and reset breakers", "触发与复位熔断"},
		{AnswerGates, Operator, false, ScopeFacts, "announce third-party data, answer quality questions", "第三方数据到达、质量监控放行"},
		{SwitchHosts, Operator, false, ScopeOperate, "switch workers on and off, drain them, declare them dead", "机器上线、下线、排空、判定死亡"},
		{RunServices, Operator, false, ScopeOperate, "run a duty of the master now", "立即运行主节点服务"},
		{EditGroups, Admin, false, ScopeAdmin, "create, change and delete worker groups", "管理执行机组"},
		{EditProjects, Admin, false, ScopeAdmin, "delete projects, change their members", "删除项目、管理项目成员"},
		{GrantAccount, Admin, false, ScopeAdmin, "create execution accounts and grant them to users", "管理执行账号及其授权"},
		{ReadAudit, Admin, false, ScopeAdmin, "read the audit log", "查看审计日志"},
		{ChangeMasters, Admin, false, ScopeAdmin, "transfer leadership, take masters in and out", "主节点切换与成员变更"},
		{ColdStart, Superadmin, false, ScopeBatches, "cold start", "冷启动"},
		{ChangeSettings, Superadmin, false, ScopeAdmin, "change settings", "修改系统设置"},
		{ManageUsers, Superadmin, false, ScopeAdmin, "users, departments, roles, and other people's tokens and sessions", "用户、部门、角色及他人的令牌与会话"},
		{WorkerCalls, Worker, false, ScopeWorker, "the protocol of workers", "执行机协议"},
	}
}

// RuleOf is the row of an action; of an unknown one, a row that lets nobody in.
func RuleOf(a Action) Rule {
	for _, r := range Table() {
		if r.Action == a {
			return r
		}
	}
	return Rule{Action: a}
}

// Holder is what a credential amounts to.
type Holder struct {
	Role   Role
	Scopes []Scope // empty: all that the role allows
}

// May tells whether a credential allows an action, on something of its holder's
// own where the row says so. The zero holder may nothing.
func (h Holder) May(a Action) bool {
	rule := RuleOf(a)
	return rule.Least.Allows(h.Role) && h.inScope(rule.Scope)
}

// Everywhere tells whether a credential allows an action on what is not its
// holder's own, too.
func (h Holder) Everywhere(a Action) bool {
	return h.May(a) && (!RuleOf(a).Own || Operator.Allows(h.Role))
}

// inScope tells whether a narrowed token reaches this far.
func (h Holder) inScope(wanted Scope) bool {
	if len(h.Scopes) == 0 {
		return true
	}
	return slices.Contains(h.Scopes, wanted)
}

// ScopeNames are the scopes of a narrowed token, for people.
func (h Holder) ScopeNames() string {
	names := make([]string, 0, len(h.Scopes))
	for _, s := range h.Scopes {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}
