package plan

import (
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/batch"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// base is a Monday's base time of day tasks.
func base() time.Time { return time.Date(2015, 5, 18, 0, 1, 0, 0, time.UTC) }

func TestDuePicksTheVersionSavedLastBefore(t *testing.T) {
	t.Parallel()
	at := base().UnixMilli()
	version := func(n int, saved int64, enabled, deleted bool) store.Version {
		return store.Version{TaskID: 1, Version: n, SavedAt: saved, IsEnabled: enabled, IsDeleted: deleted}
	}
	cases := []struct {
		name     string
		head     store.Task
		versions []store.Version
		want     int // the version, 0 for none
	}{
		{"TodaysVersionWhenOlderThanTheSlot", store.Task{Version: 3, SavedAt: at - 1, IsEnabled: true}, nil, 3},
		{"NothingWhenTodaysIsDisabled", store.Task{Version: 3, SavedAt: at - 1}, nil, 0},
		{"NothingForATaskSavedAtTheBaseTime", store.Task{Version: 1, SavedAt: at, IsEnabled: true}, []store.Version{version(1, at, true, false)}, 0},
		{"NothingForATaskFromLater", store.Task{Version: 1, SavedAt: at + 9, IsEnabled: true}, []store.Version{version(1, at+9, true, false)}, 0},
		{
			"TheLastBeforeWhenChangedSince", store.Task{Version: 3, SavedAt: at + 9, IsEnabled: true},
			[]store.Version{version(1, at-9, true, false), version(2, at-1, true, false), version(3, at+9, true, false)}, 2,
		},
		{
			"NothingWhenTheLastBeforeWasDisabled", store.Task{Version: 3, SavedAt: at + 9, IsEnabled: true},
			[]store.Version{version(1, at-9, true, false), version(2, at-1, false, false), version(3, at+9, true, false)}, 0,
		},
		{
			"NothingWhenTheLastBeforeWasDeleted", store.Task{Version: 3, SavedAt: at + 9, IsEnabled: true},
			[]store.Version{version(2, at-1, true, true), version(3, at+9, true, false)}, 0,
		},
		{
			"TheOldVersionWhenDisabledSince", store.Task{Version: 2, SavedAt: at + 9},
			[]store.Version{version(1, at-9, true, false), version(2, at+9, false, false)}, 1,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.head.ID = 1
			var want []store.VersionKey
			if c.want > 0 {
				want = []store.VersionKey{{TaskID: 1, Version: c.want}}
			}
			if got := Due([]store.Task{c.head}, map[int64][]store.Version{1: c.versions}, base()); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestNewerNamesTasksWhoseOldVersionsMatter(t *testing.T) {
	t.Parallel()
	at := base().UnixMilli()
	got := newer([]store.Task{
		{ID: 1, SavedAt: at - 1, CreatedAt: at - 9}, {ID: 2, SavedAt: at, CreatedAt: at - 9}, {ID: 3, SavedAt: at, CreatedAt: at},
	}, base())
	if !slices.Equal(got, []int64{2}) {
		t.Errorf("got %v, want only the one that existed before and was saved since", got)
	}
}

func TestRecoverable(t *testing.T) {
	t.Parallel()
	now := base()
	for days, skipped := range map[int]bool{1: false, 62: false, 63: true, 400: true} {
		mark := now.AddDate(0, 0, -days)
		got := recoverable(mark.UnixMilli(), now, 62)
		want := mark
		if skipped {
			want = now.AddDate(0, 0, -62)
		}
		if got.skipped != skipped || !got.after.Equal(want) {
			t.Errorf("%d days: got %+v, want from %s, skipped %v", days, got, want, skipped)
		}
	}
}

func TestOnlyWhatWasMissedIsTold(t *testing.T) {
	t.Parallel()
	cycle := func(expr string) period.Cycle {
		c, err := period.NewCycle(period.Cron, expr, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	old := recoverable(base().AddDate(0, 0, -100).UnixMilli(), base(), 62)
	if old.missed(cycle("0 0 1 1 *")) {
		t.Error("got a yearly task that has missed slots in spring, want none")
	}
	if !old.missed(cycle("0 0 * * *")) {
		t.Error("got a daily task that has missed nothing in 100 days, want it told")
	}
	if recoverable(base().AddDate(0, 0, -3).UnixMilli(), base(), 62).missed(cycle("0 0 * * *")) {
		t.Error("got slots told that generation makes up for, want none")
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	has := func(state batch.State, finish batch.Finish) *store.Existing {
		return &store.Existing{Type: 2, State: state, Finish: finish}
	}
	cases := []struct {
		name           string
		enabled, valid bool
		existing       *store.Existing
		mode           string
		decision, code string
		run            int
	}{
		{"NothingThereCreates", true, true, nil, ModeAll, Create, "CREATE_NEW", 0},
		{"NothingThereCreatesMissing", true, true, nil, ModeMissing, Create, "CREATE_NEW", 0},
		{"DisabledSkips", false, true, nil, ModeAll, Skip, "SKIP_DISABLED", 0},
		{"OutsideValiditySkips", true, false, nil, ModeAll, Skip, "SKIP_BEFORE_VALID", 0},
		{"WaitingSkips", true, true, has(batch.Waiting, batch.None), ModeAll, Skip, "SKIP_UNFINISHED", 2},
		{"AssignedSkips", true, true, has(batch.Assigned, batch.None), ModeAll, Skip, "SKIP_UNFINISHED", 2},
		{"RunningSkips", true, true, has(batch.Running, batch.OutputTimeout), ModeMissing, Skip, "SKIP_UNFINISHED", 2},
		{"SucceededGetsANewRun", true, true, has(batch.Done, batch.Success), ModeAll, Create, "CREATE_GEN_3", 3},
		{"FailedGetsANewRun", true, true, has(batch.Done, batch.Failed), ModeAll, Create, "CREATE_GEN_3", 3},
		{"DoneIsNotMissing", true, true, has(batch.Done, batch.Failed), ModeMissing, Skip, "SKIP_EXISTS", 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			decision, code, run := Decide(false, c.enabled, c.valid, c.existing, c.mode)
			if decision != c.decision || code != c.code || run != c.run {
				t.Errorf("got %s %s %d, want %s %s %d", decision, code, run, c.decision, c.code, c.run)
			}
			it := Item{Decision: decision, Code: code, Run: run, Existing: c.existing}
			if sentence(&it) == "" {
				t.Errorf("got no sentence for %s, want one", code)
			}
			if decision, code, run = Decide(true, c.enabled, c.valid, c.existing, c.mode); decision != Skip || code != CodeExcluded || run != 0 {
				t.Errorf("got %s %s %d of what is left out, want SKIP_EXCLUDED whatever else holds", decision, code, run)
			}
		})
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	items := func() []Item {
		return []Item{
			{TaskID: 1, Version: 2, Slot: period.Slot{WorkNo: "20150518"}, Decision: Create, Code: CodeNew},
			{TaskID: 1, Version: 2, Slot: period.Slot{WorkNo: "20150519"}, Decision: Skip, Code: CodeUnfinished, Existing: &store.Existing{Type: 1, State: batch.Waiting}},
		}
	}
	seen := func(req wire.PlanRequest, author string, items []Item) string {
		out, err := fingerprint(req, author, items)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	request := wire.PlanRequest{Kind: KindColdStart, Period: "day", From: "20150518", To: "20150519"}
	want := seen(request, "ann", items())
	same := items()
	same[0].Slot.Base, same[1].Sentence, same[1].Existing.ID, same[0].Task = base(), "other words", 99, "renamed"
	if got := seen(request, "ann", same); got != want {
		t.Error("got another fingerprint after times, sentences and ids changed, want the same")
	}
	changes := map[string]func([]Item){
		"Version":  func(i []Item) { i[0].Version = 3 },
		"Task":     func(i []Item) { i[0].TaskID = 2 },
		"Slot":     func(i []Item) { i[0].Slot.WorkNo = "20150520" },
		"Decision": func(i []Item) { i[0].Decision = Skip },
		"Code":     func(i []Item) { i[0].Code = "CREATE_GEN_1" },
		"State":    func(i []Item) { i[1].Existing.State = batch.Running },
		"Finish":   func(i []Item) { i[1].Existing.Finish = batch.DependTimeout },
		"Run":      func(i []Item) { i[1].Existing.Type = 2 },
		"Existing": func(i []Item) { i[1].Existing = nil },
	}
	for name, change := range changes {
		other := items()
		change(other)
		if seen(request, "ann", other) == want {
			t.Errorf("%s: got the same fingerprint, want another", name)
		}
	}
	if seen(request, "bob", items()) == want || seen(wire.PlanRequest{}, "ann", items()) == want || seen(request, "ann", items()[:1]) == want {
		t.Error("got the same fingerprint for another caller, request or list, want another")
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	cycle := func(kind period.Kind) period.Cycle {
		c, err := period.NewCycle(kind, "", time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	slot := func(c period.Cycle, no string) period.Slot {
		s, err := c.ByWorkNo(no)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	day, hour, month := cycle(period.Day), cycle(period.Hour), cycle(period.Month)
	offset := func(n int) task.Window { return task.Parent{Offset: &n}.Window() }
	child := slot(day, "20150518")
	cases := []struct {
		name        string
		window      task.Window
		parent      period.Cycle
		n           int
		first, last string
	}{
		{"DefaultIsTheSameDay", task.Window{}, day, 1, "20150518", "20150518"},
		{"DefaultOfAFinerParentIsAllHours", task.Window{}, hour, 24, "2015051701", "2015051800"},
		{"DefaultOfACoarserParentIsTheLatest", task.Window{}, month, 1, "201505", "201505"},
		{"OffsetZeroIsTheLatest", offset(0), day, 1, "20150518", "20150518"},
		{"OffsetCountsTheParentsPeriods", offset(-1), hour, 1, "2015051723", "2015051723"},
		{"RangeGoesBack", task.Parent{Range: &[2]int{-7, -1}}.Window(), day, 7, "20150511", "20150517"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := window(c.window, child, c.parent)
			if len(got) != c.n || got[0].WorkNo != c.first || got[c.n-1].WorkNo != c.last {
				t.Errorf("got %v, want %d from %s to %s", got, c.n, c.first, c.last)
			}
		})
	}
}
