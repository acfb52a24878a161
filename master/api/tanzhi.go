package api

import (
	"context"
	"net/http"
	"slices"

	"capricornus/common/fault"
	"capricornus/common/job"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/jobs"
)

const tagJobs = "jobs"

// Limits of pages of records.
const (
	maxRecordPage  = 500
	maxRecordDepth = 10_000  // records from the newest on that pages reach, and that are counted
	maxRecordReads = 500_000 // index entries that one page may cost
	maxJobTasks    = 10_000
)

// Headers that programs written for tanzhi may send their token in.
func tokenHeaders() []string { return []string{"X-Token", "Token"} }

// isTanzhi tells whether a call is one of those at tanzhi's own paths.
func isTanzhi(path string) bool {
	return path == wire.PathCreateJob || path == wire.PathListJobRecord || path == wire.PathJobRecordResult
}

// tanzhiToken lets programs send the token in a header of their own, on these
// paths only. A page of another site cannot: it would have to ask first.
func tanzhiToken(r *http.Request) {
	if !isTanzhi(r.URL.Path) || r.Header.Get("Authorization") != "" {
		return
	}
	for _, name := range tokenHeaders() {
		if token := r.Header.Get(name); token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
			return
		}
	}
}

func (a *api) tanzhiRoutes() {
	post(a, route{method: http.MethodPost, path: wire.PathCreateJob, may: permit.EditTasks, id: "create-job", tag: tagJobs,
		summary: "Make a job, as the tanzhi scheduler takes it: a cron task of the project jobs"}, a.createJob)
	post(a, route{method: http.MethodPost, path: wire.PathListJobRecord, may: permit.View, id: "list-job-records", tag: tagJobs,
		summary: "Runs of jobs that have ended, newest first, by page and size"}, a.listJobRecord)
	post(a, route{method: http.MethodPost, path: wire.PathJobRecordResult, may: permit.ReadLogs, id: "get-job-record-result", tag: tagJobs,
		summary: "What a run of a job came to: output, or status and body"}, a.getJobRecordResult)
}

func tanzhi[T any](data T) wire.TanzhiReply[T] { return wire.TanzhiReply[T]{Message: "ok", Data: data} }

func (a *api) createJob(ctx context.Context, req *wire.CreateJobRequest) (wire.TanzhiReply[wire.CreatedJob], error) {
	who := callerOf(ctx)
	made, err := jobs.Create(ctx, a.DB, jobs.By{Actor: who.actor(), Source: who.source},
		job.Job{Name: req.Name, Expr: req.Expr, Command: job.Command(req.Command)})
	if err != nil {
		return wire.TanzhiReply[wire.CreatedJob]{}, err
	}
	if made.Fresh {
		a.Applied()
	}
	return tanzhi(wire.CreatedJob{ID: made.ID, Name: req.Name, Task: made.Task, Created: made.Fresh}), nil
}

func (a *api) listJobRecord(ctx context.Context, req *wire.JobRecordRequest) (wire.TanzhiReply[wire.JobRecordPage], error) {
	var none wire.TanzhiReply[wire.JobRecordPage]
	if req.Page < 0 || req.Size < 1 || req.Size > maxRecordPage {
		return none, fault.New(fault.Invalid, "page %d of size %d is not possible", req.Page, req.Size).WithHint("pages begin at 0, and a page has 1 to %d records", maxRecordPage)
	}
	if req.Page >= maxRecordDepth/req.Size {
		return none, fault.New(fault.TooLarge, "page %d of size %d is further back than %d records", req.Page, req.Size, maxRecordDepth).
			WithHint("ask for less, or go on with GET /api/v1/batches?project=%s and its cursor", job.Project)
	}
	page := wire.JobRecordPage{List: []wire.JobRecord{}, Page: req.Page, Size: req.Size}
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		found, err := a.recordsOf(ctx, t, req)
		page.List, page.Total = found.List, found.Total
		return err
	})
	if err != nil {
		return none, err
	}
	return tanzhi(page), nil
}

// recordsOf reads a page by the index of each job's task, and so only as much
// as the page is deep, however many batches there are.
func (a *api) recordsOf(ctx context.Context, t *store.ViewTx, req *wire.JobRecordRequest) (page wire.JobRecordPage, err error) {
	page.List = []wire.JobRecord{}
	tasks, err := t.Tasks(ctx, store.TaskFilter{Project: job.Project, Period: -1, Limit: maxJobTasks})
	if err != nil {
		return page, err
	}
	depth := (req.Page + 1) * req.Size
	if depth*len(tasks) > maxRecordReads {
		return page, fault.New(fault.TooLarge, "page %d of size %d is too far back for %d jobs", req.Page, req.Size, len(tasks)).
			WithHint("ask for less, or go on with GET /api/v1/batches?project=%s and its cursor", job.Project)
	}
	ids := make([]int64, len(tasks))
	for i := range tasks {
		ids[i] = tasks[i].ID
	}
	keys, err := t.Ended(ctx, ids, depth)
	if err != nil {
		return page, err
	}
	slices.SortFunc(keys, newestFirst)
	from := min(req.Page*req.Size, len(keys))
	keys = keys[from:min(from+req.Size, len(keys))]
	if page.Total, err = t.CountEnded(ctx, ids, maxRecordDepth); err != nil {
		return page, err
	}
	works := make([]int64, len(keys))
	for i, k := range keys {
		works[i] = k.ID
	}
	all, err := a.records(ctx, t, works)
	for _, id := range works {
		if r, there := all[id]; there {
			page.List = append(page.List, r.JobRecord)
		}
	}
	return page, err
}

func (a *api) getJobRecordResult(ctx context.Context, req *wire.JobResultRequest) (wire.TanzhiReply[wire.JobResult], error) {
	var none wire.TanzhiReply[wire.JobResult]
	var found wire.JobResult
	err := a.DB.View(ctx, func(t *store.ViewTx) error {
		all, err := a.records(ctx, t, []int64{req.RecordID})
		if err != nil {
			return err
		}
		r, there := all[req.RecordID]
		if !there {
			return fault.New(fault.NotFound, "there is no record %d of a job", req.RecordID)
		}
		found = r.JobResult
		return mayReadLog(ctx, t, r.task)
	})
	if err != nil {
		return none, err
	}
	return tanzhi(found), nil
}
