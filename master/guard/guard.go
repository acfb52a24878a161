// Package guard looks after what did not happen in time: timeouts of batches,
// workers that are silent, attempts that nobody will report any more. It owns
// the timeout marks, and running → done or waiting for an attempt that its
// worker will not report.
//
// Every pass reads, judges by a pure function, and writes what it found under
// lock with compare-and-set, the alert in the same transaction. Nothing that
// decides is kept in memory: the next leader goes on where this one ended.
package guard

import (
	"log/slog"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Notify tells the other duties what a pass has made possible.
type Notify struct {
	Finished func(ids []int64, keys []store.ParentKey) // batches that have succeeded
	Freed    func()                                    // a slot or a retry: assign may go on
	Repair   func()                                    // workers were lost, came back or were declared dead
}

// Guard watches over time.
type Guard struct {
	db      *store.DB
	defs    *store.Definitions
	zone    *time.Location
	paths   *datapath.Checker
	absent  func(host, incarnation string, held wire.Held) (absent, known bool)
	notify  Notify
	log     *slog.Logger
	repairs map[string]int64 // hosts declared dead for which repair was asked, and when they were; only saves wakes
}

// Deps are what a guard needs.
type Deps struct {
	DB    *store.DB
	Defs  *store.Definitions
	Zone  *time.Location
	Paths *datapath.Checker
	// Absent tells whether a running attempt is missing from what its worker has
	// in hand. The first time it is asked about an attempt it begins to listen;
	// known is false until it has heard enough.
	Absent func(host, incarnation string, held wire.Held) (absent, known bool)
	Notify Notify
	Log    *slog.Logger
}

// New wires a guard.
func New(d Deps) *Guard {
	return &Guard{
		db: d.DB, defs: d.Defs, zone: d.Zone, paths: d.Paths, absent: d.Absent, notify: d.Notify, log: d.Log, repairs: map[string]int64{},
	}
}

// clock writes an instant as people read it.
func (g *Guard) clock(ms int64) string {
	return time.UnixMilli(ms).In(g.zone).Format(time.DateTime)
}
