package task

import (
	"fmt"
	"time"

	"capricornus/common/period"
)

// Bounds returns the instants the validity stands for in the cluster's zone; a
// zero time is unbounded. A date alone is the midnight it begins with: with
// "to: 2026-12-01" the last valid business interval ends as December begins.
func (v Validity) Bounds(zone *time.Location) (from, to time.Time, err error) {
	if from, err = bound("valid.from", v.From, zone); err != nil {
		return from, to, err
	}
	to, err = bound("valid.to", v.To, zone)
	return from, to, err
}

// Holds reports whether a slot lies inside the validity (exactly.md 3). Text
// that lint would have refused bounds nothing.
func (v Validity) Holds(s period.Slot, zone *time.Location) bool {
	from, to, err := v.Bounds(zone)
	if err != nil {
		return true
	}
	return (from.IsZero() || !s.BizStart.Before(from)) && (to.IsZero() || !s.BizEnd.After(to))
}

func bound(name, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04"} {
		if wall, err := time.Parse(layout, text); err == nil {
			return period.At(wall, zone), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %s is no date; write yyyy-MM-dd or yyyy-MM-ddTHH:mm, for example 2026-11-20", name, quoted(text))
}
