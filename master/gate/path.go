package gate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
)

const (
	// pathPage is how many distinct paths are read together.
	pathPage = 2000
	// lookPage is how many are looked at together: the more, the fewer
	// directories are listed twice.
	lookPage = 50_000
)

// hintedPaths looks only at what finished and new batches may have made ready.
func (p *pass) hintedPaths(ctx context.Context, h hints) error {
	if len(h.finished)+len(h.made) == 0 {
		return nil
	}
	var paths []store.UnmetPath
	err := p.db.View(ctx, func(t *store.ViewTx) error {
		readers, err := t.ReadersOf(ctx, h.finished)
		if err != nil {
			return err
		}
		own, err := t.UnmetPathsOf(ctx, h.made)
		paths = append(readers, own...)
		return err
	})
	if err != nil {
		return err
	}
	_, err = p.look(ctx, paths)
	return err
}

// allPaths is the full pass. It counts what could not be looked at because its
// file system is away.
func (p *pass) allPaths(ctx context.Context) error {
	away := map[string]Away{}
	var after store.UnmetPath
	for more := true; more; {
		var paths []store.UnmetPath
		for more && len(paths) < lookPage {
			var page []store.UnmetPath
			err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
				page, err = t.UnmetPaths(ctx, after, pathPage)
				return err
			})
			if err != nil {
				return err
			}
			if more = len(page) >= pathPage; more {
				after = page[len(page)-1]
			}
			paths = append(paths, page...)
		}
		found, err := p.look(ctx, paths)
		if err != nil {
			return err
		}
		for name, a := range found {
			a.Paths += away[name].Paths
			away[name] = a
		}
	}
	p.noteAway(away, p.db.Now())
	return nil
}

// look looks at paths and writes what it finds as it comes. What could not be
// looked at stays as it was, with the reason; it returns what is away of it.
func (p *pass) look(ctx context.Context, paths []store.UnmetPath) (map[string]Away, error) {
	l := newLook(p, paths)
	for try := 1; len(l.open) > 0; try++ {
		if err := l.round(ctx, try == datapath.Tries); err != nil {
			return nil, err
		}
	}
	return l.away, p.alarm(ctx, l.failed)
}

// alarm records, once a day for each path, that it cannot be looked at: phone,
// SMS and mail, which is the level critical.
func (p *pass) alarm(ctx context.Context, failed []datapath.Result) error {
	today := p.db.Now().UTC().Format(time.DateOnly)
	failed = p.untold(failed, today)
	if len(failed) == 0 {
		return nil
	}
	ids, err := p.db.IDs(ctx, len(failed))
	if err != nil {
		return err
	}
	alerts := make([]store.Alert, len(failed))
	for i, f := range failed {
		alerts[i] = store.Alert{
			ID: ids[i], Kind: "depend-check-failed", Object: f.Path, Occurrence: today, Level: store.LevelCritical,
			Text: fmt.Sprintf("%s could not be looked at in %d tries: %s", f.Path, datapath.Tries, f.Err),
		}
	}
	if err := p.lead.Tx(ctx, DutyPaths, func(t *store.LeaderTx) error { return t.Raise(ctx, alerts...) }); err != nil {
		return err
	}
	p.noteTold(failed)
	return nil
}

// untold leaves out what this leader has told of today: writing it again changes
// nothing, and costs as much.
func (g *Gate) untold(failed []datapath.Result, today string) []datapath.Result {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.day != today {
		g.day, g.told = today, map[string]bool{}
	}
	return slices.DeleteFunc(failed, func(r datapath.Result) bool { return g.told[r.Path] })
}

func (g *Gate) noteTold(failed []datapath.Result) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range failed {
		g.told[f.Path] = true
	}
}
