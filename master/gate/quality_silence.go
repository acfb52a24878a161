package gate

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// onSilence does what tasks want done when the service keeps silent: it lets
// batches through, noted in the audit log as done in the service's stead, or
// tells the task's people once.
func (p *qualityPass) onSilence(ctx context.Context, pass, tell []store.Work) error {
	if len(pass)+len(tell) == 0 {
		return nil
	}
	names, err := p.names(ctx, pass, tell)
	if err != nil {
		return err
	}
	ids, err := p.DB.IDs(ctx, len(pass)+len(tell))
	if err != nil {
		return err
	}
	alerts := make([]store.Alert, 0, len(tell))
	for i := range tell {
		a := p.silent(&tell[i], names[tell[i].ID])
		a.ID = ids[len(pass)+i]
		alerts = append(alerts, a)
	}
	var passed []int64
	err = p.lead.Tx(ctx, DutyQuality, func(t *store.LeaderTx) error {
		var err error
		if passed, err = t.QualityPassed(ctx, idsOf(pass)); err != nil {
			return err
		}
		audits := make([]store.Audit, 0, len(passed))
		for i, id := range passed {
			audits = append(audits, store.Audit{ID: ids[i], Action: "quality." + wire.QualityRun, Object: names[id], Source: "silence", Detail: `{"source":"silence"}`})
		}
		if err := t.Audit(ctx, audits...); err != nil {
			return err
		}
		return t.Raise(ctx, alerts...)
	})
	if err != nil {
		return err
	}
	for i := range tell {
		m := p.known[tell[i].ID]
		m.told = true
		p.known[tell[i].ID] = m
	}
	p.changed += len(passed)
	if len(passed) > 0 {
		p.Opened()
	}
	return nil
}

func idsOf(works []store.Work) []int64 {
	ids := make([]int64, len(works))
	for i := range works {
		ids[i] = works[i].ID
	}
	return ids
}

// names reads how people call these batches.
func (p *qualityPass) names(ctx context.Context, lists ...[]store.Work) (map[int64]string, error) {
	var ids []int64
	for _, works := range lists {
		ids = append(ids, idsOf(works)...)
	}
	out := make(map[int64]string, len(ids))
	err := p.view(ctx, func(t *store.ViewTx) error {
		batches, err := t.BatchesByID(ctx, ids)
		for i := range batches {
			out[batches[i].ID] = batches[i].Ref().String()
		}
		return err
	})
	return out, err
}

// silent is the alert that a batch still has no answer.
func (q *Quality) silent(w *store.Work, name string) store.Alert {
	text := fmt.Sprintf("the data-quality service could not be asked about %s in %d tries; the batch goes on waiting", name, w.QualityTries)
	switch {
	case q.URL == "":
		text = fmt.Sprintf("no data-quality service is configured that could be asked about %s; the batch waits until an operator answers (capri quality set)", name)
	case w.QualitySentAt > 0:
		text = fmt.Sprintf("the data-quality service was asked about %s at %s and has not answered; the batch goes on waiting",
			name, time.UnixMilli(w.QualitySentAt).In(q.Zone).Format(time.DateTime))
	}
	return store.Alert{
		Kind: "quality-silent", Object: name, Occurrence: store.OccurredOnce, Level: store.LevelTask, TaskID: w.TaskID, WorkID: w.ID, Text: text,
	}
}
