package roster

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
)

const (
	ann, bob, eve, gone = 1, 2, 3, 9
	monday              = Day(20260803)
)

// crew are ann and bob, who are there, and eve, who is disabled.
func crew() People {
	return People{
		ann: {ID: ann, Name: "ann", Phone: "1", Enabled: true}, bob: {ID: bob, Name: "bob", Phone: "2", Enabled: true}, eve: {ID: eve, Name: "eve", Phone: "3"},
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("CST", 8*3600)
	if got := DayOf(time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC), shanghai); got != 20261122 {
		t.Errorf("got %s, want the day to begin at midnight in the zone", got)
	}
	for from, want := range map[Day]Day{20261231: 20270101, 20240228: 20240229, 20260228: 20260301} {
		if got := from.Add(1); got != want || want.Since(from) != 1 || want.Add(-1) != from {
			t.Errorf("after %s: got %s, want %s", from, got, want)
		}
	}
	for text, want := range map[string]Day{"20261122": 20261122, "2026-11-22": 20261122, "20261131": 0, "2026-1-2": 0, "": 0, "today": 0, "202611220": 0} {
		if got, err := ParseDay(text); got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: got %d, %v, want %d", text, got, err, want)
		}
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	week := func(members ...int64) store.DutyRotation {
		return store.DutyRotation{StartDay: int(monday), EveryDays: 7, Members: members}
	}
	for name, c := range map[string]struct {
		rotation store.DutyRotation
		after    int // days after monday
		want     string
	}{
		"TheFirstDay":                   {week(ann, bob), 0, "1/2 []"},
		"TheLastDayOfATurn":             {week(ann, bob), 6, "1/2 []"},
		"TheNextTurn":                   {week(ann, bob), 7, "2/1 []"},
		"AroundAgain":                   {week(ann, bob), 14, "1/2 []"},
		"YearsLater":                    {week(ann, bob), 7 * 101, "2/1 []"},
		"BeforeItBegins":                {week(ann, bob), -1, "0/0 []"},
		"TheDisabledAreSkipped":         {week(eve, ann, bob), 0, "1/2 [3]"},
		"TheOthersKeepTheirTurns":       {week(eve, ann, bob), 7, "1/2 []"},
		"ASecondIsSkippedToo":           {week(ann, eve, bob), 0, "1/2 [3]"},
		"WhoIsGoneIsSkipped":            {week(gone, bob), 0, "2/0 [9]"},
		"OneAloneHasNoSecond":           {week(ann), 3, "1/0 []"},
		"NobodyIsLeft":                  {week(eve, gone), 0, "0/0 [3 9]"},
		"NoMembers":                     {week(), 0, "0/0 []"},
		"ATurnOfNoDaysIsNone":           {store.DutyRotation{StartDay: int(monday), Members: []int64{ann}}, 0, "0/0 []"},
		"EveryDay":                      {store.DutyRotation{StartDay: int(monday), EveryDays: 1, Members: []int64{ann, bob}}, 31, "2/1 []"},
		"OverTheEndOfDaylightSaving":    {store.DutyRotation{StartDay: 20261024, EveryDays: 1, Members: []int64{ann, bob}}, Day(20261026).Since(monday), "1/2 []"},
		"TheNextOfTheLastIsTheFirst":    {week(bob, ann), 7, "1/2 []"},
		"TheSecondOfASkippedIsHerOwn":   {week(ann, bob, eve), 14, "1/2 [3]"},
		"SkippedAreNamedUpToTheSecond":  {week(eve, ann, gone, bob), 0, "1/2 [3 9]"},
		"NobodyAfterTheSecondIsSkipped": {week(ann, bob, gone), 0, "1/2 []"},
	} {
		s := Turn(c.rotation, monday.Add(c.after), crew())
		if got := fmt.Sprintf("%d/%d %v", s.Primary, s.Secondary, s.Skipped); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if got := Turn(week(eve, gone, ann), monday, crew()).note(crew()); got != "eve is skipped: disabled; user 9 is skipped: gone" {
		t.Errorf("got %q, want who is skipped and why", got)
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	rotation := store.DutyRotation{DepartmentID: 5, StartDay: int(monday), EveryDays: 1, Members: []int64{ann, bob}}
	row := func(after int, first, second int64, source string) store.Duty {
		return store.Duty{DepartmentID: 5, Day: int(monday.Add(after)), PrimaryID: first, SecondaryID: second, Source: source, Note: "", ChangedBy: Duty}
	}
	for name, c := range map[string]struct {
		rotation store.DutyRotation
		have     []store.Duty
		want     string // added, changed, dropped days after monday
	}{
		"AllIsNew":                  {rotation, nil, "[0 1 2] [] []"},
		"AllIsThere":                {rotation, []store.Duty{row(0, ann, bob, "rotation"), row(1, bob, ann, "rotation"), row(2, ann, bob, "rotation")}, "[] [] []"},
		"WhatPeopleSaidStays":       {rotation, []store.Duty{row(0, eve, 0, "manual"), row(1, eve, 0, "import")}, "[2] [] []"},
		"WhatIsOtherwiseChanges":    {rotation, []store.Duty{row(0, bob, ann, "rotation"), row(1, bob, 0, "rotation"), row(2, ann, bob, "rotation")}, "[] [0 1] []"},
		"WithoutARotationItsDaysGo": {store.DutyRotation{DepartmentID: 5}, []store.Duty{row(0, ann, bob, "rotation"), row(1, ann, 0, "manual")}, "[] [] [0]"},
		"BeforeItBeginsTheyGo":      {store.DutyRotation{DepartmentID: 5, StartDay: int(monday.Add(1)), EveryDays: 1, Members: []int64{ann}}, []store.Duty{row(0, ann, 0, "rotation")}, "[1 2] [] [0]"},
	} {
		got := Rewrite(c.rotation, c.have, monday, monday.Add(2), crew())
		days := func(rows []store.Duty) []int {
			out := []int{}
			for _, r := range rows {
				out = append(out, Day(r.Day).Since(monday))
			}
			return out
		}
		if text := fmt.Sprint(days(got.Add), days(got.Change), days(got.Drop)); text != c.want {
			t.Errorf("%s: got %s, want %s", name, text, c.want)
		}
		for _, r := range append(got.Add, got.Change...) {
			if r.Source != store.DutyByRotation || r.DepartmentID != 5 || r.PrimaryID == 0 {
				t.Errorf("%s: got %+v, want a day of the rotation", name, r)
			}
		}
	}
	nobody := Rewrite(store.DutyRotation{DepartmentID: 5, StartDay: int(monday), EveryDays: 1, Members: []int64{eve}}, nil, monday, monday, crew())
	if len(nobody.Add) != 1 || nobody.Add[0].PrimaryID != 0 || nobody.Add[0].Note != "eve is skipped: disabled" {
		t.Errorf("got %+v, want the day written with why nobody is there", nobody)
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	mute := crew()
	mute[bob] = Person{ID: bob, Name: "bob", Enabled: true}
	for name, c := range map[string]struct {
		first, second int64
		want          string
		platform      string
	}{
		"TwoPeople":            {ann, eve - 1, "", "no-phone bob"},
		"OneIsEnough":          {ann, 0, "", "no-secondary"},
		"Nobody":               {0, 0, "nobody", "nobody"},
		"OnlyASecond":          {0, ann, "nobody", "nobody"},
		"TheSamePersonTwice":   {ann, ann, "same-person ann", "same-person ann"},
		"TheSameAndDisabled":   {eve, eve, "same-person eve, disabled eve", "same-person eve, disabled eve"},
		"ADisabledFirst":       {eve, ann, "disabled eve", "disabled eve"},
		"ADisabledSecond":      {ann, eve, "disabled eve", "disabled eve"},
		"SomebodyWhoIsGone":    {gone, ann, "disabled user 9", "disabled user 9"},
		"ACallNobodyCanAnswer": {bob, ann, "", "no-phone bob"},
	} {
		for platform, want := range map[bool]string{false: c.want, true: c.platform} {
			d := Department{store.RosterDepartment{ID: 5, Name: "dw"}, platform}
			var got []string
			for _, g := range GapsOf(d, monday, store.Duty{PrimaryID: c.first, SecondaryID: c.second}, mute) {
				got = append(got, strings.TrimSpace(g.What+" "+g.Person))
				a := g.alert()
				if a.Object != "dw/20260803" || a.Kind != "duty-gap" || (a.Level == store.LevelImportant) != platform || !strings.Contains(a.Text, "dw on 2026-08-03 (Monday)") {
					t.Errorf("%s: got %+v, want an alert that names the department and the day", name, a)
				}
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s, platform %v: got %q, want %q", name, platform, got, want)
			}
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, lines, wrong string }{
		"WithAHeading":         {"department,day,primary,secondary,note\ndw,20261122,ann,bob,swap\n", "2 dw 20261122 ann bob swap", ""},
		"WithoutOne":           {"dw,2026-11-22,ann", "1 dw 20261122 ann", ""},
		"FromASpreadsheet":     {"\ufeffDepartment,Day,Primary,Secondary\r\n\"dw\", 20261122 ,ann,\r\n", "2 dw 20261122 ann", ""},
		"CommentsAndBlanks":    {"# of HR\n\ndw,20261122,ann,bob\n", "3 dw 20261122 ann bob", ""},
		"AllThatIsWrong":       {"dw,20261131,ann,bob\ndw,20261122\n,20261122,ann,ann\n", "", "1 day, 2 fields, 3 department, 3 people"},
		"ADayTwice":            {"dw,20261122,ann,bob\nweb,20261122,ann,bob\ndw,2026-11-22,bob,ann\n", "1 dw 20261122 ann bob; 2 web 20261122 ann bob", "3 twice"},
		"NobodyFirst":          {"dw,20261122,,bob\n", "", "1 people"},
		"AnOpenQuote":          {"dw,20261122,ann,bob\ndw,20261123,\"ann,bob\n", "1 dw 20261122 ann bob", "2 csv"},
		"NotText":              {"dw,20261122,\xff\xfe,bob\n", "", "1 encoding"},
		"ALongNote":            {"dw,20261122,ann,bob," + strings.Repeat("x", 201), "", "1 note"},
		"NothingAtAll":         {"", "", ""},
		"TooManyFields":        {"dw,20261122,ann,bob,a,b\n", "", "1 fields"},
		"AHeadingAtFirstAlone": {"dw,20261122,ann,bob\ndepartment,day,primary,secondary\n", "1 dw 20261122 ann bob", "2 day"},
	} {
		lines, wrong := Parse(c.text)
		var got, bad []string
		for _, l := range lines {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s %s %s %s", l.Line, l.Department, l.Day, l.Primary, l.Secondary, l.Note)))
		}
		for _, w := range wrong {
			bad = append(bad, fmt.Sprintf("%d %s", w.Line, w.Code))
			if w.Text == "" {
				t.Errorf("%s: got nothing said of line %d, want a sentence", name, w.Line)
			}
		}
		if strings.Join(got, "; ") != c.lines || strings.Join(bad, ", ") != c.wrong {
			t.Errorf("%s: got %q and %q, want %q and %q", name, got, bad, c.lines, c.wrong)
		}
	}
	var long strings.Builder
	for i := range mostLines + 1 {
		fmt.Fprintf(&long, "d%d,20261122,ann\n", i)
	}
	if lines, wrong := Parse(long.String()); len(lines) != mostLines || len(wrong) != 1 || wrong[0].Line != mostLines+1 {
		t.Errorf("got %d lines and %+v, want %d and that it is too long", len(lines), wrong, mostLines)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("department,day,primary,secondary\ndw,20261122,ann,bob,\"a\"\"b\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines, wrong := Parse(text)
		for _, l := range lines {
			if l.Department == "" || l.Primary == "" || l.Primary == l.Secondary || l.Day == 0 || l.Line < 1 {
				t.Errorf("got %+v, want a whole line", l)
			}
		}
		for _, w := range wrong {
			if w.Line < 1 || w.Text == "" {
				t.Errorf("got %+v, want where and what", w)
			}
		}
	})
}
