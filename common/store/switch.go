package store

import (
	"context"
	"fmt"
)

// Switch is how a worker's switch is to stand.
type Switch struct {
	Off    bool
	Drain  bool   // with Off: it is meant to become empty
	Reason string // kept while it is off
	Until  int64  // it is on again by itself from then; 0: never
}

// SwitchHost turns the switch of a worker, and returns the worker as it was and
// as it is. The time at which a worker was switched off stays as long as it is
// off: who gives another reason or end does not begin it anew.
func (t *OperateTx) SwitchHost(ctx context.Context, host string, s Switch) (before, after Host, err error) {
	// by the primary key
	if err := t.get(ctx, &before, "SELECT "+hostCols+" FROM capri_schedul_cluster WHERE host = ?"+t.d.forUpdate, host); err != nil {
		return before, after, fmt.Errorf("worker %s: %w", host, err)
	}
	after = before
	after.IsStop, after.IsDrain, after.StopTime, after.StopReason, after.StopUntil, after.StopBy = false, false, 0, "", 0, ""
	if s.Off {
		after.IsStop, after.IsDrain = true, s.Drain
		after.StopTime, after.StopReason, after.StopUntil, after.StopBy = t.now, clip(s.Reason, 400), s.Until, clip(t.by.ID, 100)
		if before.StoppedAt(t.now) && before.StopTime > 0 {
			after.StopTime = before.StopTime
		}
	}
	_, err = t.exec(ctx, "UPDATE capri_schedul_cluster SET isStop = ?, stopTime = ?, stopReason = ?, stopUntil = ?, isDrain = ?, stopBy = ? WHERE host = ?",
		boolInt(after.IsStop), after.StopTime, after.StopReason, after.StopUntil, boolInt(after.IsDrain), after.StopBy, host)
	if err != nil {
		return before, after, fmt.Errorf("switch %s: %w", host, err)
	}
	return before, after, nil
}

// StoppedHosts lists the workers that are switched off now, by themselves or
// with their group: of some, or of all when none is named.
func (t *ViewTx) StoppedHosts(ctx context.Context, some ...string) (map[string]bool, error) {
	w := where{}
	// those named by the primary key; else all of capri_schedul_cluster, a row for each worker
	w.add(len(some) > 0, "h.host IN ("+placeholders(len(some))+")", anys(some)...)
	w.add(true, "(h.isStop = 1 AND (h.stopUntil = 0 OR h.stopUntil > ?) OR g.name IS NOT NULL)", t.now)
	var names []string
	err := t.all(ctx, &names, "SELECT h.host FROM capri_schedul_cluster h LEFT JOIN capri_worker_group g ON g.name = h.workerGroup AND g.isEnabled = 0"+
		w.text()+" ORDER BY h.host LIMIT 10000", w.args...)
	if err != nil {
		return nil, fmt.Errorf("list workers that are off: %w", err)
	}
	out := make(map[string]bool, len(names))
	for _, name := range names {
		out[name] = true
	}
	return out, nil
}

// ReasonOff begins the reason of a re-assignment away from a worker that
// somebody has switched off: it is not the worker's fault.
const ReasonOff = "switched off: "

// TakenFrom lists what was taken away from a worker since an instant, newest first.
func (t *ViewTx) TakenFrom(ctx context.Context, host string, since int64, limit int) ([]Reassignment, error) {
	var out []Reassignment
	// ix_reschedule_host (oldHost, at)
	err := t.all(ctx, &out, `SELECT taskWorkId, attempt, oldHost, oldAssignTime, newHost, reason, at
FROM capri_reschedule_log WHERE oldHost = ? AND at >= ? ORDER BY at DESC, taskWorkId, attempt LIMIT ?`, host, since, limit)
	if err != nil {
		return nil, fmt.Errorf("list re-assignments from %s: %w", host, err)
	}
	return out, nil
}
