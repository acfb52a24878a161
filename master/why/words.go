package why

import (
	"maps"
	"sync"

	"capricornus/common/batch"
)

// word names one sentence of the catalogue.
type word string

// form is a sentence in both languages; %[n] lets them order their arguments
// as they like.
type form struct{ en, zh string }

// catalogue holds every sentence that this package says. What people and
// programs wrote (reasons, errors, names) is never translated.
var catalogue = sync.OnceValue(func() map[word]form { //nolint:gochecknoglobals // read only, made once
	out := map[word]form{}
	for _, part := range []map[word]form{commonWords(), dependWords(), gateWords(), workerWords(), missingWords(), liveWords()} {
		maps.Copy(out, part)
	}
	return out
})

const (
	unitDay    word = "unit day"
	unitHour   word = "unit hour"
	unitMinute word = "unit minute"
	unitSecond word = "unit second"
	unitMilli  word = "unit millisecond"
	listComma  word = "list comma"

	stateWaiting  word = "state waiting"
	stateAssigned word = "state assigned"
	stateRunning  word = "state running"
	stateDone     word = "state done"

	finishSuccess word = "finish success"
	finishFailed  word = "finish failed"
	finishKilled  word = "finish killed"
	finishSkipped word = "finish skipped"
	finishLost    word = "finish lost"
	resultTimeout word = "result timeout"

	nothingInTheWay word = "nothing in the way"
	andMoreGates    word = "and more gates"
	oneRoot         word = "one root"
	manyRoots       word = "many roots"

	platformWorks  word = "platform works"
	platformBegins word = "platform begins"
	assignStalled  word = "assign stalled"
	assignFailed   word = "assign failed"
	dependStalled  word = "depend stalled"
	dependFailed   word = "depend failed"
	pathsStalled   word = "paths stalled"
	pathsFailed    word = "paths failed"
	never          word = "never"
	neverLed       word = "never led"
	ledBy          word = "led by"
	noLeader       word = "no leader"
	serviceError   word = "service error"
	helpPlatform   word = "help platform"
)

func commonWords() map[word]form {
	return map[word]form{
		unitDay: {"%d d", "%d 天"}, unitHour: {"%d h", "%d 小时"}, unitMinute: {"%d min", "%d 分"}, unitSecond: {"%d s", "%d 秒"}, unitMilli: {"%d ms", "%d 毫秒"},
		listComma:    {", ", "、"},
		stateWaiting: {"waiting", "等待"}, stateAssigned: {"assigned", "已分配"}, stateRunning: {"running", "运行"}, stateDone: {"done", "完成"},
		finishSuccess: {"success", "成功"}, finishFailed: {"failed", "失败"}, finishKilled: {"killed", "被终止"}, finishSkipped: {"skipped", "被跳过"}, finishLost: {"lost", "失联"},
		resultTimeout: {"run timeout", "运行超时"},

		nothingInTheWay: {"nothing stands in its way: it is assigned in the next moment", "没有阻碍，即将分配"},
		andMoreGates:    {"%s; %d more in its way", "%s；另有 %d 项阻碍"},
		oneRoot:         {"%s; the root cause is %s: %s", "%s；根因是 %s：%s"},
		manyRoots:       {"%s; %d root causes block it", "%s；共有 %d 个根因"},

		platformWorks:  {"masters schedule: the last look at waiting batches was %s ago", "调度服务正常：上次检查等待批次在 %s前"},
		platformBegins: {"a new term has just begun", "新的主节点任期刚刚开始"},
		assignStalled:  {"nothing is assigned: that service ran last %s", "调度服务停滞，没有批次被分配，上次运行：%s"},
		assignFailed:   {"assigning fails: its last run ended with an error at %s", "调度服务出错，上次运行于 %s 失败"},
		dependStalled:  {"dependencies are not checked: that service ran last %s", "依赖检查停滞，上次运行：%s"},
		dependFailed:   {"checking dependencies fails: its last run ended with an error at %s", "依赖检查出错，上次运行于 %s 失败"},
		pathsStalled:   {"data paths are not looked at: that service ran last %s", "数据路径检查停滞，上次运行：%s"},
		pathsFailed:    {"looking at data paths fails: its last run ended with an error at %s", "数据路径检查出错，上次运行于 %s 失败"},
		never:          {"never", "从未"},
		neverLed:       {"no master has ever led", "从未有主节点当选"},
		ledBy:          {"%s leads since %s", "%s 自 %s 起为主节点"},
		noLeader:       {"no master leads now; the last one was %s", "当前没有主节点，上一任是 %s"},
		serviceError:   {"the error of %s: %s", "%s 的错误：%s"},
		helpPlatform:   {"capri cluster and capri service list show the masters and their services", "用 capri cluster 和 capri service list 查看主节点和各服务"},
	}
}

const (
	notAnnounced word = "not announced"
	pathsReady   word = "paths ready"
	thirdsReady  word = "thirds ready"
	parentsReady word = "parents ready"
	helpPaths    word = "help paths"
	helpThirds   word = "help thirds"
	helpParents  word = "help parents"
	sinceWhen    word = "since when"
	madeBy       word = "made by"
	pathNotReady word = "path not ready"
	pathUnknown  word = "path unknown"
	helpAway     word = "help away"
	noNewest     word = "no newest"
	notThere     word = "not there"
	newestStands word = "newest stands"
	parentStands word = "parent stands"
	endedSo      word = "ended so"
	onHost       word = "on host"

	rootEnded     word = "root ended"
	rootSucceeded word = "root succeeded"
	rootRunning   word = "root running"
	rootAssigned  word = "root assigned"
	rootReady     word = "root ready"
	expectedUntil word = "expected until"
	noBatchYet    word = "no batch yet"
	taskDeleted   word = "task deleted"
	notItsNumber  word = "not its number"
)

func dependWords() map[word]form {
	return map[word]form{
		notAnnounced: {"%s %s has not been announced, awaited since %s", "%s %s 尚未到达，等待自 %s"},
		pathsReady:   {"%d of %d input paths are ready", "数据路径 %d/%d 到达"},
		thirdsReady:  {"%d of %d third-party announcements have arrived", "第三方数据 %d/%d 到达"},
		parentsReady: {"%d of %d parent batches are successful", "父任务批次 %d/%d 成功"},
		helpPaths:    {"make the missing paths, or find out who should", "生成缺少的路径，或联系产出方"},
		helpThirds:   {"capri third put CODE KEY announces one", "用 capri third put CODE KEY 通知到达"},
		helpParents:  {"look at the root causes", "查看根因"},
		sinceWhen:    {", since %s", "，自 %s"},
		madeBy:       {"; made by %s, %s", "；由 %s 产出（%s）"},
		pathNotReady: {"%s is not ready (%s)", "%s 未就绪（%s）"},
		pathUnknown:  {"%s cannot be looked at since %s: %s", "自 %[2]s 起无法检查 %[1]s：%[3]s"},
		helpAway:     {"nothing to do for the batch: it goes on by itself once %s answers again; bring it back", "批次无需处理：%s 恢复后自动继续，请先恢复它"},
		noNewest:     {"%s has no batch yet", "%s 尚无批次"},
		notThere:     {"%s does not exist yet", "%s 尚未生成"},
		newestStands: {"the newest batch, %s, is %s", "最新批次 %s 为 %s"},
		parentStands: {"%s is %s", "%s 为 %s"},
		endedSo:      {"done: %s", "完成（%s）"},
		onHost:       {"%s on %s", "%s(%s)"},

		rootEnded:     {"ended: %s, at %s", "已结束：%s，于 %s"},
		rootSucceeded: {"has succeeded; the dependency is marked as met in the next moment", "已成功，依赖即将标记为到达"},
		rootRunning:   {"is running on %s since %s", "自 %[2]s 起在 %[1]s 上运行"},
		rootAssigned:  {"is assigned to %s since %s", "自 %[2]s 起已分配给 %[1]s"},
		rootReady:     {"is about to be assigned", "即将分配"},
		expectedUntil: {", expected until %s", "，预计 %s 结束"},
		noBatchYet:    {"has no batch yet", "尚无批次"},
		taskDeleted:   {"the task is deleted", "任务已删除"},
		notItsNumber:  {"has no such batch: %v", "没有这样的批次：%v"},
	}
}

const (
	opensAt           word = "opens at"
	operationMakes    word = "operation makes"
	scheduledAhead    word = "scheduled ahead"
	latestSet         word = "latest set"
	versionOff        word = "version off"
	helpDeleted       word = "help deleted"
	holdStands        word = "hold stands"
	holdPerson        word = "hold person"
	holdBreaker       word = "hold breaker"
	holdQuality       word = "hold quality"
	untilReleased     word = "until released"
	untilThen         word = "until then"
	qualityBlocks     word = "quality blocks"
	helpQualityBlocks word = "help quality blocks"
	qualityAsked      word = "quality asked"
	qualityLater      word = "quality later"
	qualityNotYet     word = "quality not yet"
	qualityNobody     word = "quality nobody"
	qualityTries      word = "quality tries"
	silencePass       word = "silence pass"
	silenceAlert      word = "silence alert"
	silenceWait       word = "silence wait"
	holdsPlace        word = "holds place"
	accountOwner      word = "account owner"
	accountGrantors   word = "account grantors"
)

func gateWords() map[word]form {
	out := map[word]form{
		opensAt:           {"opens by itself at %s", "将于 %s 自动放行"},
		operationMakes:    {"operation %d (%s by %s) has made %d of %d", "操作 %d（%s，%s）已生成 %d/%d"},
		scheduledAhead:    {"is scheduled for %s, which lies ahead", "计划调度时间为 %s，尚未到达"},
		latestSet:         {"latest_schedule_time is %s, set by %s at %s; this batch is scheduled for %s", "latest_schedule_time 为 %s，由 %s 于 %s 设置；本批次调度时间为 %s"},
		versionOff:        {"by version %d, saved by %s at %s", "版本 %d，由 %s 于 %s 保存"},
		helpDeleted:       {"mark or skip the batch, or save the task anew", "标记或跳过此批次，或重新保存任务"},
		holdStands:        {"%s on the %s by %s since %s%s: %s", "%s（%s），%s 于 %s 设置%s：%s"},
		holdPerson:        {"hold", "暂停"},
		holdBreaker:       {"tripped breaker", "熔断"},
		holdQuality:       {"block by data quality", "质量监控拦截"},
		untilReleased:     {", until released", "，直到放行"},
		untilThen:         {", until %s", "，至 %s"},
		qualityBlocks:     {"the data-quality service has answered that it must not run", "数据质量监控结论：不可运行"},
		helpQualityBlocks: {"mend the data and have the quality service answer again, or let an operator override it", "修复数据后由质量监控重新放行，或由值班人员强制放行"},
		qualityAsked:      {"asked at %s, no answer for %s", "已于 %s 询问，%s未答复"},
		qualityLater:      {"asked once all dependencies are met", "依赖全部到达后询问"},
		qualityNotYet:     {"not asked yet", "尚未询问"},
		qualityNobody:     {"no data-quality service is configured, so nobody can answer but a person", "未配置数据质量服务，只能人工放行"},
		qualityTries:      {"%d calls of the service have failed", "已有 %d 次调用失败"},
		silencePass:       {"without an answer it may run from %s on", "若一直未答复，%s 起放行"},
		silenceAlert:      {"without an answer people are told at %s, and it goes on waiting", "若一直未答复，%s 告警并继续等待"},
		silenceWait:       {"it waits for the answer however long that takes", "一直等待答复"},
		holdsPlace:        {"%s is %s since %s", "%s 为 %s，自 %s"},
		accountOwner:      {"the task's owner is %s, the account %s", "任务负责人为 %s，账号为 %s"},
		accountGrantors:   {"may grant it: %s", "可授权的管理员：%s"},
	}
	for g, f := range map[batch.GateCode]form{
		batch.GateOperation: {"no operation holds it back", "没有操作拦住它"},
		batch.GateLatest:    {"within the latest schedule time", "未超过最晚调度时间"},
		batch.GateDisabled:  {"the task is enabled", "任务已启用"},
		batch.GateHeld:      {"neither batch, task nor project is held", "批次、任务、项目均未暂停"},
		batch.GateQuality:   {"no data-quality gate is shut", "数据质量监控已放行或未启用"},
		batch.GateEarliest:  {"the earliest start has passed", "已过最早执行时间"},
		batch.GateRetry:     {"no retry is waited for", "没有等待中的重试"},
		batch.GateMaximum:   {"fewer batches of the task run than its maximum", "未达到同时运行上限"},
		batch.GateAccount:   {"the owner may use the execution account", "负责人有权使用执行账号"},
	} {
		out[openWord(g)] = f
	}
	for g, f := range map[batch.GateCode]form{
		batch.GateOperation: {"wait for it, or cancel the operation: capri op show tells how far it is", "等待，或取消该操作：用 capri op show 查看进度"},
		batch.GateLatest:    {"a super administrator can change setting latest_schedule_time", "超级管理员可修改 latest_schedule_time"},
		batch.GateDisabled:  {"enable the task", "启用任务"},
		batch.GateHeld:      {"release the hold, reset the breaker, or wait until it ends", "放行、复位熔断，或等待到期"},
		batch.GateQuality:   {"wait for the data-quality service's answer, or let an operator override it", "等待质量监控答复，或由值班人员强制放行"},
		batch.GateEarliest:  {"wait, or lower the task's earliest start", "等待，或调早任务的最早执行时间"},
		batch.GateRetry:     {"wait, or mend what made it fail: capri batch logs shows it", "等待，或先修复失败原因：用 capri batch logs 查看"},
		batch.GateMaximum:   {"wait for one to end, or raise maxRunning", "等待其中之一结束，或调大 maxRunning"},
		batch.GateAccount:   {"ask an administrator to grant the account; the batch fails without", "请管理员授权账号，否则批次失败"},
	} {
		out[helpWord(g)] = f
	}
	return out
}

// openWord is what an open gate says.
func openWord(g batch.GateCode) word { return word("open " + g) }

// helpWord is what helps before a shut gate.
func helpWord(g batch.GateCode) word { return word("help " + g) }
