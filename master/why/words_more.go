package why

import "capricornus/common/batch"

const (
	askedLast      word = "asked last"
	hasRoom        word = "has room"
	noneFits       word = "none fits"
	onlyExcluded   word = "only excluded"
	helpWorkers    word = "help workers"
	helpExcluded   word = "help excluded"
	helpQueue      word = "help queue"
	lineFirst      word = "line first"
	lineAhead      word = "line ahead"
	noWorkers      word = "no workers"
	funnelKnown    word = "funnel known"
	funnelAlive    word = "funnel alive"
	funnelOn       word = "funnel on"
	funnelGroup    word = "funnel group"
	funnelLabels   word = "funnel labels"
	funnelMemory   word = "funnel memory"
	funnelLoad     word = "funnel load"
	funnelSlots    word = "funnel slots"
	funnelAllowed  word = "funnel allowed"
	andMoreWorkers word = "and more workers"
	workerDead     word = "worker dead"
	workerSilent   word = "worker silent"
	workerAnew     word = "worker anew"
	workerOff      word = "worker off"
	workerOffAt    word = "worker off at"
	workerDrains   word = "worker drains"
	workerDrainsAt word = "worker drains at"
	offBy          word = "off by"
	offInDatabase  word = "off in database"
	onlyOff        word = "only off"
	helpOff        word = "help off"
	workerGroupOff word = "worker group off"
	workerGroup    word = "worker group"
	workerLabels   word = "worker labels"
	workerMemory   word = "worker memory"
	workerLoad     word = "worker load"
	workerSlots    word = "worker slots"
	workerExcluded word = "worker excluded"
	workerFits     word = "worker fits"
	workerRefused  word = "worker refused"
	memoryOver     word = "memory over"
)

func workerWords() map[word]form {
	return map[word]form{
		askedLast:      {"asked once everything above is met", "以上全部满足后再选择机器"},
		hasRoom:        {"worker %s has room", "机器 %s 有空位"},
		noneFits:       {"no worker fits", "没有合适的机器"},
		onlyExcluded:   {"the only workers that fit failed to start it just now; they are asked again after %s", "合适的机器刚刚未能启动它，%s后再次使用"},
		helpWorkers:    {"start a worker, switch one on, or ask for less", "启动或打开机器，或降低资源要求"},
		helpExcluded:   {"wait, or give it another worker", "等待，或增加其他机器"},
		helpQueue:      {"wait for a slot, add workers, or give the task a better priority", "等待空位，增加机器，或提高任务优先级"},
		lineFirst:      {"first in the line of ready batches", "在就绪队列中排第一"},
		lineAhead:      {"number %d in the line of ready batches: %d are ahead by priority, %d are older", "在就绪队列中排第 %d：%d 个优先级更高，%d 个更早"},
		noWorkers:      {"no worker has ever reported", "从未有机器上报"},
		funnelKnown:    {"%d known", "共 %d 台"},
		funnelAlive:    {"%d alive", "存活 %d"},
		funnelOn:       {"%d switched on", "已打开 %d"},
		funnelGroup:    {"%d of the group", "同组 %d"},
		funnelLabels:   {"%d with the labels", "标签符合 %d"},
		funnelMemory:   {"%d with the memory", "内存足够 %d"},
		funnelLoad:     {"%d below the load limit", "负载未超限 %d"},
		funnelSlots:    {"%d with a free slot", "有空位 %d"},
		funnelAllowed:  {"%d not excluded", "未被排除 %d"},
		andMoreWorkers: {"and %d more workers", "另有 %d 台机器"},
		workerDead:     {"declared dead by %s at %s: %s", "被 %s 于 %s 宣告死亡：%s"},
		workerSilent:   {"silent since %s", "自 %s 起没有心跳"},
		workerAnew:     {"has lost its root directory, or was set up anew", "根目录丢失或机器已重建"},
		workerOff:      {"switched off", "已关闭"},
		workerOffAt:    {"switched off at %s", "已于 %s 关闭"},
		workerDrains:   {"drains", "正在排空"},
		workerDrainsAt: {"drains since %s", "自 %s 起排空"},
		offBy:          {" by %s", "，操作人 %s"},
		offInDatabase:  {" in the database", "，直接修改数据库"},
		onlyOff:        {"every worker that would fit is switched off: %s", "合适的机器都已关闭：%s"},
		helpOff:        {"capri host on HOST switches a worker on; where an end is set it is on again by itself then", "用 capri host on HOST 打开机器；设有期限的到期自动打开"},
		workerGroupOff: {"its group %s is switched off", "机器组 %s 已停用"},
		workerGroup:    {"is in group %s, wanted is %s", "属于组 %s，需要 %s"},
		workerLabels:   {"has labels %s, wanted are %s", "标签为 %s，需要 %s"},
		workerMemory:   {"has %s of %s memory left, wanted are %s", "内存剩余 %s/%s，需要 %s"},
		workerLoad:     {"load per core is %.2f, its limit %.2f", "每核负载 %.2f，上限 %.2f"},
		workerSlots:    {"%d of %d slots are taken", "已占用 %d/%d 个槽位"},
		workerExcluded: {"excluded for this batch until %s: %s", "此批次暂时排除该机器，至 %s：%s"},
		workerFits:     {"would fit", "合适"},
		workerRefused:  {"%s refused it at %s: %s", "%s 于 %s 拒绝：%s"},
		memoryOver:     {"%s of memory used, %s declared", "已用内存 %s，超出声明的 %s"},
	}
}

const (
	generationFailed word = "generation failed"
	generationTried  word = "generation tried"
	helpMend         word = "help mend"
	beingMade        word = "being made"
	itemDecided      word = "item decided"
	itemSkipped      word = "item skipped"
	generatedAt      word = "generated at"
	manualTask       word = "manual task"
	helpManual       word = "help manual"
	disabledNow      word = "disabled now"
	helpEnable       word = "help enable"
	didNotExist      word = "did not exist"
	disabledThen     word = "disabled then"
	outsideValidity  word = "outside validity"
	helpValidity     word = "help validity"
	otherPeriod      word = "other period"
	noFire           word = "no fire"
	tooOld           word = "too old"
	passedBy         word = "passed by"
	generationErred  word = "generation erred"
	notYetReached    word = "not yet reached"
	neverRan         word = "never ran"
	helpColdStart    word = "help cold start"
)

func missingWords() map[word]form {
	return map[word]form{
		generationFailed: {"generation failed %d times: %s", "生成失败 %d 次：%s"},
		generationTried:  {"first tried at %s, last at %s", "首次尝试于 %s，最近于 %s"},
		helpMend:         {"mend the task; every pass tries again", "修复任务，每次生成都会重试"},
		beingMade:        {"is being made by operation %d (%s)", "正在由操作 %d（%s）生成"},
		itemDecided:      {"operation %d (%s by %s) decided: %s %s", "操作 %d（%s，%s）的决定：%s %s"},
		itemSkipped:      {"%s in operation %d (%s)", "操作 %[2]d（%[3]s）中未生成：%[1]s"},
		generatedAt:      {"is generated at %s", "将于 %s 生成"},
		manualTask:       {"a manual task has batches only when somebody runs it", "手动任务仅在有人执行时产生批次"},
		helpManual:       {"capri task run %s", "用 capri task run %s 执行"},
		disabledNow:      {"the task is disabled", "任务已停用"},
		helpEnable:       {"enable it before its time comes", "在调度时间前启用任务"},
		didNotExist:      {"the task did not exist yet at %s; it was made at %s", "%s 时任务尚不存在，任务创建于 %s"},
		disabledThen:     {"the task was disabled at %s, by version %d, saved by %s at %s", "%s 时任务处于停用状态（版本 %d，由 %s 于 %s 保存）"},
		outsideValidity:  {"its business interval lies outside the task's validity", "业务时间不在任务有效期内"},
		helpValidity:     {"change valid in the task's file", "修改任务文件中的 valid"},
		otherPeriod:      {"the task had another period then: %s", "当时任务的产出周期不同：%s"},
		noFire:           {"the expression %s does not fire at this time", "表达式 %s 在此时间不触发"},
		tooOld:           {"it is older than generation makes up for, %d days", "早于自动补生成的范围（%d 天）"},
		passedBy:         {"generation has passed this time, it is at %s: the batch was retired, or the cluster did not exist then", "生成已越过此时间（已到 %s）：批次已被清理，或当时集群尚不存在"},
		generationErred:  {"generation fails: its last run ended at %s with: %s", "生成服务出错，上次运行于 %s：%s"},
		notYetReached:    {"generation has not come to it: it is at %s and ran last at %s", "生成尚未到达此时间：已到 %s，上次运行于 %s"},
		neverRan:         {"generation has never run", "生成服务从未运行"},
		helpColdStart:    {"capri coldstart makes batches of the past, capri task run %s makes one now (wanted: %s)", "用 capri coldstart 补生成历史批次，用 capri task run %s 立即执行（批次号 %s）"},
	}
}

const (
	assignedTo      word = "assigned to"
	helpAssigned    word = "help assigned"
	reassignedAt    word = "reassigned at"
	takenFrom       word = "taken from"
	runsOn          word = "runs on"
	learned         word = "learned"
	longerThanUsual word = "longer than usual"
	lostFence       word = "lost fence"
	lostWait        word = "lost wait"
	killOrdered     word = "kill ordered"
	attemptRuns     word = "attempt runs"
	attemptEnded    word = "attempt ended"
	exitCode        word = "exit code"
	timeoutDepend   word = "timeout depend"
	timeoutOutput   word = "timeout output"
	mostOfIt        word = "most of it"
	endedMarked     word = "ended marked"
	endedSkipped    word = "ended skipped"
	endedDenied     word = "ended denied"
	endedRepaired   word = "ended repaired"
	endedKilled     word = "ended killed"
	endedSuccess    word = "ended success"
	endedOther      word = "ended other"
	lastMet         word = "last met"
	itStood         word = "it stood"
)

func liveWords() map[word]form {
	out := map[word]form{
		assignedTo:      {"assigned to %s at %s and not started yet", "已于 %[2]s 分配给 %[1]s，尚未启动"},
		helpAssigned:    {"it is given to another worker when %s does not start it in time", "%s 未按时启动则改派其他机器"},
		reassignedAt:    {"given to another worker at %s if it has not started by then", "若仍未启动，将于 %s 改派"},
		takenFrom:       {"%s: attempt %d was taken from %s: %s", "%s：第 %d 次分配从 %s 收回：%s"},
		runsOn:          {"running on %s since %s, attempt %d", "自 %[2]s 起在 %[1]s 上运行，第 %[3]d 次"},
		learned:         {"its last %d runs took %s at the median and %s at the 95th percentile: expected to end at %s", "最近 %d 次运行中位数 %s、95 分位 %s：预计 %s 结束"},
		longerThanUsual: {"it has run for %s, longer than nearly all before", "已运行 %s，超过以往绝大多数"},
		lostFence:       {"a fence task: the worker ends it when its lease runs out, and only then may it start elsewhere", "fence 任务：租约到期后由机器终止，之后才会在其他机器启动"},
		lostWait:        {"a wait task: it stays running until its end is reported, or an operator declares the host dead", "wait 任务：一直视为运行，直到上报结果或由值班人员宣告机器死亡"},
		killOrdered:     {"%s ordered it killed at %s: %s", "%s 于 %s 要求终止：%s"},
		attemptRuns:     {"attempt %d on %s runs since %s", "第 %d 次在 %s 上运行，自 %s"},
		attemptEnded:    {"attempt %d on %s from %s took %s: %s", "第 %d 次在 %s 上运行，自 %s，用时 %s：%s"},
		exitCode:        {", exit code %d", "，退出码 %d"},
		timeoutDepend:   {"dependency timeout", "依赖超时"},
		timeoutOutput:   {"output timeout", "产出超时"},
		mostOfIt:        {"; of %s altogether most, %s, went into: %s", "；共 %s，其中最多的 %s 用于：%s"},
		endedMarked:     {"marked %s by %s at %s", "被标记为%s（%s，%s）"},
		endedSkipped:    {"skipped by %s at %s", "被 %s 于 %s 跳过"},
		endedDenied:     {"failed at %s before it ran", "于 %s 未运行即失败"},
		endedRepaired:   {"%s, found by repair at %s", "%s，由修复服务于 %s 判定"},
		endedKilled:     {"killed by %s at %s", "被 %s 于 %s 终止"},
		endedSuccess:    {"succeeded at %s in attempt %d", "于 %s 成功，第 %d 次"},
		endedOther:      {"%s at %s", "%s，于 %s"},
		lastMet:         {"the last dependency, %s, was there at %s", "最后到达的依赖是 %s，于 %s"},
		itStood:         {" (%s: %s)", "(%s:%s)"},
	}
	for code, f := range map[string]form{
		string(batch.GateData):      {"waiting for data paths", "等待数据路径"},
		string(batch.GateThird):     {"waiting for third parties", "等待第三方数据"},
		string(batch.GateParent):    {"waiting for parent batches", "等待父任务批次"},
		string(batch.GateOperation): {"its operation was being made", "所属操作生成中"},
		string(batch.GateLatest):    {"later than the latest schedule time", "晚于最晚调度时间"},
		string(batch.GateDisabled):  {"the task was disabled", "任务停用"},
		string(batch.GateHeld):      {"held", "暂停"},
		string(batch.GateQuality):   {"data-quality gate", "质量监控"},
		string(batch.GateEarliest):  {"before its earliest start", "未到最早执行时间"},
		string(batch.GateRetry):     {"between attempts", "等待重试"},
		string(batch.GateMaximum):   {"at the task's maximum", "同时运行达上限"},
		string(batch.GateAccount):   {"without the right to the account", "无账号权限"},
		string(batch.GateWorker):    {"no worker fitted", "没有合适的机器"},
		string(batch.GateQueue):     {"every worker was full", "机器均已满"},
		PhaseScheduling:             {"waiting to be assigned", "等待分配"},
		PhaseAssigned:               {"assigned, not started", "已分配未启动"},
		PhaseRunning:                {"running", "运行"},
	} {
		out[phaseWord(code)] = f
	}
	return out
}

// phaseWord is the label of a phase of a batch's life.
func phaseWord(code string) word { return word("phase " + code) }
