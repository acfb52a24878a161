package intake

import (
	"context"
	"slices"

	"capricornus/common/store"
)

// readStarts reads what may have come between assignment and start of these
// batches: parents, third parties, holds, the switch of their worker and the
// owner's right to the account.
func readStarts(ctx context.Context, t *store.WorkTx, worlds map[int64]world, starting []int64) error {
	if len(starting) == 0 {
		return nil
	}
	broken, err := t.BrokenParents(ctx, starting)
	if err != nil {
		return err
	}
	holds, err := readHolds(ctx, t)
	if err != nil {
		return err
	}
	var needing []int64
	var hosts []string
	for _, id := range starting {
		if host := worlds[id].work.Host; host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
		if len(worlds[id].def.Spec.ThirdParties) > 0 {
			needing = append(needing, id)
		}
	}
	gone, err := t.GoneThirds(ctx, needing)
	if err != nil {
		return err
	}
	denied, err := readDenied(ctx, t, worlds, starting)
	if err != nil {
		return err
	}
	stopped, err := t.StoppedHosts(ctx, hosts...)
	if err != nil {
		return err
	}
	for _, id := range starting {
		w := worlds[id]
		w.held, w.broken, w.gone, w.denied = holds.on(w.work), broken[id], gone[id], denied[id]
		w.off = stopped[w.work.Host]
		worlds[id] = w
	}
	return nil
}

// readDenied finds the batches whose task's owner may not use its account.
func readDenied(ctx context.Context, t *store.WorkTx, worlds map[int64]world, starting []int64) (map[int64]bool, error) {
	var ids, all []int64
	for _, id := range starting {
		w := worlds[id]
		if w.def.Spec.Account != "" {
			ids, all = append(ids, w.work.TaskID), append(all, id)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	states, err := t.TaskStates(ctx, ids)
	if err != nil {
		return nil, err
	}
	wanted := make(map[int64]store.Grant, len(all))
	var asked []store.Grant
	for _, id := range all {
		w := worlds[id]
		state, there := states[w.work.TaskID]
		if !there {
			continue
		}
		wanted[id] = store.Grant{UserID: state.OwnerID, Account: w.def.Spec.Account}
		asked = append(asked, wanted[id])
	}
	granted, err := t.Granted(ctx, asked)
	if err != nil {
		return nil, err
	}
	denied := map[int64]bool{}
	for id, grant := range wanted {
		denied[id] = !granted[grant]
	}
	return denied, nil
}

// readCodes reads what the scripts of these attempts are known to have returned.
func readCodes(ctx context.Context, t *store.WorkTx, worlds map[int64]world, codes []string) error {
	known, err := t.UserCodes(ctx, codes)
	if err != nil {
		return err
	}
	for id, w := range worlds {
		if w.def != nil && len(known) > 0 {
			w.codes = known[w.code()]
			worlds[id] = w
		}
	}
	return nil
}

// holds are the objects held now.
type holds map[string]map[int64]bool

func readHolds(ctx context.Context, t *store.WorkTx) (holds, error) {
	all, err := t.Holds(ctx)
	if err != nil {
		return nil, err
	}
	out := holds{store.HoldBatch: {}, store.HoldTask: {}, store.HoldProject: {}}
	for _, h := range all {
		if out[h.Kind] != nil {
			out[h.Kind][h.ObjectID] = true
		}
	}
	return out, nil
}

func (h holds) on(w *store.Work) bool {
	return h[store.HoldBatch][w.ID] || h[store.HoldTask][w.TaskID] || h[store.HoldProject][w.ProjectID]
}
