package labtest

import (
	"context"
	"slices"
	"strings"
	"time"

	"capricornus/common/store/storetest"
)

// judgeClock holds that no time of a timed task is missing.
func (e Evidence) judgeClock(out *verdicts) {
	for _, t := range e.Tasks {
		if missing := e.missing(t); len(missing) > 0 {
			out.add("%s has no batch for %s", t.Name, strings.Join(missing, ", "))
		}
	}
}

// missing lists the times between the first batch of a timed task and the end of
// the evidence that have no batch.
func (e Evidence) missing(t Task) []string {
	const layout = "20060102150405"
	if t.Cron == "" {
		return nil
	}
	have := map[string]bool{}
	for _, b := range e.Ledger.Batches {
		if b.Task == t.Name {
			have[b.WorkNo] = true
		}
	}
	first := time.Time{}
	for number := range have {
		if at, err := time.Parse(layout, number); err == nil && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	var out []string
	for at := first; !first.IsZero() && at.Before(e.Until.Add(-timedEvery)); at = at.Add(timedEvery) {
		if number := at.Format(layout); !have[number] {
			out = append(out, number)
		}
	}
	return out
}

// Quiet waits until everything that was made up to now has come to its end, and
// every time of a timed task up to now has its batch.
func (c *Cluster) Quiet() {
	c.Helper()
	c.quietAt = c.DB.Now()
	ctx := context.WithoutCancel(c.Context())
	left := -1
	c.Await("the end of everything that was made", func() bool {
		n, err := storetest.Unfinished(ctx, c.DB, c.quietAt.UnixMilli())
		if err == nil && n != left {
			left = n
			c.Event("%d batches are unfinished", n)
		}
		return err == nil && n == 0 && c.onTime(ctx)
	})
}

func (c *Cluster) onTime(ctx context.Context) bool {
	ledger, err := storetest.ReadLedger(ctx, c.DB)
	e := Evidence{Ledger: ledger, Until: c.quietAt}
	return err == nil && !slices.ContainsFunc(c.tasks, func(t Task) bool { return len(e.missing(t)) > 0 })
}
