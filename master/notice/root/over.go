package root

import (
	"context"
	"strings"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// EventLasts is how long an incident of what has happened stays open after its
// last alert.
const EventLasts = time.Hour

// Over tells which of these open incidents are over, by their ids, in the order
// in which they come; now is in milliseconds.
func Over(ctx context.Context, t *store.ViewTx, open []store.Incident, now int64) ([]int64, error) {
	w := &world{now: now}
	if err := w.read(ctx, t, open); err != nil {
		return nil, err
	}
	var out []int64
	for i := range open {
		if w.over(&open[i]) {
			out = append(out, open[i].ID)
		}
	}
	return out, nil
}

// world is what incidents are judged by.
type world struct {
	now    int64
	paths  map[int64]bool // that are waited for, by hash
	thirds map[store.ThirdKey]bool
	tasks  map[string]store.TaskID
	nodes  map[store.ParentKey]store.Node
	needed map[store.ParentKey]bool // that are waited for
	hosts  map[string]store.Host
	words  map[store.AlertObject]store.LastWord
	sent   map[store.SentBy]bool // channels and webhooks that work again
}

// over judges one incident; it is pure.
func (w *world) over(in *store.Incident) bool {
	switch in.IncidentRoot.Kind {
	case store.RootPath:
		return !w.paths[hashOf(in.Root)] && (in.Kind != store.AlertDownloadHung || w.quiet(in))
	case store.RootThird:
		return !w.thirds[thirdOf(in.Root)]
	case store.RootBatch:
		return w.batchOver(in)
	case store.RootAbsent:
		return w.absenceOver(in)
	case store.RootWorker:
		return w.workerOver(in)
	case store.RootWatch:
		last, said := w.words[watched(in.Root)]
		return !said || last.Level == store.LevelNotice
	case store.RootChannel:
		return w.sent[sentOn(in)]
	}
	return w.quiet(in)
}

// quiet says that nothing was heard of it for a while.
func (w *world) quiet(in *store.Incident) bool {
	return w.now-in.LastAlertAt > EventLasts.Milliseconds()
}

// batchOver: it has succeeded, or is gone, or people have ended it and nobody
// waits for it any more.
func (w *world) batchOver(in *store.Incident) bool {
	key, known := w.keyOf(in.Root)
	n, there := w.nodes[key]
	switch {
	case !known || !there:
		return true
	case n.State != batch.Done:
		return false
	case endedByPeople(&n):
		return !w.needed[key]
	}
	return n.Finish == batch.Success
}

func endedByPeople(n *store.Node) bool {
	return n.State == batch.Done && (n.Finish == batch.Killed || n.Finish == batch.Skipped)
}

// absenceOver: nobody waits for it any more, or its task was deleted. What was
// missed for itself, and not by others, has to be there.
func (w *world) absenceOver(in *store.Incident) bool {
	key, known := w.keyOf(in.Root)
	if !known || w.tasks[taskOf(in.Root)].Deleted {
		return true
	}
	_, there := w.nodes[key]
	missed := in.Kind == kindMissing || in.Kind == kindNotMade
	return !w.needed[key] && (there || !missed)
}

// workerOver: it is heard of again, or nobody knows it any more.
func (w *world) workerOver(in *store.Incident) bool {
	h, known := w.hosts[in.Root]
	back := w.words[store.AlertObject{Kind: store.AlertWorkerBack, Object: in.Root}]
	lost := w.words[store.AlertObject{Kind: store.AlertWorkerLost, Object: in.Root}]
	return !known || h.AliveAt(w.now) || back.CreatedAt > lost.CreatedAt
}

// keyOf is the work number that a root names; known is false when there is no
// such task.
func (w *world) keyOf(root string) (key store.ParentKey, known bool) {
	task, workNo, _ := strings.Cut(root, "/")
	id, known := w.tasks[task]
	return store.ParentKey{TaskID: id.ID, WorkNo: workNo}, known
}

func taskOf(root string) string {
	task, _, _ := strings.Cut(root, "/")
	return task
}

func thirdOf(root string) store.ThirdKey {
	code, dataNo, _ := strings.Cut(root, "/")
	return store.ThirdKey{Code: code, DataNo: dataNo}
}

func watched(root string) store.AlertObject {
	kind, object, _ := strings.Cut(root, ":")
	return store.AlertObject{Kind: kind, Object: object}
}
