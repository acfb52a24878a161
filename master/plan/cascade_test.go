package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/task"
)

// family of nodes by name, for graphs in tests.
type tree struct {
	t     *testing.T
	zone  *time.Location
	nodes []*node
}

func (f *tree) add(name, period string, change ...func(*task.Spec)) {
	f.t.Helper()
	f.nodes = append(f.nodes, nodeOf(f.t, int64(len(f.nodes)+1), name, period, f.zone, change...))
}

func below(parents ...task.Parent) func(*task.Spec) {
	return func(s *task.Spec) { s.Parents = append(s.Parents, parents...) }
}

func reads(paths ...string) func(*task.Spec) {
	return func(s *task.Spec) {
		for _, p := range paths {
			s.Inputs = append(s.Inputs, task.Input{Path: p})
		}
	}
}

func writes(paths ...string) func(*task.Spec) {
	return func(s *task.Spec) {
		for _, p := range paths {
			s.Outputs = append(s.Outputs, task.Output{Path: p})
		}
	}
}

// diamond is hour → day → week with two day tasks between, one of them by data,
// and a month at its end.
func diamond(t *testing.T) *tree {
	t.Helper()
	f := &tree{t: t, zone: time.UTC}
	f.add("hour", "hour", writes("/ods/{{ biz yyyyMMddHH }}"))
	f.add("day_logic", "day", below(task.Parent{Task: "hour"}))
	f.add("day_data", "day", func(s *task.Spec) {
		s.Inputs = []task.Input{{Path: "/ods/{{ biz yyyyMMddHH }}", Window: "hours"}}
	}, writes("/dwd/{{ biz_date }}"))
	f.add("week", "week", below(task.Parent{Task: "day_logic"}, task.Parent{Task: "day_data"}))
	f.add("month", "month", below(task.Parent{Task: "day_logic"}), reads("/dwd/{{ biz_end -1d yyyyMMdd }}"))
	return f
}

// walk cascades from slots of a task; what not names is not created.
func (f *tree) walk(kind, name, from, to string, not ...string) *Cascade {
	f.t.Helper()
	c, err := f.try(kind, name, from, to, 1000, not...)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

func (f *tree) try(kind, name, from, to string, limit int, not ...string) (*Cascade, error) {
	f.t.Helper()
	var targets []*Item
	for _, n := range f.nodes {
		if n.name != name {
			continue
		}
		slots, err := n.cycle.Range(from, to, 1000)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, s := range slots {
			targets = append(targets, newItem(n, s, 0))
		}
	}
	now := time.Date(2026, 12, 20, 12, 0, 0, 0, f.zone)
	c := newCascade(newGraph(f.nodes), kind, now, limit)
	err := c.run(targets, func(level []*Item) error {
		for _, it := range level {
			it.Decision = Create
			if slices.Contains(not, it.Task) || slices.Contains(not, it.Task+"/"+it.Slot.WorkNo) || it.Slot.Base.After(now) {
				it.Decision = Skip
			}
		}
		return nil
	})
	return c, err
}

func found(c *Cascade, leave ...string) string {
	var out []string
	for _, it := range c.items {
		if !slices.Contains(leave, it.Task) {
			out = append(out, fmt.Sprintf("%s/%s %d %s", it.Task, it.Slot.WorkNo, it.Level, strings.Join(it.Via, "+")))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func lines(in ...string) string {
	slices.Sort(in)
	return strings.Join(in, "\n")
}

func TestCascadeFindsEachDescendantOnce(t *testing.T) {
	t.Parallel()
	f := diamond(t)
	c := f.walk(CascadeAll, "hour", "2026111122", "2026111202")
	want := lines(
		"day_logic/20261112 1 logic hour", "day_data/20261112 1 data hour",
		"day_logic/20261113 1 logic hour", "day_data/20261113 1 data hour",
		"week/20261116 2 logic day_data+logic day_logic",
		"month/202612 2 data day_data+logic day_logic",
	)
	if got := found(c, "hour"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCascadeFollowsTheKindsAskedFor(t *testing.T) {
	t.Parallel()
	f := diamond(t)
	cases := []struct{ kind, want string }{
		{CascadeNone, ""},
		{CascadeLogic, lines("day_logic/20261112 1 logic hour", "week/20261116 2 logic day_logic", "month/202612 2 logic day_logic")},
		{CascadeData, lines("day_data/20261112 1 data hour", "month/202612 2 data day_data")},
	}
	for _, c := range cases {
		if got := found(f.walk(c.kind, "hour", "2026111122", "2026111122"), "hour"); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.kind, got, c.want)
		}
	}
}

func TestOnlyWhatIsCreatedLeadsOn(t *testing.T) {
	t.Parallel()
	f := diamond(t)
	got := found(f.walk(CascadeAll, "hour", "2026111122", "2026111122", "day_logic"), "hour")
	want := lines("day_logic/20261112 1 logic hour", "day_data/20261112 1 data hour", "week/20261116 2 logic day_data", "month/202612 2 data day_data")
	if got != want {
		t.Errorf("one arm skipped: got\n%s\nwant the other to lead on:\n%s", got, want)
	}
	got = found(f.walk(CascadeAll, "hour", "2026111122", "2026111122", "day_logic", "day_data"), "hour")
	if want := lines("day_logic/20261112 1 logic hour", "day_data/20261112 1 data hour"); got != want {
		t.Errorf("both arms skipped: got\n%s\nwant nothing below:\n%s", got, want)
	}
	if got := found(f.walk(CascadeAll, "hour", "2026111122", "2026111122", "hour"), "hour"); got != "" {
		t.Errorf("target skipped: got %s, want nothing", got)
	}
}

func TestCascadeTellsWhatIsStillToCome(t *testing.T) {
	t.Parallel()
	f := diamond(t) // it is noon of 20 December, a Sunday
	got := found(f.walk(CascadeLogic, "hour", "2026122007", "2026122009"), "hour")
	if want := "day_logic/20261221 1 logic hour"; got != want {
		t.Errorf("got %s, want the day that has not ended, and nothing below: %s", got, want)
	}
	f.add("later", "day", below(task.Parent{Task: "day_logic", Range: &[2]int{-3, -1}}))
	got = found(f.walk(CascadeLogic, "day_logic", "20261219", "20261220"), "day_logic", "week", "month")
	if want := lines("later/20261220 1 logic day_logic", "later/20261221 1 logic day_logic"); got != want {
		t.Errorf("got\n%s\nwant the first of those to come:\n%s", got, want)
	}
}

func TestCascadeByWindows(t *testing.T) {
	t.Parallel()
	berlin := zoneOf(t, "Europe/Berlin")
	cases := []struct {
		name          string
		zone          *time.Location
		parent, child string
		window        task.Parent
		from, to      string
		want          string
	}{
		{"SameSlot", time.UTC, "day", "day", task.Parent{}, "20261112", "20261112", "20261112"},
		{"DayBefore", time.UTC, "day", "day", task.Parent{Offset: new(-1)}, "20261112", "20261112", "20261113"},
		{"LastThreeDays", time.UTC, "day", "day", task.Parent{Range: &[2]int{-3, -1}}, "20261112", "20261112", "20261113 20261114 20261115"},
		{"WeekOfSevenDays", time.UTC, "day", "week", task.Parent{}, "20261110", "20261116", "20261116"},
		{"DaysOfTwoWeeks", time.UTC, "day", "week", task.Parent{}, "20261116", "20261117", "20261116 20261123"},
		{"MonthOfADay", time.UTC, "day", "month", task.Parent{}, "20261201", "20261201", "202612"},
		{"MonthAfterADay", time.UTC, "day", "month", task.Parent{}, "20261202", "20261202", "202701"},
		{"DaysUnderAMonth", time.UTC, "week", "day", task.Parent{}, "20261109", "20261109", "20261109 20261110 20261111 20261112 20261113 20261114 20261115"},
		{"WeekOnMonth", time.UTC, "month", "week", task.Parent{}, "202611", "202611", "20261102 20261109 20261116 20261123 20261130"},
		{"CronOfHours", time.UTC, "hour", "cron 0 6 * * *", task.Parent{}, "2026111205", "2026111207", "20261112060000 20261113060000"},
		{"HoursUnderCron", time.UTC, "cron 0 */6 * * *", "hour", task.Parent{}, "20261112060000", "20261112060000", "2026111206 2026111207 2026111208 2026111209 2026111210 2026111211"},
		{"HourThatComesTwice", berlin, "hour", "day", task.Parent{}, "2026102501", "2026102504", "20261026"},
		{"DayOf25Hours", berlin, "day", "hour", task.Parent{Offset: new(0)}, "20261025", "20261025", "2026102500 2026102501 2026102502 2026102503 2026102504 2026102505 2026102506 2026102507 2026102508 2026102509 2026102510 2026102511 2026102512 2026102513 2026102514 2026102515 2026102516 2026102517 2026102518 2026102519 2026102520 2026102521 2026102522 2026102523"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := &tree{t: t, zone: c.zone}
			f.add("parent", c.parent)
			c.window.Task = "parent"
			f.add("child", c.child, below(c.window))
			var got []string
			for _, it := range f.walk(CascadeLogic, "parent", c.from, c.to).items {
				if it.Task == "child" {
					got = append(got, it.Slot.WorkNo)
				}
			}
			slices.Sort(got)
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got %s, want %s", text, c.want)
			}
		})
	}
}

func TestCascadeEndsInCirclesAndChains(t *testing.T) {
	t.Parallel()
	f := &tree{t: t, zone: time.UTC}
	f.add("a", "day", below(task.Parent{Task: "a", Offset: new(-1)}), reads("/b"), writes("/a"))
	f.add("b", "day", reads("/a"), writes("/b"))
	c := f.walk(CascadeAll, "a", "20261216", "20261216")
	want := lines("a/20261216 0 data b", "a/20261217 1 data b+logic a", "a/20261218 2 data b+logic a", "a/20261219 3 data b+logic a", "a/20261220 4 data b+logic a",
		"a/20261221 5 logic a", "b/20261216 1 data a", "b/20261217 2 data a", "b/20261218 3 data a", "b/20261219 4 data a", "b/20261220 5 data a")
	if got := found(c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCascadeLeavesTheLastBatchAndManualTasksAlone(t *testing.T) {
	t.Parallel()
	f := &tree{t: t, zone: time.UTC}
	f.add("a", "day", writes("/a/{{ biz_date }}"))
	f.add("last", "day", below(task.Parent{Task: "a", Last: true}))
	f.add("hand", "manual", reads("/a/{{ biz_date }}"))
	c := f.walk(CascadeAll, "a", "20261112", "20261112")
	if got := found(c, "a"); got != "" {
		t.Errorf("got %s, want neither", got)
	}
	if said := unfollowed(c.graph, c); len(said) != 1 || !strings.Contains(said[0], "last waits for the newest batch of a") {
		t.Errorf("got %q, want a word about the one that waits for the last", said)
	}
}

func TestCascadeStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	f := &tree{t: t, zone: time.UTC}
	f.add("month", "month")
	f.add("hour", "hour", below(task.Parent{Task: "month"}))
	f.add("second", "cron * * * * * *", below(task.Parent{Task: "hour"}))
	if _, err := f.try(CascadeLogic, "month", "202611", "202611", 700); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("got %v, want TOO_LARGE: there are 720 hours", err)
	}
	if _, err := f.try(CascadeLogic, "month", "202611", "202611", 5000); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("got %v, want TOO_LARGE: there are millions of seconds", err)
	}
	f.nodes = f.nodes[:2]
	if _, err := f.try(CascadeLogic, "month", "202611", "202611", 721); err != nil {
		t.Errorf("got %v, want 721 batches to be allowed", err)
	}
}

// TestCascadeInAnyGraph draws graphs at random: each batch is found once, from
// created ones only, over links that really hold its parents; nothing is missed.
func TestCascadeInAnyGraph(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 7))
		f := &tree{t: t, zone: time.UTC}
		kinds := []string{"hour", "day", "day", "week", "month", "cron 0 */8 * * *"}
		for n := range 8 {
			var parents []task.Parent
			for m := range n {
				if random.IntN(3) == 0 {
					p := task.Parent{Task: fmt.Sprint("t", m)}
					if random.IntN(3) == 0 {
						p.Offset = new(-random.IntN(3))
					}
					parents = append(parents, p)
				}
			}
			f.add(fmt.Sprint("t", n), kinds[random.IntN(len(kinds))], below(parents...))
		}
		first := f.nodes[0].cycle
		s, _ := first.Latest(time.Date(2026, 11, 12, 0, 0, 0, 0, time.UTC))
		skipped := fmt.Sprint("t", 1+random.IntN(7))
		c, err := f.try(CascadeAll, "t0", s.WorkNo, s.WorkNo, 100_000, skipped)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		checkCascade(t, seed, c)
	}
}

func checkCascade(t *testing.T, seed uint64, c *Cascade) {
	t.Helper()
	in := map[store.ParentKey]*Item{}
	for _, it := range c.items {
		if in[it.key()] != nil {
			t.Fatalf("seed %d: got %v twice, want it once", seed, it.key())
		}
		in[it.key()] = it
	}
	reachable := func(it *Item) (via []string) {
		for _, l := range c.graph.up[it.TaskID] {
			for _, s := range window(l.window, it.Slot, l.parent.cycle) {
				if p := in[store.ParentKey{TaskID: l.parent.id, WorkNo: s.WorkNo}]; p != nil && p.Decision == Create && !slices.Contains(via, l.String()) {
					via = append(via, l.String())
				}
			}
		}
		slices.Sort(via)
		return via
	}
	from := c.items[0].Slot.BizStart.AddDate(0, -1, 0)
	for _, n := range c.graph.nodes {
		for _, s := range n.cycle.Within(from, c.now) {
			it := in[store.ParentKey{TaskID: n.id, WorkNo: s.WorkNo}]
			want := reachable(newItem(n, s, 0))
			switch {
			case it == nil && len(want) > 0 && !s.Base.After(c.now):
				t.Fatalf("seed %d: got no %s/%s, want it by %v", seed, n.name, s.WorkNo, want)
			case it != nil && !slices.Equal(it.Via, want):
				t.Fatalf("seed %d: got %s/%s by %v, want %v", seed, n.name, s.WorkNo, it.Via, want)
			}
		}
	}
}
