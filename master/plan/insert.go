package plan

import (
	"context"

	"capricornus/common/store"
)

// reader is what completing drafts needs of a transaction.
type reader interface {
	Existing(ctx context.Context, keys []store.ParentKey) (map[store.ParentKey]store.Existing, error)
	Announced(ctx context.Context, keys []store.ThirdKey) (map[store.ThirdKey]bool, error)
}

// complete fills in what only the database knows: which parents from before
// their task existed have a batch all the same, and what third parties have
// announced already. It changes the drafts in place.
func (c *catalog) complete(ctx context.Context, t reader, drafts []store.NewBatch) error {
	var keys []store.ParentKey
	var thirds []store.ThirdKey
	doubts := make([][]store.ParentKey, len(drafts))
	for i := range drafts {
		doubts[i] = c.doubtful(&drafts[i])
		keys = append(keys, doubts[i]...)
		for _, third := range drafts[i].Thirds {
			thirds = append(thirds, store.ThirdKey{Code: third.Code, DataNo: third.Key})
		}
	}
	exists, err := t.Existing(ctx, distinct(keys))
	if err != nil {
		return err
	}
	announced, err := t.Announced(ctx, distinct(thirds))
	if err != nil {
		return err
	}
	for i := range drafts {
		settle(&drafts[i], doubts[i], exists)
		for n, third := range drafts[i].Thirds {
			drafts[i].Thirds[n].Met = announced[store.ThirdKey{Code: third.Code, DataNo: third.Key}]
		}
	}
	return nil
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
