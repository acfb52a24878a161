// Package gate finds out which dependencies of waiting batches are met: data
// paths, third parties, parent batches. It owns the change from unmet to met
// and back; what the change releases is place's to assign.
//
// Two duties run every 30 seconds over everything, and at once over what a
// finished batch, an announcement or a new batch may have released: one asks the
// database about parents and third parties, the other looks at data paths, so
// that a file system that does not answer holds up nobody but its own readers. A
// hint that is lost costs at most one tick.
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

// The names of the dependency checks.
const (
	DutyDepend = "depend" // parents and third parties
	DutyPaths  = "paths"  // data paths
)

// Every is how often everything is looked at (seed A3-18).
const Every = 30 * time.Second

// Gate checks dependencies.
type Gate struct {
	db     *store.DB
	paths  *datapath.Checker
	opened func() // something may have been released
	log    *slog.Logger

	needs inbox // of DutyDepend
	looks inbox // of DutyPaths

	mu     sync.Mutex
	looked bool // at all paths, in this term
	away   map[string]Away
	day    string          // of the alerts about single paths
	told   map[string]bool // the paths they were about
}

// New wires a gate; opened is called after something was released.
func New(db *store.DB, paths *datapath.Checker, opened func(), log *slog.Logger) *Gate {
	return &Gate{db: db, paths: paths, opened: opened, log: log}
}

// Begin begins a term: everything is looked at, and what was found away is
// found out anew.
func (g *Gate) Begin() {
	g.needs.put(hints{all: true})
	g.looks.put(hints{all: true})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looked, g.away = false, nil
}

// Finished hints that these batches have succeeded.
func (g *Gate) Finished(ids []int64, keys []store.ParentKey) {
	g.needs.put(hints{parents: keys})
	g.looks.put(hints{finished: ids})
}

// Made hints that these batches are new; too many at once are everything.
func (g *Gate) Made(ids []int64) {
	h := hints{all: len(ids) == 0, made: ids}
	g.needs.put(h)
	g.looks.put(h)
}

// Announced hints that third parties may have announced what is waited for.
func (g *Gate) Announced() { g.needs.put(hints{all: true}) }

// Doubted hints that a worker could not look at the inputs of these batches.
func (g *Gate) Doubted(ids []int64) { g.looks.put(hints{made: ids}) }

// LookAtPaths hints that any path may have become ready: a file system has come
// back, or a person asks.
func (g *Gate) LookAtPaths() { g.looks.put(hints{all: true}) }

// Depend is one pass over parents and third parties.
func (g *Gate) Depend(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	h := g.needs.take(time.Now(), duty.Asked(ctx))
	p := &pass{Gate: g, lead: lead}
	err := p.hintedNeeds(ctx, h)
	if err == nil && h.all {
		err = p.allNeeds(ctx)
	}
	return p.ended(&g.needs, h, err)
}

// Paths is one pass over data paths.
func (g *Gate) Paths(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	h := g.looks.take(time.Now(), duty.Asked(ctx))
	p := &pass{Gate: g, lead: lead}
	err := p.hintedPaths(ctx, h)
	if err == nil && h.all {
		err = p.allPaths(ctx)
	}
	return p.ended(&g.looks, h, err)
}

// pass is one run of a duty.
type pass struct {
	*Gate
	lead     *store.Lead
	released int
	heard    int // how many of them the caller was told of
}

// tell says that something was released, once for what was.
func (p *pass) tell() {
	if p.released > p.heard {
		p.heard = p.released
		p.opened()
	}
}

// ended keeps the hints of a pass that failed.
func (p *pass) ended(b *inbox, h hints, err error) (duty.Pass, error) {
	p.tell()
	if err != nil {
		b.put(h)
		return duty.Pass{}, err
	}
	return duty.Pass{Rows: p.released}, nil
}
