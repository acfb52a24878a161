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
	"fmt"
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

const (
	parentPage = 1000
	pathPage   = 2000
	madeLimit  = 1000
)

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

func (g *Gate) take(now time.Time) hints {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.hints
	g.hints = hints{}
	if now.Sub(g.lastFull) >= Every {
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
	h := g.take(time.Now())
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

type pass struct {
	*Gate
	lead     *store.Lead
	released int
}

// hinted looks only at what finished batches may have released.
func (p *pass) hinted(ctx context.Context, h hints) error {
	if err := p.meetParents(ctx, h.parents); err != nil {
		return err
	}
	if len(h.finished)+len(h.made) == 0 {
		return nil
	}
	var paths []store.UnmetPath
	var lasts []int64
	err := p.db.View(ctx, func(t *store.ViewTx) error {
		readers, err := t.ReadersOf(ctx, h.finished)
		if err != nil {
			return err
		}
		own, err := t.UnmetPathsOf(ctx, h.made)
		if err != nil {
			return err
		}
		paths = append(readers, own...)
		if lasts, err = t.ReadyLastsOf(ctx, tasksOf(h.parents)); err != nil {
			return err
		}
		mine, err := t.ReadyLastsFor(ctx, h.made)
		lasts = append(lasts, mine...)
		return err
	})
	if err != nil {
		return err
	}
	if err := p.meetLasts(ctx, lasts); err != nil {
		return err
	}
	return p.look(ctx, paths)
}

func tasksOf(keys []store.ParentKey) []int64 {
	out := make([]int64, 0, len(keys))
	for _, k := range keys {
		out = append(out, k.TaskID)
	}
	return out
}

// everything is the full pass; a kind that cannot be checked holds up no other.
func (p *pass) everything(ctx context.Context) error {
	if err := p.allParents(ctx); err != nil {
		return err
	}
	if err := p.allThirds(ctx); err != nil {
		return err
	}
	return p.allPaths(ctx)
}

func (p *pass) allParents(ctx context.Context) error {
	for {
		var keys []store.ParentKey
		var lasts []int64
		err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
			if keys, err = t.ReadyParents(ctx, parentPage); err != nil {
				return err
			}
			lasts, err = t.ReadyLasts(ctx, parentPage)
			return err
		})
		if err != nil {
			return err
		}
		if err := p.meetParents(ctx, keys); err != nil {
			return err
		}
		if err := p.meetLasts(ctx, lasts); err != nil {
			return err
		}
		if len(keys) < parentPage {
			return nil
		}
	}
}

func (p *pass) meetParents(ctx context.Context, keys []store.ParentKey) error {
	if len(keys) == 0 {
		return nil
	}
	return p.lead.Tx(ctx, DutyDepend, func(t *store.LeaderTx) error {
		n, err := t.MeetParents(ctx, keys)
		p.released += n
		return err
	})
}

func (p *pass) meetLasts(ctx context.Context, tasks []int64) error {
	if len(tasks) == 0 {
		return nil
	}
	return p.lead.Tx(ctx, DutyDepend, func(t *store.LeaderTx) error {
		n, err := t.MeetLasts(ctx, tasks)
		p.released += n
		return err
	})
}

func (p *pass) allThirds(ctx context.Context) error {
	for {
		var keys []store.ThirdKey
		err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
			keys, err = t.ReadyThirds(ctx, parentPage)
			return err
		})
		if err != nil {
			return err
		}
		if len(keys) > 0 {
			err = p.lead.Tx(ctx, DutyDepend, func(t *store.LeaderTx) error {
				n, err := t.MeetThirds(ctx, keys)
				p.released += n
				return err
			})
		}
		if err != nil || len(keys) < parentPage {
			return err
		}
	}
}

func (p *pass) allPaths(ctx context.Context) error {
	var after store.UnmetPath
	for {
		var paths []store.UnmetPath
		err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
			paths, err = t.UnmetPaths(ctx, after, pathPage)
			return err
		})
		if err != nil {
			return err
		}
		if err := p.look(ctx, paths); err != nil {
			return err
		}
		if len(paths) < pathPage {
			return nil
		}
		after = paths[len(paths)-1]
	}
}

// lookTries is a first look and three more (seed A3-21).
const lookTries = 4

// look checks paths and writes what was found; one that could not be looked at
// stays as it was, with the reason.
func (p *pass) look(ctx context.Context, paths []store.UnmetPath) error {
	if len(paths) == 0 {
		return nil
	}
	found, failed := p.check(ctx, paths)
	if len(found) > 0 {
		err := p.lead.Tx(ctx, DutyDepend, func(t *store.LeaderTx) error {
			n, err := t.SetPaths(ctx, found)
			p.released += n
			return err
		})
		if err != nil {
			return err
		}
	}
	return p.alarm(ctx, failed)
}

func (p *pass) check(ctx context.Context, paths []store.UnmetPath) (found, failed []store.PathState) {
	open := make([]datapath.Check, 0, len(paths))
	for _, u := range paths {
		open = append(open, datapath.Check{Path: u.Path, Ready: u.Ready})
	}
	for try := 1; len(open) > 0; try++ {
		var again []datapath.Check
		for i, r := range p.paths.ReadyMany(ctx, open) {
			c := open[i]
			switch {
			case r.Err == nil && r.Ready:
				found = append(found, store.PathState{Path: c.Path, Ready: c.Ready, Met: true})
			case r.Err != nil && try < lookTries:
				again = append(again, c)
			case r.Err != nil:
				failed = append(failed, store.PathState{Path: c.Path, Ready: c.Ready, Error: r.Err.Error()})
			}
		}
		open = again
	}
	return append(found, failed...), failed
}

// alarm records, once a day for each path, that it cannot be looked at: phone,
// SMS and mail, which is the level critical.
func (p *pass) alarm(ctx context.Context, failed []store.PathState) error {
	if len(failed) == 0 {
		return nil
	}
	ids, err := p.db.IDs(ctx, len(failed))
	if err != nil {
		return err
	}
	today := time.Now().UTC().Format(time.DateOnly)
	return p.lead.Tx(ctx, DutyDepend, func(t *store.LeaderTx) error {
		for i, f := range failed {
			if err := t.Raise(ctx, store.Alert{
				ID: ids[i], Kind: "depend-check-failed", Object: f.Path, Occurrence: today, Level: store.LevelCritical,
				Text: fmt.Sprintf("%s could not be looked at in %d tries: %s", f.Path, lookTries, f.Error),
			}); err != nil {
				return err
			}
		}
		return nil
	})
}
