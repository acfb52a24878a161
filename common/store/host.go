package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Host is a worker, a row of capri_schedul_cluster.
type Host struct {
	Host          string  `db:"host"`
	LastCheckTime int64   `db:"lastCheckTime"`
	CheckInterval int64   `db:"checkInterval"`
	IsStop        bool    `db:"isStop"`
	StopTime      int64   `db:"stopTime"`
	StopReason    string  `db:"stopReason"`
	StopUntil     int64   `db:"stopUntil"`
	StartTime     int64   `db:"startTime"`
	Memory        int64   `db:"memory"`
	Address       string  `db:"address"`
	Incarnation   string  `db:"incarnation"`
	Group         string  `db:"workerGroup"`
	Labels        string  `db:"labels"` // JSON object
	Version       string  `db:"version"`
	Slots         int     `db:"slots"`
	Load          float64 `db:"loadPerCore"`
	LoadLimit     float64 `db:"loadLimit"` // per core; 0: none
	FreeMemory    int64   `db:"freeMemory"`
	FreeDisk      int64   `db:"freeDisk"`
	Features      string  `db:"features"`      // JSON array
	LeaseMillis   int64   `db:"leaseMillis"`   // silence after which this worker ends attempts of fence tasks; 0: unknown
	IncarnationAt int64   `db:"incarnationAt"` // when this incarnation was first heard of, by the masters' clock
	FormerLease   int64   `db:"formerLease"`   // the longest lease of earlier incarnations
	DeadAt        int64   `db:"deadAt"`        // when an operator declared it dead; 0: not, or it has been heard of since
	DeadBy        string  `db:"deadBy"`
	DeadReason    string  `db:"deadReason"`
	IsDrain       bool    `db:"isDrain"`     // switched off to become empty
	StopBy        string  `db:"stopBy"`      // "" with isStop: by a statement in the database
	ClockOffset   int64   `db:"clockOffset"` // milliseconds its clock was behind the masters' at its last heartbeat, the way there included
	GroupOff      bool    `db:"groupOff"`    // its worker group is switched off; read by Hosts and HostByName only
}

const hostCols = `host, lastCheckTime, checkInterval, isStop, stopTime, stopReason, stopUntil, startTime, memory, address, incarnation,
workerGroup, labels, version, slots, loadPerCore, loadLimit, freeMemory, freeDisk, features, leaseMillis, incarnationAt, formerLease, deadAt, deadBy, deadReason,
isDrain, stopBy, clockOffset`

// AliveAt tells whether the last heartbeat is younger than the check interval.
func (h *Host) AliveAt(now int64) bool { return now-h.LastCheckTime < h.CheckInterval }

// StoppedAt tells whether the switch keeps new batches away.
func (h *Host) StoppedAt(now int64) bool {
	return h.IsStop && (h.StopUntil == 0 || now < h.StopUntil)
}

const selectHosts = `SELECT h.*, g.name IS NOT NULL AS groupOff FROM (SELECT ` + hostCols + ` FROM capri_schedul_cluster) h
LEFT JOIN capri_worker_group g ON g.name = h.workerGroup AND g.isEnabled = 0`

// Hosts lists all workers by name.
func (t *ViewTx) Hosts(ctx context.Context) ([]Host, error) {
	var out []Host
	err := t.all(ctx, &out, selectHosts+" ORDER BY h.host LIMIT 10000")
	if err != nil {
		return nil, fmt.Errorf("list workers: %w", err)
	}
	return out, nil
}

// HostByName reads one worker.
func (t *ViewTx) HostByName(ctx context.Context, name string) (Host, error) {
	var h Host
	// by the primary key
	err := t.get(ctx, &h, selectHosts+" WHERE h.host = ?", name)
	return h, err
}

// Reserve writes those hosts that have no row yet and returns the rows of all of
// them as they are then, locked until the transaction ends: of two workers that
// come under one name at the same moment, through two masters, one is first.
func (t *WorkTx) Reserve(ctx context.Context, hosts []Host) ([]Host, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	if err := t.insert(ctx, "capri_schedul_cluster", hostCols, t.beats(hosts), t.d.ignore("host")); err != nil {
		return nil, fmt.Errorf("reserve %d host names: %w", len(hosts), err)
	}
	names := make([]any, 0, len(hosts))
	for i := range hosts {
		names = append(names, hosts[i].Host)
	}
	var out []Host
	// by the primary key
	query := fmt.Sprintf("SELECT "+hostCols+" FROM capri_schedul_cluster WHERE host IN (%s) ORDER BY host", placeholders(len(names))) + t.d.forUpdate
	if err := t.all(ctx, &out, query, names...); err != nil {
		return nil, fmt.Errorf("lock %d workers: %w", len(hosts), err)
	}
	return out, nil
}

// Beat writes heartbeats, stamped by this clock; who is heard is not dead. The columns isStop, stopTime,
// stopReason, stopUntil, isDrain and stopBy are an operator's: a heartbeat never changes them.
func (t *WorkTx) Beat(ctx context.Context, hosts []Host) error {
	return t.insert(ctx, "capri_schedul_cluster", hostCols, t.beats(hosts), t.d.upsert("host",
		"lastCheckTime", "checkInterval", "startTime", "memory", "address", "incarnation", "workerGroup", "labels",
		"version", "slots", "loadPerCore", "loadLimit", "freeMemory", "freeDisk", "features", "leaseMillis", "incarnationAt", "formerLease",
		"deadAt", "deadBy", "deadReason", "clockOffset"))
}

// beats are the rows of heartbeats, always in the same order.
func (t *WorkTx) beats(hosts []Host) [][]any {
	rows := make([][]any, 0, len(hosts))
	for _, h := range slices.SortedFunc(slices.Values(hosts), func(a, b Host) int { return cmp.Compare(a.Host, b.Host) }) {
		if h.IncarnationAt == 0 {
			h.IncarnationAt = t.now
		}
		rows = append(rows, []any{
			h.Host, t.now, h.CheckInterval, 0, 0, "", 0, h.StartTime, h.Memory, clip(h.Address, 200), h.Incarnation,
			h.Group, clip(h.Labels, 1000), clip(h.Version, 60), h.Slots, h.Load, h.LoadLimit, h.FreeMemory, h.FreeDisk, clip(h.Features, 1000),
			h.LeaseMillis, h.IncarnationAt, h.FormerLease, 0, "", "", 0, "", h.ClockOffset,
		})
	}
	return rows
}
