package store

import "capricornus/common/batch"

// Ref is the batch's reference, its task's name given.
func (w *Work) Ref(task string) batch.Ref {
	return batch.Ref{Task: task, WorkNo: w.WorkNo, Run: w.Type}
}

// Tries counts the attempts of the batch that failed.
func (w *Work) Tries() batch.Tries {
	return batch.Tries{User: w.UserFailures, Infra: w.InfraFailures}
}

// Settled is the batch after its attempt has ended: done, or waiting on no
// host for the next one. A timeout mark stays on a batch that goes on.
func (w Work) Settled(o batch.Outcome, now int64) Work {
	w.State, w.EndTime, w.ResultCode, w.Message = o.To, now, o.ResultCode, o.Reason
	w.UserFailures, w.InfraFailures = o.Tries.User, o.Tries.Infra
	if o.To == batch.Done {
		w.Finish, w.RetryAt = o.Finish, 0
		return w
	}
	w.Host, w.Incarnation, w.AssignTime, w.StartTime, w.EndTime = "", "", 0, 0, 0
	w.RetryAt = o.RetryAt.UnixMilli()
	return w
}
