package grid

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) int64 {
		if text == "" {
			return 0
		}
		when, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when.UnixMilli()
	}
	for name, c := range map[string]struct {
		kind     period.Kind
		from, to string
		now      string
		want     string
	}{
		"DaysUpToNow":       {period.Day, "2015-05-18 00:00", "", "2015-05-20 12:00", "20150518 20150519 20150520"},
		"DaysOfARange":      {period.Day, "2015-05-18 00:00", "2015-05-19 00:00", "2015-05-20 12:00", "20150518"},
		"BothEndsAreIn":     {period.Day, "2015-05-18 00:01", "2015-05-19 00:01", "2015-05-20 12:00", "20150518 20150519"},
		"Months":            {period.Month, "2015-03-01 00:00", "", "2015-05-20 12:00", "201503 201504 201505"},
		"Weeks":             {period.Week, "2015-05-10 00:00", "", "2015-05-20 12:00", "20150511 20150518"},
		"NothingOfARange":   {period.Day, "2015-05-18 08:00", "2015-05-18 09:00", "2015-05-20 12:00", ""},
		"ATimeThatIsToCome": {period.Hour, "2015-05-20 12:00", "2015-05-20 14:30", "2015-05-20 12:00", "2015052012 2015052013 2015052014"},
	} {
		now := time.UnixMilli(at(c.now))
		got, err := columns(c.kind, at(c.from), at(c.to), now, zone)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, %v, want %s", name, got, err, c.want)
		}
	}
	if got, err := columns(period.Day, 0, 0, time.UnixMilli(at("2015-05-20 12:00")), zone); err != nil || len(got) != 30 || got[29] != "20150520" {
		t.Errorf("got %v, %v, want 30 days up to today", got, err)
	}
	if _, err := columns(period.Hour, at("2014-01-01 00:00"), 0, time.UnixMilli(at("2015-05-20 12:00")), zone); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("got %v, want a range that is too large", err)
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	cols := []string{"20150518", "20150519", "20150520"}
	cell := func(task int64, no string, run int, s batch.State, f batch.Finish) store.Cell {
		return store.Cell{TaskID: task, WorkNo: no, Type: run, State: s, Finish: f}
	}
	late := cell(1, "20150520", 0, batch.Running, batch.OutputTimeout)
	late.DependTimeout, late.OutputTimeout = true, true
	rows := fill([]store.Task{{ID: 1, Name: "a"}, {ID: 2, Name: "b"}}, cols, []store.Cell{
		late, cell(1, "20150518", 2, batch.Done, batch.Success), cell(2, "20150519", 0, batch.Done, batch.Lost), cell(2, "2015051923", 0, batch.Done, batch.Failed),
	})
	if got := fmt.Sprint(rows[0].Cells, rows[0].Runs, rows[0].Late); got != "S.R[[0 3]] [[2 3]]" {
		t.Errorf("got %s, want a success of three runs and one late twice over", got)
	}
	if got := fmt.Sprint(rows[1].Cells, rows[1].Runs, rows[1].Late); got != ".L.[] []" {
		t.Errorf("got %s, want the number of another period passed over", got)
	}
	codes := ""
	for _, f := range []batch.Finish{batch.Success, batch.Failed, batch.Killed, batch.Skipped, batch.Lost} {
		codes += string(code(batch.Done, f))
	}
	for _, s := range []batch.State{batch.Waiting, batch.Assigned, batch.Running} {
		codes += string(code(s, batch.DependTimeout))
	}
	if codes != "SFKXLWAR" {
		t.Errorf("got %s, want a character for each", codes)
	}
	for _, c := range codes {
		if legend()[string(c)] == "" {
			t.Errorf("the legend does not explain %c", c)
		}
	}
}

func TestRowsArePaged(t *testing.T) {
	t.Parallel()
	all := []store.Task{
		{ID: 1, Name: "b", Project: "x", Period: int(period.Day)}, {ID: 2, Name: "a", Project: "x", Period: int(period.Day)},
		{ID: 3, Name: "c", Project: "w", Period: int(period.Day)}, {ID: 4, Name: "h", Project: "w", Period: int(period.Hour)},
	}
	for after, want := range map[string]string{"": "c a true", "x\x00a": "b false", "x\x00b": " false"} {
		page, more := choose(all, period.Day, Query{Rows: 2, After: after})
		names := make([]string, 0, len(page))
		for _, p := range page {
			names = append(names, p.Name)
		}
		if got := fmt.Sprint(strings.Join(names, " "), " ", more); got != want {
			t.Errorf("after %q: got %s, want %s", after, got, want)
		}
	}
}
