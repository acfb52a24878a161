// Package gate finds out which dependencies of waiting batches are met: data
// paths, third parties, parent batches. It owns the change from unmet to met
// and back; what the change releases is place's to assign.
//
// The duty runs every 30 seconds over everything, and at once over what a
// finished batch, an announcement or a new batch may have released. A hint
// that is lost costs at most one tick.
package gate

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/master/duty"
)

// DutyDepend is the name of the dependency check.
const DutyDepend = "depend"

// Every is how often everything is looked at (seed A3-18).
const Every = 30 * time.Second

// madeLimit is how many new batches are looked at one by one; more are everything.
const madeLimit = 1000

// Gate checks dependencies.
type Gate struct {
	db     *store.DB
	paths  *datapath.Checker
	opened func() // something may have been released
	log    *slog.Logger

	mu       sync.Mutex
	hints    hints
	lastFull time.Time
}

// hints are what to look at before the next full pass.
type hints struct {
	all      bool
	made     []int64           // new batches: their paths may be there already
	finished []int64           // batches whose outputs may be somebody's inputs
	parents  []store.ParentKey // work numbers that have succeeded
}

// New wires a gate; opened is called after something was released.
func New(db *store.DB, paths *datapath.Checker, opened func(), log *slog.Logger) *Gate {
	return &Gate{db: db, paths: paths, opened: opened, log: log}
}

// Finished hints that these batches have succeeded.
func (g *Gate) Finished(ids []int64, keys []store.ParentKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hints.finished = append(g.hints.finished, ids...)
	g.hints.parents = append(g.hints.parents, keys...)
}

// Made hints that these batches are new; too many at once are everything.
func (g *Gate) Made(ids []int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hints.made = append(g.hints.made, ids...)
	if len(ids) == 0 || len(g.hints.made) > madeLimit {
		g.hints.all, g.hints.made = true, nil
	}
}

// LookAtAll hints that anything may have been released: new batches, an
// announcement, a run by hand.
func (g *Gate) LookAtAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hints.all = true
}

// take takes the hints; a pass that was asked for looks at everything.
func (g *Gate) take(now time.Time, asked bool) hints {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.hints
	g.hints = hints{}
	if asked || now.Sub(g.lastFull) >= Every {
		h.all = true
	}
	if h.all {
		g.lastFull = now
	}
	return h
}

// giveBack keeps hints whose pass failed.
func (g *Gate) giveBack(h hints) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hints.all = g.hints.all || h.all
	g.hints.made = append(g.hints.made, h.made...)
	g.hints.finished = append(g.hints.finished, h.finished...)
	g.hints.parents = append(g.hints.parents, h.parents...)
}

// Depend is one pass of the duty.
func (g *Gate) Depend(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	h := g.take(time.Now(), duty.Asked(ctx))
	p := &pass{Gate: g, lead: lead}
	err := p.hinted(ctx, h)
	if err == nil && h.all {
		err = p.everything(ctx)
	}
	if p.released > 0 {
		g.opened()
	}
	if err != nil {
		g.giveBack(h)
		return duty.Pass{}, err
	}
	return duty.Pass{Rows: p.released}, nil
}
