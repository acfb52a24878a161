package watch

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/store"
)

// KindDatabase is the kind of the alert that tells of a slow database.
const KindDatabase = "database-slow"

// slowLooks is how many looks in a row find the database slow before it counts:
// one of them may have met a checkpoint or a long commit.
const slowLooks = 3

// roundTrip is how long the database took to answer one look of the monitor.
type roundTrip struct {
	at   time.Time
	took time.Duration
}

// askDatabase adds a look to the last ones; what an earlier term saw is forgotten.
// The monitor has one pass under way at a time, so nothing guards them.
func (w *Watch) askDatabase(ctx context.Context, now, termSince time.Time) ([]roundTrip, error) {
	ask := w.Platform.Database
	if ask == nil {
		ask = w.DB.Ping
	}
	began := time.Now()
	if err := ask(ctx); err != nil {
		return nil, fmt.Errorf("ask the database: %w", err)
	}
	var kept []roundTrip
	for _, r := range w.trips {
		if r.at.After(termSince) {
			kept = append(kept, r)
		}
	}
	kept = append(kept, roundTrip{now, time.Since(began)})
	w.trips = kept[max(0, len(kept)-slowLooks):]
	return w.trips, nil
}

// judgeDatabase tells of a database that was slow at each of the last looks, and
// that it is over at the first one that was not (domain.md §9).
func (s *sight) judgeDatabase(v *verdict) {
	o := object{KindDatabase, thePlatform}
	slow := 0
	for i := len(s.trips) - 1; i >= 0 && s.trips[i].took > s.slow; i-- {
		slow++
	}
	switch {
	case slow >= slowLooks:
		v.add(o, store.LevelImportant, fmt.Sprintf("the database took %s to answer, more than %s at each of the last %d looks",
			s.trips[len(s.trips)-1].took.Round(time.Millisecond), s.slow, slowLooks))
	case slow > 0:
		v.unknown[o] = true
	}
}
