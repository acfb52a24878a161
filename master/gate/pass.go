package gate

import (
	"context"

	"capricornus/common/store"
)

// parentPage is how many work numbers one transaction releases.
const parentPage = 1000

// hintedNeeds asks only for what finished and new batches may have released.
func (p *pass) hintedNeeds(ctx context.Context, h hints) error {
	if err := p.meetParents(ctx, h.parents); err != nil {
		return err
	}
	if len(h.parents)+len(h.made) == 0 {
		return nil
	}
	var lasts []int64
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
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
	return p.meetLasts(ctx, lasts)
}

func tasksOf(keys []store.ParentKey) []int64 {
	out := make([]int64, 0, len(keys))
	for _, k := range keys {
		out = append(out, k.TaskID)
	}
	return out
}

// allNeeds is the full pass over parents and third parties.
func (p *pass) allNeeds(ctx context.Context) error {
	if err := p.allParents(ctx); err != nil {
		return err
	}
	return p.allThirds(ctx)
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
