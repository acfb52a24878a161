package guard

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/master/duty"
)

// DutyTimeout is the name of the duty that marks what is late.
const DutyTimeout = "timeout"

// TimeoutCron is second 10 of every minute (seed A3-22).
const TimeoutCron = "10 * * * * *"

// duePage is how many batches one transaction marks: 10,000 that fall due in
// one minute take twenty.
const duePage = 500

// unhurried is how long a pass rests between its pages: what falls due together
// has two minutes until its alerts are recorded (quality.md I9).
const unhurried = 30 * time.Second

// Marks are the timeouts of one batch that are to be marked now.
type Marks struct{ Depend, Output bool }

// JudgeDue decides which timeouts of a batch have passed and are not marked
// yet; it is pure. Both may be due at once (domain.md §9, seed GAP-09: strictly
// before now; exactly.md 16: no dependency timeout once an attempt has begun).
func JudgeDue(w *store.Work, begun bool, now int64) Marks {
	return Marks{
		Depend: w.State == batch.Waiting && w.Unmet > 0 && !begun && passed(w.DependDeadline, w.DependTimeoutAt, now),
		Output: w.Latest && w.Finish != batch.Success && w.Finish != batch.Skipped && passed(w.OutputDeadline, w.OutputTimeoutAt, now),
	}
}

func passed(deadline, marked, now int64) bool {
	return deadline > 0 && marked == 0 && deadline < now
}

func (m Marks) count() int {
	n := 0
	for _, set := range []bool{m.Depend, m.Output} {
		if set {
			n++
		}
	}
	return n
}

// Timeout is one pass: every timeout that has passed is marked and alarmed
// once, in the same transaction, after an outage of any length too.
func (g *Guard) Timeout(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	var out duty.Pass
	var after store.DueKey
	for began := time.Now(); ; {
		page := time.Now()
		p := &duePass{Guard: g, lead: lead}
		if err := p.read(ctx, after); err != nil {
			return out, err
		}
		if err := p.write(ctx); err != nil {
			return out, err
		}
		out.Rows += p.marked
		if len(p.dues) < duePage {
			return out, nil
		}
		after = p.dues[len(p.dues)-1].Key()
		if time.Since(began) < unhurried {
			duty.Rest(ctx, time.Since(page))
		}
	}
}

// duePass is one page of a pass.
type duePass struct {
	*Guard
	lead   *store.Lead
	now    int64
	dues   []store.Due
	names  map[int64]string
	marked int
}

func (p *duePass) read(ctx context.Context, after store.DueKey) error {
	return p.db.View(ctx, func(t *store.ViewTx) (err error) {
		p.now = t.Now()
		if p.dues, err = t.Dues(ctx, p.now, after, duePage); err != nil {
			return err
		}
		tasks := make([]int64, 0, len(p.dues))
		for i := range p.dues {
			tasks = append(tasks, p.dues[i].TaskID)
		}
		p.names, err = t.TaskNames(ctx, tasks)
		return err
	})
}

// write marks what still is as it was read.
func (p *duePass) write(ctx context.Context) error {
	want := map[int64]Marks{}
	ids, alerts := []int64(nil), 0
	for i := range p.dues {
		d := &p.dues[i]
		if m := JudgeDue(&d.Work, d.Started, p.now); m.count() > 0 {
			want[d.ID], ids = m, append(ids, d.ID)
			alerts += m.count()
		}
	}
	if len(ids) == 0 {
		return nil
	}
	alertIDs, err := p.db.IDs(ctx, alerts)
	if err != nil {
		return err
	}
	return p.lead.Tx(ctx, DutyTimeout, func(t *store.LeaderTx) error {
		works, err := t.Lock(ctx, ids)
		if err != nil {
			return err
		}
		begun, err := t.Begun(ctx, ids)
		if err != nil {
			return err
		}
		m := marking{duePass: p, ids: alertIDs, at: t.Now()}
		for _, id := range ids {
			if w := works[id]; w != nil {
				now := JudgeDue(w, begun[id], p.now)
				m.depend(w, now.Depend && want[id].Depend)
				m.output(w, now.Output && want[id].Output)
			}
		}
		return m.write(ctx, t)
	})
}

// marking gathers the moves and alerts of one transaction. A batch that gets
// both marks makes two moves, the second from where the first ended.
type marking struct {
	*duePass
	ids     []int64 // for alerts
	at      int64
	depends []store.Change
	outputs []store.Change
	alerts  []store.Alert
}

func (m *marking) depend(w *store.Work, due bool) {
	if !due {
		return
	}
	to := *w
	to.Finish, to.DependTimeoutAt = batch.DependTimeout, m.at
	detail := "dependencies were not met by " + m.clock(w.DependDeadline)
	m.depends = append(m.depends, store.Change{Move: batch.MoveDependTimeout, From: *w, To: to, Detail: detail})
	m.raise(w, store.AlertDependTimeout, fmt.Sprintf("its %s; %d are missing", detail, w.Unmet))
}

func (m *marking) output(w *store.Work, due bool) {
	if !due {
		return
	}
	to := *w
	to.OutputTimeoutAt = m.at
	if w.State != batch.Done {
		to.Finish = batch.OutputTimeout
	}
	detail := "not successful by " + m.clock(w.OutputDeadline)
	m.outputs = append(m.outputs, store.Change{Move: batch.MoveOutputTimeout, From: *w, To: to, Detail: detail})
	m.raise(w, store.AlertOutputTimeout, detail+"; it "+standing(w))
}

// standing says in words where a late batch stands.
func standing(w *store.Work) string {
	switch {
	case w.State == batch.Waiting && w.Unmet > 0:
		return fmt.Sprintf("waits for %d dependencies", w.Unmet)
	case w.State == batch.Waiting:
		return "waits to be assigned"
	case w.State == batch.Done:
		return "has ended: " + w.Finish.String()
	}
	return fmt.Sprintf("is %s on %s", w.State, w.Host)
}

func (m *marking) raise(w *store.Work, kind, text string) {
	ref := w.Ref(m.names[w.TaskID]).String()
	m.alerts = append(m.alerts, store.Alert{
		ID: m.ids[len(m.alerts)], Kind: kind, Object: ref, Occurrence: store.OccurredOnce, Level: store.LevelTask, TaskID: w.TaskID, WorkID: w.ID, Text: ref + ": " + text,
	})
}

func (m *marking) write(ctx context.Context, t *store.LeaderTx) error {
	if err := t.Move(ctx, batch.Guard, m.depends); err != nil {
		return err
	}
	moved := make(map[int64]store.Work, len(m.depends))
	for i := range m.depends {
		moved[m.depends[i].To.ID] = m.depends[i].To
	}
	for i := range m.outputs {
		c := &m.outputs[i]
		if from, both := moved[c.From.ID]; both {
			c.From = from
			c.To.DependTimeoutAt = from.DependTimeoutAt
		}
	}
	if err := t.Move(ctx, batch.Guard, m.outputs); err != nil {
		return err
	}
	if err := t.Raise(ctx, m.alerts...); err != nil {
		return err
	}
	m.marked = len(m.depends) + len(m.outputs)
	return nil
}
