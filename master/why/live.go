package why

import (
	"context"
	"fmt"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/place"
)

// assigned shows the same gates as for a waiting batch, which may close again,
// and then what its worker makes of it.
func (a *asking) assigned(ctx context.Context, out *wire.Why) error {
	if err := a.gates(ctx, out); err != nil {
		return err
	}
	g := wire.WhyGate{
		Code: CodeAssigned, State: unmet, Since: firstOf(a.b.AssignTime, a.b.CreatedAt),
		Sentence: a.of(assignedTo, a.b.Host, a.at(a.b.AssignTime)), Help: a.of(helpAssigned, a.b.Host),
	}
	g.CheckedAt, g.CheckedBy = a.checked(place.DutyAssign)
	if a.b.RefusedAt > 0 {
		g.Evidence = append(g.Evidence, a.of(workerRefused, a.b.Host, a.at(a.b.RefusedAt), a.b.RefusedReason))
	}
	if a.b.KillAt > 0 {
		g.Evidence = append(g.Evidence, a.killOrder())
	}
	line, err := a.workerLine(ctx)
	if err != nil {
		return err
	}
	g.Evidence = append(g.Evidence, line...)
	g.Evidence = append(g.Evidence, a.of(reassignedAt, a.at(a.b.AssignTime+a.snap.Reschedule.Milliseconds())))
	log, err := a.t.Reassignments(ctx, []int64{a.b.ID}, 0)
	if err != nil {
		return err
	}
	for _, r := range lastOf(log, evidenceLimit) {
		g.Evidence = append(g.Evidence, a.of(takenFrom, a.at(r.At), r.Attempt, r.OldHost, r.Reason))
	}
	out.Gates = append(out.Gates, g)
	if err := a.roots(ctx, out); err != nil {
		return err
	}
	out.Summary = g.Sentence
	return nil
}

func lastOf[T any](all []T, n int) []T { return all[max(len(all)-n, 0):] }

// workerLine says how the batch's worker is, when it is not well.
func (a *asking) workerLine(ctx context.Context) ([]string, error) {
	h, err := a.t.HostByName(ctx, a.b.Host)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	switch {
	case h.DeadAt > 0:
		return []string{h.Host + ": " + a.of(workerDead, h.DeadBy, a.at(h.DeadAt), h.DeadReason)}, nil
	case !h.AliveAt(a.now):
		return []string{h.Host + ": " + a.of(workerSilent, a.at(h.LastCheckTime))}, nil
	case h.Incarnation != a.b.Incarnation:
		return []string{h.Host + ": " + a.of(workerAnew)}, nil
	}
	return nil, nil
}

// running tells where it runs and until when, and where its time went so far.
func (a *asking) running(ctx context.Context, out *wire.Why) error {
	out.Summary = a.of(runsOn, a.b.Host, a.at(a.b.StartTime), a.b.Attempt)
	stats, err := a.t.TaskStats(ctx, []int64{a.b.TaskID})
	if err != nil {
		return err
	}
	if s, known := stats[a.b.TaskID]; known && s.P50Millis > 0 {
		out.ExpectedAt = a.b.StartTime + s.P50Millis
		out.Facts = append(out.Facts, a.of(learned, s.Runs, a.span(s.P50Millis), a.span(s.P95Millis), a.at(out.ExpectedAt)))
		if a.now > a.b.StartTime+s.P95Millis {
			out.Facts = append(out.Facts, a.of(longerThanUsual, a.span(a.now-a.b.StartTime)))
		}
	}
	if used := a.overMemory(a.b.PeakMemory); used != "" {
		out.Facts = append(out.Facts, used)
	}
	if a.b.KillAt > 0 {
		out.Facts = append(out.Facts, a.killOrder())
	}
	line, err := a.workerLine(ctx)
	if err != nil {
		return err
	}
	out.Facts = append(out.Facts, line...)
	if len(line) > 0 {
		out.Facts = append(out.Facts, a.lostPolicy())
	}
	attempts, err := a.t.Instances(ctx, a.b.ID)
	if err != nil {
		return err
	}
	earlier := slices.DeleteFunc(slices.Clone(attempts), func(i store.Instance) bool { return i.Attempt == a.b.Attempt })
	out.Facts = append(out.Facts, a.attempts(earlier)...)
	out.Spent, err = a.spent(ctx, attempts)
	return err
}

// lostPolicy says what silence of the worker means for this batch.
func (a *asking) lostPolicy() string {
	if a.def.Spec.OnWorkerLost == "fence" {
		return a.of(lostFence)
	}
	return a.of(lostWait)
}

func (a *asking) killOrder() string {
	return a.of(killOrdered, somebody(a.b.KillBy), a.at(a.b.KillAt), a.b.KillReason)
}

// attemptsShown bounds the attempts told one by one.
const attemptsShown = 10

func (a *asking) attempts(all []store.Instance) []string {
	var out []string
	for i := range lastOf(all, attemptsShown) {
		out = append(out, a.attempt(&lastOf(all, attemptsShown)[i]))
	}
	return out
}

// attempt tells one attempt in a line.
func (a *asking) attempt(i *store.Instance) string {
	if i.EndTime == 0 {
		return a.of(attemptRuns, i.Attempt, i.Host, a.at(i.StartTime))
	}
	text := a.of(attemptEnded, i.Attempt, i.Host, a.at(i.StartTime), a.span(i.EndTime-i.StartTime), a.outcome(i.Outcome))
	if i.HasExit {
		text += a.of(exitCode, i.ExitCode)
	}
	said := i.HasExit && i.Reason == fmt.Sprintf("exit code %d", i.ExitCode)
	if i.Reason != "" && !said && i.Outcome != batch.ResultSuccess {
		text += ": " + i.Reason
	}
	if used := a.overMemory(i.PeakMemory); used != "" {
		text += "; " + used
	}
	return text
}

// overMemory says that more memory was used than declared, or nothing.
func (a *asking) overMemory(used int64) string {
	if a.b.Memory == 0 || used <= a.b.Memory {
		return ""
	}
	return a.of(memoryOver, a.memory(used), a.memory(a.b.Memory))
}

func (a *asking) outcome(result string) string {
	switch result {
	case batch.ResultSuccess:
		return a.of(finishSuccess)
	case batch.ResultFailed:
		return a.of(finishFailed)
	case batch.ResultKilled:
		return a.of(finishKilled)
	case batch.ResultLost:
		return a.of(finishLost)
	case batch.ResultTimedOut:
		return a.of(resultTimeout)
	}
	return result
}

// timeouts shows the batch's deadlines, and which have passed.
func (a *asking) timeouts() []wire.WhyTimeout {
	var out []wire.WhyTimeout
	for _, d := range []struct {
		kind        string
		label       word
		due, passed int64
	}{
		{"depend", timeoutDepend, a.b.DependDeadline, a.b.DependTimeoutAt},
		{"output", timeoutOutput, a.b.OutputDeadline, a.b.OutputTimeoutAt},
	} {
		if d.due > 0 || d.passed > 0 {
			out = append(out, wire.WhyTimeout{Kind: d.kind, Label: a.of(d.label), DueAt: d.due, PassedAt: d.passed})
		}
	}
	return out
}
