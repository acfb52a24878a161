package intake

import (
	"context"
	"fmt"

	"capricornus/common/store"
	"capricornus/common/wire"
)

// refusedTooOften is how many refusals in a batch's life people are told of
// (seed GAP-12).
const refusedTooOften = 3

// stock sees to it that there are as many ids for alerts as these facts may
// need: ids are not allotted inside a transaction. Few facts need one, so the
// stock lasts.
func (in *Intake) stock(ctx context.Context, facts []wire.Fact) error {
	need := 0
	for i := range facts {
		need += mayAlert(&facts[i])
	}
	if need <= len(in.spare) {
		return nil
	}
	fresh, err := in.db.IDs(ctx, need-len(in.spare))
	in.spare = append(in.spare, fresh...)
	return err
}

// raise records what a wave of facts has to be told of: batches that have
// failed, and batches that nobody wants.
func (g *taking) raise(ctx context.Context, t *store.WorkTx, r *rows, worlds map[int64]world) error {
	alerts := r.alerts
	if len(r.refused) > 0 {
		counts, err := t.Refusals(ctx, r.refused)
		if err != nil {
			return err
		}
		for i := range r.changes {
			to := &r.changes[i].To
			if counts[to.ID] >= refusedTooOften {
				alerts = append(alerts, refusedAlert(to, worlds[to.ID].name, counts[to.ID]))
			}
		}
	}
	for i := range alerts {
		alerts[i].ID = g.spare[0]
		g.spare = g.spare[1:]
	}
	return t.Raise(ctx, alerts...)
}

// refusedAlert is for the administrators: what workers lack is theirs to mend.
func refusedAlert(w *store.Work, task string, times int) store.Alert {
	ref := w.Ref(task).String()
	return store.Alert{
		Kind: store.AlertBatchRefused, Object: ref, Occurrence: store.OccurredOnce, Level: store.LevelImportant, TaskID: w.TaskID, WorkID: w.ID,
		Text: fmt.Sprintf("%s was refused %d times by workers, the last time by %s: %s", ref, times, w.Host, w.RefusedReason),
	}
}
