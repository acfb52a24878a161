// Package period is all arithmetic on schedule times: base times, work
// numbers, business intervals and windows, in one time zone, defined over DST
// gaps and overlaps. It is pure.
package period

import "time"

// Kind is a period of output, column capri_task.outputPeriod (seed A3-68).
type Kind int

// The kinds, with the seeds' codes; Manual and Cron are ours.
const (
	Manual Kind = 0
	Cron   Kind = 1
	Hour   Kind = 2
	Day    Kind = 3
	Month  Kind = 4
	Week   Kind = 5
)

// Slot is one period of a task: what one batch stands for.
type Slot struct {
	WorkNo   string
	Base     time.Time // when the timer generates the batch; its schedule time
	BizStart time.Time // business interval [BizStart, BizEnd)
	BizEnd   time.Time
}
