package api

import (
	"context"
	"strconv"

	"capricornus/common/store"
	"capricornus/common/wire"
)

type itemQuery struct {
	ID       int64  `path:"id" minimum:"1"`
	Decision string `query:"decision" enum:"create,change,skip,block,fail" doc:"only those of this decision; fail: could not be changed any more"`
	State    string `query:"state" maxLength:"20" doc:"only those whose batch is waiting, assigned, running, done, or has a result such as failed"`
	Limit    int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor   string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

// listItems pages through an operation's items; each names the batch that was
// made or changed for it, or the one that is in its way.
func (a *api) listItems(ctx context.Context, q *itemQuery) (wire.OperationItemList, error) {
	list := wire.OperationItemList{Items: []wire.OperationItem{}}
	after, err := itemPosition(q.Cursor)
	if err != nil {
		return list, err
	}
	var wanted store.BatchFilter
	if err := stateFilter(&wanted, q.State); err != nil {
		return list, err
	}
	err = a.DB.View(ctx, func(t *store.ViewTx) error {
		if _, err := t.OperationByID(ctx, q.ID); err != nil {
			return named(err, "operation", strconv.FormatInt(q.ID, 10))
		}
		rows, err := t.Items(ctx, store.ItemFilter{Operation: q.ID, After: after, Limit: q.Limit + 1, Decision: q.Decision, State: wanted.State, Finish: wanted.Finish})
		if err != nil {
			return err
		}
		next := ""
		if len(rows) > q.Limit {
			rows = rows[:q.Limit]
			next = cursorOf(strconv.Itoa(rows[q.Limit-1].N))
		}
		items, err := viewItems(ctx, t, rows)
		list.Items, list.Next = items, next
		return err
	})
	return list, err
}

// itemPosition reads a cursor of items, which count from 0.
func itemPosition(cursor string) (int, error) {
	parts, err := position(cursor, 1)
	if err != nil || parts == nil {
		return -1, err
	}
	n, err := strconv.Atoi(parts[0])
	if err != nil || n < 0 {
		return -1, badCursor()
	}
	return n, nil
}

func viewItems(ctx context.Context, t *store.ViewTx, rows []store.OperationItem) ([]wire.OperationItem, error) {
	var tasks, batches []int64
	for _, i := range rows {
		tasks = append(tasks, i.TaskID)
		batches = append(batches, i.BatchID, i.ExistingID)
	}
	names, err := t.TaskRights(ctx, tasks)
	if err != nil {
		return nil, err
	}
	found, err := t.BatchesByID(ctx, batches)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*store.Batch, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	out := make([]wire.OperationItem, len(rows))
	for n, i := range rows {
		v := wire.OperationItem{N: i.N, Task: names[i.TaskID].Name, WorkNo: i.WorkNo, Decision: i.Decision, Code: i.Code, Result: i.Result}
		b := byID[i.BatchID]
		if b == nil {
			b = byID[i.ExistingID]
		}
		if b != nil {
			v.Run, v.Ref, v.State = b.Type, b.Ref().String(), stateOrResult(b)
		}
		out[n] = v
	}
	return out, nil
}
