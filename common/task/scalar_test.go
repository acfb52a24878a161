package task

import (
	"testing"
	"time"

	"capricornus/common/period"
)

func TestParseBytes(t *testing.T) {
	good := map[string]Bytes{"0": 0, "1000000": 1000000, "512Mi": 512 << 20, "2Gi": 2 << 30, "1Ki": 1024, "3Ti": 3 << 40}
	for text, want := range good {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("got %d, %v for %q, want %d", got, err, text, want)
		}
	}
	for _, text := range []string{"", "Gi", "2G", "2GB", "-1", "+1", "1.5Gi", "2 Gi", "9999999999Gi", "99999999999999999999", "1iG", "١Ki"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("got %d for %q, want an error", got, text)
		}
	}
}

func TestDurationIsWrittenShortly(t *testing.T) {
	for text, want := range map[string]string{"30s": "30s", "120s": "2m", "2h": "2h", "90m": "1h30m", "1h0m5s": "1h0m5s", "0s": "0s", "10m": "10m", "500ms": "500ms"} {
		d, err := ParseDuration(text)
		if err != nil || d.String() != want {
			t.Errorf("got %q, %v for %q, want %q", d, err, text, want)
		}
	}
	for _, text := range []string{"", "30", "-5s", "+5s", "1d", "soon", "999999999h"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("got %s for %q, want an error", got, text)
		}
	}
}

func TestValidityBoundsAreLocalAndHalfOpen(t *testing.T) {
	zone := time.FixedZone("east", 8*3600)
	v := Validity{From: "2015-05-01", To: "2015-05-03T12:00"}
	from, to, err := v.Bounds(zone)
	if err != nil || !from.Equal(time.Date(2015, 5, 1, 0, 0, 0, 0, zone)) || !to.Equal(time.Date(2015, 5, 3, 12, 0, 0, 0, zone)) {
		t.Errorf("got %v to %v, %v, want the first of May to noon of the third, local", from, to, err)
	}
	day := func(d int) period.Slot {
		start := time.Date(2015, 5, d, 0, 0, 0, 0, zone)
		return period.Slot{BizStart: start, BizEnd: start.AddDate(0, 0, 1)}
	}
	for d, want := range map[int]bool{0: false, 1: true, 2: true, 3: false} {
		if got := v.Holds(day(d), zone); got != want {
			t.Errorf("got %v for day %d, want %v", got, d, want)
		}
	}
	if !(Validity{}).Holds(day(1), zone) {
		t.Error("got an unbounded validity that refuses a slot, want it to hold all")
	}
}

func TestSuggestions(t *testing.T) {
	known := []string{"parents", "priority", "period", "env"}
	for word, want := range map[string]string{"perents": "parents", "Period": "period", "priorty": "priority", "paretns": "parents", "banana": "", "xyz": ""} {
		if got := nearest(word, known); got != want {
			t.Errorf("got %q for %q, want %q", got, word, want)
		}
	}
}
