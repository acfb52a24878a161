package gate

import (
	"context"
	"sync"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
)

// What was found is written when so much has gathered, or so long after the
// first of it: nothing waits for what hangs.
const (
	flushRows  = 500
	flushAfter = 100 * time.Millisecond
)

// look looks at some paths, several times where that may help.
type look struct {
	*pass
	asked  map[datapath.Check]store.UnmetPath
	open   []datapath.Check // to be looked at in the next round
	found  []store.PathState
	failed []datapath.Result // for good
	away   map[string]Away
}

func newLook(p *pass, paths []store.UnmetPath) *look {
	l := &look{pass: p, asked: make(map[datapath.Check]store.UnmetPath, len(paths)), away: map[string]Away{}}
	for _, u := range paths {
		c := datapath.Check{Path: u.Path, Ready: u.Ready}
		if known, twice := l.asked[c]; twice {
			u.Mixed = u.Mixed || known.Mixed || known.Note != u.Note
		} else {
			l.open = append(l.open, c)
		}
		l.asked[c] = u
	}
	return l
}

// round looks once at every open path; what fails is open again, but in the
// last round.
func (l *look) round(ctx context.Context, last bool) error {
	checks := l.open
	l.open = nil
	looking, stop := context.WithCancel(ctx)
	var looks sync.WaitGroup
	defer looks.Wait()
	defer stop()
	groups := make(chan []datapath.Result)
	looks.Go(func() {
		defer close(groups)
		for group := range l.paths.Answers(looking, checks) {
			select {
			case groups <- group:
			case <-looking.Done():
				return
			}
		}
	})
	return l.gather(ctx, groups, last)
}

// gather takes results and writes them while others are still looked for.
func (l *look) gather(ctx context.Context, groups <-chan []datapath.Result, last bool) error {
	var due <-chan time.Time
	for more := true; more; {
		var enough bool
		select {
		case group, open := <-groups:
			for i := range group {
				l.take(&group[i], last)
			}
			more, enough = open, !open || len(l.found) >= flushRows
		case <-due:
			enough = true
		}
		switch {
		case !more && ctx.Err() != nil:
			return context.Cause(ctx) // the rest was not looked at
		case enough:
			if err := l.flush(ctx); err != nil {
				return err
			}
			due = nil
		case due == nil && len(l.found) > 0:
			due = time.After(flushAfter)
		}
	}
	return nil
}

// take sorts one result: met, not ready, of a file system that is away, or
// failed.
func (l *look) take(r *datapath.Result, last bool) {
	state := store.PathState{Path: r.Path, Ready: r.Check.Ready, Met: r.Err == nil && r.Ready}
	if r.Err != nil {
		out, away := outageOf(r)
		switch {
		case away:
			state.Error = out.Error()
			l.away[out.Name] = Away{Cause: out.Cause, Paths: l.away[out.Name].Paths + 1}
		case !last:
			l.open = append(l.open, r.Check)
			return
		default:
			state.Error = r.Err.Error()
			l.failed = append(l.failed, *r)
		}
	}
	if state.Met || !l.asked[r.Check].Says(state.Error) {
		l.found = append(l.found, state)
	}
}

// flush writes what has gathered.
func (l *look) flush(ctx context.Context) error {
	if len(l.found) == 0 {
		return nil
	}
	released := 0
	err := l.lead.Tx(ctx, DutyPaths, func(t *store.LeaderTx) (err error) {
		released, err = t.SetPaths(ctx, l.found)
		return err
	})
	if err != nil {
		return err
	}
	l.found, l.released = nil, l.released+released
	l.tell()
	return nil
}
