package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const (
	batchesShown = 100 // of each state
	lossesShown  = 20
	lossesSince  = 24 * time.Hour
)

// View is a worker as people see it; of usages those of other workers are passed over.
func View(h *store.Host, usages []store.Usage, now int64) wire.Host {
	v := wire.Host{
		Host: h.Host, Group: h.Group, Alive: h.AliveAt(now), Stopped: h.StoppedAt(now), GroupOff: h.GroupOff, LastCheckAt: h.LastCheckTime,
		CheckInterval: h.CheckInterval, StartedAt: h.StartTime, Slots: h.Slots, Version: h.Version, Address: h.Address, Incarnation: h.Incarnation,
		Vitals: wire.Vitals{Memory: h.Memory, FreeMemory: h.FreeMemory, FreeDisk: h.FreeDisk, Load: h.Load},
	}
	if h.DeadAt > 0 {
		v.DeadAt, v.DeadBy, v.DeadReason = h.DeadAt, h.DeadBy, h.DeadReason
	}
	if v.Stopped {
		v.StopReason, v.StopAt, v.StopUntil, v.StopBy, v.Draining = h.StopReason, h.StopTime, h.StopUntil, h.StopBy, h.IsDrain
	}
	_ = json.Unmarshal([]byte(h.Labels), &v.Labels) // a worker's own words; unreadable ones are shown as none
	for _, u := range usages {
		if u.Host != h.Host {
			continue
		}
		v.Reserved += u.Memory
		if u.State == batch.Running {
			v.Running += u.Count
			continue
		}
		v.Assigned += u.Count
	}
	return v
}

// List shows all workers.
func List(ctx context.Context, t *store.ViewTx) (wire.HostList, error) {
	list := wire.HostList{Items: []wire.Host{}}
	hosts, err := t.Hosts(ctx)
	if err != nil {
		return list, err
	}
	usages, err := t.Usages(ctx)
	if err != nil {
		return list, err
	}
	byHost := map[string][]store.Usage{}
	for _, u := range usages {
		byHost[u.Host] = append(byHost[u.Host], u)
	}
	for i := range hosts {
		list.Items = append(list.Items, View(&hosts[i], byHost[hosts[i].Host], t.Now()))
	}
	return list, nil
}

// Show shows one worker with what is on it.
func Show(ctx context.Context, t *store.ViewTx, name string) (wire.HostDetail, error) {
	h, host, err := read(ctx, t, name)
	if err != nil {
		return wire.HostDetail{}, err
	}
	d := wire.HostDetail{
		Host: host, Features: []string{}, LoadLimit: h.LoadLimit, LeaseMillis: h.LeaseMillis, KnownAt: h.IncarnationAt,
		Batches: []wire.HostBatch{}, TakenAway: []wire.HostLoss{},
	}
	_ = json.Unmarshal([]byte(h.Features), &d.Features) // a worker's own words, as its labels
	works, err := onHost(ctx, t, name)
	if err != nil {
		return d, err
	}
	losses, err := t.TakenFrom(ctx, name, t.Now()-lossesSince.Milliseconds(), lossesShown)
	if err != nil {
		return d, err
	}
	refs, err := refsOf(ctx, t, works, losses)
	if err != nil {
		return d, err
	}
	for _, w := range works {
		since := w.StartTime
		if w.State == batch.Assigned {
			since = w.AssignTime
		}
		d.Batches = append(d.Batches, wire.HostBatch{Ref: refs[w.ID], State: w.State.String(), Attempt: w.Attempt, Since: since, Memory: w.Memory})
	}
	for _, l := range losses {
		d.TakenAway = append(d.TakenAway, wire.HostLoss{Ref: refs[l.WorkID], Attempt: l.Attempt, At: l.At, NewHost: l.NewHost, Reason: l.Reason})
	}
	return d, nil
}

// read reads one worker, as it is and as it is shown.
func read(ctx context.Context, t *store.ViewTx, name string) (store.Host, wire.Host, error) {
	h, err := t.HostByName(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return h, wire.Host{}, unknown(name)
	}
	if err != nil {
		return h, wire.Host{}, err
	}
	usages, err := t.Usages(ctx)
	return h, View(&h, usages, t.Now()), err
}

func unknown(name string) error {
	return fault.New(fault.NotFound, "there is no worker %q", name)
}

// onHost lists what runs on a worker, then what is assigned to it.
func onHost(ctx context.Context, t *store.ViewTx, name string) ([]store.Work, error) {
	running, err := t.OnHost(ctx, name, batch.Running, batchesShown)
	if err != nil {
		return nil, err
	}
	assigned, err := t.OnHost(ctx, name, batch.Assigned, batchesShown)
	return append(running, assigned...), err
}

// refsOf names batches.
func refsOf(ctx context.Context, t *store.ViewTx, works []store.Work, losses []store.Reassignment) (map[int64]string, error) {
	ids := make([]int64, 0, len(works)+len(losses))
	for i := range works {
		ids = append(ids, works[i].ID)
	}
	for _, l := range losses {
		ids = append(ids, l.WorkID)
	}
	batches, err := t.BatchesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	refs := make(map[int64]string, len(batches))
	for i := range batches {
		refs[batches[i].ID] = batches[i].Ref().String()
	}
	return refs, nil
}
