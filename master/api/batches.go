package api

import (
	"context"
	"errors"
	"net/http"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const tagBatches = "batches"

// refParams name one batch.
type refParams struct {
	Task string `path:"task" maxLength:"100" doc:"name of the task"`
	Run  string `path:"run" maxLength:"40" doc:"work number, or workNumber.run; without a run the one that counts"`
}

func (p refParams) ref() (batch.Ref, error) {
	ref, err := batch.ParseRef(p.Task + "/" + p.Run)
	if err != nil {
		return batch.Ref{}, fault.New(fault.Invalid, "%s", err)
	}
	return ref, nil
}

type batchQuery struct {
	Task      string `query:"task" maxLength:"100" doc:"only of this task"`
	Project   string `query:"project" maxLength:"100" doc:"only of this project"`
	State     string `query:"state" maxLength:"20" doc:"waiting, assigned, running, done, or a result such as failed"`
	Host      string `query:"host" maxLength:"100" doc:"only on this worker"`
	Operation int64  `query:"operation" minimum:"1" doc:"only of this operation"`
	From      string `query:"from" maxLength:"40" doc:"scheduled then or later: RFC 3339, a date, a work number or milliseconds"`
	To        string `query:"to" maxLength:"40" doc:"scheduled then or before; a date includes its whole day"`
	Late      bool   `query:"late" doc:"only those past a timeout of theirs"`
	Latest    bool   `query:"latest" doc:"only runs that count"`
	Limit     int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor    string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

type attemptList struct {
	Items []wire.Attempt `json:"items"`
}

type dependList struct {
	Items []wire.Depend `json:"items"`
}

func (a *api) batchRoutes() {
	const one = root + "/batches/{task}/{run}"
	call(a, route{method: http.MethodGet, path: root + "/batches", may: permit.View, id: "list-batches", tag: tagBatches,
		summary: "Batches, newest schedule time first"}, a.listBatches)
	call(a, route{method: http.MethodGet, path: one, may: permit.View, id: "get-batch", tag: tagBatches,
		summary: "A batch with its attempts and dependencies"}, a.showBatch)
	call(a, route{method: http.MethodGet, path: one + "/why", may: permit.View, id: "why-batch", tag: tagBatches,
		summary: "What a batch waits for, or where its time went"}, a.why)
	call(a, route{method: http.MethodGet, path: one + "/events", may: permit.View, id: "list-events", tag: tagBatches,
		summary: "The journal of a batch"}, a.listEvents)
	call(a, route{method: http.MethodGet, path: one + "/depends", may: permit.View, id: "list-depends", tag: tagBatches,
		summary: "What a batch needs and makes"}, a.listDepends)
	call(a, route{method: http.MethodGet, path: one + "/attempts", may: permit.View, id: "list-attempts", tag: tagBatches,
		summary: "The attempts of a batch, oldest first"}, a.showAttempts)
	a.logRoutes()
}

// filter reads the query; it is pure but for the zone.
func (a *api) filter(q *batchQuery) (store.BatchFilter, error) {
	f := store.BatchFilter{
		Task: q.Task, Project: q.Project, Host: q.Host, OperationID: q.Operation, Late: q.Late, Latest: q.Latest,
		Limit: q.Limit + 1, // one more tells whether there is another page
	}
	if err := stateFilter(&f, q.State); err != nil {
		return f, err
	}
	var err error
	if f.From, err = parseInstant(q.From, from, a.Zone); err != nil {
		return f, err
	}
	if f.To, err = parseInstant(q.To, to, a.Zone); err != nil {
		return f, err
	}
	if f.From != 0 && f.To != 0 && f.From > f.To {
		return f, fault.New(fault.Invalid, "the range from %s to %s is empty", q.From, q.To)
	}
	f.Before, err = batchPosition(q.Cursor)
	return f, err
}

func (a *api) listBatches(ctx context.Context, q *batchQuery) (wire.BatchList, error) {
	list := wire.BatchList{Items: []wire.Batch{}}
	f, err := a.filter(q)
	if err != nil {
		return list, err
	}
	var rows []store.Batch
	err = a.DB.Glance(ctx, func(t *store.ViewTx) (err error) {
		if rows, err = t.Batches(ctx, f); err != nil || len(rows) > 0 || q.Cursor != "" {
			return err
		}
		return unknownNames(ctx, t, q)
	})
	if err != nil {
		return list, err
	}
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		list.Next = batchCursor(&rows[q.Limit-1])
	}
	for i := range rows {
		list.Items = append(list.Items, viewBatch(&rows[i], a.Zone))
	}
	return list, nil
}

// unknownNames tells an empty list from a misspelled name.
func unknownNames(ctx context.Context, t *store.ViewTx, q *batchQuery) error {
	if q.Task != "" {
		if _, err := t.TaskByName(ctx, q.Task); err != nil {
			return named(err, "task", q.Task)
		}
	}
	if q.Project == "" {
		return nil
	}
	return knownProject(ctx, t, q.Project)
}

func knownProject(ctx context.Context, t *store.ViewTx, name string) error {
	projects, err := t.Projects(ctx)
	if err != nil {
		return err
	}
	for _, p := range projects {
		if p.Name == name {
			return nil
		}
	}
	return notFound("project", name)
}

// named makes a row that is not there a sentence about what was asked for.
func named(err error, what, name string) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound(what, name)
	}
	return err
}

// withBatch reads one batch and what read adds, from one snapshot.
func (a *api) withBatch(ctx context.Context, p refParams, read func(*store.ViewTx, *store.Batch) error) error {
	return atBatch(ctx, a.DB.View, p, read)
}

// glanceAt is withBatch for what need not agree with anything else.
func (a *api) glanceAt(ctx context.Context, p refParams, read func(*store.ViewTx, *store.Batch) error) error {
	return atBatch(ctx, a.DB.Glance, p, read)
}

func atBatch(ctx context.Context, view func(context.Context, func(*store.ViewTx) error) error, p refParams, read func(*store.ViewTx, *store.Batch) error) error {
	ref, err := p.ref()
	if err != nil {
		return err
	}
	return view(ctx, func(t *store.ViewTx) error {
		b, err := t.BatchByRef(ctx, ref)
		if err != nil {
			return named(err, "batch", ref.String())
		}
		return read(t, &b)
	})
}

func (a *api) getBatch(ctx context.Context, p *refParams) (wire.BatchDetail, error) {
	ref, err := p.ref()
	if err != nil {
		return wire.BatchDetail{}, err
	}
	b, err := a.DB.BatchByRef(ctx, ref)
	if err != nil {
		return wire.BatchDetail{}, named(err, "batch", ref.String())
	}
	if rest, known := a.ended.of(&b, a.DB.Now()); known {
		return wire.BatchDetail{Batch: viewBatch(&b, a.Zone), Attempts: rest.attempts, Depends: rest.depends, Memory: b.Memory, Moved: rest.moved, RequestID: b.RequestID}, nil
	}
	return a.readBatch(ctx, *p)
}

// readBatch reads a batch and all that hangs on it, from one snapshot.
func (a *api) readBatch(ctx context.Context, p refParams) (wire.BatchDetail, error) {
	var detail wire.BatchDetail
	err := a.withBatch(ctx, p, func(t *store.ViewTx, b *store.Batch) error {
		attempts, err := t.Instances(ctx, b.ID)
		if err != nil {
			return err
		}
		depends, err := t.DependsOf(ctx, []int64{b.ID})
		if err != nil {
			return err
		}
		moved, err := t.Reassignments(ctx, []int64{b.ID}, 0)
		if err != nil {
			return err
		}
		detail = wire.BatchDetail{
			Batch: viewBatch(b, a.Zone), Attempts: viewAttempts(attempts), Depends: viewDepends(depends[b.ID]), Memory: b.Memory, Moved: viewMoved(moved), RequestID: b.RequestID,
		}
		a.ended.keep(b, &detail, a.DB.Now())
		return nil
	})
	return detail, err
}

type whyParams struct {
	Task string `path:"task" maxLength:"100" doc:"name of the task"`
	Run  string `path:"run" maxLength:"40" doc:"work number, or workNumber.run; without a run the one that counts"`
	Lang string `query:"lang" default:"en" enum:"en,zh" doc:"language of the sentences"`
}

func (a *api) why(ctx context.Context, p *whyParams) (wire.Why, error) {
	ref, err := refParams{Task: p.Task, Run: p.Run}.ref()
	if err != nil {
		return wire.Why{}, err
	}
	why, err := a.Why(ctx, ref, p.Lang)
	return why, named(err, "batch", ref.String())
}

func (a *api) listEvents(ctx context.Context, p *refParams) (wire.EventList, error) {
	var list wire.EventList
	err := a.glanceAt(ctx, *p, func(t *store.ViewTx, b *store.Batch) error {
		events, err := t.Events(ctx, b.ID)
		list = viewEvents(events)
		return err
	})
	return list, err
}

func (a *api) listDepends(ctx context.Context, p *refParams) (dependList, error) {
	var list dependList
	err := a.glanceAt(ctx, *p, func(t *store.ViewTx, b *store.Batch) error {
		depends, err := t.DependsOf(ctx, []int64{b.ID})
		list.Items = viewDepends(depends[b.ID])
		return err
	})
	return list, err
}

func (a *api) listAttempts(ctx context.Context, p *refParams) (attemptList, error) {
	var list attemptList
	err := a.glanceAt(ctx, *p, func(t *store.ViewTx, b *store.Batch) error {
		attempts, err := t.Instances(ctx, b.ID)
		list.Items = viewAttempts(attempts)
		return err
	})
	return list, err
}
