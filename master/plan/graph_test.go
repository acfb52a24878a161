package plan

import (
	"slices"
	"testing"
	"time"

	"capricornus/common/period"
	"capricornus/common/task"
)

// TestPathsAreTheSameWhenTheyMeanTheSame: a data edge does not depend on how
// the two templates are written.
func TestPathsAreTheSameWhenTheyMeanTheSame(t *testing.T) {
	t.Parallel()
	shanghai := zoneOf(t, "Asia/Shanghai")
	cases := []struct {
		name          string
		maker, reader string // periods
		makes, reads  string
		window        string
		want          bool
	}{
		{name: "SameText", maker: "day", reader: "day", makes: "/a/{{ biz_date }}", reads: "/a/{{ biz_date }}", want: true},
		{name: "ShortcutAndPattern", maker: "day", reader: "day", makes: "/a/{{ biz_date }}", reads: "/a/{{biz yyyyMMdd}}", want: true},
		{name: "AlignThatChangesNothing", maker: "day", reader: "day", makes: "/a/{{ biz_date }}", reads: "/a/{{ biz.day_begin yyyyMMdd }}", want: true},
		{name: "EndOfADayMinusOne", maker: "day", reader: "day", makes: "/a/{{ biz_date }}", reads: "/a/{{ biz_end -1d yyyyMMdd }}", want: true},
		{name: "ScheduleMinusOne", maker: "day", reader: "day", makes: "/a/{{ biz_date }}", reads: "/a/{{ schedule -1d yyyyMMdd }}", want: true},
		{name: "EndOfAnHourMinusOne", maker: "hour", reader: "hour", makes: "/a/{{ biz yyyyMMddHH }}", reads: "/a/{{ biz_end -1h yyyyMMddHH }}", want: true},
		{name: "TaskName", maker: "day", reader: "day", makes: "/out/{{ task }}/{{ biz_date }}", reads: "/out/maker/{{ biz_date }}", want: true},
		{name: "HoursOfADay", maker: "hour", reader: "day", makes: "/a/{{ biz yyyyMMddHH }}", reads: "/a/{{ biz_end -1h yyyyMMddHH }}", window: "hours", want: true},
		{name: "DaysOfAWeekWrittenOtherwise", maker: "day", reader: "week", makes: "/a/{{ schedule -1d yyyyMMdd }}", reads: "/a/{{ biz yyyyMMdd }}", window: "days", want: true},
		{name: "LastDayOfAMonth", maker: "day", reader: "month", makes: "/a/{{ biz_date }}", reads: "/a/{{ biz.month_end yyyyMMdd }}", want: true},
		{name: "NoDate", maker: "day", reader: "hour", makes: "/dim", reads: "/dim", want: true},
		{name: "CronWithTheSameText", maker: "cron 0 6 * * *", reader: "day", makes: "/a/{{ biz_date }}", reads: "/a/{{ biz yyyyMMdd }}", want: true},
		{name: "OtherPath", maker: "day", reader: "day", makes: "/a/{{ biz_date }}", reads: "/b/{{ biz_date }}"},
		{name: "DayBefore", maker: "day", reader: "day", makes: "/a/{{ biz_date }}", reads: "/a/{{ biz -1d yyyyMMdd }}"},
		{name: "EndOfAnHourIsAnotherHour", maker: "hour", reader: "hour", makes: "/a/{{ biz yyyyMMddHH }}", reads: "/a/{{ biz_end yyyyMMddHH }}"},
		{name: "LiteralDate", maker: "day", reader: "day", makes: "/a/{{ biz_date }}", reads: "/a/20180930"},
		{name: "MonthAndDay", maker: "month", reader: "day", makes: "/a/{{ biz yyyyMM }}", reads: "/a/{{ biz yyyyMMdd }}"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, zone := range []*time.Location{time.UTC, shanghai} {
				maker := nodeOf(t, 1, "maker", c.maker, zone, writes(c.makes))
				reader := nodeOf(t, 2, "reader", c.reader, zone, func(s *task.Spec) {
					s.Inputs = []task.Input{{Path: c.reads, Window: c.window}}
				})
				got := len(newGraph([]*node{maker, reader}).down[1]) == 1
				if got != c.want {
					t.Errorf("%s below %s in %s: got linked %v, want %v", c.reads, c.makes, zone, got, c.want)
				}
			}
		})
	}
}

func TestATaskIsNotLinkedToItsOwnData(t *testing.T) {
	t.Parallel()
	n := nodeOf(t, 1, "a", "day", time.UTC, reads("/a"), writes("/a"))
	if g := newGraph([]*node{n}); len(g.up[1]) != 0 {
		t.Errorf("got %v, want no link", g.up[1])
	}
}

func TestOrderPutsParentsFirst(t *testing.T) {
	t.Parallel()
	f := &tree{t: t, zone: time.UTC}
	f.add("d_leaf", "day", below(task.Parent{Task: "c_mid"}, task.Parent{Task: "root", Offset: new(-1)}))
	f.add("c_mid", "day", reads("/root"))
	f.add("root", "day", writes("/root"), below(task.Parent{Task: "d_leaf", Offset: new(-1)}))
	f.add("x", "day", reads("/y"), writes("/x"))
	f.add("y", "day", reads("/x"), writes("/y"))
	f.add("a_end", "day", below(task.Parent{Task: "x"}))
	f.add("outside", "day", below(task.Parent{Task: "d_leaf"}))
	o := newGraph(f.nodes).orderOf([]int64{1, 2, 3, 4, 5, 6})
	if o.rank[3] != 0 || o.rank[2] != 1 || o.rank[1] != 2 {
		t.Errorf("got %v, want root, c_mid, d_leaf: what looks back in time does not count", o.rank)
	}
	if o.circle[4] != o.circle[5] || o.rank[4] != o.rank[5] || o.rank[6] != 1 || o.circle[6] == o.circle[4] {
		t.Errorf("got ranks %v and circles %v, want x and y in one circle and a_end behind it", o.rank, o.circle)
	}
	if _, ranked := o.rank[7]; ranked {
		t.Error("got a rank for a task outside of the plan, want none")
	}
	var items []*Item
	for _, n := range f.nodes[:6] {
		for _, no := range []string{"20261112", "20261111"} {
			s, err := n.cycle.ByWorkNo(no)
			if err != nil {
				t.Fatal(err)
			}
			items = append(items, newItem(n, s, 0))
		}
	}
	o.sort(items)
	var got []string
	for _, it := range items {
		got = append(got, it.Task+it.Slot.WorkNo[6:])
	}
	want := []string{"root11", "root12", "x11", "x12", "y11", "y12", "a_end11", "a_end12", "c_mid11", "c_mid12", "d_leaf11", "d_leaf12"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOrderOfALongChain(t *testing.T) {
	t.Parallel()
	var nodes []*node
	var ids []int64
	for i := range 10_000 {
		n := &node{id: int64(i + 1), name: "t", def: &task.Task{}}
		n.cycle, _ = period.NewCycle(period.Day, "", time.UTC)
		if i > 0 {
			n.inputs = []string{string(rune(i))}
		}
		n.outputs = []string{string(rune(i + 1))}
		nodes, ids = append(nodes, n), append(ids, n.id)
	}
	o := newGraph(nodes).orderOf(ids)
	if o.rank[10_000] != 9_999 {
		t.Errorf("got rank %d, want the end of the chain last", o.rank[10_000])
	}
}
