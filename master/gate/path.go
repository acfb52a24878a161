package gate

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
)

// pathPage is how many distinct paths are looked at together.
const pathPage = 2000

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
