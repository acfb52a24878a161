package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

type silenceQuery struct {
	Ended  bool   `query:"ended" doc:"those that have ended, too"`
	Limit  int    `query:"limit" default:"100" minimum:"1" maximum:"500" doc:"at most so many"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

type silenceBody struct {
	ID      int64 `path:"id" minimum:"1" doc:"number of the silence"`
	RawBody []byte
}

func (a *api) silenceRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/silences", may: permit.View, id: "list-silences", tag: tagIncidents,
		summary: "Silences that go on, newest first"}, a.listSilences)
	post(a, route{method: http.MethodPost, path: root + "/silences", may: permit.SilenceAlerts, id: "put-silence", tag: tagIncidents,
		summary: "Keep alerts from people until an end: those of a kind, an object, a task, a project; they are recorded all the same"}, a.putSilence)
	end := route{method: http.MethodPost, path: root + "/silences/{id}/end", may: permit.SilenceAlerts, id: "end-silence", tag: tagIncidents,
		summary: "End a silence now: people are told of what is still wrong"}
	call(a, end, a.endSilence)
	describeBody[wire.ReasonRequest](a, end)
}

func viewSilence(s *store.SilenceRow, now int64) wire.Silence {
	return wire.Silence{
		ID: s.ID, Kind: s.Kind, Object: s.Object, Task: s.Task, Project: s.Project, Reason: s.Reason, Author: s.Author,
		CreatedAt: s.CreatedAt, EndsAt: s.EndsAt, EndedBy: s.EndedBy, Active: s.EndsAt > now,
	}
}

func (a *api) listSilences(ctx context.Context, q *silenceQuery) (wire.SilenceList, error) {
	list := wire.SilenceList{Items: []wire.Silence{}}
	before, err := idPosition(q.Cursor)
	if err != nil {
		return list, err
	}
	var rows []store.SilenceRow
	var now int64
	err = a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		now = t.Now()
		rows, err = t.Silences(ctx, store.SilenceFilter{Ended: q.Ended, Before: before, Limit: q.Limit + 1})
		return err
	})
	rows, list.Next = cut(rows, q.Limit, func(s *store.SilenceRow) string { return strconv.FormatInt(s.ID, 10) })
	for i := range rows {
		list.Items = append(list.Items, viewSilence(&rows[i], now))
	}
	return list, err
}

// putSilence begins a silence. It names something, and has a reason and an end:
// nothing may be silent for good.
func (a *api) putSilence(ctx context.Context, q *wire.SilenceRequest) (wire.SilenceReply, error) {
	if err := checkSilence(q, a.DB.Now().UnixMilli()); err != nil {
		return wire.SilenceReply{}, err
	}
	ids, err := a.DB.IDs(ctx, 2)
	if err != nil {
		return wire.SilenceReply{}, err
	}
	who := callerOf(ctx)
	reply := wire.SilenceReply{Changed: true}
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		s := store.Silence{ID: ids[0], Kind: q.Kind, Object: q.Object, Reason: q.Reason, EndsAt: q.EndsAt}
		if s.TaskID, s.ProjectID, err = silenced(ctx, t, q); err != nil {
			return err
		}
		if err := maySilence(ctx, t, s.TaskID); err != nil {
			return err
		}
		active, err := t.ActiveSilences(ctx, t.Now())
		if err != nil {
			return err
		}
		if len(active) >= store.MaxSilences {
			return fault.New(fault.Conflict, "there are %d silences already, as many as there may be", len(active)).WithHint("capri alert silence end ID ends one")
		}
		if err := t.PutSilence(ctx, s); err != nil {
			return err
		}
		row, err := t.SilenceByID(ctx, s.ID)
		if err != nil {
			return err
		}
		reply.Silence = viewSilence(&row, t.Now())
		return auditSilence(ctx, t, store.Audit{ID: ids[1], Action: "silence.put", Source: who.source}, map[string]any{"after": reply.Silence}, s.ID)
	})
	if err == nil {
		a.noticed()
	}
	return reply, err
}

func auditSilence(ctx context.Context, t *store.OperateTx, row store.Audit, noted map[string]any, id int64) error {
	detail, err := json.Marshal(noted)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the record of the change cannot be written")
	}
	row.Object, row.Detail = "silence "+strconv.FormatInt(id, 10), string(detail)
	return t.Audit(ctx, row)
}

// checkSilence says everything that is wrong with a silence, whatever there is.
// It is pure.
func checkSilence(q *wire.SilenceRequest, now int64) error {
	var wrong []string
	if q.Kind == "" && q.Object == "" && q.Task == "" && q.Project == "" {
		wrong = append(wrong, "name a kind, an object, a task or a project: nothing silences everything")
	}
	if len(q.Kind) > 40 || !plainText(q.Kind, false) {
		wrong = append(wrong, "kind is that of alerts, such as batch-failed or external.disk-full")
	}
	if q.Object == "*" {
		wrong = append(wrong, "object * is every object: leave it out")
	}
	if utf8.RuneCountInString(q.Object) > maxAlertObject || !plainText(q.Object, false) {
		wrong = append(wrong, "object is one line of at most "+strconv.Itoa(maxAlertObject)+" characters, with a star at its end for all that begins so")
	}
	if strings.TrimSpace(q.Reason) == "" || utf8.RuneCountInString(q.Reason) > maxRemark || !plainText(q.Reason, false) {
		wrong = append(wrong, "reason is one line of 1 to "+strconv.Itoa(maxRemark)+" characters: whoever misses an alert reads it")
	}
	switch last := now + store.MaxSilence.Milliseconds(); {
	case q.EndsAt <= now:
		wrong = append(wrong, "endsAt is an instant to come, in UTC milliseconds")
	case q.EndsAt > last:
		wrong = append(wrong, "endsAt is at most 30 days from now: put another silence then")
	}
	if len(wrong) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "%s", strings.Join(wrong, "; "))
}

// silenced finds the task and the project that a silence names.
func silenced(ctx context.Context, t *store.OperateTx, q *wire.SilenceRequest) (task, project int64, err error) {
	if q.Project != "" {
		p, err := t.ProjectByName(ctx, q.Project)
		if err != nil {
			return 0, 0, named(err, "project", q.Project)
		}
		project = p.ID
	}
	if q.Task == "" {
		return 0, project, nil
	}
	heads, err := t.HeadsByName(ctx, []string{q.Task})
	if err != nil {
		return 0, 0, err
	}
	if len(heads) == 0 {
		return 0, 0, named(store.ErrNotFound, "task", q.Task)
	}
	if project != 0 && heads[0].ProjectID != project {
		return 0, 0, fault.New(fault.Invalid, "task %s is not of project %s: nothing would be silenced", q.Task, q.Project).WithHint("name one of the two")
	}
	return heads[0].ID, project, nil
}

// maySilence lets operators silence anything, and others a task that is their
// own, their department's or of a project that they are a member of.
func maySilence(ctx context.Context, t *store.OperateTx, task int64) error {
	who := callerOf(ctx)
	if who.holder.Everywhere(permit.SilenceAlerts) {
		return nil
	}
	if task == 0 {
		return fault.New(fault.Forbidden, "a silence that names no task is for operators").WithHint("name a task of yours, or ask somebody on duty")
	}
	rights, err := t.TaskRights(ctx, []int64{task})
	if r := rights[task]; err == nil && !who.mayOn(permit.SilenceAlerts, r.Owner, r.Department, r.ProjectID) {
		return fault.New(fault.Forbidden, "task %s of project %s is %s's", r.Name, r.Project, r.Owner).WithHint("ask %s, or somebody on duty", r.Owner)
	}
	return err
}

// endSilence ends a silence now. One that has ended already stays as it is.
func (a *api) endSilence(ctx context.Context, p *silenceBody) (wire.SilenceReply, error) {
	request, err := decode[wire.ReasonRequest](p.RawBody, false)
	if err != nil {
		return wire.SilenceReply{}, err
	}
	if utf8.RuneCountInString(request.Reason) > maxRemark || !plainText(request.Reason, false) {
		return wire.SilenceReply{}, fault.New(fault.Invalid, "reason is one line of at most %d characters", maxRemark)
	}
	audit, err := a.DB.ID(ctx)
	if err != nil {
		return wire.SilenceReply{}, err
	}
	who := callerOf(ctx)
	var reply wire.SilenceReply
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		row, err := t.LockSilence(ctx, p.ID)
		if errors.Is(err, store.ErrNotFound) {
			return fault.Wrap(fault.NotFound, err, "there is no silence %d", p.ID).WithHint("capri alert silence list shows those that go on")
		}
		if err != nil {
			return err
		}
		if err := maySilence(ctx, t, row.TaskID); err != nil {
			return err
		}
		before := viewSilence(&row, t.Now())
		if reply = (wire.SilenceReply{Silence: before}); !before.Active {
			return nil
		}
		if err := t.EndSilence(ctx, p.ID); err != nil {
			return err
		}
		row.EndsAt, row.EndedBy = t.Now(), who.name
		reply = wire.SilenceReply{Silence: viewSilence(&row, t.Now()), Changed: true}
		return auditSilence(ctx, t, store.Audit{ID: audit, Action: "silence.end", Source: who.source},
			map[string]any{"before": before, "after": reply.Silence, "reason": request.Reason}, p.ID)
	})
	if err == nil && reply.Changed {
		a.noticed()
	}
	return reply, err
}
