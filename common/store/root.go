package store

import (
	"context"
	"errors"
	"fmt"
)

// NodesByID reads batches by their ids, counting runs or not; unknown ids are
// left out.
func (t *ViewTx) NodesByID(ctx context.Context, ids []int64) (map[int64]Node, error) {
	out := make(map[int64]Node, len(ids))
	for page := range pages(sorted(ids), 1000) {
		var rows []Node
		// by the primary keys
		if err := t.all(ctx, &rows, "SELECT "+nodeCols+" "+nodeFrom+" WHERE w.id IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read batches of alerts: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r
		}
	}
	return out, nil
}

// TaskID is what a task's name stands for.
type TaskID struct {
	ID      int64 `db:"id"`
	Deleted bool  `db:"isDeleted"`
}

// TaskIDs reads which tasks these names stand for, deleted ones included;
// unknown names are left out.
func (t *ViewTx) TaskIDs(ctx context.Context, names []string) (map[string]TaskID, error) {
	out := make(map[string]TaskID, len(names))
	for page := range pages(sorted(names), 1000) {
		var rows []struct {
			Name string `db:"name"`
			TaskID
		}
		// uk_task_name
		if err := t.all(ctx, &rows, "SELECT name, id, isDeleted FROM capri_task WHERE name IN ("+placeholders(len(page))+")", anys(page)...); err != nil {
			return nil, fmt.Errorf("read ids of tasks: %w", err)
		}
		for _, r := range rows {
			out[r.Name] = r.TaskID
		}
	}
	return out, nil
}

// someoneWaits is the tail of a query for the first unmet row d of which a
// waiting batch has one; it ends at the first.
func (t *tx) someoneWaits() string {
	return " d " + t.d.inOrder + " capri_task_work w ON w.id = d.taskWorkId AND w.state + 0 = 0 WHERE "
}

// AwaitedPaths tells which paths, by their hashes, waiting batches lack.
func (t *ViewTx) AwaitedPaths(ctx context.Context, hashes []int64) (map[int64]bool, error) {
	out := map[int64]bool{}
	for page := range pages(sorted(hashes), 400) {
		var rows []int64
		// ix_data_path (type, state, pathHash), then capri_task_work by its primary key, as far as the first that waits
		if err := t.all(ctx, &rows, "SELECT k.pathHash FROM ("+t.d.values([]string{"pathHash"}, len(page))+") k WHERE 0 < COALESCE((SELECT d.taskWorkId FROM capri_task_data"+
			t.someoneWaits()+"d.type = 1 AND d.state = 0 AND d.pathHash = k.pathHash LIMIT 1), 0)", anys(page)...); err != nil {
			return nil, fmt.Errorf("look who waits for paths: %w", err)
		}
		for _, hash := range rows {
			out[hash] = true
		}
	}
	return out, nil
}

// AwaitedThirds tells which data of third parties waiting batches lack.
func (t *ViewTx) AwaitedThirds(ctx context.Context, keys []ThirdKey) (map[ThirdKey]bool, error) {
	out := map[ThirdKey]bool{}
	for page := range pages(keys, 400) {
		args := make([]any, 0, 2*len(page))
		for _, k := range page {
			args = append(args, k.Code, k.DataNo)
		}
		var rows []ThirdKey
		// ix_third_need (state, code, dataNo), then capri_task_work by its primary key, as far as the first that waits
		if err := t.all(ctx, &rows, "SELECT k.code, k.dataNo FROM ("+t.d.values([]string{"code", "dataNo"}, len(page))+") k WHERE 0 < COALESCE((SELECT d.taskWorkId FROM capri_tthird_data"+
			t.someoneWaits()+"d.state = 0 AND d.code = k.code AND d.dataNo = k.dataNo LIMIT 1), 0)", args...); err != nil {
			return nil, fmt.Errorf("look who waits for third parties: %w", err)
		}
		for _, k := range rows {
			out[k] = true
		}
	}
	return out, nil
}

// AwaitedParents tells for which work numbers batches wait; an empty work
// number stands for the task's newest batch.
func (t *ViewTx) AwaitedParents(ctx context.Context, keys []ParentKey) (map[ParentKey]bool, error) {
	out := map[ParentKey]bool{}
	for page := range pages(keys, 400) {
		args := make([]any, 0, 3*len(page))
		for _, k := range page {
			args = append(args, k.TaskID, k.WorkNo, boolInt(k.WorkNo == ""))
		}
		var rows []ParentKey
		// ix_parent_need (state, lastRule, parentTaskId, parentTaskWorkNo, taskWorkId), then capri_task_work by its primary key, as far as the first that waits
		if err := t.all(ctx, &rows, "SELECT k.taskId, k.workNo FROM ("+t.d.values([]string{"taskId", "workNo", "lastRule"}, len(page))+") k WHERE 0 < COALESCE((SELECT d.taskWorkId FROM capri_tparent_data"+
			t.someoneWaits()+"d.state = 0 AND d.lastRule = k.lastRule AND d.parentTaskId = k.taskId AND d.parentTaskWorkNo = k.workNo LIMIT 1), 0)", args...); err != nil {
			return nil, fmt.Errorf("look who waits for batches: %w", err)
		}
		for _, k := range rows {
			out[k] = true
		}
	}
	return out, nil
}

// AlertObject is what alerts of one kind are about.
type AlertObject struct {
	Kind   string `db:"kind"`
	Object string `db:"object"`
}

// LastWord is the newest alert of one kind about one object.
type LastWord struct {
	AlertObject
	Level     string `db:"level"`
	CreatedAt int64  `db:"createdAt"`
}

// LastWords reads the newest alert of each kind and object; those of which
// there is none are left out.
func (t *ViewTx) LastWords(ctx context.Context, keys []AlertObject) (map[AlertObject]LastWord, error) {
	out := make(map[AlertObject]LastWord, len(keys))
	for page := range pages(keys, 400) {
		args := make([]any, 0, 2*len(page))
		for _, k := range page {
			args = append(args, k.Kind, k.Object)
		}
		var rows []LastWord
		// uk_alert_once (kind, object, occurrence), then capri_alert by its primary key
		if err := t.all(ctx, &rows, "SELECT a.kind, a.object, a.level, a.createdAt FROM ("+t.d.values([]string{"kind", "object"}, len(page))+") k "+t.d.inOrder+
			" capri_alert a ON a.id = (SELECT x.id FROM capri_alert x"+t.d.byIndex("uk_alert_once")+
			" WHERE x.kind = k.kind AND x.object = k.object ORDER BY x.createdAt DESC, x.id DESC LIMIT 1)", args...); err != nil {
			return nil, fmt.Errorf("read the newest alerts of objects: %w", err)
		}
		for _, r := range rows {
			out[r.AlertObject] = r
		}
	}
	return out, nil
}

// SentBy asks whether people are told on a channel again.
type SentBy struct {
	Channel   string
	Recipient string // this one alone; empty: whoever
	Since     int64  // sent after
}

// Sent tells on which of these channels, of which there are few, a message was
// sent after an instant.
func (t *ViewTx) Sent(ctx context.Context, asked []SentBy) (map[SentBy]bool, error) {
	out := map[SentBy]bool{}
	for _, a := range asked {
		w := where{}
		// a message that was sent is due when its last try would have ended
		w.add(true, "state = 1 AND channel = ? AND dueAt > ? AND endedAt > ?", a.Channel, a.Since, a.Since)
		w.add(a.Recipient != "", "recipient = ?", a.Recipient)
		var one int64
		// ix_message_due (state, channel, dueAt, id), as far as the first
		err := t.get(ctx, &one, "SELECT id FROM capri_message"+t.d.byIndex("ix_message_due")+w.text()+" LIMIT 1", w.args...)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("look for messages sent on %s: %w", a.Channel, err)
		}
		out[a] = err == nil
	}
	return out, nil
}
