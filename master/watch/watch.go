// Package watch is the platform watching over itself: what recent runs teach
// about tasks, tasks that take far longer or shorter than expected, batches
// that should be there and are not, masters, workers and services that are not
// well, and history that has grown too old. It
// moves no batch; what it finds it records, or takes away.
//
// Each duty's decisions are pure functions over rows; reading and writing stand
// around them, in pages.
package watch

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"capricornus/common/store"
)

// Deps are what a watch works with.
type Deps struct {
	DB   *store.DB
	Defs *store.Definitions
	Zone *time.Location
	// Reasons says in a sentence each, in a language, why work numbers have no batch.
	Reasons func(ctx context.Context, keys []store.ParentKey, lang string) (map[store.ParentKey]string, error)
	// Platform is what the monitor looks at besides the database.
	Platform Platform
}

// Watch holds what its duties share. It is safe for concurrent use.
type Watch struct {
	Deps

	coverage atomic.Pointer[Coverage]
	trips    []roundTrip // of the monitor's last looks
}

// New wires a watch; it neither reads nor writes yet.
func New(d Deps) *Watch { return &Watch{Deps: d} }

// raise records alerts in the name of a duty, in one transaction with before.
func (w *Watch) raise(ctx context.Context, lead *store.Lead, duty string, alerts []store.Alert, before func(*store.LeaderTx) error) error {
	ids, err := w.DB.IDs(ctx, len(alerts))
	if err != nil {
		return err
	}
	return lead.Tx(ctx, duty, func(t *store.LeaderTx) error {
		if before != nil {
			if err := before(t); err != nil {
				return err
			}
		}
		for i := range alerts {
			alerts[i].ID = ids[i]
		}
		return t.Raise(ctx, alerts...)
	})
}

// number reads a setting that must be at least one; what is no such number
// counts as the setting's default.
func number(settings map[string]string, key string, otherwise int) int {
	n, err := strconv.Atoi(settings[key])
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}
