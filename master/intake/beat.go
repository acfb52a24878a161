package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// beat writes heartbeats of many workers in one transaction; the last of each
// host counts. A live host name with another incarnation is somebody else's
// (exactly.md 32): that heartbeat is refused and changes nothing.
func (in *Intake) beat(ctx context.Context, node string, beats []arrival) ([]error, error) {
	out := make([]error, len(beats))
	var back []string // heard of again after a silence
	err := in.db.Work(ctx, store.Actor{Kind: "worker", ID: node}, func(t *store.WorkTx) error {
		known, err := t.Hosts(ctx)
		if err != nil {
			return err
		}
		byName := make(map[string]*store.Host, len(known))
		for i := range known {
			byName[known[i].Host] = &known[i]
		}
		if err := reserve(ctx, t, beats, byName); err != nil {
			return err
		}
		rows := map[string]store.Host{}
		back = nil
		for i, hb := range beats {
			out[i] = nil
			if other := byName[hb.Host]; other != nil && other.Incarnation != hb.Incarnation && other.AliveAt(t.Now()) {
				out[i] = fault.New(fault.Conflict, "a worker named %s is alive with another root directory", hb.Host).
					WithHint("give this one another host name, or stop the other and wait until its check interval has passed")
				continue
			}
			row, err := hostRow(hb)
			if err != nil {
				out[i] = err
				continue
			}
			if other := byName[hb.Host]; other != nil && !other.AliveAt(t.Now()) {
				back = append(back, hb.Host)
			}
			row = succeeding(row, byName[hb.Host])
			row.LastCheckTime = t.Now() // from here on it is alive for the others in this group
			rows[hb.Host], byName[hb.Host] = row, &row
		}
		list := make([]store.Host, 0, len(rows))
		for _, r := range rows {
			list = append(list, r)
		}
		return t.Beat(ctx, list)
	})
	if len(back) > 0 {
		in.notify.Returned(back)
	}
	return out, err
}

// Returned makes the next claims of workers be compared with the batches, at
// once: they were silent for a while. It is for the leader, who takes claims.
func (in *Intake) Returned(hosts []string) {
	for _, host := range hosts {
		in.presence.returned(host)
	}
	in.Ring(hosts)
}

// reserve locks the names under which new roots come, and takes over what stands
// there then: another master may take the heartbeat of a twin at this moment.
func reserve(ctx context.Context, t *store.WorkTx, beats []arrival, byName map[string]*store.Host) error {
	fresh := map[string]store.Host{}
	for _, hb := range beats {
		if _, named := fresh[hb.Host]; named {
			continue
		}
		known := byName[hb.Host]
		if known != nil && (known.Incarnation == hb.Incarnation || known.AliveAt(t.Now())) {
			continue
		}
		if row, err := hostRow(hb); err == nil {
			fresh[hb.Host] = row
		}
	}
	rows, err := t.Reserve(ctx, slices.Collect(maps.Values(fresh)))
	for i := range rows {
		byName[rows[i].Host] = &rows[i]
	}
	return err
}

// succeeding notes since when this root is the one of its host name, and the
// longest lease of those before it: their attempts may go on for as long.
func succeeding(row store.Host, known *store.Host) store.Host {
	switch {
	case known == nil:
	case known.Incarnation == row.Incarnation:
		row.IncarnationAt, row.FormerLease = known.IncarnationAt, known.FormerLease
	default:
		row.FormerLease = max(known.LeaseMillis, known.FormerLease)
	}
	return row
}

// maxLabels is what the database keeps of a worker's labels, as JSON in bytes:
// half a label would be read as an error by every pass of the assignment.
const maxLabels = 1000

// arrival is a heartbeat with the instant it came, by the cluster's time: it may wait
// to be written.
type arrival struct {
	wire.Heartbeat

	at time.Time
}

// offset is how far the worker's clock is behind the cluster's, in milliseconds,
// the way of the heartbeat included; 0 when it does not say when it was sent.
func (hb arrival) offset() int64 {
	if hb.SentAt == 0 {
		return 0
	}
	return hb.at.UnixMilli() - hb.SentAt
}

func hostRow(hb arrival) (store.Host, error) {
	if hb.Host == "" || hb.Incarnation == "" || hb.CheckInterval <= 0 || hb.Slots < 0 {
		return store.Host{}, fault.New(fault.Invalid, "a heartbeat needs host, incarnation, checkInterval and slots")
	}
	labels, err := json.Marshal(hb.Labels)
	if err != nil {
		return store.Host{}, fmt.Errorf("encode labels: %w", err)
	}
	if len(labels) > maxLabels {
		return store.Host{}, fault.New(fault.Invalid, "the labels of %s take %d bytes, at most %d are kept", hb.Host, len(labels), maxLabels)
	}
	features, err := json.Marshal(hb.Features)
	if err != nil {
		return store.Host{}, fmt.Errorf("encode features: %w", err)
	}
	return store.Host{
		Host: hb.Host, CheckInterval: hb.CheckInterval, StartTime: hb.StartedAt, Memory: hb.Vitals.Memory, Address: hb.Address,
		Incarnation: hb.Incarnation, Group: hb.Group, Labels: string(labels), Version: hb.Version, Slots: hb.Slots,
		Load: hb.Vitals.Load, LoadLimit: hb.LoadLimit, FreeMemory: hb.Vitals.FreeMemory, FreeDisk: hb.Vitals.FreeDisk, Features: string(features), LeaseMillis: hb.LeaseMillis, ClockOffset: hb.offset(),
	}, nil
}
