package master_test

import (
	"slices"
	"strings"
	"time"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
)

// judgeOperations: each batch of a plan is made exactly once, and inside one
// rerun children start after the new runs of their parents (exactly.md 10).
func (s *story) judgeOperations(w *world) {
	s.t.Helper()
	for _, op := range s.operations {
		now, err := s.admin.Operation(s.t.Context(), op.id)
		s.must(err)
		if now.State == "creating" || now.State == "cancelled" && now.EndedAt == 0 {
			s.t.Errorf("got operation %+v long after the last fault, want all of its batches made, or taken back", now)
		}
		if !makesBatches(op.kind) {
			continue
		}
		made := map[batch.Ref][]*store.Batch{}
		for i := range w.batches {
			if b := &w.batches[i]; b.OperationID == op.id {
				ref := batch.Ref{Task: b.Task, WorkNo: b.WorkNo}
				made[ref] = append(made[ref], b)
			}
		}
		s.judgeMade(op, made)
		if op.kind == "rerun" {
			s.judgeNewRuns(op, made)
		}
	}
}

// judgeMade: one batch for each that was to be made, unless somebody cancelled
// it; a resumed operation may have made what was taken back once more.
func (s *story) judgeMade(op applied, made map[batch.Ref][]*store.Batch) {
	s.t.Helper()
	wanted := map[batch.Ref]bool{}
	for _, it := range op.plan.Items {
		if it.Decision != "create" {
			continue
		}
		ref := batch.Ref{Task: it.Task, WorkNo: it.WorkNo}
		wanted[ref] = true
		live := slices.DeleteFunc(slices.Clone(made[ref]), func(b *store.Batch) bool { return s.takenBack(b) })
		if len(live) > 1 || len(live) == 0 && !s.gone(op.at) && !s.wasCancelled(op) && !s.existedMeanwhile(op, ref) {
			s.t.Errorf("got %d batches %s/%s of operation %d, want one", len(live), it.Task, it.WorkNo, op.id)
		}
	}
	for ref, batches := range made {
		if !wanted[ref] {
			s.t.Errorf("got %s of operation %d, whose plan has no such batch to make", batches[0].Ref(), op.id)
		}
	}
}

// takenBack tells whether a batch was ended because its operation was cancelled.
func (s *story) takenBack(b *store.Batch) bool {
	return slices.ContainsFunc(s.history(b.ID), func(e store.Event) bool {
		return e.Move == batch.MoveKill && strings.HasPrefix(e.Detail, store.CancelledReason(b.OperationID))
	})
}

func (s *story) wasCancelled(op applied) bool {
	return s.number("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'operation.cancel' AND object = CONCAT('operation ', ?)", op.id) > 0
}

// existedMeanwhile tells whether an item could not be made because somebody
// else had made such a batch between plan and page; the operation says so.
func (s *story) existedMeanwhile(op applied, ref batch.Ref) bool {
	return s.number(`SELECT COUNT(*) FROM capri_operation_item i JOIN capri_task t ON t.id = i.taskId
WHERE i.operationId = ? AND t.name = ? AND i.workNo = ? AND i.result <> ''`, op.id, ref.Task, ref.WorkNo) > 0
}

// judgeNewRuns: an attempt of a rerun's batch starts after the batches of the
// same rerun it depends on, by its definition or by what it reads, are successful.
func (s *story) judgeNewRuns(op applied, made map[batch.Ref][]*store.Batch) {
	s.t.Helper()
	good := map[int64]time.Time{}
	for _, l := range s.book.all() {
		if l.good && good[l.spec.WorkID].IsZero() {
			good[l.spec.WorkID] = l.end
		}
	}
	for _, batches := range made {
		for _, b := range batches {
			first := s.firstStart(b.ID)
			if first == 0 {
				continue
			}
			for _, ref := range s.above(b) {
				for _, parent := range made[ref] {
					if parent.CreatedAt <= first && !s.takenBack(parent) && !s.goodBefore(parent.ID, good, first) {
						s.t.Errorf("got a start of %s at %s before the new run %s of operation %d was successful", b.Ref(), time.UnixMilli(first).UTC(), parent.Ref(), op.id)
					}
				}
			}
		}
	}
}

// firstStart is when the masters agreed to a batch's first start; 0: never.
func (s *story) firstStart(id int64) int64 {
	for _, e := range s.history(id) {
		if e.Move == batch.MoveStart {
			return e.At
		}
	}
	return 0
}

// above lists the work numbers a batch depends on by its definition, and those
// of the same period whose output it reads.
func (s *story) above(b *store.Batch) []batch.Ref {
	s.t.Helper()
	def := s.saved[b.Task][b.TaskVersion-1].def
	cycle, err := def.Cycle(s.zone)
	s.must(err)
	slot, err := cycle.ByWorkNo(b.WorkNo)
	s.must(err)
	var out []batch.Ref
	for _, p := range def.Spec.Parents {
		if p.Last || p.Task == b.Task {
			continue
		}
		parent, err := s.saved[p.Task][len(s.saved[p.Task])-1].def.Cycle(s.zone)
		s.must(err)
		for _, ps := range windowOf(p, slot, parent) {
			out = append(out, batch.Ref{Task: p.Task, WorkNo: ps.WorkNo})
		}
	}
	return append(out, s.read(b, slot)...)
}

// read lists the batches whose output a batch reads: in a warehouse, that of a
// task of the same period and the same work number.
func (s *story) read(b *store.Batch, slot period.Slot) []batch.Ref {
	i := slices.IndexFunc(s.w.tasks, func(t *simTask) bool { return t.name == b.Task })
	if i < 0 || s.w.tasks[i].reads == "" {
		return nil
	}
	return []batch.Ref{{Task: s.w.tasks[i].reads, WorkNo: slot.WorkNo}}
}

// judgeKills: I12. When a batch counts as killed none of its attempts runs.
func (s *story) judgeKills(w *world) {
	s.t.Helper()
	ends := map[int64][]line{}
	for _, l := range s.book.all() {
		ends[l.spec.WorkID] = append(ends[l.spec.WorkID], l)
	}
	for i := range w.batches {
		b := &w.batches[i]
		for _, e := range s.history(b.ID) {
			if e.Finish != batch.Killed || e.ToState != batch.Done {
				continue
			}
			for _, l := range ends[b.ID] {
				if !l.ended || l.end.UnixMilli() > e.At {
					s.t.Errorf("got %s killed at %s while %s ran until %s", b.Ref(), time.UnixMilli(e.At).UTC(), l.spec.Code(), l.end.UTC())
				}
			}
		}
		if s.killed[b.Ref().String()] && b.State != batch.Done {
			s.t.Errorf("got %s %s, which a person has killed", b.Ref(), b.State)
		}
	}
}

// judgeAudit: I15, one audit row for each call of a person that changed
// something; saving tasks as they are changes nothing.
func (s *story) judgeAudit() {
	s.t.Helper()
	rows := s.number("SELECT COUNT(*) FROM capri_audit_log WHERE actor = 'admin' AND action <> 'task.apply'")
	if calls := s.net.changes(); rows != calls {
		s.t.Errorf("got %d audit rows for %d calls of a person, want one each; rows %v, calls %v", rows, calls,
			s.column("SELECT CONCAT(action, ' ', COUNT(*)) FROM capri_audit_log WHERE actor = 'admin' GROUP BY action ORDER BY action"), s.net.told())
	}
}
