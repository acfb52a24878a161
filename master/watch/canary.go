package watch

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// KindCanary is the kind of the alert that tells of the canary task.
const KindCanary = "canary-late"

const (
	// canaryBack bounds how far back a success of the canary is looked for.
	canaryBack = 35 * 24 * time.Hour
	// canarySlots bounds how many base times outside the task's validity are passed over.
	canarySlots = 1000
)

// Canary is how the canary task stands: the one that does nothing but go all
// the way through the platform (domain.md §9, seed A3-40). A platform that makes,
// checks, assigns and runs batches brings it through; one that does not has it late.
type Canary struct {
	Task   string
	Due    time.Time // the first base time since the last success; zero: none has come yet
	WorkNo string    // of Due
	Where  string    // how far its batch has got
}

// Late is for how long the canary's batch has been expected; 0: it is not.
func (c *Canary) Late(now time.Time) time.Duration {
	if c == nil || c.Due.IsZero() {
		return 0
	}
	return max(now.Sub(c.Due), 0)
}

// Level is how bad that is by the monitor's limits; empty: it is in time.
func (c *Canary) Level(settings map[string]string, now time.Time) string {
	return above(store.MonitorLimits(settings)[store.LimitCanaryMinutes], c.Late(now).Minutes(), 1)
}

// Text says in a sentence how late it is, and where it stands.
func (c *Canary) Text(now time.Time, zone *time.Location) string {
	return fmt.Sprintf("%s/%s, the canary, was due at %s and has not succeeded for %s: %s",
		c.Task, c.WorkNo, c.Due.In(zone).Format(time.DateTime), c.Late(now).Round(time.Second), c.Where)
}

// ShowCanary tells people how the canary task stands; nil: there is none.
func (w *Watch) ShowCanary(ctx context.Context) (out *wire.Canary, err error) {
	now := w.DB.Now()
	err = w.DB.View(ctx, func(t *store.ViewTx) error {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		c, err := w.Canary(ctx, t, settings, now)
		if err != nil || c == nil {
			return err
		}
		out = &wire.Canary{Task: c.Task, Level: c.Level(settings, now)}
		if !c.Due.IsZero() {
			out.DueAt, out.Text = c.Due.UnixMilli(), c.Text(now, w.Zone)
		}
		return nil
	})
	return out, err
}

// Canary reads how the canary task stands; nil: there is none, it is switched
// off, or it has no base times.
func (w *Watch) Canary(ctx context.Context, t *store.ViewTx, settings map[string]string, now time.Time) (*Canary, error) {
	heads, err := t.HeadsByName(ctx, []string{settings[store.SettingCanary]})
	if err != nil || len(heads) == 0 || !heads[0].IsEnabled || period.Kind(heads[0].Period) == period.Manual {
		return nil, err
	}
	head, out := heads[0], &Canary{Task: heads[0].Name}
	since := later(now.Add(-canaryBack), time.UnixMilli(head.SavedAt)) // a version's own base times come after it
	last, err := t.NewestSuccess(ctx, head.ID, since.UnixMilli())
	if err != nil {
		return nil, err
	}
	slot, due, err := w.nextSlot(ctx, t, &head, later(since, time.UnixMilli(last)), now)
	if err != nil || !due {
		return out, err
	}
	out.Due, out.WorkNo = slot.Base, slot.WorkNo
	key := store.ParentKey{TaskID: head.ID, WorkNo: slot.WorkNo}
	batches, err := t.CountingBatches(ctx, []store.ParentKey{key})
	if err != nil {
		return nil, err
	}
	out.Where = whereabouts(batches, key, w.Zone)
	return out, nil
}

// nextSlot is the first base time of a task after an instant that has come.
func (w *Watch) nextSlot(ctx context.Context, t *store.ViewTx, head *store.Task, after, now time.Time) (slot period.Slot, due bool, err error) {
	key := store.VersionKey{TaskID: head.ID, Version: head.Version}
	defs, err := w.Defs.In(ctx, t, []store.VersionKey{key})
	if err != nil || defs[key] == nil {
		return slot, false, err
	}
	slots, err := expected(defs[key], era{key: key, from: after, to: now}, w.Zone, canarySlots)
	if err != nil || len(slots) == 0 {
		return slot, false, err
	}
	return slots[0], true, nil
}

// whereabouts says how far a batch has got.
func whereabouts(batches map[store.ParentKey]store.Batch, key store.ParentKey, zone *time.Location) string {
	b, made := batches[key]
	switch {
	case !made:
		return "its batch is not made"
	case b.State == batch.Waiting && b.Unmet > 0:
		return fmt.Sprintf("it waits for %d dependencies", b.Unmet)
	case b.State == batch.Waiting && b.Gate != "":
		return "it waits: " + batch.Say(b.Message, "en", zone)
	case b.State == batch.Waiting:
		return "it waits for a worker"
	case b.State == batch.Assigned:
		return "it is assigned to " + b.Host
	case b.State == batch.Running:
		return "it runs on " + b.Host
	}
	return fmt.Sprintf("it has ended, %s: %s", b.Finish, batch.Say(b.Message, "en", zone))
}

// judgeCanary tells of a canary that is late. In a new term it has the time of
// the limit to come through before it is missed.
func (s *sight) judgeCanary(v *verdict) {
	if s.canary == nil {
		return
	}
	o, l := object{KindCanary, s.canary.Task}, s.limits[store.LimitCanaryMinutes]
	late := s.canary.Late(s.now)
	level := above(l, min(late, s.now.Sub(s.termSince)).Minutes(), 1)
	if level == "" && above(l, late.Minutes(), 1) != "" {
		v.unknown[o] = true
		return
	}
	v.add(o, level, s.canary.Text(s.now, s.zone))
}
