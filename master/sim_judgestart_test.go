package master_test

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/macro"
	"capricornus/common/period"
	"capricornus/common/render"
	"capricornus/common/store"
	"capricornus/common/task"
)

// judgeAttempts holds the journal of the scripts against the rows: I4, I5, I8.
func (s *story) judgeAttempts(w *world) {
	s.t.Helper()
	byID := map[int64]*store.Batch{}
	for i := range w.batches {
		byID[w.batches[i].ID] = &w.batches[i]
	}
	good := map[int64]time.Time{} // when a batch had its evidence first
	lines := s.book.all()
	for _, l := range lines {
		if l.good && good[l.spec.WorkID].IsZero() {
			good[l.spec.WorkID] = l.end
		}
	}
	for _, l := range lines {
		b := byID[l.spec.WorkID]
		if b == nil && s.gone(l.start) {
			continue
		}
		if b == nil {
			s.t.Errorf("got a start of %s, which has no batch", l.spec.Code())
			continue
		}
		s.judgeStart(w, b, l, good)
	}
	for i := range w.batches {
		b := &w.batches[i]
		if n := s.moves(b.ID, batch.MoveUnready); n > 5 {
			s.t.Errorf("got %s given to workers %d times with something unmet, want it to wait", b.Ref(), n)
		}
		if b.State == batch.Done && b.Finish == batch.Success && b.MarkedBy == "" && good[b.ID].IsZero() {
			s.t.Errorf("got %s successful, want evidence in the journal", b.Ref())
		}
	}
}

// judgeStart: nothing starts before all that it waits for.
func (s *story) judgeStart(w *world, b *store.Batch, l line, good map[int64]time.Time) {
	s.t.Helper()
	def := s.saved[b.Task][b.TaskVersion-1].def
	cycle, err := def.Cycle(s.zone)
	s.must(err)
	slot, err := cycle.ByWorkNo(b.WorkNo)
	s.must(err)
	started := s.started(b.ID, l.spec.Attempt)
	if started == 0 || started > l.start.UnixMilli() {
		s.t.Errorf("got a start of %s at %s, the masters agreed at %d", l.spec.Code(), l.start, started)
		return
	}
	if at := time.UnixMilli(started); def.Spec.Earliest.Set && at.Before(cycle.After(slot, def.Spec.Earliest.Minutes)) {
		s.t.Errorf("got a start of %s at %s, want none before %s", l.spec.Code(), at, cycle.After(slot, def.Spec.Earliest.Minutes))
	}
	for _, name := range []string{b.Task, b.Project, fmt.Sprintf("%s/%s.%d", b.Task, b.WorkNo, b.Type)} {
		for _, h := range s.held[name] {
			if started > h.from.UnixMilli() && started < h.to.UnixMilli() {
				s.t.Errorf("got a start of %s while %s was held (%s) from %s to %s", l.spec.Code(), name, h.source, h.from, h.to)
			}
		}
	}
	s.judgeQuality(b, def, started)
	r, err := render.Expand(def, macro.Values{Slot: slot, Zone: s.zone, Run: b.Type})
	s.must(err)
	for _, third := range r.ThirdParties {
		at := s.announced[store.ThirdKey{Code: third.Code, DataNo: third.Key}]
		if at.IsZero() || at.UnixMilli() > started {
			s.t.Errorf("got a start of %s before %s %s was announced", l.spec.Code(), third.Code, third.Key)
		}
	}
	for _, p := range def.Spec.Parents {
		s.judgeParent(w, b, l, p, slot, started, good)
	}
}

// moves counts the moves of one kind in a batch's journal.
func (s *story) moves(id int64, name batch.MoveName) int {
	s.t.Helper()
	n := 0
	for _, e := range s.history(id) {
		if e.Move == name {
			n++
		}
	}
	return n
}

// started is when the masters agreed to the start of an attempt.
func (s *story) started(id int64, attempt int) int64 {
	s.t.Helper()
	var at int64
	s.view(func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Instances(ctx, id)
		for _, i := range all {
			if i.Attempt == attempt {
				at = i.StartTime
			}
		}
		return err
	})
	return at
}

// judgeParent: the counting run of each parent slot had its evidence. Slots at
// the edges of a parent's life are left to the scenarios.
func (s *story) judgeParent(w *world, b *store.Batch, l line, p task.Parent, slot period.Slot, started int64, good map[int64]time.Time) {
	s.t.Helper()
	if p.Last {
		return
	}
	versions := s.saved[p.Task]
	parent := versions[0]
	for _, v := range versions {
		if v.saved.UnixMilli() < b.CreatedAt {
			parent = v
		}
	}
	cycle, err := parent.def.Cycle(s.zone)
	s.must(err)
	for _, ps := range windowOf(p, slot, cycle) {
		if !parent.def.Spec.Valid.Holds(ps, s.zone) || ps.Base.UnixMilli() < versions[0].saved.UnixMilli() {
			continue
		}
		counting := s.countingAt(w, batch.Ref{Task: p.Task, WorkNo: ps.WorkNo}, started)
		if counting == nil && s.gone(ps.Base) {
			continue
		}
		if counting == nil || !s.goodBefore(counting.ID, good, started) {
			s.t.Errorf("got a start of %s at %s, want its parent %s/%s successful before", l.spec.Code(), time.UnixMilli(started).In(s.zone), p.Task, ps.WorkNo)
		}
	}
}

// judgeQuality: the data-quality service, or somebody in its stead, has let the
// batch through, or its silence has lasted as long as the task says.
func (s *story) judgeQuality(b *store.Batch, def *task.Task, started int64) {
	s.t.Helper()
	q := def.Spec.Quality
	if !q.Enabled {
		return
	}
	passed := s.passed[b.Ref().String()]
	if !passed.IsZero() && passed.UnixMilli() <= started {
		return
	}
	silent := b.CreatedAt
	if asked := s.quality.asked[b.Ref().String()]; !asked.IsZero() {
		silent = asked.UnixMilli()
	}
	if q.OnSilence != "pass" || started < silent+time.Duration(q.After).Milliseconds() {
		s.t.Errorf("got a start of %s at %d, want the quality gate to have opened (%s)", b.Ref(), started, q.OnSilence)
	}
}

// goodBefore tells whether a batch was successful at an instant: it had its
// evidence, or somebody had marked it so.
func (s *story) goodBefore(id int64, good map[int64]time.Time, at int64) bool {
	evidence := !good[id].IsZero() && good[id].UnixMilli() <= at
	for _, e := range s.history(id) {
		if e.Move == batch.MoveMark && e.At <= at {
			evidence = e.Finish == batch.Success
		}
	}
	return evidence
}

// history is the journal of a batch.
func (s *story) history(id int64) []store.Event {
	s.t.Helper()
	if s.journals == nil {
		s.journals = map[int64][]store.Event{}
	}
	if have, ok := s.journals[id]; ok {
		return have
	}
	s.view(func(ctx context.Context, v *store.ViewTx) (err error) {
		s.journals[id], err = v.Events(ctx, id)
		return err
	})
	return s.journals[id]
}

// countingAt is the run of a work number that counted at an instant.
func (s *story) countingAt(w *world, ref batch.Ref, at int64) *store.Batch {
	var out *store.Batch
	for i := range w.batches {
		b := &w.batches[i]
		if b.Task == ref.Task && b.WorkNo == ref.WorkNo && b.CreatedAt < at && (out == nil || b.Type > out.Type) {
			out = b
		}
	}
	return out
}

// windowOf lists the parent slots a dependency means, by exactly.md 2.
func windowOf(p task.Parent, child period.Slot, cycle period.Cycle) []period.Slot {
	w := p.Window()
	if !w.Explicit {
		return period.Window(child, cycle)
	}
	latest, ok := cycle.Latest(child.BizEnd)
	if !ok {
		return nil
	}
	var out []period.Slot
	for n := w.From; n <= w.To; n++ {
		if slot, ok := cycle.Step(latest, n); ok {
			out = append(out, slot)
		}
	}
	return out
}
