package store

import "strconv"

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
)

// MonitorLimit says from when the platform's monitor tells of something, as
// important and as critical (domain.md §9, seed A3-32, A3-34 to A3-36). Zero:
// never at that level, and there is no such setting.
type MonitorLimit struct {
	Name                string
	Important, Critical int
	meaning             string
}

// The settings of a limit.
func (l MonitorLimit) importantKey() string { return l.Name + "_important" }
func (l MonitorLimit) criticalKey() string  { return l.Name + "_critical" }

func monitorLimits() []MonitorLimit {
	return []MonitorLimit{
		{LimitMasters, 5, 3, "fewer live masters than this; profile large only"},
		{LimitWorkers, 10, 5, "fewer live workers than this; profile large only"},
		{LimitDependMinutes, 5, 10, "a dependency pass that takes more minutes"},
		{LimitDependAge, 0, 10, "no dependency pass has ended for more minutes"},
		{LimitGenerateMinutes, 10, 15, "a generation pass that takes more minutes"},
		{LimitMovedTasks, 10, 15, "more tasks re-assigned away from one worker in 30 minutes; refusals for memory are counted apart"},
		{LimitMoves, 3, 5, "more re-assignments away from one worker in 10 minutes; refusals for memory are counted apart"},
		{LimitServicePeriods, 3, 0, "a service that has not run for more of its periods, and a minute"},
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
	var out []setting
	for _, l := range monitorLimits() {
		if l.Important > 0 {
			out = append(out, setting{l.importantKey(), strconv.Itoa(l.Important), "important: " + l.meaning})
		}
		if l.Critical > 0 {
			out = append(out, setting{l.criticalKey(), strconv.Itoa(l.Critical), "critical: " + l.meaning})
		}
	}
	return out
}
