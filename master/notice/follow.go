package notice

import (
	"context"

	"capricornus/common/store"
	"capricornus/master/notice/group"
	"capricornus/master/notice/root"
)

// follow looks at a page of open incidents: it closes those that are over and
// puts who is told of it, and repeats what goes on and nobody has acknowledged.
// At the end of a round it has alerts told that silences had kept.
func (n *Notifier) follow(ctx context.Context, lead *store.Lead) (changed int, more bool, err error) {
	var open, over, again []store.Incident
	var lasts map[int64][]store.Message
	var ends map[int64]int64
	now := n.DB.Now().UnixMilli()
	err = n.DB.View(ctx, func(t *store.ViewTx) error {
		if open, err = t.OpenIncidentsAfter(ctx, n.after, closePage); err != nil || len(open) == 0 {
			return err
		}
		ids, err := root.Over(ctx, t, open, now)
		if err != nil {
			return err
		}
		over, again = split(now, open, ids)
		if lasts, err = lastsOf(ctx, t, over, again); err != nil {
			return err
		}
		ends, err = t.EndAlerts(ctx, idsOf(over))
		return err
	})
	if err != nil {
		return 0, false, err
	}
	n.after = 0
	if len(open) == closePage {
		n.after = open[closePage-1].ID
	}
	if err := n.close(ctx, lead, over, lasts, ends); err != nil {
		return 0, false, err
	}
	if err := n.repeat(ctx, lead, again, lasts); err != nil {
		return 0, false, err
	}
	changed = len(over) + len(again)
	if n.after != 0 {
		return changed, true, nil
	}
	reopened, more, err := n.reopen(ctx, lead)
	return changed + reopened, more || reopened > 0, err
}

// split tells the incidents that are over from those to be told once more.
func split(now int64, open []store.Incident, ids []int64) (over, again []store.Incident) {
	ended := map[int64]bool{}
	for _, id := range ids {
		ended[id] = true
	}
	for i := range open {
		switch {
		case ended[open[i].ID]:
			over = append(over, open[i])
		case group.RepeatDue(now, &open[i]):
			again = append(again, open[i])
		}
	}
	return over, again
}

func idsOf(all []store.Incident) []int64 {
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return ids
}

// lastsOf reads the last messages of incidents, by incident.
func lastsOf(ctx context.Context, t *store.ViewTx, over, again []store.Incident) (map[int64][]store.Message, error) {
	rows, err := t.LastMessages(ctx, append(idsOf(over), idsOf(again)...))
	out := map[int64][]store.Message{}
	for i := range rows {
		out[rows[i].IncidentID] = append(out[rows[i].IncidentID], rows[i])
	}
	return out, err
}

func (n *Notifier) close(ctx context.Context, lead *store.Lead, over []store.Incident, lasts map[int64][]store.Message, ends map[int64]int64) error {
	if len(over) == 0 {
		return nil
	}
	var plan group.Plan
	for i := range over {
		plan.Add(group.Recoveries(n.DB.Now().UnixMilli(), &over[i], lasts[over[i].ID], ends[over[i].ID]))
	}
	return n.put(ctx, lead, &plan, func(t *store.LeaderTx) error {
		_, err := t.ResolveIncidents(ctx, idsOf(over))
		return err
	})
}

func (n *Notifier) repeat(ctx context.Context, lead *store.Lead, again []store.Incident, lasts map[int64][]store.Message) error {
	if len(again) == 0 {
		return nil
	}
	var plan group.Plan
	for i := range again {
		plan.Add(group.Plan{Messages: group.Repeats(n.DB.Now().UnixMilli(), &again[i], lasts[again[i].ID])})
	}
	return n.put(ctx, lead, &plan, func(t *store.LeaderTx) error { return t.RepeatIncidents(ctx, idsOf(again)) })
}

// put writes messages together with what they tell of.
func (n *Notifier) put(ctx context.Context, lead *store.Lead, p *group.Plan, with func(*store.LeaderTx) error) error {
	ids, err := n.DB.IDs(ctx, max(p.New(), 1))
	if err != nil {
		return err
	}
	p.Number(ids)
	err = lead.Tx(ctx, Duty, func(t *store.LeaderTx) error {
		if err := with(t); err != nil {
			return err
		}
		if err := t.PutMessages(ctx, p.Messages); err != nil {
			return err
		}
		return t.PutDeliveries(ctx, p.Deliveries)
	})
	if err == nil && len(p.Messages) > 0 && n.Put != nil {
		n.Put()
	}
	return err
}

// reopen lets alerts be told that silences had kept until they ended.
func (n *Notifier) reopen(ctx context.Context, lead *store.Lead) (reopened int, more bool, err error) {
	err = lead.Tx(ctx, Duty, func(t *store.LeaderTx) (err error) {
		reopened, more, err = t.ReopenSilenced(ctx, reopenPage)
		return err
	})
	return reopened, more, err
}
