package api

import (
	"context"
	"slices"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// mayReadLog refuses logs of what is not the caller's own.
func mayReadLog(ctx context.Context, t *store.ViewTx, taskID int64) error {
	who := callerOf(ctx)
	if who.holder.Everywhere(permit.ReadLogs) {
		return nil
	}
	rights, err := t.TaskRights(ctx, []int64{taskID})
	if r := rights[taskID]; err == nil && !who.mayOn(permit.ReadLogs, r.Owner, r.Department, r.ProjectID) {
		return fault.New(fault.Forbidden, "the logs of task %s are for %s, the department and the members of project %s", r.Name, r.Owner, r.Project).
			WithHint("an administrator can make you a member: capri project member add %s %s", r.Project, who.name)
	}
	return err
}

// withoutLogs is a list of attempts without what is of a log, for who may not
// read it. The list given is not changed.
func (a *api) withoutLogs(ctx context.Context, p refParams, attempts []wire.Attempt) ([]wire.Attempt, error) {
	if callerOf(ctx).holder.Everywhere(permit.ReadLogs) {
		return attempts, nil
	}
	err := a.withBatch(ctx, p, func(t *store.ViewTx, b *store.Batch) error { return mayReadLog(ctx, t, b.TaskID) })
	if err == nil || fault.CodeOf(err) != fault.Forbidden {
		return attempts, err
	}
	attempts = slices.Clone(attempts)
	for i := range attempts {
		attempts[i].Tail, attempts[i].Answer = "", nil
	}
	return attempts, nil
}

// showBatch is getBatch without what is of logs, for who may not read them.
func (a *api) showBatch(ctx context.Context, p *refParams) (wire.BatchDetail, error) {
	detail, err := a.getBatch(ctx, p)
	if err != nil {
		return detail, err
	}
	detail.Attempts, err = a.withoutLogs(ctx, *p, detail.Attempts)
	return detail, err
}

// showAttempts is listAttempts, likewise.
func (a *api) showAttempts(ctx context.Context, p *refParams) (attemptList, error) {
	list, err := a.listAttempts(ctx, p)
	if err != nil {
		return list, err
	}
	list.Items, err = a.withoutLogs(ctx, *p, list.Items)
	return list, err
}
