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
	ids, err := in.db.IDs(ctx, len(known))
	if err != nil {
		return wire.NoticesReply{}, err
	}
	fresh := 0
	err = in.db.Work(ctx, store.Actor{Kind: "worker", ID: in.node}, func(t *store.WorkTx) error {
		batches, err := t.BatchesByID(ctx, batchesOf(known))
		if err != nil {
			return err
		}
		alerts := make([]store.Alert, 0, len(known))
		for i, n := range known {
			a := noticed(n, batches)
			a.ID, a.Level = ids[i], levels[n.Kind]
			alerts = append(alerts, a)
		}
		if alerts, err = t.Unraised(ctx, alerts); err != nil {
			return err
		}
		fresh = len(alerts)
		return t.Raise(ctx, alerts...)
	})
	if err != nil {
		return wire.NoticesReply{}, fmt.Errorf("take %d notices: %w", len(known), err)
	}
	return wire.NoticesReply{New: fresh}, nil
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
