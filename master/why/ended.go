package why

import (
	"context"
	"errors"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// done tells how a batch ended, by whom when it was a person, and where most of
// its time went.
func (a *asking) done(ctx context.Context, out *wire.Why) error {
	events, err := a.t.Events(ctx, a.b.ID)
	if err != nil {
		return err
	}
	attempts, err := a.t.Instances(ctx, a.b.ID)
	if err != nil {
		return err
	}
	out.Summary = a.ending(events)
	out.Facts = a.attempts(attempts)
	if out.Spent, err = a.spentBy(ctx, events, attempts); err != nil {
		return err
	}
	if longest := longest(out.Spent); longest != nil {
		out.Summary += a.of(mostOfIt, a.span(a.b.EndTime-a.b.CreatedAt), a.span(longest.Millis), longest.Label)
	}
	last, err := a.lastToCome(ctx)
	if last != "" {
		out.Facts = append(out.Facts, last)
	}
	return err
}

// ending says how it ended.
func (a *asking) ending(events []store.Event) string {
	var end store.Event
	for _, e := range events {
		if e.ToState == batch.Done && e.Move != batch.MoveOutputTimeout {
			end = e
		}
	}
	when := a.at(firstOf(a.b.EndTime, end.At))
	text := a.message(a.b.Message)
	switch end.Move {
	case batch.MoveMark:
		return a.of(endedMarked, a.finish(a.b.Finish), somebody(firstName(a.b.MarkedBy, end.ActorID)), a.at(end.At)) + reason(text)
	case batch.MoveSkip:
		return a.of(endedSkipped, somebody(firstName(a.b.MarkedBy, end.ActorID)), when) + reason(text)
	case batch.MoveDeny:
		return a.of(endedDenied, when) + reason(text)
	case batch.MoveRepair:
		return a.of(endedRepaired, a.finish(a.b.Finish), when) + reason(firstName(text, end.Detail))
	default:
	}
	if a.b.Finish == batch.Killed {
		return a.of(endedKilled, somebody(firstName(a.b.KillBy, end.ActorID)), when) + reason(a.b.KillReason)
	}
	if a.b.Finish == batch.Success {
		return a.of(endedSuccess, when, max(a.b.Attempt, 1))
	}
	return a.of(endedOther, a.finish(a.b.Finish), when) + reason(text)
}

func reason(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

func longest(phases []wire.WhySpent) *wire.WhySpent {
	var out *wire.WhySpent
	for i := range phases {
		if out == nil || phases[i].Millis > out.Millis {
			out = &phases[i]
		}
	}
	if out == nil || out.Millis == 0 {
		return nil
	}
	return out
}

// lastToCome names the dependency that was met last, if any was waited for.
func (a *asking) lastToCome(ctx context.Context) (string, error) {
	var at int64
	name := ""
	later := func(state int, checked int64, what string) {
		if state == store.DepMet && checked > a.b.CreatedAt && checked > at {
			at, name = checked, what
		}
	}
	for _, p := range a.deps.Paths {
		if p.Type == store.DataInput {
			later(p.State, p.LastCheckedAt, p.Path)
		}
	}
	for _, p := range a.deps.Thirds {
		later(p.State, p.LastCheckedAt, p.Code+" "+p.DataNo)
	}
	var parent *store.Parent
	for i := range a.deps.Parents {
		p := &a.deps.Parents[i]
		before := at
		later(p.State, p.LastCheckedAt, p.Task+"/"+p.WorkNo)
		if at != before {
			parent = p
		}
	}
	if at == 0 {
		return "", nil
	}
	text := a.of(lastMet, name, a.at(at))
	if parent == nil || parent.LastCheckedAt != at {
		return text, nil
	}
	nodes, err := a.t.Nodes(ctx, []store.ParentKey{parentKey(parent)})
	if n, there := nodes[parentKey(parent)]; there {
		text += a.of(itStood, n.Ref().String(), a.standing(&n))
	}
	return text, err
}

func ignoreMissing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
