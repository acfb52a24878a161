package guard

import (
	"context"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// ends are what one transaction of the repair writes.
type ends struct {
	ids       []int64 // for alerts
	changes   []store.Change
	attempts  []store.Instance
	codes     []string
	alerts    []store.Alert
	succeeded []int64
	keys      []store.ParentKey
}

// add ends the attempt of a batch that is locked.
func (e *ends) add(w *store.Work, s *suspect, now int64) {
	o := Conclude(w, s.def, s.fate, s.found, time.UnixMilli(now))
	to := w.Settled(o, now)
	c := store.Change{Move: batch.MoveRepair, From: *w, To: to, Detail: o.Reason}
	if o.To != batch.Done {
		c.Move = batch.MoveRepairRetry
	}
	e.changes = append(e.changes, c)
	attempt := store.Instance{
		WorkID: w.ID, Attempt: w.Attempt, EndTime: now, ResultCode: o.ResultCode, Outcome: o.Result, Reason: o.Reason,
		FailedCount: o.Tries.User + o.Tries.Infra, NextRetryAt: to.RetryAt,
	}
	if s.found.ExitCode != nil {
		attempt.HasExit, attempt.ExitCode = true, *s.found.ExitCode
		e.codes = append(e.codes, s.trace.Code)
	}
	e.attempts = append(e.attempts, attempt)
	if a, failed := store.FailureAlert(&to, s.def.Metadata.Name, o.Reason); failed {
		a.ID = e.ids[len(e.alerts)]
		e.alerts = append(e.alerts, a)
	}
	if to.State == batch.Done && to.Finish == batch.Success {
		e.succeeded = append(e.succeeded, w.ID)
		e.keys = append(e.keys, store.ParentKey{TaskID: w.TaskID, WorkNo: w.WorkNo})
	}
}

func (e *ends) write(ctx context.Context, t *store.LeaderTx) error {
	if err := t.Move(ctx, batch.Guard, e.changes); err != nil {
		return err
	}
	if err := t.EndInstances(ctx, e.attempts); err != nil {
		return err
	}
	if err := t.JudgeUserCodes(ctx, e.codes); err != nil {
		return err
	}
	return t.Raise(ctx, e.alerts...)
}
