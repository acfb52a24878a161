package master

import (
	"context"
	"slices"
	"strconv"
	"time"

	"capricornus/common/batch"
	"capricornus/common/metrics"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/master/gate"
	"capricornus/master/plan"
	"capricornus/master/watch"
)

const (
	endedWithin = 24 * time.Hour
	// movesLag is how long a re-assignment may be on its way into the log: its
	// instant is the beginning of its transaction.
	movesLag = 10 * time.Second
)

// sighting is the database as one reading of the figures saw it.
type sighting struct {
	now        int64
	took       time.Duration
	tallies    []store.Tally
	depths     []store.Depth
	hosts      []store.Host
	taken      []store.Taken
	masters    []store.Master
	runs       []store.ServiceRun
	conditions []store.Condition
	due        int64
	moved      []store.Moved
	incidents  []store.IncidentTally
	canary     *watch.Canary
}

// moves counts re-assignments up: the log itself becomes shorter with time.
// One reading is under way at most, so nothing guards it.
type moves struct {
	until  int64 // everything up to here is counted; 0: nothing yet
	byHost map[string]int
}

// database reads the figures that are in the database, in one look.
func (f *figures) database(ctx context.Context) ([]metrics.Sample, error) {
	began := time.Now()
	if err := f.master.db.Ping(ctx); err != nil {
		return nil, err
	}
	s := &sighting{now: f.master.db.Now().UnixMilli(), took: time.Since(began)}
	if f.moves.until == 0 {
		f.moves = moves{until: s.now - movesLag.Milliseconds(), byHost: map[string]int{}}
	}
	until := max(f.moves.until, s.now-movesLag.Milliseconds())
	if err := f.master.db.View(ctx, func(t *store.ViewTx) error {
		if err := s.readCanary(ctx, t, f.master.watch); err != nil {
			return err
		}
		return s.read(ctx, t, f.moves.until, until)
	}); err != nil {
		return nil, err
	}
	f.moves.until = until
	for _, moved := range s.moved {
		f.moves.byHost[moved.Host] += moved.Count
	}
	return slices.Concat(s.batches(), s.workers(), s.platform(), s.told(), f.moves.samples()), nil
}

func (s *sighting) read(ctx context.Context, t *store.ViewTx, movedAfter, movedUntil int64) (err error) {
	if s.tallies, err = t.Tallies(ctx, s.now-endedWithin.Milliseconds()); err != nil {
		return err
	}
	if s.depths, err = t.QueueDepths(ctx); err != nil {
		return err
	}
	if s.taken, err = t.SlotsTaken(ctx); err != nil {
		return err
	}
	if s.hosts, err = t.Hosts(ctx); err != nil {
		return err
	}
	if s.masters, err = t.Masters(ctx); err != nil {
		return err
	}
	if s.runs, err = t.ServiceRuns(ctx); err != nil {
		return err
	}
	if s.conditions, err = t.Conditions(ctx); err != nil {
		return err
	}
	if s.incidents, err = t.IncidentTallies(ctx); err != nil {
		return err
	}
	if s.due, err = t.OldestDue(ctx, s.now); err != nil {
		return err
	}
	names := make([]string, len(s.hosts))
	for i := range s.hosts {
		names[i] = s.hosts[i].Host
	}
	s.moved, err = t.MovedBetween(ctx, names, movedAfter, movedUntil)
	return err
}

func (s *sighting) readCanary(ctx context.Context, t *store.ViewTx, w *watch.Watch) error {
	settings, err := t.Settings(ctx)
	if err != nil {
		return err
	}
	s.canary, err = w.Canary(ctx, t, settings, time.UnixMilli(s.now))
	return err
}

// told are the figures about what people are told of.
func (s *sighting) told() []metrics.Sample {
	var out []metrics.Sample
	open := map[[2]string]int{}
	for _, c := range s.conditions {
		open[[2]string{c.Kind, c.Level}]++
	}
	for key, n := range open {
		out = append(out, metrics.Sample{Name: metrics.Conditions, Labels: []string{key[0], key[1]}, Value: float64(n)})
	}
	counts := map[string]int{store.LevelCritical: 0, store.LevelImportant: 0, store.LevelNotice: 0, store.LevelTask: 0}
	for _, i := range s.incidents {
		counts[i.Level] = i.Count
	}
	for level, n := range counts {
		out = append(out, metrics.Sample{Name: metrics.Incidents, Labels: []string{level}, Value: float64(n)})
	}
	if s.canary != nil {
		out = append(out, metrics.Sample{Name: metrics.CanaryAge, Value: s.canary.Late(time.UnixMilli(s.now)).Seconds()})
	}
	return out
}

// batches are the figures about batches.
func (s *sighting) batches() []metrics.Sample {
	var out []metrics.Sample
	for _, n := range s.tallies {
		state := n.State.String()
		if n.State == batch.Done {
			state = n.Finish.String()
		}
		out = append(out, metrics.Sample{Name: metrics.Batches, Labels: []string{state, period.Kind(n.Period).String()}, Value: float64(n.Count)})
	}
	for _, d := range s.depths {
		out = append(out, metrics.Sample{Name: metrics.QueueDepth, Labels: []string{strconv.Itoa(d.Priority)}, Value: float64(d.Count)})
	}
	late := 0.0
	if s.due > 0 {
		late = seconds(s.now - s.due)
	}
	return append(out, metrics.Sample{Name: metrics.TimeoutDelay, Value: late})
}

// States of workers in the figures.
const (
	workerOn     = "on"
	workerOff    = "off"
	workerSilent = "silent"
	workerDead   = "dead"
)

func workerState(h *store.Host, now int64) string {
	switch {
	case h.DeadAt > 0:
		return workerDead
	case !h.AliveAt(now):
		return workerSilent
	case h.StoppedAt(now) || h.GroupOff:
		return workerOff
	}
	return workerOn
}

// workers are the figures about workers.
func (s *sighting) workers() []metrics.Sample {
	counts := map[string]int{workerOn: 0, workerOff: 0, workerSilent: 0, workerDead: 0}
	var out []metrics.Sample
	known := map[string]bool{}
	for i := range s.hosts {
		h := &s.hosts[i]
		known[h.Host] = true
		counts[workerState(h, s.now)]++
		out = append(out, metrics.Sample{Name: metrics.WorkerSlots, Labels: []string{h.Host, "total"}, Value: float64(h.Slots)})
		if h.StoppedAt(s.now) && h.StopTime > 0 {
			out = append(out, metrics.Sample{Name: metrics.WorkerOffSince, Labels: []string{h.Host}, Value: seconds(h.StopTime)})
		}
	}
	for _, t := range s.taken {
		if known[t.Host] {
			out = append(out, metrics.Sample{Name: metrics.WorkerSlots, Labels: []string{t.Host, t.State.String()}, Value: float64(t.Count)})
		}
	}
	for state, n := range counts {
		out = append(out, metrics.Sample{Name: metrics.Workers, Labels: []string{state}, Value: float64(n)})
	}
	return out
}

// platform are the figures about masters, their duties and the database.
func (s *sighting) platform() []metrics.Sample {
	live := 0
	for _, m := range s.masters {
		if s.now-m.LastSeen < (3 * announceEvery).Milliseconds() {
			live++
		}
	}
	out := []metrics.Sample{{Name: metrics.Masters, Value: float64(live)}, {Name: metrics.Database, Value: s.took.Seconds()}}
	var depTook, depAge float64
	checked := false
	for _, r := range s.runs {
		took, labels := seconds(r.EndedAt-r.StartedAt), []string{r.Name}
		out = append(out,
			metrics.Sample{Name: metrics.ServiceLastRun, Labels: labels, Value: seconds(r.EndedAt)},
			metrics.Sample{Name: metrics.ServiceTook, Labels: labels, Value: took})
		if r.SucceededAt > 0 {
			out = append(out, metrics.Sample{Name: metrics.ServiceSuccess, Labels: labels, Value: seconds(r.SucceededAt)})
		}
		switch r.Name {
		case gate.DutyDepend, gate.DutyPaths:
			checked = true
			depTook, depAge = max(depTook, took), max(depAge, seconds(s.now-r.SucceededAt))
		case plan.DutyGenerate:
			out = append(out, metrics.Sample{Name: metrics.GenerationTook, Labels: []string{"all"}, Value: took})
		}
	}
	if checked {
		out = append(out, metrics.Sample{Name: metrics.DepcheckTook, Value: depTook}, metrics.Sample{Name: metrics.DepcheckAge, Value: depAge})
	}
	return out
}

func (m *moves) samples() []metrics.Sample {
	out := make([]metrics.Sample, 0, len(m.byHost))
	for host, n := range m.byHost {
		out = append(out, metrics.Sample{Name: metrics.Reassigned, Labels: []string{host}, Value: float64(n)})
	}
	return out
}
