package period

import (
	"fmt"
	"time"
)

// Slot is one period of a task: what one batch stands for.
type Slot struct {
	WorkNo   string
	Base     time.Time // when the timer generates the batch; its schedule time
	BizStart time.Time // business interval [BizStart, BizEnd)
	BizEnd   time.Time
}

// Cycle is the calendar of one task: which slots it has, in one time zone. It
// is a value, safe to copy and to use from several goroutines; the zero value
// is unusable.
type Cycle struct {
	kind Kind
	zone *time.Location
	cron schedule // only of kind Cron
}

// NewCycle returns the calendar of a kind in a zone. A cron expression has
// 5 or 6 fields, with 6 the first is seconds; it may begin with CRON_TZ=zone,
// and then that zone takes the place of the given one. Other kinds take no
// expression.
func NewCycle(kind Kind, cronExpr string, zone *time.Location) (Cycle, error) {
	if _, err := ParseKind(kind.String()); err != nil {
		return Cycle{}, err
	}
	if zone == nil {
		return Cycle{}, fmt.Errorf("%s task needs a time zone; give the cluster's", kind.one())
	}
	if kind != Cron {
		if cronExpr != "" {
			return Cycle{}, fmt.Errorf("%s task takes no cron expression; remove %q or write period cron", kind.one(), cronExpr)
		}
		return Cycle{kind: kind, zone: zone}, nil
	}
	sched, own, err := parseCron(cronExpr)
	if err != nil {
		return Cycle{}, err
	}
	if own != nil {
		zone = own
	}
	return Cycle{kind: kind, zone: zone, cron: sched}, nil
}

// Kind returns the kind of the cycle's periods.
func (c Cycle) Kind() Kind { return c.kind }

// Zone returns the zone of the work numbers: the one given to NewCycle, or the
// one a cron expression names. Work numbers of such an expression must be in
// its own zone: in another, two fires could share one in a repeated hour.
func (c Cycle) Zone() *time.Location { return c.zone }
