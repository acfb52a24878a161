package gate

import (
	"context"

	"capricornus/common/store"
)

// parentPage is how many work numbers one transaction releases.
const parentPage = 1000

// pass is one run of the duty.
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
	if p.released > 0 {
		p.opened() // what waited for a parent alone need not wait for a look at paths
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
