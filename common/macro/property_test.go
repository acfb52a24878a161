package macro_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"capricornus/common/macro"
	"capricornus/common/period"

	"pgregory.net/rapid"
)

// TestExpandIsTotal holds that what parses expands, whatever the values.
func TestExpandIsTotal(t *testing.T) {
	zones := []*time.Location{nil, time.UTC, cycle(t, period.Day, "", "America/New_York").Zone(), cycle(t, period.Day, "", "Pacific/Apia").Zone()}
	instant := rapid.OneOf(
		rapid.Int64Range(946684800, 2145916799),
		rapid.SampledFrom([]int64{0, -62135596800, 253402300799, 1 << 45, -1 << 45}),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := drawMacro(t)
		tmpl, err := macro.Parse("a" + text + "b")
		if err != nil {
			t.Fatalf("parse %s: %v", text, err)
		}
		start := time.Unix(instant.Draw(t, "biz start"), 0)
		v := macro.Values{
			Slot: period.Slot{
				WorkNo: "20261120", Base: time.Unix(instant.Draw(t, "base"), 0), BizStart: start,
				BizEnd: start.Add(time.Duration(rapid.Int64Range(-1000, 10_000_000).Draw(t, "length")) * time.Second),
			},
			Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Task: "t", Run: rapid.Int().Draw(t, "run"), Attempt: math.MinInt,
		}
		got := tmpl.Expand(v)
		if !strings.HasPrefix(got, "a") || !strings.HasSuffix(got, "b") || len(got) < 3 {
			t.Fatalf("%s: got %q, want text around a value", text, got)
		}
		seen := map[string]bool{}
		for _, each := range tmpl.ExpandEach(v, rapid.SampledFrom([]string{"", "hours", "days"}).Draw(t, "window")) {
			if seen[each] {
				t.Fatalf("%s: got %q twice", text, each)
			}
			seen[each] = true
		}
		if len(seen) == 0 {
			t.Fatalf("%s: got no text", text)
		}
	})
}

// drawMacro draws a macro that the language allows.
func drawMacro(t *rapid.T) string {
	name := rapid.SampledFrom([]string{"schedule", "biz", "biz_end", "biz_date", "biz_hour", "work_no", "task", "run", "attempt"}).Draw(t, "name")
	text := "{{ " + name
	anchor := name == "schedule" || name == "biz" || name == "biz_end"
	if anchor {
		text += rapid.SampledFrom([]string{"", ".hour_begin", ".day_begin", ".week_begin", ".month_begin", ".month_end", ".quarter_begin", ".year_begin"}).Draw(t, "align")
	}
	if anchor || name == "biz_date" || name == "biz_hour" {
		offset := rapid.SampledFrom([]string{"-1d", "+1M", "-100y", "+100y", "- 36600 d", "+52704000m", "-878400h", "+5300w", "-1200M"})
		text += " " + strings.Join(rapid.SliceOfN(offset, 0, 8).Draw(t, "offsets"), " ")
	}
	if anchor {
		text += " " + rapid.SampledFrom([]string{"yyyyMMdd", "yyyy/MM/dd/HH", "'T'HH:mm:ss", `"}}"yyyy`}).Draw(t, "pattern")
	}
	return text + " }}"
}

// TestMonthArithmeticClamps holds that a month's offset lands in that month.
func TestMonthArithmeticClamps(t *testing.T) {
	tmpl, err := macro.Parse("{{ biz +7M yyyyMMdd }}")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		day := time.Unix(rapid.Int64Range(946684800, 2145916799).Draw(t, "biz"), 0).UTC()
		got := tmpl.Expand(macro.Values{Slot: period.Slot{BizStart: day}})
		month := time.Date(day.Year(), day.Month()+7, 1, 0, 0, 0, 0, time.UTC)
		last := month.AddDate(0, 1, -1).Day()
		if want := month.AddDate(0, 0, min(day.Day(), last)-1).Format("20060102"); got != want {
			t.Fatalf("%s: got %s, want %s", day, got, want)
		}
	})
}

// FuzzMacroParse holds that a text is refused with a place inside it, or
// expands; and that text without {{ is left as it is.
func FuzzMacroParse(f *testing.F) {
	for _, text := range []string{
		"", "{{", "}}", "{{}}", "{{ biz_date }}", "{{ biz.month_begin -1M +1d yyyy-MM-dd'T'HH:mm:ss }}", "{{biz-1dyyyy}}",
		`{{ "{{" }}`, "{{ biz \"", "{{ task }}{{ run }}", "{{ biz +99999999999999999999y yyyy }}", "{{ schedule -1", "{{ biz yyyy\xff }}", "{{ biz.", "{{ '}}' }}", "{{ biz yyyy\x00",
	} {
		f.Add(text)
	}
	c := cycle(f, period.Day, "", "America/New_York")
	v := values(f, c, "20260309")
	f.Fuzz(func(t *testing.T, text string) {
		tmpl, err := macro.Parse(text)
		if err != nil {
			var bad *macro.Error
			if !errors.As(err, &bad) || bad.Offset < 0 || bad.Offset > len(text) || bad.Message == "" {
				t.Fatalf("%q: got %#v, want a *macro.Error with a place in the text", text, err)
			}
			return
		}
		got := tmpl.Expand(v)
		if !strings.Contains(text, "{{") && got != text {
			t.Fatalf("got %q, want %q unchanged", got, text)
		}
		if each := tmpl.ExpandEach(v, macro.WindowHours); len(each) == 0 || len(each) > 23 {
			t.Fatalf("%q: got %d texts, want 1 to 23", text, len(each))
		}
	})
}
