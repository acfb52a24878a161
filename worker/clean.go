package worker

import (
	"context"
	"time"

	"capricornus/common/logs"
	"capricornus/common/wire"
)

// cleanDaily deletes old attempts every day at 02:10 of the host's time.
func (w *Worker) cleanDaily(ctx context.Context) error {
	for {
		timer := time.NewTimer(time.Until(nextCleaning(time.Now())))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		w.Clean(time.Now())
	}
}

// nextCleaning is the next 02:10 after now. Where that time does not exist on
// a day, time.Date takes the neighbouring one.
func nextCleaning(now time.Time) time.Time {
	at := func(day int) time.Time {
		return time.Date(now.Year(), now.Month(), day, 2, 10, 0, 0, now.Location())
	}
	if today := at(now.Day()); today.After(now) {
		return today
	}
	return at(now.Day() + 1)
}

// Clean deletes the directories of attempts that a master has the result of
// since more than the configured age. It may be called while Run lasts.
func (w *Worker) Clean(now time.Time) {
	inHand := func(key wire.Held) bool { return w.hand.get(key) != nil || w.box.Holds(key) }
	deleted, err := w.root.Clean(now.Add(-w.cfg.KeepAttempts), inHand)
	if err != nil {
		w.log.Warn("old attempts cannot be deleted", logs.Error(err))
	}
	if deleted > 0 {
		w.log.Info("old attempts are deleted", logs.Count, deleted)
	}
}
