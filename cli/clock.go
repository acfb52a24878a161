package cli

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/wire"
)

// clock prints instants in the cluster's zone. Its offset is printed once, in a
// header; an instant with another offset (daylight saving) carries its own.
type clock struct {
	zone   *time.Location
	offset string
}

const isoSeconds = "2006-01-02T15:04:05"

// clock asks the master for the zone. Without an answer times are UTC, and the
// header says so.
func (a *app) clock(ctx context.Context, c *wire.Client) clock {
	zone := time.UTC
	if status, err := c.Status(ctx); err == nil {
		if found, err := time.LoadLocation(status.Zone); err == nil {
			zone = found
		}
	}
	return newClock(zone, a.now())
}

func newClock(zone *time.Location, now time.Time) clock {
	return clock{zone: zone, offset: now.In(zone).Format("-07:00")}
}

// header is the name of a column of times, with the offset.
func (k clock) header(name string) string { return name + " (" + k.offset + ")" }

// at prints an instant of the API, a dash for none.
func (k clock) at(millis int64) string { return k.in(millis, isoSeconds) }

// fine prints an instant with milliseconds.
func (k clock) fine(millis int64) string { return k.in(millis, isoSeconds+".000") }

// full prints an instant with its offset, for sentences.
func (k clock) full(millis int64) string {
	if millis == 0 {
		return "-"
	}
	return time.UnixMilli(millis).In(k.zone).Format(isoSeconds + "-07:00")
}

func (k clock) in(millis int64, layout string) string {
	if millis == 0 {
		return "-"
	}
	t := time.UnixMilli(millis).In(k.zone)
	if offset := t.Format("-07:00"); offset != k.offset {
		return t.Format(layout) + offset
	}
	return t.Format(layout)
}

// took prints the time between two instants; an end of 0 is now.
func (a *app) took(from, to int64) string {
	if from == 0 {
		return "-"
	}
	if to == 0 {
		to = a.now().UnixMilli()
	}
	return span(time.Duration(max(0, to-from)) * time.Millisecond)
}

// span writes a duration as a person would: the two largest units.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
}
