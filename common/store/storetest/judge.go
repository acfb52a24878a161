package storetest

import (
	"fmt"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// judgeRuns: I1, and that exactly the newest run of a work number counts.
func judgeRuns(p *picture, v *verdict) {
	type run struct {
		store.ParentKey
		Type int
	}
	seen, open := map[run]int64{}, map[store.ParentKey]int64{}
	newest, counting := map[store.ParentKey]*work{}, map[store.ParentKey]int{}
	for i := range p.works {
		w := &p.works[i]
		key := store.ParentKey{TaskID: w.TaskID, WorkNo: w.WorkNo}
		if other, ok := seen[run{key, w.Type}]; ok {
			v.batch("I1", w.ID, "has the task, work number and run number of batch %d", other)
		}
		seen[run{key, w.Type}] = w.ID
		if w.State != batch.Done {
			if other, ok := open[key]; ok {
				v.batch("I1", w.ID, "is unfinished like batch %d of the same work number", other)
			}
			open[key] = w.ID
		}
		if w.Latest {
			counting[key]++
		}
		if n := newest[key]; n == nil || w.Type > n.Type {
			newest[key] = w
		}
	}
	for key, w := range newest {
		if counting[key] != 1 || !w.Latest {
			v.batch("I1", w.ID, "%d runs of task %d, %s count, want exactly the newest, run %d", counting[key], key.TaskID, key.WorkNo, w.Type)
		}
	}
}

// judgeJournals: I3.
func judgeJournals(p *picture, v *verdict) {
	for i := range p.works {
		w := &p.works[i]
		events := p.events[w.ID]
		if len(events) == 0 {
			v.batch("I3", w.ID, "has no journal")
			continue
		}
		before := store.Event{ToState: batch.Nothing}
		for n, e := range events {
			if e.Seq != n+1 {
				v.batch("I3", w.ID, "event %d follows event %d, want no gap", e.Seq, before.Seq)
				break
			}
			judgeEvent(v, w.ID, before, e)
			before = e
		}
		end := events[len(events)-1]
		if end.Seq != w.Seq || end.ToState != w.State || end.Finish != w.Finish || end.Attempt != w.Attempt {
			v.batch("I3", w.ID, "journal ends at seq %d %s/%s attempt %d, the row is at seq %d %s/%s attempt %d",
				end.Seq, end.ToState, end.Finish, end.Attempt, w.Seq, w.State, w.Finish, w.Attempt)
		}
	}
}

func judgeEvent(v *verdict, id int64, before, e store.Event) {
	if e.FromState != before.ToState {
		v.batch("I3", id, "event %d starts from %s, the one before went to %s", e.Seq, e.FromState, before.ToState)
	}
	m, known := batch.Find(e.Move)
	if !known || !m.Allows(e.FromState, e.ToState, e.Finish) {
		v.batch("I3", id, "event %d, move %q from %s to %s/%s, is not legal", e.Seq, e.Move, e.FromState, e.ToState, e.Finish)
	}
	want := before.Attempt
	if e.Move == batch.MoveAssign || e.Move == batch.MoveReassign {
		want++
	}
	if e.Attempt != want {
		v.batch("I3", id, "event %d, move %q, has attempt %d, want %d", e.Seq, e.Move, e.Attempt, want)
	}
}

// judgeAttempts: I4.
func judgeAttempts(p *picture, v *verdict) {
	for i := range p.works {
		w := &p.works[i]
		started := map[int]int{}
		for _, e := range p.events[w.ID] {
			if e.Move == batch.MoveStart {
				started[e.Attempt]++
			}
		}
		for n, times := range started {
			if times > 1 {
				v.batch("I4", w.ID, "attempt %d started %d times", n, times)
			}
		}
		judgeAttemptsOf(p, v, w, started)
	}
}

func judgeAttemptsOf(p *picture, v *verdict, w *work, started map[int]int) {
	var before attempt
	for _, a := range p.attempts[w.ID] {
		if started[a.Attempt] == 0 {
			v.batch("I4", w.ID, "attempt %d has a row and no start in the journal", a.Attempt)
		}
		delete(started, a.Attempt)
		if before.Attempt > 0 && before.EndTime == 0 {
			v.batch("I4", w.ID, "attempt %d started although attempt %d had not ended", a.Attempt, before.Attempt)
		}
		if a.StartTime < before.EndTime {
			v.batch("I4", w.ID, "attempt %d started at %d, before attempt %d ended at %d", a.Attempt, a.StartTime, before.Attempt, before.EndTime)
		}
		if p.given[attemptKey{w.ID, a.Attempt}] {
			v.batch("I4", w.ID, "attempt %d started although its assignment had been taken back", a.Attempt)
		}
		before = a
	}
	for n := range started {
		v.batch("I4", w.ID, "attempt %d started and left no row", n)
	}
	running := w.State == batch.Running
	if running && before.Attempt != w.Attempt {
		v.batch("I4", w.ID, "runs attempt %d, its newest attempt row is %d", w.Attempt, before.Attempt)
	}
	if before.Attempt > 0 && before.EndTime == 0 && !running {
		v.batch("I4", w.ID, "is %s and attempt %d has not ended", w.State, before.Attempt)
	}
	if running && before.Host != w.Host {
		v.batch("I4", w.ID, "attempt %d runs on %s and was assigned to %s", w.Attempt, before.Host, w.Host)
	}
}

// judgeEvidence: I5.
func judgeEvidence(p *picture, v *verdict) {
	for i := range p.works {
		w := &p.works[i]
		if w.State != batch.Done || w.Finish != batch.Success || w.MarkedBy != "" {
			continue
		}
		var of attempt
		for _, a := range p.attempts[w.ID] {
			if a.Attempt == w.Attempt {
				of = a
			}
		}
		byExit := of.HasExit && of.ExitCode == 0
		byOutput := p.byOutput[store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion}]
		if of.Attempt == 0 || of.EndTime == 0 || of.Outcome != batch.ResultSuccess || !byExit && !byOutput {
			v.batch("I5", w.ID, "succeeded without evidence of attempt %d: %+v", w.Attempt, of)
		}
	}
}

// judgeEpochs: what I7 leaves in the journal. An old leader's write after a
// newer leader's would show as an epoch that goes back.
func judgeEpochs(p *picture, v *verdict) {
	for id, events := range p.events {
		var highest int64
		for _, e := range events {
			if e.Epoch > p.fence.Epoch {
				v.batch("I7", id, "event %d has epoch %d, the database is at %d", e.Seq, e.Epoch, p.fence.Epoch)
			}
			if e.Epoch > 0 && e.Epoch < highest {
				v.batch("I7", id, "event %d was written by epoch %d after one of epoch %d", e.Seq, e.Epoch, highest)
			}
			highest = max(highest, e.Epoch)
		}
	}
}

// judgeUnmet: I8 as far as rows at rest can tell.
func judgeUnmet(p *picture, v *verdict) {
	for i := range p.works {
		w := &p.works[i]
		if w.Unmet != p.unmet[w.ID] {
			v.batch("I8", w.ID, "counts %d unmet dependencies and has %d rows", w.Unmet, p.unmet[w.ID])
		}
		ran := w.State == batch.Running
		switch last(p.events[w.ID]) {
		case batch.MoveFinish, batch.MoveRepair:
			ran = true
		default:
		}
		if ran && p.unmet[w.ID] > 0 {
			v.batch("I8", w.ID, "ran with %d unmet dependencies", p.unmet[w.ID])
		}
	}
}

// judgeOrphans: I11, nothing is left of a batch that is gone, and no run number is.
func judgeOrphans(p *picture, v *verdict) {
	for _, o := range p.orphans {
		v.batch("I11", o.ID, "is gone and has rows in %s", o.Table)
	}
	type span struct{ least, most, n int }
	spans := map[store.ParentKey]span{}
	for i := range p.works {
		w := &p.works[i]
		key := store.ParentKey{TaskID: w.TaskID, WorkNo: w.WorkNo}
		s, ok := spans[key]
		if !ok {
			s.least = w.Type
		}
		spans[key] = span{min(s.least, w.Type), max(s.most, w.Type), s.n + 1}
	}
	for key, s := range spans {
		if s.n != s.most-s.least+1 {
			v.add("I11", fmt.Sprintf("task %d, %s", key.TaskID, key.WorkNo), "has %d runs numbered %d to %d", s.n, s.least, s.most)
		}
	}
}
