package why

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/place"
)

// lineLimit bounds how many ready batches are counted ahead of one.
const lineLimit = 1000

// switchesNamed bounds how many workers that are off a sentence names.
const switchesNamed = 3

// worker explains the last gate: which workers fit, and what is wrong with each
// of the others. It is not asked while another gate is shut.
func (a *asking) worker(ctx context.Context, shut bool) (wire.WhyGate, error) {
	g := wire.WhyGate{Code: string(batch.GateWorker), State: notEvaluated, Sentence: a.of(askedLast)}
	if shut {
		return g, nil
	}
	w := &a.b.Work
	chosen, funnel := a.snap.Fit(w)
	g.Evidence = []string{a.funnel(funnel)}
	if chosen != nil {
		g.State, g.Sentence = met, a.of(hasRoom, chosen.Host)
		return g, nil
	}
	g.State, g.Since = unmet, a.readySince()
	g.CheckedAt, g.CheckedBy = a.checked(place.DutyAssign)
	g.Sentence, g.Help = a.of(noneFits), a.of(helpWorkers)
	rows, err := a.hostRows(ctx)
	if err != nil {
		return g, err
	}
	if off := a.wouldFit(rows); len(off) > 0 {
		g.Sentence, g.Help = a.of(onlyOff, strings.Join(off, "; ")), a.of(helpOff)
	}
	if funnel.OnlyExcluded {
		g.Sentence, g.Help = a.of(onlyExcluded, a.span(place.ExclusionLife.Milliseconds())), a.of(helpExcluded)
	}
	if funnel.Full {
		g.Code, g.Sentence, g.Help = string(batch.GateQueue), a.speech.gate(batch.GateQueue), a.of(helpQueue)
		line, err := a.t.LineAhead(ctx, w, lineLimit)
		if err != nil {
			return g, err
		}
		g.Evidence = append(g.Evidence, a.line(line))
	}
	g.Since = firstOf(a.recorded(batch.GateCode(g.Code)), g.Since)
	lines, err := a.obstacles(ctx, rows)
	g.Evidence = append(g.Evidence, lines...)
	return g, err
}

func (a *asking) line(l store.Line) string {
	if l.Ahead == 0 {
		return a.of(lineFirst)
	}
	return a.of(lineAhead, l.Ahead+1, l.ByPriority, l.Ahead-l.ByPriority)
}

// funnel says how many workers were left after each condition.
func (a *asking) funnel(f place.Funnel) string {
	if f.Known == 0 {
		return a.of(noWorkers)
	}
	steps := []struct {
		form word
		n    int
	}{
		{funnelKnown, f.Known}, {funnelAlive, f.Alive}, {funnelOn, f.On}, {funnelGroup, f.Group}, {funnelLabels, f.Labels},
		{funnelMemory, f.Memory}, {funnelLoad, f.Load}, {funnelSlots, f.Slots}, {funnelAllowed, f.Allowed},
	}
	parts := make([]string, 0, len(steps))
	for _, s := range steps {
		parts = append(parts, a.of(s.form, s.n))
	}
	return strings.Join(parts, " > ")
}

// hostRows reads the workers by name.
func (a *asking) hostRows(ctx context.Context) (map[string]*store.Host, error) {
	hosts, err := a.t.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]*store.Host, len(hosts))
	for i := range hosts {
		rows[hosts[i].Host] = &hosts[i]
	}
	return rows, nil
}

// wouldFit names the workers that nothing but their switch keeps from the batch,
// with who has switched them off and why.
func (a *asking) wouldFit(rows map[string]*store.Host) []string {
	need := a.snap.Need(&a.b.Work)
	var out []string
	for _, w := range a.snap.Workers {
		on := *w
		on.Stopped = false
		row := rows[w.Host]
		if !w.Stopped || row == nil || on.Obstacle(need, a.snap.Excluded[a.b.ID][w.Host]) != place.Fits {
			continue
		}
		if len(out) == switchesNamed {
			return append(out, "…")
		}
		out = append(out, w.Host+" "+a.switchedOff(row))
	}
	return out
}

// obstacles says of every worker what keeps it from the batch, those that come
// closest first.
func (a *asking) obstacles(ctx context.Context, rows map[string]*store.Host) ([]string, error) {
	taken, err := a.t.Reassignments(ctx, []int64{a.b.ID}, a.now-place.ExclusionLife.Milliseconds())
	if err != nil {
		return nil, err
	}
	need := a.snap.Need(&a.b.Work)
	obstacle := func(w *place.Worker) place.Obstacle { return w.Obstacle(need, a.snap.Excluded[a.b.ID][w.Host]) }
	workers := slices.SortedFunc(slices.Values(a.snap.Workers), func(x, y *place.Worker) int {
		return cmp.Or(cmp.Compare(obstacle(y), obstacle(x)), cmp.Compare(x.Host, y.Host))
	})
	var out []string
	for _, w := range workers {
		row := rows[w.Host]
		if row == nil {
			continue
		}
		if len(out) == evidenceLimit {
			return append(out, a.of(andMoreWorkers, len(workers)-evidenceLimit)), nil
		}
		out = append(out, w.Host+": "+a.obstacle(obstacle(w), w, row, need, taken))
	}
	return out, nil
}

func (a *asking) obstacle(o place.Obstacle, w *place.Worker, row *store.Host, need place.Need, taken []store.Reassignment) string {
	switch o {
	case place.Silent:
		if row.DeadAt > 0 {
			return a.of(workerDead, row.DeadBy, a.at(row.DeadAt), row.DeadReason)
		}
		return a.of(workerSilent, a.at(row.LastCheckTime))
	case place.Off:
		return a.switchedOff(row)
	case place.OtherGroup:
		return a.of(workerGroup, w.Group, need.Group)
	case place.OtherLabels:
		return a.of(workerLabels, labels(w.Labels), labels(need.Labels))
	case place.LittleMemory:
		return a.of(workerMemory, a.memory(max(w.Memory-w.Reserved, 0)), a.memory(w.Memory), a.memory(need.Memory))
	case place.Overloaded:
		return a.of(workerLoad, w.Load, w.LoadLimit)
	case place.NoSlot:
		return a.of(workerSlots, w.Used, w.Slots)
	case place.Excluded:
		for _, r := range slices.Backward(taken) {
			if r.OldHost == w.Host {
				return a.of(workerExcluded, a.at(r.At+place.ExclusionLife.Milliseconds()), r.Reason)
			}
		}
	case place.Fits:
	}
	return a.of(workerFits)
}

// switchedOff says by what the switch is off: its own, or its group's.
func (a *asking) switchedOff(row *store.Host) string {
	if !row.StoppedAt(a.now) {
		return a.of(workerGroupOff, row.Group)
	}
	verb, at := workerOff, workerOffAt
	if row.IsDrain {
		verb, at = workerDrains, workerDrainsAt
	}
	text := a.of(verb)
	if row.StopTime > 0 {
		text = a.of(at, a.at(row.StopTime))
	}
	if row.StopBy == "" {
		text += a.of(offInDatabase)
	} else {
		text += a.of(offBy, row.StopBy)
	}
	if row.StopUntil > 0 {
		text += a.of(untilThen, a.at(row.StopUntil))
	}
	if row.StopReason != "" {
		text += ": " + row.StopReason
	}
	return text
}

func labels(all map[string]string) string {
	parts := make([]string, 0, len(all))
	for _, k := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, fmt.Sprintf("%s=%s", k, all[k]))
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, ",")
}

// names lists people or things.
func (a *asking) names(all []string) string {
	if len(all) == 0 {
		return "-"
	}
	return strings.Join(all, a.of(listComma))
}
