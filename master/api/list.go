package api

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
)

// cursorOf hides a position, so that nobody comes to rely on what it is made of.
func cursorOf(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, ",")))
}

// position reads a cursor of n parts; no cursor has none.
func position(cursor string, n int) ([]string, error) {
	if cursor == "" {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.SplitN(string(text), ",", n)
	if err != nil || len(parts) != n {
		return nil, badCursor()
	}
	return parts, nil
}

func badCursor() error {
	return fault.New(fault.Invalid, "the cursor is not one that this list gave").WithHint("begin without a cursor")
}

func batchCursor(b *store.Batch) string {
	return cursorOf(strconv.FormatInt(b.ScheduleTime, 10), strconv.FormatInt(b.ID, 10))
}

func batchPosition(cursor string) (store.BatchKey, error) {
	parts, err := position(cursor, 2)
	if err != nil || parts == nil {
		return store.BatchKey{}, err
	}
	at, errAt := strconv.ParseInt(parts[0], 10, 64)
	id, errID := strconv.ParseInt(parts[1], 10, 64)
	if errAt != nil || errID != nil || id <= 0 {
		return store.BatchKey{}, badCursor()
	}
	return store.BatchKey{ScheduleTime: at, ID: id}, nil
}

func idPosition(cursor string) (int64, error) {
	parts, err := position(cursor, 1)
	if err != nil || parts == nil {
		return 0, err
	}
	id, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || id <= 0 {
		return 0, badCursor()
	}
	return id, nil
}

// stateFilter reads a state or a result into the filter.
func stateFilter(f *store.BatchFilter, text string) error {
	if text == "" {
		return nil
	}
	for s := batch.Waiting; s <= batch.Done; s++ {
		if s.String() == text {
			f.State = &s
			return nil
		}
	}
	var names []string
	for r := batch.Success; r <= batch.Lost; r++ {
		if r.String() == text {
			f.Finish = &r
			return nil
		}
		names = append(names, r.String())
	}
	return fault.New(fault.Invalid, "state %q is unknown", text).
		WithHint("one of: waiting, assigned, running, done, or a result: %s", strings.Join(names, ", "))
}

// edge says which end of a range an instant is.
type edge int

const (
	from edge = iota
	to
)

// dateForms are the ways to write a day or a clock time; the ones with a step
// mean the whole span, so that "to 2015-05-18" includes that day. Digits only
// are work numbers.
func dateForms() []struct {
	layout string
	step   func(time.Time) time.Time
} {
	day := func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }
	return []struct {
		layout string
		step   func(time.Time) time.Time
	}{
		{"2006-01-02", day},
		{"20060102", day},
		{"2006010215", func(t time.Time) time.Time { return t.Add(time.Hour) }},
		{"200601", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
		{"2006-01-02T15:04", nil},
		{"2006-01-02T15:04:05", nil},
		{"20060102150405", nil},
	}
}

// millisDigits tells milliseconds from work numbers: no work number is as long.
const millisDigits = 13

// parseInstant reads one end of a range in the cluster's zone; empty is open.
func parseInstant(text string, end edge, zone *time.Location) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UnixMilli(), nil
	}
	if millis, err := strconv.ParseInt(text, 10, 64); err == nil && millis > 0 && len(text) == millisDigits {
		return millis, nil
	}
	for _, form := range dateForms() {
		wall, err := time.Parse(form.layout, text)
		if err != nil || len(text) != len(form.layout) {
			continue
		}
		if end == to && form.step != nil {
			return period.At(form.step(wall), zone).UnixMilli() - 1, nil
		}
		return period.At(wall, zone).UnixMilli(), nil
	}
	return 0, fault.New(fault.Invalid, "%q is no instant", text).
		WithHint("write 2015-05-18, 2015-05-18T08:00, 2015-05-18T08:00:00+08:00, a work number or milliseconds")
}
