package store

import (
	"strconv"
	"time"
)

// Limits of the platform's monitor, by the names their settings begin with.
const (
	LimitMasters         = "monitor_masters"
	LimitWorkers         = "monitor_workers"
	LimitDependMinutes   = "monitor_depend_minutes"
	LimitDependAge       = "monitor_depend_age_minutes"
	LimitGenerateMinutes = "monitor_generate_minutes"
	LimitMovedTasks      = "monitor_moved_tasks"
	LimitMoves           = "monitor_moves"
	LimitServicePeriods  = "monitor_service_periods"
	LimitCanaryMinutes   = "monitor_canary_minutes"
)

// Other settings of the platform's monitor.
const (
	SettingStallMinutes   = "monitor_stall_minutes"
	SettingDatabaseMillis = "monitor_database_millis"
	SettingCanary         = "canary_task"
)

// Their defaults.
const (
	stallMinutes   = 30
	databaseMillis = 1000
	canaryTask     = "capri_canary"
)

// StallAfter is how long an attempt makes no progress before people are told.
func StallAfter(settings map[string]string) time.Duration {
	return time.Duration(atLeastOne(settings[SettingStallMinutes], stallMinutes)) * time.Minute
}

// DatabaseSlow is from when on a round trip to the database is too slow.
func DatabaseSlow(settings map[string]string) time.Duration {
	return time.Duration(atLeastOne(settings[SettingDatabaseMillis], databaseMillis)) * time.Millisecond
}

// atLeastOne reads a number; what makes no sense counts as the default.
func atLeastOne(value string, otherwise int) int {
	if n, err := strconv.Atoi(value); err == nil && n >= 1 {
		return n
	}
	return otherwise
}

// MonitorLimit says from when the platform's monitor tells of something, as
// important and as critical (domain.md §9, seed A3-32, A3-34 to A3-36). Zero:
// never at that level, and there is no such setting.
type MonitorLimit struct {
	Name                string
	Important, Critical int
	unit                string
	meaning, chinese    string
}

// The settings of a limit.
func (l MonitorLimit) importantKey() string { return l.Name + "_important" }
func (l MonitorLimit) criticalKey() string  { return l.Name + "_critical" }

func monitorLimits() []MonitorLimit {
	return []MonitorLimit{
		{LimitMasters, 5, 3, UnitMasters, "fewer live masters than this; profile large only", "存活的主节点少于该数；仅用于 large 规模"},
		{LimitWorkers, 10, 5, UnitWorkers, "fewer live workers than this; profile large only", "存活的执行机少于该数；仅用于 large 规模"},
		{LimitDependMinutes, 5, 10, UnitMinutes, "a dependency pass that takes more minutes", "一轮依赖检查超过该分钟数"},
		{LimitDependAge, 0, 10, UnitMinutes, "no dependency pass has ended for more minutes", "超过该分钟数没有完成过依赖检查"},
		{LimitGenerateMinutes, 10, 15, UnitMinutes, "a generation pass that takes more minutes", "一轮批次生成超过该分钟数"},
		{LimitMovedTasks, 10, 15, UnitTasks, "more tasks re-assigned away from one worker in 30 minutes; refusals for memory are counted apart", "30 分钟内从一台执行机改派走的任务超过该数；因内存不足的拒绝另计"},
		{LimitMoves, 3, 5, UnitTimes, "more re-assignments away from one worker in 10 minutes; refusals for memory are counted apart", "10 分钟内从一台执行机改派走的次数超过该数；因内存不足的拒绝另计"},
		{LimitServicePeriods, 3, 0, UnitPeriods, "a service that has not run for more of its periods, and a minute", "服务超过该数个周期（另加一分钟）没有运行"},
		{LimitCanaryMinutes, 10, 20, UnitMinutes, "a base time of the canary task that has not succeeded after more minutes", "金丝雀任务的基准时间过后超过该分钟数仍未成功"},
	}
}

// MonitorLimits reads the limits by name from settings; what makes no sense
// counts as its default.
func MonitorLimits(settings map[string]string) map[string]MonitorLimit {
	out := map[string]MonitorLimit{}
	for _, l := range monitorLimits() {
		for key, n := range map[string]*int{l.importantKey(): &l.Important, l.criticalKey(): &l.Critical} {
			if set, err := strconv.Atoi(settings[key]); err == nil && set >= 1 && *n > 0 {
				*n = set
			}
		}
		out[l.Name] = l
	}
	return out
}

func monitorSettings() []setting {
	out := []setting{
		{
			SettingStallMinutes, strconv.Itoa(stallMinutes), UnitMinutes, "minutes that an attempt which runs long writes nothing and uses next to no processor time before people are told",
			"长时间运行的尝试多少分钟既无输出又几乎不占用处理器即通知相关人员",
		},
		{SettingDatabaseMillis, strconv.Itoa(databaseMillis), UnitMillis, "important: milliseconds that the database takes to answer, three looks in a row", "重要：数据库连续三次应答达到该毫秒数"},
		{
			SettingCanary, canaryTask, "", "task that goes all the way through the platform and that the monitor watches; nothing is watched when there is none of that name",
			"走完平台全流程、由监控观察的金丝雀任务；没有该名称的任务时不观察",
		},
	}
	for _, l := range monitorLimits() {
		if l.Important > 0 {
			out = append(out, setting{l.importantKey(), strconv.Itoa(l.Important), l.unit, "important: " + l.meaning, "重要：" + l.chinese})
		}
		if l.Critical > 0 {
			out = append(out, setting{l.criticalKey(), strconv.Itoa(l.Critical), l.unit, "critical: " + l.meaning, "严重：" + l.chinese})
		}
	}
	return out
}
