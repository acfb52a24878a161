package intake

import (
	"context"
	"fmt"

	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// What is kept of a notice.
const (
	noticeObject     = 200
	noticeOccurrence = 100
	noticeText       = 2000
)

// noticeLevels are the kinds that workers may tell of, with their levels:
// those are for masters to say.
func noticeLevels() map[string]string {
	return map[string]string{
		store.AlertHDFSHung: store.LevelImportant, store.AlertDownloadHung: store.LevelImportant, store.AlertOutputsUnseen: store.LevelImportant,
		store.AlertStalled: store.LevelImportant,
	}
}

// Notices records what workers have noticed on their hosts, each once per
// (kind, object, occurrence). Kinds that this master does not know, of a newer
// worker say, are passed over.
func (in *Intake) Notices(ctx context.Context, req wire.NoticesRequest) (wire.NoticesReply, error) {
	levels := noticeLevels()
	known := make([]wire.Notice, 0, len(req.Notices))
	for _, n := range req.Notices {
		if levels[n.Kind] == "" {
			in.log.Warn("notice of an unknown kind", logs.Worker, n.Host, logs.Reason, n.Text)
			continue
		}
		known = append(known, n)
	}
	if len(known) == 0 {
		return wire.NoticesReply{}, nil
	}
	ids, err := in.db.IDs(ctx, alertsPerNotice*len(known))
	if err != nil {
		return wire.NoticesReply{}, err
	}
	fresh := 0
	err = in.db.Work(ctx, store.Actor{Kind: "worker", ID: in.node}, func(t *store.WorkTx) error {
		alerts, err := alertsOf(ctx, t, known)
		if err != nil {
			return err
		}
		if alerts, err = t.Unraised(ctx, alerts); err != nil {
			return err
		}
		for i := range alerts {
			alerts[i].ID = ids[i]
		}
		fresh = len(alerts)
		return t.Raise(ctx, alerts...)
	})
	if err != nil {
		return wire.NoticesReply{}, fmt.Errorf("take %d notices: %w", len(known), err)
	}
	return wire.NoticesReply{New: fresh}, nil
}

// alertsPerNotice is how many alerts a notice leads to at most.
const alertsPerNotice = 2

// alertsOf makes the alerts of notices whose kinds are known.
func alertsOf(ctx context.Context, t *store.WorkTx, known []wire.Notice) ([]store.Alert, error) {
	batches, err := t.BatchesByID(ctx, batchesOf(known))
	if err != nil {
		return nil, err
	}
	stalled, err := readStalls(ctx, t, known, batches)
	if err != nil {
		return nil, err
	}
	levels := noticeLevels()
	alerts := make([]store.Alert, 0, len(known))
	for _, n := range known {
		if n.Kind == store.AlertStalled {
			alerts = append(alerts, stalled.alerts(n)...)
			continue
		}
		a := noticed(n, batches)
		a.Level = levels[n.Kind]
		alerts = append(alerts, a)
	}
	return alerts, nil
}

func batchesOf(all []wire.Notice) []int64 {
	ids := make([]int64, 0, len(all))
	for _, n := range all {
		if n.WorkID != 0 {
			ids = append(ids, n.WorkID)
		}
	}
	return ids
}

// noticed makes the alert of a notice. It is about the attempt as the database
// knows it, or about the path of a package, or about the host.
func noticed(n wire.Notice, batches []store.Batch) store.Alert {
	a := store.Alert{Kind: n.Kind, Object: n.Object, Occurrence: cut(n.Occurrence, noticeOccurrence), Text: cut(n.Text, noticeText)}
	if a.Object == "" || n.WorkID == 0 && n.Kind != store.AlertDownloadHung {
		a.Object = n.Host
	}
	for i := range batches {
		if batches[i].ID == n.WorkID {
			a.TaskID, a.WorkID, a.Object = batches[i].TaskID, n.WorkID, batches[i].Ref().AttemptCode(n.Attempt)
		}
	}
	a.Object = cut(a.Object, noticeObject)
	return a
}

// cut keeps the first n bytes of a text; the store mends a broken letter.
func cut(text string, n int) string { return text[:min(len(text), n)] }
