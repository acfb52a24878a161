package master_test

import (
	"context"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// deadline is one timeout of a batch, as its file and the calendar have it.
type deadline struct {
	kind string
	at   time.Time
	// told is when the alert about it was raised; marked when the batch says so.
	told   []time.Time
	marked int64
	// holds tells whether it was to be told at an instant; sure is false where
	// the rows do not say enough about that instant.
	holds func(at time.Time) (yes, sure bool)
}

// judgeTimeouts: I9. Each timeout is told exactly once, when it was due or as
// soon as somebody led who could tell, and only if it held then.
func (s *story) judgeTimeouts(w *world) {
	s.t.Helper()
	told := s.timeoutAlerts()
	for i := range w.batches {
		b := &w.batches[i]
		for _, d := range s.deadlines(w, b) {
			d.told = told[d.kind+" "+b.Ref().String()]
			delete(told, d.kind+" "+b.Ref().String())
			s.judgeDeadline(b, d)
		}
	}
	for what := range told {
		if s.w.keep > 0 {
			break // of batches that are gone
		}
		s.t.Errorf("got an alert %s, want none: the task has no such timeout", what)
	}
}

// timeoutAlerts lists when each alert about a timeout was raised.
func (s *story) timeoutAlerts() map[string][]time.Time {
	s.t.Helper()
	rows, err := s.db.Raw().QueryContext(s.t.Context(), "SELECT kind, object, createdAt FROM capri_alert WHERE kind IN ('depend-timeout', 'output-timeout')")
	s.must(err)
	defer rows.Close()
	out := map[string][]time.Time{}
	for rows.Next() {
		var kind, object string
		var at int64
		s.must(rows.Scan(&kind, &object, &at))
		out[kind+" "+object] = append(out[kind+" "+object], time.UnixMilli(at))
	}
	s.must(rows.Err())
	return out
}

// deadlines calculates the timeouts of a batch from the version it was made
// from: those of the timer count from the base time, those of people from when
// they were made, if that was later (domain.md §2).
func (s *story) deadlines(w *world, b *store.Batch) []deadline {
	s.t.Helper()
	def := s.saved[b.Task][b.TaskVersion-1].def
	cycle, err := def.Cycle(s.zone)
	s.must(err)
	slot, err := cycle.ByWorkNo(b.WorkNo)
	s.must(err)
	at := func(minutes int) time.Time {
		made := time.UnixMilli(b.CreatedAt)
		if b.Origin != batch.ByTimer && made.After(slot.Base) {
			return made.Add(time.Duration(minutes) * time.Minute)
		}
		return cycle.After(slot, minutes)
	}
	var out []deadline
	if o := def.Spec.Timeouts.Depend; o.Set {
		out = append(out, deadline{kind: store.AlertDependTimeout, at: at(o.Minutes), marked: b.DependTimeoutAt, holds: s.dependHolds(b)})
	}
	if o := def.Spec.Timeouts.Output; o.Set {
		out = append(out, deadline{kind: store.AlertOutputTimeout, at: at(o.Minutes), marked: b.OutputTimeoutAt, holds: s.outputHolds(w, b)})
	}
	return out
}

func (s *story) judgeDeadline(b *store.Batch, d deadline) {
	s.t.Helper()
	if len(d.told) > 1 {
		s.t.Errorf("got %d alerts %s of %s, want at most one", len(d.told), d.kind, b.Ref())
		return
	}
	if len(d.told) == 1 {
		at := d.told[0]
		if d.marked != at.UnixMilli() {
			s.t.Errorf("got %s of %s told at %s and marked at %d", d.kind, b.Ref(), at, d.marked)
		}
		if !at.After(d.at) {
			s.t.Errorf("got %s of %s at %s, want none before it was due at %s", d.kind, b.Ref(), at, d.at)
		}
		if !s.markedRight(b, d.kind) {
			s.t.Errorf("got %s of %s at %s, when there was nothing to tell", d.kind, b.Ref(), at)
		}
	}
	from := d.at.Add(time.Millisecond)
	if made := time.UnixMilli(b.CreatedAt); made.After(from) {
		from = made
	}
	from, led := s.reigns.after(from, alarmedWithin)
	until := from.Add(alarmedWithin)
	if !led || until.After(time.Now()) || !always(d.holds, from, until) {
		return
	}
	if len(d.told) == 0 || d.told[0].After(until) {
		s.t.Errorf("got %s of %s told at %v, want it told between %s and %s: it was due at %s", d.kind, b.Ref(), d.told, from.UTC(), until.UTC(), d.at.UTC())
	}
}

// markedRight tells whether a batch was marked as its journal allows: a
// dependency timeout while it waited and before any attempt, an output timeout
// before it was successful. Much can happen in one millisecond, so the order of
// the journal decides, not the time.
func (s *story) markedRight(b *store.Batch, kind string) bool {
	begun, finish, state := false, batch.None, batch.Nothing
	for _, e := range s.history(b.ID) {
		switch {
		case string(e.Move) != kind:
		case e.Move == batch.MoveDependTimeout:
			return state == batch.Waiting && !begun
		case e.Move == batch.MoveOutputTimeout:
			return finish != batch.Success && finish != batch.Skipped
		}
		begun, finish, state = begun || e.Move == batch.MoveStart, e.Finish, e.ToState
	}
	return false
}

// always tells whether something surely held all the time between two instants.
func always(holds func(time.Time) (yes, sure bool), from, to time.Time) bool {
	for at := from; !at.After(to); at = at.Add(5 * time.Second) {
		if yes, sure := holds(at); !yes || !sure {
			return false
		}
	}
	return true
}

// stateAt is what the journal says of a batch at an instant.
func (s *story) stateAt(id int64, at time.Time) (state batch.State, finish batch.Finish, begun bool) {
	state = batch.Nothing
	for _, e := range s.history(id) {
		if e.At > at.UnixMilli() {
			break
		}
		state, finish = e.ToState, e.Finish
		begun = begun || e.Move == batch.MoveStart
	}
	return state, finish, begun
}

// outputHolds: not successful, and the run that counts (domain.md §9).
func (s *story) outputHolds(w *world, b *store.Batch) func(time.Time) (yes, sure bool) {
	return func(at time.Time) (yes, sure bool) {
		state, finish, _ := s.stateAt(b.ID, at)
		counting := s.countingAt(w, batch.Ref{Task: b.Task, WorkNo: b.WorkNo}, at.UnixMilli()+1)
		return state != batch.Nothing && finish != batch.Success && finish != batch.Skipped && counting != nil && counting.ID == b.ID, true
	}
}

// dependHolds: waiting with something unmet, and no attempt ever began
// (exactly.md 16). Rows tell since when they are unmet, or when they were met last.
func (s *story) dependHolds(b *store.Batch) func(time.Time) (yes, sure bool) {
	var unmet []span
	s.view(func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.DependsOf(ctx, []int64{b.ID})
		if d := all[b.ID]; d != nil {
			unmet = spansOf(d)
		}
		return err
	})
	return func(at time.Time) (yes, sure bool) {
		state, _, begun := s.stateAt(b.ID, at)
		if state != batch.Waiting || begun {
			return false, true
		}
		for _, u := range unmet {
			if !at.Before(u.from) && at.Before(u.to) {
				return true, true
			}
		}
		return false, false
	}
}

// spansOf lists when rows surely were unmet.
func spansOf(d *store.Depends) []span {
	var out []span
	add := func(state int, since, checked int64) {
		u := span{from: time.UnixMilli(since), to: time.UnixMilli(checked)}
		if state == store.DepUnmet {
			u.to = time.Now().AddDate(1, 0, 0)
		}
		out = append(out, u)
	}
	for _, p := range d.Parents {
		add(p.State, p.UnmetSince, p.LastCheckedAt)
	}
	for _, t := range d.Thirds {
		add(t.State, t.UnmetSince, t.LastCheckedAt)
	}
	for _, p := range d.Paths {
		if p.Type == store.DataInput {
			add(p.State, p.UnmetSince, p.LastCheckedAt)
		}
	}
	return out
}
