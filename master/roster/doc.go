// Package roster knows who is on duty: which days rotations fill, what people
// have set or imported, and what is missing (domain.md §9, roster update; seed
// A3-52). Who is on duty by a rotation, how its days change, what is wrong with
// a day, and what a file of days says are pure functions over values; reading
// and writing stand around them.
package roster

import (
	"strconv"
	"time"

	"capricornus/common/store"
)

// Duty is the name of the leader's duty that keeps the roster, and Cron is when
// it has its pass each day, in the cluster's zone; changes wake it besides.
const (
	Duty = "roster"
	Cron = "5 0 * * *"
)

// Limits of the roster, in days.
const (
	filled    = 31         // today and those after it, which rotations fill
	ahead     = 400        // the last one that can be set
	span      = 92         // of one change or one question
	seen      = 31         // for so long after its last day a department counts as one with a roster
	lookAhead = filled - 1 // days ahead that gaps are looked for
)

// Deps are what a roster works with.
type Deps struct {
	DB   *store.DB
	Zone *time.Location
}

// Roster keeps the duty roster. It is safe for concurrent use.
type Roster struct{ Deps }

// New wires a roster; it neither reads nor writes yet.
func New(d Deps) *Roster { return &Roster{d} }

// today is the day of an instant of a transaction.
func (r *Roster) today(now int64) Day { return DayOf(time.UnixMilli(now), r.Zone) }

// number reads a setting that must be at least one; what is no such number
// counts as otherwise.
func number(settings map[string]string, key string, otherwise int) int {
	n, err := strconv.Atoi(settings[key])
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}
