package period

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// starBit is set by robfig/cron in a field that is * or ?.
const starBit = uint64(1) << 63

// parseCron reads an expression and the zone it names, nil if it names none.
func parseCron(expr string) (schedule, *time.Location, error) {
	fields, zone, err := splitZone(expr)
	if err != nil {
		return schedule{}, nil, err
	}
	if n := len(fields); n != 5 && n != 6 {
		return schedule{}, nil, fmt.Errorf("cron expression %q has %d fields; write 5 (minute hour day month weekday) or 6 with seconds first", expr, n)
	}
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
	parsed, err := parser.Parse(strings.Join(fields, " "))
	if err != nil {
		return schedule{}, nil, fmt.Errorf("cron expression %q: %w; fields are [second 0-59] minute 0-59, hour 0-23, day 1-31, month 1-12, weekday 0-6 with 0 = Sunday", expr, err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return schedule{}, nil, fmt.Errorf("cron expression %q names no times of day; write 5 or 6 fields", expr)
	}
	s := schedule{
		second: spec.Second &^ starBit, minute: spec.Minute &^ starBit, hour: spec.Hour &^ starBit,
		dom: spec.Dom &^ starBit, month: spec.Month &^ starBit, dow: spec.Dow &^ starBit,
		bothDays: (spec.Dom|spec.Dow)&starBit != 0,
	}
	if !s.fires() {
		return schedule{}, nil, fmt.Errorf("cron expression %q never fires: no year has such a day; check day and month", expr)
	}
	return s, zone, nil
}

// splitZone takes a leading CRON_TZ= or TZ= off the fields.
func splitZone(expr string) ([]string, *time.Location, error) {
	fields := strings.Fields(expr)
	if len(fields) == 0 {
		return nil, nil, errors.New("a cron task needs a cron expression, for example \"15 3 * * *\"")
	}
	name, ok := strings.CutPrefix(strings.TrimPrefix(fields[0], "CRON_"), "TZ=")
	if !ok {
		return fields, nil, nil
	}
	// "" and "Local" would mean whatever the host of this process has.
	if name == "" || name == "Local" {
		return nil, nil, fmt.Errorf("cron expression %q names no time zone; write one such as CRON_TZ=Asia/Shanghai", expr)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, nil, fmt.Errorf("cron expression %q: time zone %q is unknown; write one such as CRON_TZ=Asia/Shanghai: %w", expr, name, err)
	}
	return fields[1:], zone, nil
}

// fires tells whether any time matches. The search begins in 1996 because
// from there it meets every day of the calendar, 29 February too.
func (s schedule) fires() bool {
	if slices.Contains([]uint64{s.second, s.minute, s.hour}, 0) {
		return false
	}
	_, ok := s.after(time.Date(1996, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	return ok
}
