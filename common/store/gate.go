package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"capricornus/common/batch"
)

// Gate is what stops a ready batch, as found by a pass.
type Gate struct {
	ID      int64
	Code    string // "" = nothing
	Message string
}

// gateSpan is a time a batch stood before one gate.
type gateSpan struct {
	workID      int64
	gate        string
	since, till int64
}

// SetGates writes what stops waiting batches; since is kept while the code
// stays the same. Moves are not touched, so no journal row is written.
func (t *LeaderTx) SetGates(ctx context.Context, gates []Gate) error {
	before, err := t.gatesOf(ctx, gates)
	if err != nil {
		return err
	}
	cols := []string{"id", "was_state", "gate", "gateSince", "message"}
	rows := make([][]any, 0, len(gates))
	var left []gateSpan
	for _, g := range slices.SortedFunc(slices.Values(gates), func(a, b Gate) int { return cmp.Compare(a.ID, b.ID) }) {
		was := before[g.ID]
		since := was.since
		if was.gate != g.Code {
			since = t.now
			left = append(left, gateSpan{workID: g.ID, gate: was.gate, since: was.since, till: t.now})
		}
		rows = append(rows, []any{g.ID, batch.Waiting, g.Code, since, clip(g.Message, 1000)})
	}
	for page := range t.d.statements(rows) {
		q := t.d.updateFrom("capri_task_work", t.d.values(cols, len(page)), cols[2:], cols[:2])
		if _, err := t.exec(ctx, q, flat(page)...); err != nil {
			return fmt.Errorf("write gates: %w", err)
		}
	}
	return t.spend(ctx, left)
}

// gatesOf reads before which gates these batches stand, and since when.
func (t *tx) gatesOf(ctx context.Context, gates []Gate) (map[int64]gateSpan, error) {
	out := make(map[int64]gateSpan, len(gates))
	for page := range pages(gates, 1000) {
		ids := make([]any, 0, len(page))
		for _, g := range page {
			ids = append(ids, g.ID)
		}
		var rows []struct {
			ID    int64  `db:"id"`
			Code  string `db:"gate"`
			Since int64  `db:"gateSince"`
		}
		// by the primary key
		if err := t.all(ctx, &rows, "SELECT id, gate, gateSince FROM capri_task_work WHERE id IN ("+placeholders(len(ids))+")", ids...); err != nil {
			return nil, fmt.Errorf("read gates: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = gateSpan{workID: r.ID, gate: r.Code, since: r.Since}
		}
	}
	return out, nil
}

// spendGates sums up the time that moved batches have stood before the gates
// they leave.
func (t *tx) spendGates(ctx context.Context, changes []Change) error {
	var left []gateSpan
	for i := range changes {
		from, to := &changes[i].From, &changes[i].To
		if from.Gate != to.Gate || from.GateSince != to.GateSince {
			left = append(left, gateSpan{workID: from.ID, gate: from.Gate, since: from.GateSince, till: t.now})
		}
	}
	return t.spend(ctx, left)
}

// spend adds times to the sums by batch and gate.
func (t *tx) spend(ctx context.Context, spans []gateSpan) error {
	rows := make([][]any, 0, len(spans))
	for _, s := range spans {
		if s.gate != "" && s.since > 0 && s.till > s.since {
			rows = append(rows, []any{s.workID, s.gate, s.till - s.since})
		}
	}
	return t.insert(ctx, "capri_gate_spent", "workId, gate, millis", rows, t.d.adding("workId, gate", "millis"))
}

// GateSpent is how long a batch has stood before one gate altogether.
type GateSpent struct {
	Gate   string `db:"gate"`
	Millis int64  `db:"millis"`
}

// GatesSpent reads how long a batch stood before its gates, longest first.
func (t *ViewTx) GatesSpent(ctx context.Context, workID int64) ([]GateSpent, error) {
	var out []GateSpent
	// by the primary key
	if err := t.all(ctx, &out, "SELECT gate, millis FROM capri_gate_spent WHERE workId = ? ORDER BY millis DESC, gate LIMIT 100", workID); err != nil {
		return nil, fmt.Errorf("read gates of batch %d: %w", workID, err)
	}
	return out, nil
}
