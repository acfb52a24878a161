package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/job"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// record is a run of a job, and whose it is.
type record struct {
	wire.JobResult

	task int64
}

func newestFirst(a, b store.BatchKey) int {
	return cmp.Or(cmp.Compare(b.ScheduleTime, a.ScheduleTime), cmp.Compare(b.ID, a.ID))
}

// records reads runs of jobs by their ids; what is no job's is left out. Results
// of jobs whose logs the caller may not read are empty.
func (a *api) records(ctx context.Context, t *store.ViewTx, ids []int64) (map[int64]record, error) {
	batches, err := t.BatchesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	last, err := t.LastInstances(ctx, ids)
	if err != nil {
		return nil, err
	}
	tasks := make([]int64, 0, len(batches))
	for i := range batches {
		tasks = append(tasks, batches[i].TaskID)
	}
	defs, err := jobsOf(ctx, t, batches)
	if err != nil {
		return nil, err
	}
	rights, err := t.TaskRights(ctx, tasks)
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	out := make(map[int64]record, len(batches))
	for i := range batches {
		b := &batches[i]
		j, known := defs[versionOf(b)]
		if b.Project != job.Project || !known {
			continue
		}
		r := record{JobResult: viewRecord(b, j, last[b.ID], a.Zone), task: b.TaskID}
		if own := rights[b.TaskID]; !who.mayOn(permit.ReadLogs, own.Owner, own.Department, own.ProjectID) {
			r.Result, r.Body = "", ""
		}
		out[b.ID] = r
	}
	return out, nil
}

func versionOf(b *store.Batch) store.VersionKey {
	return store.VersionKey{TaskID: b.TaskID, Version: b.TaskVersion}
}

// jobsOf reads what the jobs of batches were, as they were when these were made.
func jobsOf(ctx context.Context, t *store.ViewTx, batches []store.Batch) (map[store.VersionKey]job.Job, error) {
	var keys []store.VersionKey
	out := map[store.VersionKey]job.Job{}
	for i := range batches {
		key := versionOf(&batches[i])
		if _, seen := out[key]; !seen {
			keys = append(keys, key)
			out[key] = job.Job{}
		}
	}
	texts, err := t.Definitions(ctx, keys)
	if err != nil {
		return nil, err
	}
	clear(out)
	for key, text := range texts {
		var def task.Task
		if err := json.Unmarshal([]byte(text), &def); err != nil {
			return nil, fmt.Errorf("version %d of task %d: %w", key.Version, key.TaskID, err)
		}
		out[key] = job.Of(&def)
	}
	return out, nil
}

// viewRecord is a run as tanzhi shows it. It is pure.
func viewRecord(b *store.Batch, j job.Job, last store.Instance, zone *time.Location) wire.JobResult {
	r := wire.JobResult{
		JobRecord: wire.JobRecord{
			ID: b.ID, Name: j.Name, Type: j.Command.Type, Command: j.Command.String(), FailedCnt: b.UserFailures + b.InfraFailures,
			CreateTime: clockText(b.CreatedAt, zone), StartedTime: clockText(b.StartTime, zone), FinishedTime: clockText(b.EndTime, zone),
			Result: last.Tail,
		},
		Status: batch.JobRun(b.State, b.Finish, b.ResultCode),
	}
	if last.HasExit && j.Command.Type == job.KindShell {
		r.ExitCode = &last.ExitCode
	}
	if answer := viewAnswer(last.Result); answer != nil {
		r.Code, r.Body = answer.Status, answer.Body
		r.Result = fmt.Sprintf("%d\n%s", answer.Status, answer.Body)
	}
	return r
}

// clockText is an instant as tanzhi writes it; empty for none.
func clockText(at int64, zone *time.Location) string {
	if at == 0 {
		return ""
	}
	return time.UnixMilli(at).In(zone).Format(time.RFC3339)
}
