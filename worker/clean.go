package worker

import (
	"context"
	"errors"
	"io/fs"
	"os"
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
// since more than the configured age, and the program packages that nobody has
// asked for since then. It may be called while Run lasts.
func (w *Worker) Clean(now time.Time) {
	inHand := func(key wire.Held) bool { return w.hand.get(key) != nil || w.box.Holds(key) }
	deleted, err := w.root.Clean(now.Add(-w.cfg.KeepAttempts), inHand)
	if err != nil {
		w.log.Warn("old attempts cannot be deleted", logs.Error(err))
	}
	if deleted > 0 {
		w.log.Info("old attempts are deleted", logs.Count, deleted)
	}
	if err := w.programs.Clean(now.Add(-w.cfg.KeepAttempts)); err != nil {
		w.log.Warn("old program packages cannot be deleted", logs.Error(err))
	}
	if err := shorten(w.root.Files(), keeperLog, keeperLogLimit); err != nil {
		w.log.Warn("log of the keeper cannot be shortened", logs.Error(err))
	}
}

// What a keeper logs while its worker and all masters are away.
const (
	keeperLog      = "keeper.log"
	keeperLogLimit = 4 << 20
)

// shorten empties a log that has grown beyond a limit; its last part, of that
// length, stays beside it as NAME.1. Who appends to it may go on meanwhile.
func shorten(root *os.Root, name string, limit int64) error {
	file, err := root.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.Size() <= limit {
		return err
	}
	tail := make([]byte, limit)
	if _, err := file.ReadAt(tail, info.Size()-limit); err != nil {
		return err
	}
	if err := root.WriteFile(name+".1", tail, 0o600); err != nil {
		return err
	}
	return file.Truncate(0)
}
