package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"capricornus/common/fault"
	"capricornus/common/job"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/master/duty"
)

// Limits of one pass.
const (
	rowPage  = 1000
	passJobs = 200 // jobs of one page of the duty
	maxRows  = 20_000
)

// AlertRefused is the kind of alerts about jobs that cannot be tasks.
const AlertRefused = "job-refused"

// wish is one job that is to be a task, or a row that says none.
type wish struct {
	job    job.Job
	source job.Source
	row    *store.JobRow // nil: of the file
	hash   string
	wrong  error // it cannot be read
}

// Take looks at the table and, once a term, at the file: new and changed jobs
// are saved, those that are gone are switched off. What is wrong with a job is
// noted at it and told once, and harms no other.
func (j *Jobs) Take(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	rows, err := j.rows(ctx)
	if err != nil {
		return duty.Pass{}, err
	}
	begins := j.epoch != lead.Epoch()
	looks := printOf(rows)
	if !begins && looks == j.seen {
		return duty.Pass{}, nil
	}
	j.seen = ""
	wishes := wishesOf(rows, j.Config, begins)
	done, more, err := j.takeAll(ctx, lead, wishes)
	if err == nil && !more {
		var gone int
		gone, err = j.switchOff(ctx, lead, rows, begins)
		done += gone
	}
	if done > 0 {
		j.Applied()
	}
	if err != nil || more {
		return duty.Pass{Rows: done, More: more}, err
	}
	j.epoch = lead.Epoch()
	if len(wishes) == 0 {
		j.seen = looks // nothing is left to do until somebody changes it
	}
	return duty.Pass{Rows: done}, nil
}

// rows reads the whole table: it holds jobs, not runs.
func (j *Jobs) rows(ctx context.Context) (all []store.JobRow, err error) {
	err = j.DB.View(ctx, func(t *store.ViewTx) error {
		all = nil
		for {
			after := int64(0)
			if len(all) > 0 {
				after = all[len(all)-1].ID
			}
			page, err := t.JobRows(ctx, after, rowPage)
			all = append(all, page...)
			if err != nil || len(page) < rowPage || len(all) >= maxRows {
				return err
			}
		}
	})
	return all, err
}

// printOf is what the table looks like: ids and contents.
func printOf(rows []store.JobRow) string {
	parts := make([]string, 0, 4*len(rows))
	for i := range rows {
		parts = append(parts, strconv.FormatInt(rows[i].ID, 10), rows[i].Name, rows[i].Expr, rows[i].Command, rows[i].TakenHash)
	}
	return hashOf(parts...)
}

// wishesOf lists what is to be looked at: rows that have changed since they were
// taken and, when a term begins, the jobs of the file. It is pure.
func wishesOf(rows []store.JobRow, config []job.Job, begins bool) []wish {
	var out []wish
	if begins {
		for _, j := range config {
			out = append(out, wish{job: j, source: job.Config, hash: hashOf(j.Name, j.Expr, j.Command.String())})
		}
	}
	for i := range rows {
		row := &rows[i]
		hash := hashOf(row.Name, row.Expr, row.Command)
		if row.TakenHash == hash {
			continue
		}
		w := wish{source: job.Row, row: row, hash: hash}
		w.job, w.wrong = job.ParseRow(row.Name, row.Expr, row.Command)
		out = append(out, w)
	}
	return out
}

// takeAll takes one after the other. What the database says of one, whatever it
// is, keeps nobody from taking the others; that one is tried again.
func (j *Jobs) takeAll(ctx context.Context, lead *store.Lead, all []wish) (done int, more bool, failed error) {
	for i, w := range all {
		if i >= passJobs && w.row != nil {
			return done, failed == nil, failed
		}
		changed, err := j.take(ctx, lead, w)
		if err != nil && !j.goesOn(ctx, err) {
			return done, false, err
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("job %q: %w", w.job.Name, err))
		}
		if changed {
			done++
		}
	}
	return done, false, failed
}

// goesOn tells whether the next job may be tried after an error with one: not
// when the term is over or the database is away.
func (j *Jobs) goesOn(ctx context.Context, err error) bool {
	return ctx.Err() == nil && !errors.Is(err, store.ErrFenced) && !errors.Is(err, store.ErrReadOnly) && j.DB.Ping(ctx) == nil
}

// take makes one job a task, or notes why it is none, in one transaction.
func (j *Jobs) take(ctx context.Context, lead *store.Lead, w wish) (changed bool, err error) {
	if w.wrong == nil {
		changed, err = j.save(ctx, lead, w)
		found, itsOwn := errors.AsType[*fault.Error](err)
		if !itsOwn {
			return changed, err
		}
		w.wrong = found
	}
	return w.row != nil, j.refuse(ctx, lead, w)
}

func (j *Jobs) save(ctx context.Context, lead *store.Lead, w wish) (changed bool, err error) {
	ids, err := j.DB.IDs(ctx, 3)
	if err != nil {
		return false, err
	}
	err = lead.Tx(ctx, Duty, func(t *store.LeaderTx) error {
		changed = false
		was, err := stand(ctx, t, job.TaskName(w.job.Name))
		if err != nil {
			return err
		}
		def, err := w.define(ctx, t, was)
		if err != nil {
			return err
		}
		if w.row != nil {
			if err := t.NoteJob(ctx, store.JobRow{ID: w.row.ID, TakenHash: w.hash}); err != nil {
				return err
			}
		}
		if was.def != nil && same(was.def, def) {
			return nil
		}
		changed = true
		if _, err := put(ctx, t, change{def: def, was: was, ids: ids, note: "job of the source " + string(w.source)}); err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: ids[2], Action: "job.take", Object: def.Metadata.Name, Source: string(w.source), Detail: audited(was.def, def)})
	})
	return changed, err
}

// define is the definition that a job is to have: its task's owner stays, a new
// one belongs to whom the project of jobs belongs to.
func (w wish) define(ctx context.Context, t *store.LeaderTx, was standing) (*task.Task, error) {
	ask := job.Ask{Source: w.source, Owner: was.Owner}
	if w.row != nil {
		ask.Row = w.row.ID
	}
	if was.def == nil {
		projects, err := t.Projects(ctx)
		if err != nil {
			return nil, err
		}
		ask.Owner = firstOwner
		for _, p := range projects {
			if p.Name == job.Project && p.Owner != "" {
				ask.Owner = p.Owner
			}
		}
	} else if was.def.Metadata.Project != job.Project || was.def.Metadata.Labels[job.LabelSource] != string(w.source) {
		return nil, taken(w.job, was)
	}
	return job.Define(w.job, ask)
}

// refuse notes what is wrong with a job, and tells people of it, once.
func (j *Jobs) refuse(ctx context.Context, lead *store.Lead, w wish) error {
	id, err := j.DB.ID(ctx)
	if err != nil {
		return err
	}
	object := "jobs.file/" + w.job.Name
	if w.row != nil {
		object = "capri_job/" + w.row.Name
	}
	j.Log.Warn("job is no task", logs.Task, w.job.Name, logs.Error(w.wrong))
	text := strings.ToValidUTF8(w.wrong.Error(), "\ufffd")
	return lead.Tx(ctx, Duty, func(t *store.LeaderTx) error {
		if w.row != nil {
			if err := t.NoteJob(ctx, store.JobRow{ID: w.row.ID, TakenHash: w.hash, Error: text}); err != nil {
				return err
			}
		}
		return t.Raise(ctx, store.Alert{ID: id, Kind: AlertRefused, Object: object, Occurrence: w.hash[:16], Level: store.LevelImportant, Text: text})
	})
}
