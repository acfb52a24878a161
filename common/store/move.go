package store

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"capricornus/common/batch"
)

// Change is one move of one batch: what it was when it was locked and what it
// becomes. From is compared once more by the statement that writes To.
type Change struct {
	Move   batch.MoveName
	From   Work
	To     Work
	Detail string // one sentence for the journal; may be empty
	Actor  string // who it was, when not the transaction's actor: the host a fact came from
}

// actor is whom the journal names.
func (c *Change) actor(otherwise string) string {
	if c.Actor != "" {
		return c.Actor
	}
	return otherwise
}

// moveSet are the columns a move may change; they are written all at once.
func moveSet() []string {
	return strings.Fields(`state finishState attempt host incarnation assignTime startTime endTime message gate gateSince
retryAt userFailures infraFailures refusedAt refusedReason killBy killAt killReason markedBy resultCode
dependTimeoutAt outputTimeoutAt peakMemory peakProcesses cpuSeconds epoch seq`)
}

func moveValues(w *Work) []any {
	return []any{
		w.State, w.Finish, w.Attempt, w.Host, w.Incarnation, w.AssignTime, w.StartTime, w.EndTime, clip(w.Message, 1000), w.Gate, w.GateSince,
		w.RetryAt, w.UserFailures, w.InfraFailures, w.RefusedAt, clip(w.RefusedReason, 400), w.KillBy, w.KillAt, clip(w.KillReason, 400), w.MarkedBy, w.ResultCode,
		w.DependTimeoutAt, w.OutputTimeoutAt, w.PeakMemory, w.PeakProcesses, w.CPUSeconds, w.Epoch, w.Seq,
	}
}

// move is the one way a batch changes state: a compare-and-set on (id, state,
// attempt, seq) over a list of batches, with the journal's rows in the same
// transaction. The batches must have been locked in this transaction; if one
// of them does not match all the same, nothing is kept and ErrStale returned.
func (t *tx) move(ctx context.Context, owner batch.Owner, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.From.ID, b.From.ID) })
	set, match := moveSet(), []string{"id", "was_state", "was_attempt", "was_seq"}
	cols := slices.Concat(match, set)
	events := make([][]any, 0, len(changes))
	rows := make([][]any, 0, len(changes))
	for i := range changes {
		c := &changes[i]
		if err := legal(owner, c); err != nil {
			return err
		}
		c.To.Seq = c.From.Seq + 1
		if t.by.Epoch > 0 {
			c.To.Epoch = t.by.Epoch
		}
		rows = append(rows, append([]any{c.From.ID, c.From.State, c.From.Attempt, c.From.Seq}, moveValues(&c.To)...))
		events = append(events, []any{c.From.ID, c.To.Seq, c.Move, c.From.State, c.To.State, c.To.Finish, c.To.Attempt,
			t.by.Kind, c.actor(t.by.ID), t.by.Epoch, t.now, clip(c.Detail, 1000)})
	}
	for page := range t.d.statements(rows) {
		n, err := t.exec(ctx, t.d.updateFrom("capri_task_work", t.d.values(cols, len(page)), set, match), flat(page)...)
		if err != nil {
			return fmt.Errorf("move %d batches: %w", len(page), err)
		}
		if n != int64(len(page)) {
			return fmt.Errorf("move %d batches, %d matched: %w", len(page), n, ErrStale)
		}
	}
	if err := t.spendGates(ctx, changes); err != nil {
		return err
	}
	return t.insert(ctx, "capri_batch_event", eventCols, events, "")
}

const eventCols = "workId, seq, move, fromState, toState, finishState, attempt, actor, actorId, epoch, at, detail"

func legal(owner batch.Owner, c *Change) error {
	m, known := batch.Find(c.Move)
	if !known || m.By != owner {
		return fmt.Errorf("move %s of batch %d is not %s's to make", c.Move, c.From.ID, owner)
	}
	if c.From.Unmet > 0 && (c.Move == batch.MoveAssign || c.Move == batch.MoveReassign || c.Move == batch.MoveStart) {
		return fmt.Errorf("move %s of batch %d, which waits for %d dependencies: %w", c.Move, c.From.ID, c.From.Unmet, ErrStale)
	}
	if !m.Allows(c.From.State, c.To.State, c.To.Finish) {
		return fmt.Errorf("move %s of batch %d from %s to %s/%s is not legal", c.Move, c.From.ID, c.From.State, c.To.State, c.To.Finish)
	}
	if col := strayColumn(c, m.Columns); col != "" {
		return fmt.Errorf("move %s of batch %d changes %s, which it may not: see its columns in common/batch", c.Move, c.From.ID, col)
	}
	return nil
}

// workFields are the fields of Work by their columns.
var workFields = sync.OnceValue(func() map[string]int { //nolint:gochecknoglobals // read only, made once
	of := reflect.TypeFor[Work]()
	out := make(map[string]int, of.NumField())
	for i := range of.NumField() {
		out[of.Field(i).Tag.Get("db")] = i
	}
	return out
})

// strayColumn names a column that a change alters besides those its move may,
// or "". That includes columns which no move writes: they would be lost.
func strayColumn(c *Change, may []string) string {
	rest := c.To
	from, to := reflect.ValueOf(&c.From).Elem(), reflect.ValueOf(&rest).Elem()
	for _, col := range append([]string{"epoch", "seq"}, may...) {
		i := workFields()[col]
		to.Field(i).Set(from.Field(i))
	}
	if rest == c.From {
		return ""
	}
	for col, i := range workFields() {
		if !to.Field(i).Equal(from.Field(i)) {
			return col
		}
	}
	return ""
}

// Move writes the leader's decisions about batches locked in this transaction.
func (t *LeaderTx) Move(ctx context.Context, owner batch.Owner, changes []Change) error {
	return t.move(ctx, owner, changes)
}

// Move writes what workers reported about batches locked in this transaction.
func (t *WorkTx) Move(ctx context.Context, changes []Change) error {
	return t.move(ctx, batch.Intake, changes)
}

// Move writes a person's commands on batches locked in this transaction.
func (t *OperateTx) Move(ctx context.Context, changes []Change) error {
	return t.move(ctx, batch.Operator, changes)
}
