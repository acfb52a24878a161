package place

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/master/duty"
)

// DutyAssign is the name of the duty that assigns and re-assigns.
const DutyAssign = "assign"

// Every is how often all ready batches are looked at; wakes look at the head
// of the line at once.
const Every = 5 * time.Second

const (
	readyPage    = 256
	assignedPage = 10000
)

// Placer assigns batches.
type Placer struct {
	db       *store.DB
	defs     *store.Definitions
	silent   func() []string
	notify   Notify
	log      *slog.Logger
	lastFull atomic.Int64 // when all ready batches were looked at, UTC milliseconds
}

// Notify tells others that something is there for them. Losing a call costs time only.
type Notify struct {
	Assigned func(hosts []string) // these hosts have something to pick up
	Quality  func(ids []int64)    // these batches have come before the data-quality gate
	// Dispatched is told how long a batch waited for a place; nil: nobody asks.
	Dispatched func(waited time.Duration)
}

// New wires a placer; silent names the file systems that do not answer this master.
func New(db *store.DB, defs *store.Definitions, silent func() []string, notify Notify, log *slog.Logger) *Placer {
	return &Placer{db: db, defs: defs, silent: silent, notify: notify, log: log}
}

// Assign is one pass: first what must leave its worker, then ready batches in
// order. A pass between two ticks stops when all slots are taken; a full one
// goes to the end, so that every waiting batch carries its reason.
func (p *Placer) Assign(ctx context.Context, lead *store.Lead, termSince time.Time) (duty.Pass, error) {
	pass := &pass{Placer: p, lead: lead}
	now := p.db.Now().UnixMilli()
	full := duty.Asked(ctx) || now-p.lastFull.Load() >= Every.Milliseconds()
	var err error
	err = p.db.View(ctx, func(t *store.ViewTx) error {
		if pass.s, err = ReadSnapshot(ctx, t, termSince.UnixMilli()); err != nil {
			return err
		}
		pass.s.Silent = p.silent()
		return pass.readAssigned(ctx, t)
	})
	if err != nil {
		return duty.Pass{}, err
	}
	decisions := make([]Decision, 0, len(pass.assignedWorks))
	for _, w := range pass.assignedWorks {
		decisions = append(decisions, pass.s.decideAssigned(w))
	}
	if err := pass.write(ctx, decisions); err != nil {
		return duty.Pass{}, err
	}
	if err := pass.ready(ctx, full); err != nil {
		return duty.Pass{}, err
	}
	if full {
		p.lastFull.Store(now)
	}
	return duty.Pass{Rows: pass.changed, Next: pass.nextTime()}, nil
}

type pass struct {
	*Placer
	lead          *store.Lead
	s             *Snapshot
	assignedWorks []store.Work
	changed       int
	next          int64
	waited        []time.Duration // how long those waited for a place that have just got one
}

func (p *pass) readAssigned(ctx context.Context, t *store.ViewTx) error {
	works, err := t.AssignedWorks(ctx, assignedPage)
	if err != nil {
		return err
	}
	p.assignedWorks = works
	if err := p.s.Facts(ctx, t, p.defs, works); err != nil {
		return err
	}
	return p.s.Exclusions(ctx, t, works)
}

// ready goes through the line of ready batches.
func (p *pass) ready(ctx context.Context, full bool) error {
	after := store.FirstReady()
	for full || p.s.capacity() > 0 {
		// Between two ticks only the head of the line matters: what there is room for, and some who may be stopped by a gate.
		page := readyPage
		if !full {
			page = min(readyPage, p.s.capacity()+16)
		}
		var works []store.Work
		err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
			if works, err = t.Ready(ctx, after, page); err != nil {
				return err
			}
			if err := p.s.Facts(ctx, t, p.defs, works); err != nil {
				return err
			}
			return p.s.Exclusions(ctx, t, works)
		})
		if err != nil {
			return err
		}
		decisions := make([]Decision, 0, len(works))
		for _, w := range works {
			decisions = append(decisions, p.s.decideReady(w))
		}
		if err := p.write(ctx, decisions); err != nil {
			return err
		}
		if len(works) < page {
			return nil
		}
		last := works[len(works)-1]
		after = store.ReadyKey{Priority: last.Priority, ScheduleTime: last.ScheduleTime, ID: last.ID}
	}
	return nil
}

// nextTime is when time alone may open a gate.
func (p *pass) nextTime() time.Time {
	if p.next == 0 {
		return time.Time{}
	}
	return time.UnixMilli(p.next)
}

// write applies decisions and notes gates that have changed.
func (p *pass) write(ctx context.Context, decisions []Decision) error {
	var moves []Decision
	var gates []store.Gate
	var quality []int64
	for _, d := range decisions {
		if d.At > p.s.Now && (p.next == 0 || d.At < p.next) {
			p.next = d.At
		}
		if d.Kind != Stay {
			moves = append(moves, d)
			continue
		}
		message := batch.Message(d.Gate, d.Args...)
		if d.Work.State == batch.Waiting && (d.Work.Gate != string(d.Gate) || d.Work.Message != message) {
			gates = append(gates, store.Gate{ID: d.Work.ID, Code: string(d.Gate), Message: message})
			if d.Gate == batch.GateQuality {
				quality = append(quality, d.Work.ID)
			}
		}
	}
	if len(moves) == 0 && len(gates) == 0 {
		return nil
	}
	ids, err := p.alertIDs(ctx, moves)
	if err != nil {
		return err
	}
	var hosts []string
	err = p.lead.Tx(ctx, DutyAssign, func(t *store.LeaderTx) error {
		done, err := p.apply(ctx, t, moves, ids)
		if err != nil {
			return err
		}
		hosts = done
		return t.SetGates(ctx, gates)
	})
	if err != nil {
		return err
	}
	if p.notify.Dispatched != nil && len(moves) > 0 {
		for _, waited := range p.waited {
			p.notify.Dispatched(waited)
		}
	}
	if len(hosts) > 0 {
		p.notify.Assigned(hosts)
	}
	if len(quality) > 0 {
		p.notify.Quality(quality)
	}
	return nil
}
