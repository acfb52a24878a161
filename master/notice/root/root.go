package root

import (
	"context"
	"strings"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// causeLimit bounds a cause, in bytes.
const causeLimit = 400

// Root is what an alert comes from, with the cause in English: at most 400 bytes.
type Root struct {
	store.IncidentRoot
	Cause string
}

func newRoot(kind, text, cause string) Root {
	return Root{store.IncidentRoot{Kind: kind, Root: fit(text)}, start(cause, causeLimit)}
}

// Find finds the roots of alerts, by their ids: each alert has one. What is no
// more, goes round in a circle or lies too deep is no error: the alert's own
// batch is its root then.
func Find(ctx context.Context, t *store.ViewTx, alerts []store.UndealtAlert) (map[int64]Root, error) {
	nodes, err := t.NodesByID(ctx, batchesOf(alerts))
	if err != nil {
		return nil, err
	}
	roots, err := walkFrom(ctx, t, waiting(alerts, nodes))
	if err != nil {
		return nil, err
	}
	out := make(map[int64]Root, len(alerts))
	for i := range alerts {
		a := &alerts[i]
		if r, known := roots[a.WorkID]; known && wayOf(a) == byWalk {
			out[a.ID] = r
			continue
		}
		out[a.ID] = own(a, nodes)
	}
	return out, nil
}

// batchesOf are the batches that the roots of alerts depend on.
func batchesOf(alerts []store.UndealtAlert) []int64 {
	var ids []int64
	for i := range alerts {
		if w := wayOf(&alerts[i]); alerts[i].WorkID != 0 && (w == byWalk || w == byBatch) {
			ids = append(ids, alerts[i].WorkID)
		}
	}
	return ids
}

// waiting are the batches of alerts that wait for something else.
func waiting(alerts []store.UndealtAlert, nodes map[int64]store.Node) []store.Node {
	var out []store.Node
	taken := map[int64]bool{}
	for i := range alerts {
		n, there := nodes[alerts[i].WorkID]
		if there && !taken[n.ID] && waits(&n) && wayOf(&alerts[i]) == byWalk {
			taken[n.ID] = true
			out = append(out, n)
		}
	}
	return out
}

func waits(n *store.Node) bool { return n.State == batch.Waiting && n.Unmet > 0 }

// own is the root that an alert names itself.
func own(a *store.UndealtAlert, nodes map[int64]store.Node) Root {
	name := workOf(a.Object)
	if n, there := nodes[a.WorkID]; there {
		name = n.Task + "/" + n.WorkNo
	}
	switch w := wayOf(a); {
	case w == byWalk && name != "", w == byBatch && name != "":
		return newRoot(store.RootBatch, name, a.Text)
	case w == byAbsence && name != "":
		return newRoot(store.RootAbsent, name, a.Text)
	case w == byPath:
		return newRoot(store.RootPath, pathOf(a), a.Text)
	case w == byHost:
		return newRoot(store.RootWorker, a.Object, a.Text)
	case w == byWatch:
		return newRoot(store.RootWatch, a.Kind+":"+a.Object, a.Text)
	case w == byChannel:
		return newRoot(store.RootChannel, a.Object, a.Text)
	}
	object := a.Object
	if a.Kind == store.AlertDutyGap {
		object, _, _ = strings.Cut(object, "/") // the days of one department are told together
	}
	return newRoot(store.RootEvent, a.Kind+":"+object, a.Text)
}
