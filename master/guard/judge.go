package guard

import (
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
)

const (
	// longAtLeast is what an attempt must have run before its worker is asked
	// whether it has such a process (seed GAP-14).
	longAtLeast = time.Hour
	// defaultLease is taken for a worker that does not tell its own.
	defaultLease = 10 * time.Minute
	// leaseMargin is how long masters wait beyond a lease: a worker looks at it
	// every few seconds, and killing takes a while.
	leaseMargin = time.Minute
	// lookAgain is when what could not be found out is looked at again.
	lookAgain = time.Minute
)

// fencePolicy marks tasks whose attempts do not outlive their worker's lease.
const fencePolicy = "fence"

// Running is one running batch as repair sees it.
type Running struct {
	Work     *store.Work
	Fence    bool          // its task's policy when the worker is lost; wait otherwise
	Host     *store.Host   // nil: no worker of that name is known
	Expected time.Duration // the learned 95th percentile of the task's runs; 0: unknown
}

// Fate is what repair decides about a running batch.
type Fate struct {
	Over   bool   // its attempt will not report any more
	MayRun bool   // over, but its processes may still be there: nothing may be started by itself
	Reason string // why it is over
	Ask    bool   // it is over if its worker says that there is no such process
	At     int64  // when time alone may change this; 0: it will not
}

// JudgeRunning decides whether an attempt is still to be waited for; it is
// pure. Silence alone is evidence for no task that waits (exactly.md 17, 19).
func JudgeRunning(r Running, now, termSince int64) Fate {
	h := r.Host
	switch {
	case h == nil:
		return Fate{}
	case h.DeadAt > 0 && h.DeadAt >= r.Work.StartTime && h.DeadAt >= h.LastCheckTime:
		return Fate{Over: true, Reason: fmt.Sprintf("%s was declared dead by %s: %s", h.Host, h.DeadBy, h.DeadReason)}
	case h.Incarnation != r.Work.Incarnation:
		return judgeWiped(r, now, termSince)
	case !h.AliveAt(now):
		return judgeSilent(r, now, termSince)
	}
	return judgeLong(r, now)
}

// judgeWiped: the worker of that name has another root now. The attempts of the
// old one are lost; those that a lease ends are so only after it, counted from
// when the new root was first heard of.
func judgeWiped(r Running, now, termSince int64) Fate {
	since := r.Host.IncarnationAt
	if since == 0 {
		since = r.Host.LastCheckTime
	}
	lease := max(leaseOf(r.Host.LeaseMillis), leaseOf(r.Host.FormerLease))
	over := after(since+lease, r.Host, termSince)
	if now < over {
		return Fate{At: over}
	}
	return Fate{Over: true, MayRun: !r.Fence, Reason: r.Host.Host + " has another root directory by now"}
}

// judgeSilent: an attempt of a fence task has been ended by its worker, or the
// worker's keeper, when the lease was over.
func judgeSilent(r Running, now, termSince int64) Fate {
	if !r.Fence {
		return Fate{}
	}
	over := after(r.Host.LastCheckTime+leaseOf(r.Host.LeaseMillis), r.Host, termSince)
	if now < over {
		return Fate{At: over}
	}
	return Fate{Over: true, Reason: r.Host.Host + " has been silent for longer than its lease, which ended the attempt"}
}

// judgeLong: what runs much longer than it should is asked for.
func judgeLong(r Running, now int64) Fate {
	long := max(longAtLeast, 2*r.Expected).Milliseconds()
	if now-r.Work.StartTime < long {
		return Fate{}
	}
	return Fate{Ask: true, Reason: r.Host.Host + " has no such process"}
}

func leaseOf(ms int64) int64 {
	if ms <= 0 {
		return defaultLease.Milliseconds()
	}
	return ms
}

// after is when a lease that ends at an instant is safely over, and the workers
// have had one check interval of this term to be heard.
func after(lease int64, h *store.Host, termSince int64) int64 {
	return max(lease+leaseMargin.Milliseconds(), termSince+h.CheckInterval)
}

// Evidence is what could be found out about how an attempt ended.
type Evidence struct {
	ExitCode *int  // of its script, when capri_user_code_log has it
	Outputs  *bool // success by output path: all are ready, and not as they were at its start
}

// Conclude decides what follows an attempt that is over; it is pure. A kill that
// somebody wants beats a retry, but what may still run was not killed.
func Conclude(w *store.Work, def *task.Task, fate Fate, found Evidence, now time.Time) batch.Outcome {
	succeeded := found.ExitCode != nil && *found.ExitCode == 0
	o := batch.After(batch.Ended{
		ExitCode: found.ExitCode, OutputReady: found.Outputs,
		Lost: found.ExitCode == nil, MayRun: fate.MayRun, Killed: w.KillAt > 0 && !succeeded && !fate.MayRun,
	}, def.Spec.Policy(), w.Tries(), now)
	o.Reason = fate.Reason + "; " + o.Reason
	return o
}
