package why

import (
	"context"

	"capricornus/common/store"
)

// Absences says in a sentence each why work numbers have no batch.
func (e *Explainer) Absences(ctx context.Context, keys []store.ParentKey, lang string) (map[store.ParentKey]string, error) {
	out := make(map[store.ParentKey]string, len(keys))
	err := e.DB.View(ctx, func(t *store.ViewTx) error {
		a := &asking{Explainer: e, t: t, speech: speech{lang: lang, zone: e.Zone}, now: t.Now()}
		if err := a.readServices(ctx); err != nil {
			return err
		}
		all, err := a.absences(ctx, keys)
		for key, why := range all {
			out[key] = why.sentence
		}
		return err
	})
	return out, err
}
