package plan

import (
	"context"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// reader is what completing drafts needs of a transaction.
type reader interface {
	Existing(ctx context.Context, keys []store.ParentKey) (map[store.ParentKey]store.Existing, error)
	Announced(ctx context.Context, keys []store.ThirdKey) (map[store.ThirdKey]bool, error)
}

// complete fills in what only the database knows: which parents have succeeded
// already, which from before their task existed have no batch, and what third
// parties have announced. It changes the drafts in place. A parent among the
// drafts is waited for, whatever its runs before did; one that somebody else
// runs again in this very moment is found out when the child is about to start.
func (c *catalog) complete(ctx context.Context, t reader, drafts []store.NewBatch) error {
	var keys []store.ParentKey
	var thirds []store.ThirdKey
	for i := range drafts {
		draft := &drafts[i]
		for _, p := range draft.Parents {
			if p.State == store.DepUnmet && !p.Last {
				keys = append(keys, store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo})
			}
		}
		for _, third := range draft.Thirds {
			thirds = append(thirds, store.ThirdKey{Code: third.Code, DataNo: third.Key})
		}
	}
	exists, err := t.Existing(ctx, distinct(keys))
	if err != nil {
		return err
	}
	for _, key := range ownKeys(drafts) {
		exists[key] = store.Existing{ParentKey: key, State: batch.Waiting}
	}
	announced, err := t.Announced(ctx, distinct(thirds))
	if err != nil {
		return err
	}
	for i := range drafts {
		draft := &drafts[i]
		c.settle(draft, exists)
		for n, third := range draft.Thirds {
			draft.Thirds[n].Met = announced[store.ThirdKey{Code: third.Code, DataNo: third.Key}]
		}
	}
	return nil
}

// settle decides the parents of a draft by what exists.
func (c *catalog) settle(b *store.NewBatch, exists map[store.ParentKey]store.Existing) {
	for i := range b.Parents {
		p := &b.Parents[i]
		if p.State != store.DepUnmet || p.Last {
			continue
		}
		have, there := exists[store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo}]
		switch {
		case there && have.State == batch.Done && have.Finish == batch.Success:
			p.State = store.DepMet
		case !there && c.beforeBirth(*p):
			p.State = store.DepNotApplicable
		}
	}
}

func distinct[K comparable](in []K) []K {
	seen := make(map[K]bool, len(in))
	out := in[:0:0]
	for _, k := range in {
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

func ownKeys(drafts []store.NewBatch) []store.ParentKey {
	out := make([]store.ParentKey, len(drafts))
	for i := range drafts {
		out[i] = store.ParentKey{TaskID: drafts[i].TaskID, WorkNo: drafts[i].WorkNo}
	}
	return out
}
