package plan

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
)

// generateTries is a first try and three more (domain.md §4); then the owner is told.
const generateTries = 4

// massFailure is how many tasks may fail in one pass before administrators are called.
const massFailure = 10

func failed(m member, slot period.Slot, err error) failure {
	return failure{task: m.row.Name, GenerateFailure: store.GenerateFailure{
		TaskID: m.row.ID, WorkNo: slot.WorkNo, SlotBase: slot.Base.UnixMilli(), Tries: 1, Error: err.Error(),
	}}
}

// keepFailures notes failed slots in the transaction that moves the watermark
// past them, so that none is forgotten (exactly.md 8).
func keepFailures(ctx context.Context, t *store.LeaderTx, failed []failure) error {
	rows := make([]store.GenerateFailure, 0, len(failed))
	for _, f := range failed {
		rows = append(rows, f.GenerateFailure)
	}
	return t.PutGenerateFailures(ctx, rows)
}

// retryFailed tries the slots again that earlier passes could not make.
func (g *generation) retryFailed(ctx context.Context) error {
	var failures []store.GenerateFailure
	var tasks []store.Task
	var versions map[int64][]store.Version
	err := g.db.View(ctx, func(t *store.ViewTx) (err error) {
		if failures, err = t.GenerateFailures(ctx, taskPage); err != nil || len(failures) == 0 {
			return err
		}
		ids := make([]int64, 0, len(failures))
		for _, f := range failures {
			ids = append(ids, f.TaskID)
		}
		if tasks, err = t.HeadsByID(ctx, ids); err != nil {
			return err
		}
		versions, err = t.VersionsOf(ctx, ids)
		return err
	})
	if err != nil || len(failures) == 0 {
		return err
	}
	byID := make(map[int64]store.Task, len(tasks))
	for _, t := range tasks {
		byID[t.ID] = t
	}
	for _, f := range failures {
		row, there := byID[f.TaskID]
		if !there {
			if err := g.forget(ctx, f); err != nil {
				return err
			}
			continue
		}
		if err := g.retry(ctx, row, versions[row.ID], f); err != nil {
			return err
		}
	}
	return nil
}

// retry makes one failed slot, or counts one more try.
func (g *generation) retry(ctx context.Context, row store.Task, versions []store.Version, f store.GenerateFailure) error {
	base := time.UnixMilli(f.SlotBase)
	keys := Due([]store.Task{row}, map[int64][]store.Version{row.ID: versions}, base)
	members, err := g.members(ctx, []store.Task{row}, keys)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		return g.forget(ctx, f)
	}
	m := members[0]
	cat, err := g.catalogOf(ctx, members)
	if err != nil {
		return err
	}
	b, err := g.redraft(cat, m, f)
	if err != nil && row.IsEnabled && row.Version != m.version {
		cat, b, err = g.mended(ctx, row, f, err)
	}
	if err != nil {
		return g.tryLater(ctx, m, f, err)
	}
	made, err := g.write(ctx, &sheet{cat: cat, drafts: []store.NewBatch{b}})
	if err != nil {
		return err
	}
	g.made += made
	return g.forget(ctx, f)
}

// mended drafts a slot from today's version, which somebody may have saved to
// mend what the version of its time could not be made from.
func (g *generation) mended(ctx context.Context, row store.Task, f store.GenerateFailure, cause error) (*catalog, store.NewBatch, error) {
	members, err := g.members(ctx, []store.Task{row}, []store.VersionKey{{TaskID: row.ID, Version: row.Version}})
	if err != nil || len(members) == 0 {
		return nil, store.NewBatch{}, cause
	}
	cat, err := g.catalogOf(ctx, members)
	if err != nil {
		return nil, store.NewBatch{}, err
	}
	b, err := g.redraft(cat, members[0], f)
	return cat, b, err
}

func (g *generation) redraft(cat *catalog, m member, f store.GenerateFailure) (store.NewBatch, error) {
	cycle, err := m.def.Cycle(g.zone)
	if err != nil {
		return store.NewBatch{}, err
	}
	slot, err := cycle.ByWorkNo(f.WorkNo)
	if err != nil {
		return store.NewBatch{}, err
	}
	return cat.draft(m, slot, birth{origin: batch.ByTimer, schedule: slot.Base, now: g.now})
}

func (g *generation) tryLater(ctx context.Context, m member, f store.GenerateFailure, cause error) error {
	f.Tries++
	f.Error = cause.Error()
	if f.Tries < generateTries {
		g.more = true
	}
	err := g.lead.Tx(ctx, DutyGenerate, func(t *store.LeaderTx) error {
		return t.PutGenerateFailures(ctx, []store.GenerateFailure{f})
	})
	if err != nil || f.Tries != generateTries {
		return err
	}
	g.failed = append(g.failed, failure{GenerateFailure: f, task: m.row.Name})
	return nil
}

func (g *generation) forget(ctx context.Context, f store.GenerateFailure) error {
	return g.lead.Tx(ctx, DutyGenerate, func(t *store.LeaderTx) error {
		return t.DropGenerateFailures(ctx, []store.GenerateFailure{f})
	})
}

// alarm records one alert for each slot that has failed all its tries, by its
// task's rule, and a critical one when many tasks fail at once.
func (g *generation) alarm(ctx context.Context) error {
	var alerts []store.Alert
	for _, f := range g.failed {
		if f.Tries >= generateTries {
			alerts = append(alerts, store.Alert{
				Kind: "generate-failed", Object: f.task + "/" + f.WorkNo, Occurrence: strconvInt(f.SlotBase), Level: store.LevelTask, TaskID: f.TaskID,
				Text: fmt.Sprintf("%s/%s could not be generated after %d tries: %s", f.task, f.WorkNo, f.Tries, f.Error),
			})
		}
	}
	if len(g.failed) > massFailure {
		alerts = append(alerts, store.Alert{
			Kind: "generate-mass-failure", Object: "platform", Occurrence: strconvInt(g.failed[0].SlotBase), Level: store.LevelCritical,
			Text: fmt.Sprintf("%d tasks could not be generated in one pass; the first is %s/%s: %s",
				len(g.failed), g.failed[0].task, g.failed[0].WorkNo, g.failed[0].Error),
		})
	}
	return g.raise(ctx, alerts)
}

// tellSkipped mails what lies too far back to be made up for.
func (g *generation) tellSkipped(ctx context.Context, mark string, from int64, to time.Time) error {
	return g.raise(ctx, []store.Alert{{
		Kind: "generate-too-old", Object: mark, Occurrence: strconvInt(from), Level: store.LevelImportant,
		Text: fmt.Sprintf("batches of %s between %s and %s were missed and are older than generation makes up for by itself (%d days); cold-start them if they are needed",
			mark, time.UnixMilli(from).In(g.zone).Format(time.DateTime), to.In(g.zone).Format(time.DateTime), g.days),
	}})
}

func (g *generation) raise(ctx context.Context, alerts []store.Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	ids, err := g.db.IDs(ctx, len(alerts))
	if err != nil {
		return err
	}
	return g.lead.Tx(ctx, DutyGenerate, func(t *store.LeaderTx) error {
		for i := range alerts {
			alerts[i].ID = ids[i]
			if err := t.Raise(ctx, alerts[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
