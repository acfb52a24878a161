package jobs

import (
	"context"

	"capricornus/common/job"
	"capricornus/common/store"
)

// switchOff switches the tasks of jobs off that are gone from where they came
// from. The task of a row that is wrong now stays as it was.
func (j *Jobs) switchOff(ctx context.Context, lead *store.Lead, rows []store.JobRow, begins bool) (int, error) {
	wanted := make(map[string]bool, len(rows))
	for i := range rows {
		wanted[job.TaskName(rows[i].Name)] = true
	}
	done, err := 0, error(nil)
	if len(rows) < maxRows { // of more, not all were read
		done, err = j.switchOffOthers(ctx, lead, job.Row, wanted)
	}
	if err != nil || !begins || j.Config == nil {
		return done, err
	}
	listed := make(map[string]bool, len(j.Config))
	for _, c := range j.Config {
		listed[job.TaskName(c.Name)] = true
	}
	more, err := j.switchOffOthers(ctx, lead, job.Config, listed)
	return done + more, err
}

func (j *Jobs) switchOffOthers(ctx context.Context, lead *store.Lead, source job.Source, wanted map[string]bool) (done int, err error) {
	on, after := true, ""
	for {
		var page []store.Task
		err := j.DB.View(ctx, func(t *store.ViewTx) (err error) {
			page, err = t.Tasks(ctx, store.TaskFilter{
				Project: job.Project, Period: -1, Enabled: &on, Label: job.LabelSource, Value: string(source), After: after, Limit: rowPage,
			})
			return err
		})
		if err != nil {
			return done, err
		}
		for i := range page {
			if wanted[page[i].Name] {
				continue
			}
			if err := j.switchOne(ctx, lead, page[i].Name, source); err != nil {
				return done, err
			}
			done++
		}
		if len(page) < rowPage {
			return done, nil
		}
		after = page[len(page)-1].Name
	}
}

// switchOne saves a version of a task that is switched off; its batches go on.
func (j *Jobs) switchOne(ctx context.Context, lead *store.Lead, name string, source job.Source) error {
	ids, err := j.DB.IDs(ctx, 3)
	if err != nil {
		return err
	}
	return lead.Tx(ctx, Duty, func(t *store.LeaderTx) error {
		was, err := stand(ctx, t, name)
		if err != nil || was.def == nil || !was.IsEnabled {
			return err
		}
		off := *was.def
		off.Spec.Enabled = false
		if _, err := put(ctx, t, change{def: &off, was: was, ids: ids, note: "its job is gone from the source " + string(source)}); err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: ids[2], Action: "job.disable", Object: name, Source: string(source), Detail: audited(was.def, &off)})
	})
}
