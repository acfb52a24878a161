package store

import (
	"context"
	"fmt"

	"capricornus/common/batch"
)

// Node is a batch as a walk over dependencies needs it: few columns, because
// there may be thousands.
type Node struct {
	ID         int64        `db:"id"`
	TaskID     int64        `db:"taskId"`
	ProjectID  int64        `db:"projectId"`
	Task       string       `db:"task"`
	Enabled    bool         `db:"isEnabled"` // the task is, and is not deleted
	WorkNo     string       `db:"workNo"`
	Type       int          `db:"type"`
	State      batch.State  `db:"state"`
	Finish     batch.Finish `db:"finishState"`
	Unmet      int          `db:"unmet"`
	Attempt    int          `db:"attempt"`
	Host       string       `db:"host"`
	Gate       string       `db:"gate"`
	GateSince  int64        `db:"gateSince"`
	Message    string       `db:"message"`
	CreatedAt  int64        `db:"createdAt"`
	AssignTime int64        `db:"assignTime"`
	StartTime  int64        `db:"startTime"`
	EndTime    int64        `db:"endTime"`
}

// Ref names the batch.
func (n *Node) Ref() batch.Ref { return batch.Ref{Task: n.Task, WorkNo: n.WorkNo, Run: n.Type} }

// Key names the batch's work number.
func (n *Node) Key() ParentKey { return ParentKey{n.TaskID, n.WorkNo} }

const (
	nodeCols = `w.id, w.taskId, w.projectId, t.name AS task, t.isEnabled = 1 AND t.isDeleted = 0 AS isEnabled, w.workNo, w.type, w.state, w.finishState, w.unmet,
w.attempt, w.host, w.gate, w.gateSince, w.message, w.createdAt, w.assignTime, w.startTime, w.endTime`
	nodeTask = "JOIN capri_task t ON t.id = w.taskId"
	nodeFrom = "FROM capri_task_work w " + nodeTask
)

// Nodes reads the counting runs of these work numbers; an empty work number
// stands for the task's newest batch.
func (t *ViewTx) Nodes(ctx context.Context, keys []ParentKey) (map[ParentKey]Node, error) {
	out := make(map[ParentKey]Node, len(keys))
	named, tasks := splitLasts(keys)
	for page := range pages(named, 400) {
		var rows []Node
		// uk_work_run (taskId, workNo, type)
		if err := t.all(ctx, &rows, "SELECT "+nodeCols+" FROM ("+t.keyList(len(page))+") k "+t.d.inOrder+
			" capri_task_work w"+t.d.byIndex("uk_work_run")+" ON w.taskId = k.taskId AND w.workNo = k.workNo "+nodeTask+" WHERE w.latest = 1", keyArgs(page)...); err != nil {
			return nil, fmt.Errorf("walk to parents: %w", err)
		}
		for _, r := range rows {
			out[r.Key()] = r
		}
	}
	for page := range pages(tasks, 400) {
		var rows []Node
		// ix_work_task (taskId, scheduleTime, id) backwards, then the primary key
		if err := t.all(ctx, &rows, "SELECT "+nodeCols+" FROM ("+t.d.values([]string{"taskId"}, len(page))+") k "+t.d.inOrder+
			" capri_task_work w ON w.id = (SELECT x.id FROM capri_task_work x WHERE x.taskId = k.taskId ORDER BY x.scheduleTime DESC, x.id DESC LIMIT 1) "+nodeTask, anys(page)...); err != nil {
			return nil, fmt.Errorf("walk to newest parents: %w", err)
		}
		for _, r := range rows {
			out[ParentKey{TaskID: r.TaskID}] = r
		}
	}
	return out, nil
}

// Makers reads which counting runs make these paths.
func (t *ViewTx) Makers(ctx context.Context, paths []string) (map[string]Node, error) {
	out := map[string]Node{}
	for page := range pages(paths, 400) {
		args := make([]any, 0, len(page))
		wanted := make(map[string]bool, len(page))
		for _, p := range page {
			wanted[p] = true
			args = append(args, PathHash(p))
		}
		var rows []struct {
			Path string `db:"path"`
			Node
		}
		// ix_data_path (type, state, pathHash); an output's state is always 0
		if err := t.all(ctx, &rows, "SELECT d.path, "+nodeCols+" FROM capri_task_data d "+t.d.inOrder+" capri_task_work w ON w.id = d.taskWorkId "+nodeTask+
			" WHERE d.type = 2 AND d.state = 0 AND d.pathHash IN ("+placeholders(len(page))+") AND w.latest = 1 ORDER BY w.id LIMIT 5000", args...); err != nil {
			return nil, fmt.Errorf("walk to who makes paths: %w", err)
		}
		for _, r := range rows {
			if wanted[r.Path] {
				out[r.Path] = r.Node
			}
		}
	}
	return out, nil
}

// Unmet reads the unmet dependency rows of batches, limit of each kind and page
// of a thousand batches at most; of a row only what a walk needs.
func (t *ViewTx) Unmet(ctx context.Context, ids []int64, limit int) (map[int64]*Depends, error) {
	out := make(map[int64]*Depends, len(ids))
	for _, id := range ids {
		out[id] = &Depends{}
	}
	for page := range pages(sorted(ids), 1000) {
		in, args := "("+placeholders(len(page))+")", append(anys(page), limit)
		// each by its primary key
		var paths []Path
		if err := t.all(ctx, &paths, "SELECT taskWorkId, path, ready, unmetSince, lastError FROM capri_task_data WHERE type + 0 = 1 AND state + 0 = 0 AND taskWorkId IN "+
			in+" ORDER BY taskWorkId, n LIMIT ?", args...); err != nil {
			return nil, fmt.Errorf("walk over paths: %w", err)
		}
		var thirds []Third
		if err := t.all(ctx, &thirds, "SELECT taskWorkId, code, dataNo, unmetSince FROM capri_tthird_data WHERE state + 0 = 0 AND taskWorkId IN "+
			in+" ORDER BY taskWorkId, n LIMIT ?", args...); err != nil {
			return nil, fmt.Errorf("walk over third parties: %w", err)
		}
		var parents []Parent
		if err := t.all(ctx, &parents, "SELECT taskWorkId, parentTaskId, parentTaskWorkNo, lastRule, unmetSince FROM capri_tparent_data WHERE state + 0 = 0 AND taskWorkId IN "+
			in+" ORDER BY taskWorkId, n LIMIT ?", args...); err != nil {
			return nil, fmt.Errorf("walk over parents: %w", err)
		}
		for _, p := range paths {
			out[p.WorkID].Paths = append(out[p.WorkID].Paths, p)
		}
		for _, p := range thirds {
			out[p.WorkID].Thirds = append(out[p.WorkID].Thirds, p)
		}
		for _, p := range parents {
			out[p.WorkID].Parents = append(out[p.WorkID].Parents, p)
		}
	}
	return out, nil
}
