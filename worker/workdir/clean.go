package workdir

import (
	"errors"
	"fmt"
	"time"

	"capricornus/common/wire"
)

// Clean deletes the attempts whose result a master has had since before the
// cutoff. It leaves those live says are in hand and those a process still
// writes to. It goes on past an attempt it cannot delete.
func (r *Root) Clean(before time.Time, live func(wire.Held) bool) (deleted int, err error) {
	keys, err := r.Attempts()
	if err != nil {
		return 0, err
	}
	var failures []error
	for _, key := range keys {
		if live(key) {
			continue
		}
		gone, err := r.Attempt(key).clean(before)
		if err != nil {
			failures = append(failures, err)
		}
		if gone {
			deleted++
		}
	}
	return deleted, errors.Join(failures...)
}

func (a *Attempt) clean(before time.Time) (bool, error) {
	reported, err := a.Reported()
	if err != nil || !reported {
		return false, err
	}
	info, err := a.root.Lstat(a.dir) // changed last when it was marked
	if err != nil || !info.ModTime().Before(before) {
		return false, err
	}
	if held, err := a.LogHeld(); held || err != nil {
		return false, err
	}
	if err := a.root.RemoveAll(a.dir); err != nil {
		return false, fmt.Errorf("delete %s: %w", a.dir, err)
	}
	return true, nil
}
