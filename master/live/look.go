package live

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// keyPage is how many rows of the journal one question asks for.
const keyPage = 2000

// operationsSeen is how many of the newest operations are watched.
const operationsSeen = 50

// looker finds what is new since it looked last. What it knows is what it told:
// a look that fails, at whichever statement, leaves it as it was.
type looker struct {
	hub    *Hub
	first  bool
	seen   map[store.EventKey]bool     // rows of the overlap
	told   map[string]int64            // alerts and changes of the roster of the overlap, by their keys, with when they were
	top    int64                       // the newest instant of the journal that was seen
	stands map[string]any              // how each worker, operation and the cluster stood
	open   map[int64]wire.LiveIncident // incidents by id
	now    int64                       // of the last look
	found  found                       // by the look that goes on
}

// found is what a look learns; it is known once the look has come to its end.
type found struct {
	now    int64
	fresh  []store.EventKey
	said   []item
	stands map[string]any
	open   map[int64]wire.LiveIncident
}

func newLooker(h *Hub) *looker {
	return &looker{hub: h, first: true, seen: map[store.EventKey]bool{}, told: map[string]int64{}, stands: map[string]any{}}
}

// look returns what is new. The first look only learns what is there already; how
// workers, operations and the cluster stand is new to everybody then.
func (l *looker) look(ctx context.Context, rest bool) ([]item, error) {
	var out []item
	err := l.hub.cfg.DB.View(ctx, func(t *store.ViewTx) (err error) {
		l.found = found{now: t.Now(), stands: map[string]any{}} // it may be tried again
		out, err = l.read(ctx, t, rest)
		return err
	})
	if err != nil {
		return nil, err
	}
	if node, _, _ := l.hub.cfg.Leader(); l.changed(wire.TopicCluster, node) {
		out = append(out, item{event: wire.LiveEvent{Topic: wire.TopicCluster, Cluster: &wire.LiveCluster{Leader: node}}, key: wire.TopicCluster, at: l.found.now})
	}
	l.learn()
	return out, nil
}

// read is the part of a look that may fail.
func (l *looker) read(ctx context.Context, t *store.ViewTx, rest bool) (out []item, err error) {
	if l.found.fresh, err = l.journal(ctx, t); err != nil {
		return nil, err
	}
	if l.found.said, err = l.said(ctx, t); err != nil {
		return nil, err
	}
	if !l.first {
		happened, err := t.Happenings(ctx, l.found.fresh)
		if err != nil {
			return nil, err
		}
		out = append(batchItems(happened), l.found.said...)
	}
	now, err := l.standing(ctx, t, rest)
	return append(out, now...), err
}

// journal lists the rows that were not seen yet.
func (l *looker) journal(ctx context.Context, t *store.ViewTx) ([]store.EventKey, error) {
	var fresh []store.EventKey
	after := store.EventKey{At: l.since(t.Now())}
	for {
		keys, err := t.EventKeys(ctx, after, keyPage)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			if !l.seen[k] {
				fresh = append(fresh, k)
			}
		}
		if len(keys) < keyPage || len(fresh) >= ringSize {
			return fresh, nil
		}
		after = keys[len(keys)-1]
	}
}

// since is from when on the journal and the alerts are read again.
func (l *looker) since(now int64) int64 {
	top := l.top
	if l.first {
		top = now
	}
	return min(top, now) - overlap.Milliseconds()
}

// said lists the alerts and the changes of the roster that were not seen yet.
func (l *looker) said(ctx context.Context, t *store.ViewTx) ([]item, error) {
	all, err := saidSince(ctx, t, l.since(t.Now()), ringSize)
	return slices.DeleteFunc(all, func(i item) bool {
		_, seen := l.told[i.key]
		return seen
	}), err
}

// raisedSince reads alerts page by page.
func raisedSince(ctx context.Context, t *store.ViewTx, since int64, limit int) ([]store.Raised, error) {
	var out []store.Raised
	for behind := int64(0); len(out) < limit; {
		page, err := t.RaisedSince(ctx, since, behind, min(keyPage, limit-len(out)))
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if len(page) < keyPage {
			break
		}
		since, behind = page[len(page)-1].CreatedAt, page[len(page)-1].ID
	}
	return out, nil
}

// saidSince reads the alerts and the changes of the roster since an instant.
func saidSince(ctx context.Context, t *store.ViewTx, since int64, limit int) ([]item, error) {
	raised, err := raisedSince(ctx, t, since, limit)
	if err != nil {
		return nil, err
	}
	changes, err := t.RosterChangesSince(ctx, since, limit)
	out := make([]item, 0, len(raised)+len(changes))
	for _, a := range raised {
		out = append(out, alertItem(a))
	}
	for _, c := range changes {
		out = append(out, dutyItem(c))
	}
	return out, err
}

func alertItem(a store.Raised) item {
	return item{
		event: wire.LiveEvent{Topic: wire.TopicAlert, Alert: &wire.LiveAlert{ID: a.ID, Kind: a.Kind, Object: a.Object, Level: a.Level, Text: a.Text, At: a.CreatedAt}},
		key:   wire.TopicAlert + strconv.FormatInt(a.ID, 10), at: a.CreatedAt,
	}
}

// learn remembers what was found; of what is read again, as far as that is.
func (l *looker) learn() {
	f := l.found
	l.now = f.now
	if l.first {
		l.top = f.now
	}
	for _, k := range f.fresh {
		l.seen[k] = true
		l.top = max(l.top, k.At)
	}
	for _, i := range f.said {
		l.told[i.key] = i.at
	}
	l.first = false
	before := l.since(f.now)
	maps.DeleteFunc(l.seen, func(k store.EventKey, _ bool) bool { return k.At < before })
	maps.DeleteFunc(l.told, func(_ string, at int64) bool { return at < before })
	maps.Copy(l.stands, f.stands)
	l.open = f.open
}

// changed tells that something stands otherwise than before.
func (l *looker) changed(key string, now any) bool {
	if before, known := l.stands[key]; known && before == now {
		return false
	}
	l.found.stands[key] = now
	return true
}

// standing lists the workers, operations and incidents that changed.
func (l *looker) standing(ctx context.Context, t *store.ViewTx, hosts bool) ([]item, error) {
	out, err := l.incidents(ctx, t)
	if err != nil {
		return nil, err
	}
	operations, err := t.Operations(ctx, 0, operationsSeen)
	if err != nil {
		return nil, err
	}
	for _, o := range operations {
		now, err := l.operation(ctx, t, o)
		if err != nil {
			return nil, err
		}
		if key := wire.TopicOperation + strconv.FormatInt(o.ID, 10); now != nil && l.changed(key, *now) {
			out = append(out, item{event: wire.LiveEvent{Topic: wire.TopicOperation, Operation: now}, key: key, at: t.Now()})
		}
	}
	if !hosts {
		return out, nil
	}
	all, err := t.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		h := &all[i]
		now := wire.LiveHost{Host: h.Host, Alive: h.AliveAt(t.Now()), Stopped: h.StoppedAt(t.Now()), Dead: h.DeadAt > 0}
		now.Draining = now.Stopped && h.IsDrain
		if key := wire.TopicHost + h.Host; l.changed(key, now) {
			out = append(out, item{event: wire.LiveEvent{Topic: wire.TopicHost, Host: &now}, key: key, at: t.Now()})
		}
	}
	return out, nil
}

// operation is how one stands; nil says that it had ended when looking began, or
// has not changed since it ended.
func (l *looker) operation(ctx context.Context, t *store.ViewTx, o store.Operation) (*wire.LiveOperation, error) {
	key := wire.TopicOperation + strconv.FormatInt(o.ID, 10)
	before, known := l.stands[key].(wire.LiveOperation)
	ended := o.State == "done" || o.State == "cancelled"
	settled := known && before.State == o.State && before.Done+before.Failed >= before.Created
	if ended && !known && l.first {
		l.found.stands[key] = wire.LiveOperation{ID: o.ID, State: o.State}
		return nil, nil
	}
	if ended && settled {
		return nil, nil
	}
	p, err := t.OperationProgress(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	return &wire.LiveOperation{ID: o.ID, Kind: o.Kind, State: o.State, Total: o.Total, Created: o.Created, Done: p.Done, Failed: p.Failed}, nil
}

func batchItems(all []store.Happening) []item {
	out := make([]item, len(all))
	for i := range all {
		h := &all[i]
		b := &wire.LiveBatch{
			Ref: h.Ref().String(), Project: h.Project, Seq: h.Seq, To: h.ToState.String(), Finish: h.Finish.String(), Host: h.Host, Attempt: h.Attempt, At: h.At,
		}
		if h.FromState != batch.Nothing {
			b.From = h.FromState.String()
		}
		out[i] = item{event: wire.LiveEvent{Topic: wire.TopicBatch, Batch: b}, key: b.Ref, at: h.At, task: h.Task}
	}
	return out
}
