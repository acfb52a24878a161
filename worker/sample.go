package worker

import (
	"capricornus/worker/cgroup"
	"capricornus/worker/run"
	"capricornus/worker/vitals"
)

// newGuard returns the guard of this worker's attempts.
func (w *Worker) newGuard() *run.Guard {
	return &run.Guard{Limits: w.cfg.Limits.ofAttempt(), Measure: w.measure, Memory: vitals.Processes{}.Memory, Every: w.cfg.Sample, Log: w.log}
}

// ofAttempt are the limits that attempts are ended beyond.
func (l Limits) ofAttempt() run.Limits {
	return run.Limits{
		AttemptMemory: l.AttemptMemory, MemoryTimes: l.MemoryTimes, Processes: l.Processes,
		File: l.File, Log: l.Log, LogKeep: l.LogKeep,
	}
}

// groups returns the control groups for attempts, after removing those that
// earlier lives of this worker left; nil when there shall be none.
func (w *Worker) groups() *cgroup.Host {
	if !w.cfg.Cgroups {
		return nil
	}
	host := cgroup.Find("/proc", w.id.Incarnation[:min(8, len(w.id.Incarnation))])
	host.Sweep()
	return host
}

// measure measures attempts that have run for some time, all in one pass, and
// notes their peaks.
func (w *Worker) measure(leaders map[int][]int) (map[int]run.Use, error) {
	usage, err := vitals.Processes{}.Sample(leaders)
	if err != nil {
		return nil, err
	}
	for _, g := range w.hand.grips() {
		if used, measured := usage[g.leader(0)]; measured {
			g.sampled(used)
		}
	}
	uses := make(map[int]run.Use, len(usage))
	for leader, used := range usage {
		uses[leader] = run.Use{Memory: used.Memory, Processes: used.Processes, Threads: used.Threads}
	}
	return uses, nil
}

// features is what the launcher says it can do, if it does.
func featuresOf(launcher run.Launcher) []string {
	if able, says := launcher.(interface{ Features() []string }); says {
		return able.Features()
	}
	return nil
}

// letGo ends what the launcher holds of this process; attempts go on.
func letGo(launcher run.Launcher) {
	if holds, does := launcher.(interface{ Close() }); does {
		holds.Close()
	}
}
