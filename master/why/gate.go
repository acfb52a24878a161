package why

import (
	"context"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/place"
)

// gate shows one verdict of the scheduler's list.
func (a *asking) gate(ctx context.Context, v batch.Verdict) (wire.WhyGate, error) {
	g := wire.WhyGate{Code: string(v.Gate), State: met, Sentence: a.of(openWord(v.Gate))}
	g.CheckedAt, g.CheckedBy = a.checked(place.DutyAssign)
	if v.Open {
		return g, nil
	}
	g.State, g.Sentence, g.Help = unmet, a.speech.gate(v.Gate, v.Args...), a.of(helpWord(v.Gate))
	if v.OpensAt > 0 {
		g.Evidence = append(g.Evidence, a.of(opensAt, a.at(v.OpensAt)))
	}
	since, err := a.prove(ctx, v.Gate, &g)
	g.Since = firstOf(a.recorded(v.Gate), since, a.b.CreatedAt)
	return g, err
}

// recorded is since when the scheduler has noted this gate, if it has.
func (a *asking) recorded(code batch.GateCode) int64 {
	if a.b.Gate == string(code) {
		return a.b.GateSince
	}
	return 0
}

// prove adds a gate's evidence and finds out since when it is shut, as far as
// the scheduler has not noted that.
func (a *asking) prove(ctx context.Context, code batch.GateCode, g *wire.WhyGate) (int64, error) {
	switch code {
	case batch.GateOperation:
		return a.proveOperation(ctx, g)
	case batch.GateLatest:
		return a.proveLatest(ctx, g)
	case batch.GateDisabled:
		return a.proveDisabled(ctx, g)
	case batch.GateHeld:
		return a.proveHeld(ctx, g)
	case batch.GateQuality:
		return a.proveQuality(g), nil
	case batch.GateRetry:
		return a.proveRetry(ctx, g)
	case batch.GateMaximum:
		return a.proveMaximum(ctx, g)
	case batch.GateAccount:
		return a.proveAccount(ctx, g)
	default: // time alone opens it, and it was shut from the beginning
		return 0, nil
	}
}

func (a *asking) proveOperation(ctx context.Context, g *wire.WhyGate) (int64, error) {
	o, err := a.t.OperationByID(ctx, a.b.OperationID)
	if err != nil {
		return 0, err
	}
	g.Evidence = append(g.Evidence, a.of(operationMakes, o.ID, o.Kind, o.Author, o.Created, o.Total))
	return max(o.CreatedAt, a.b.CreatedAt), nil
}

// proveLatest tells who froze newer batches, unless this one merely lies ahead.
func (a *asking) proveLatest(ctx context.Context, g *wire.WhyGate) (int64, error) {
	rows, err := a.t.SettingRows(ctx)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if r.Key != store.SettingLatestSchedule {
			continue
		}
		if r.Value == "" {
			g.Sentence, g.Help = a.of(scheduledAhead, a.at(a.b.ScheduleTime)), ""
			return 0, nil
		}
		g.Evidence = append(g.Evidence, a.of(latestSet, r.Value, somebody(r.ChangedBy), a.instant(r.ChangedAt), a.at(a.b.ScheduleTime)))
		return max(r.ChangedAt, a.b.CreatedAt), nil
	}
	return 0, nil
}

func somebody(name string) string {
	if name == "" {
		return "?"
	}
	return name
}

// instant says an instant that may be unknown.
func (a *asking) instant(ms int64) string {
	if ms == 0 {
		return "?"
	}
	return a.at(ms)
}

// proveDisabled finds the version that switched the task off.
func (a *asking) proveDisabled(ctx context.Context, g *wire.WhyGate) (int64, error) {
	all, err := a.t.VersionHeads(ctx, []int64{a.b.TaskID})
	if err != nil {
		return 0, err
	}
	var off *store.VersionHead
	for i := range all[a.b.TaskID] {
		v := &all[a.b.TaskID][i]
		if v.IsEnabled && !v.IsDeleted {
			off = nil
		} else if off == nil || v.IsDeleted && !off.IsDeleted {
			off = v
		}
	}
	if off == nil { // not by a version: somebody changed the row
		return 0, nil
	}
	if off.IsDeleted {
		g.Sentence, g.Help = a.of(taskDeleted), a.of(helpDeleted)
	}
	g.Evidence = append(g.Evidence, a.of(versionOff, off.Version, somebody(off.SavedBy), a.at(off.SavedAt)))
	return max(off.SavedAt, a.b.CreatedAt), nil
}

// proveHeld lists every hold in force: releasing one is not enough when there are two.
func (a *asking) proveHeld(ctx context.Context, g *wire.WhyGate) (int64, error) {
	var since int64
	g.Evidence = nil
	for _, object := range []struct {
		kind string
		id   int64
	}{{store.HoldBatch, a.b.ID}, {store.HoldTask, a.b.TaskID}, {store.HoldProject, a.b.ProjectID}} {
		holds, err := a.t.HoldsOf(ctx, object.kind, []int64{object.id})
		if err != nil {
			return 0, err
		}
		for _, h := range holds {
			until := a.of(untilReleased)
			if h.Until > 0 {
				until = a.of(untilThen, a.at(h.Until))
			}
			g.Evidence = append(g.Evidence, a.of(holdStands, a.of(sourceWord(h.Source)), batch.ObjectName(h.Kind, a.lang), h.Actor, a.at(h.Since), until, h.Reason))
			if since == 0 || h.Since < since {
				since = h.Since
			}
		}
	}
	return max(since, a.b.CreatedAt), nil
}

func sourceWord(source string) word {
	switch source {
	case store.SourceBreaker:
		return holdBreaker
	case store.SourceQuality:
		return holdQuality
	}
	return holdPerson
}

// proveQuality tells what was asked, what was answered, and what silence will do.
func (a *asking) proveQuality(g *wire.WhyGate) int64 {
	policy := a.def.Spec.Quality
	after := time.Duration(policy.After).Milliseconds()
	if a.b.QualityTries > 0 {
		g.Evidence = append(g.Evidence, a.of(qualityTries, a.b.QualityTries))
	}
	switch {
	case a.b.QualityState == batch.QualityBlock:
		g.Sentence, g.Help = a.of(qualityBlocks), a.of(helpQualityBlocks)
	case a.b.QualitySentAt > 0 || a.b.QualityState == batch.QualitySent:
		g.Evidence = append(g.Evidence, a.of(qualityAsked, a.instant(a.b.QualitySentAt), a.span(a.now-a.b.QualitySentAt)))
	case a.b.Unmet > 0:
		g.Evidence = append(g.Evidence, a.of(qualityLater))
	default:
		g.Evidence = append(g.Evidence, a.of(qualityNotYet))
	}
	if !a.Quality && a.b.QualityState != batch.QualityBlock {
		g.Evidence = append(g.Evidence, a.of(qualityNobody))
	}
	if a.b.QualitySentAt > 0 && a.b.QualityState == batch.QualitySent {
		g.Evidence = append(g.Evidence, a.silence(policy.OnSilence, a.b.QualitySentAt+after))
	}
	return firstOf(a.b.QualitySentAt, a.readySince())
}

func (a *asking) silence(policy string, at int64) string {
	switch policy {
	case "pass":
		return a.of(silencePass, a.at(at))
	case "alert":
		return a.of(silenceAlert, a.at(at))
	}
	return a.of(silenceWait)
}

// proveRetry shows the attempt that failed.
// proveRetry tells of the attempt that failed, or of the worker that gave the
// batch back before there was one.
func (a *asking) proveRetry(ctx context.Context, g *wire.WhyGate) (int64, error) {
	log, err := a.t.Reassignments(ctx, []int64{a.b.ID}, 0)
	if err != nil {
		return 0, err
	}
	for _, r := range lastOf(log, 1) {
		if r.Attempt == a.b.Attempt {
			g.Evidence = append(g.Evidence, a.of(takenFrom, a.at(r.At), r.Attempt, r.OldHost, r.Reason))
			return r.At, nil
		}
	}
	attempts, err := a.t.Instances(ctx, a.b.ID)
	if err != nil || len(attempts) == 0 {
		return a.readySince(), err
	}
	last := &attempts[len(attempts)-1]
	g.Evidence = append(g.Evidence, a.attempt(last))
	return firstOf(last.EndTime, a.readySince()), nil
}

// proveMaximum lists the batches that hold the task's places.
func (a *asking) proveMaximum(ctx context.Context, g *wire.WhyGate) (int64, error) {
	active, err := a.t.ActiveOf(ctx, a.b.TaskID, evidenceLimit)
	if err != nil {
		return 0, err
	}
	stats, err := a.t.TaskStats(ctx, []int64{a.b.TaskID})
	if err != nil {
		return 0, err
	}
	since := a.readySince()
	for i := range active {
		n := &active[i]
		if n.ID == a.b.ID {
			continue
		}
		text := a.of(holdsPlace, n.Ref().String(), a.standing(n), a.at(firstOf(n.StartTime, n.AssignTime)))
		if s, known := stats[a.b.TaskID]; known && n.State == batch.Running {
			text += a.of(expectedUntil, a.at(n.StartTime+s.P50Millis))
		}
		g.Evidence = append(g.Evidence, text)
		since = max(since, n.AssignTime)
	}
	return since, nil
}

// proveAccount tells whose account it is not, and who may change that.
func (a *asking) proveAccount(ctx context.Context, g *wire.WhyGate) (int64, error) {
	heads, err := a.t.HeadsByID(ctx, []int64{a.b.TaskID})
	if err != nil {
		return 0, err
	}
	if len(heads) > 0 {
		g.Evidence = append(g.Evidence, a.of(accountOwner, heads[0].Owner, a.def.Spec.Account))
	}
	who, err := a.t.Grantors(ctx, 5)
	if err != nil {
		return 0, err
	}
	g.Evidence = append(g.Evidence, a.of(accountGrantors, a.names(who)))
	return a.readySince(), nil
}

// readySince is when the last dependency was met, as far as rows tell: from
// then on the scheduler's gates alone have kept the batch.
func (a *asking) readySince() int64 {
	since := a.b.CreatedAt
	if a.b.Unmet > 0 {
		return since
	}
	for _, kind := range a.waits() {
		since = max(since, kind.until)
	}
	return since
}
