package watch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// TestCoverAndAhead: what should be there and is not, of any time; and what will
// be due, whether it is there or not.
func TestCoverAndAhead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		gap := r.Define("gap", hourly)
		off := r.Define("idle", hourly, func(d *task.Task) { d.Spec.Enabled = false })
		r.aged()
		slots := hours(3)
		slices.Reverse(slots) // oldest first
		r.Batch(gap, slots[0].WorkNo)
		from, to := slots[0].Base.Add(-time.Second), slots[2].Base
		cover, names, err := r.Cover(t.Context(), from, to, 1)
		r.must(err)
		if cover != (Cover{Expected: 3, Missing: 2}) || strings.Join(names, " ") != "gap/"+slots[1].WorkNo {
			t.Errorf("got %+v and %v, want two of three missing, the first of them named", cover, names)
		}
		if cover, _, err = r.Cover(t.Context(), from, to.Add(-time.Millisecond), 5); err != nil || cover.Expected != 2 {
			t.Errorf("got %+v and %v, want the last not counted before its time", cover, err)
		}
		ahead, err := r.Ahead(t.Context(), from, to)
		r.must(err)
		if len(ahead[gap]) != 3 || !ahead[gap][0].Equal(slots[0].Base) || len(ahead[off]) != 0 {
			t.Errorf("got %v, want the three of the task that is on", ahead)
		}
		next, err := r.Ahead(t.Context(), time.Now(), time.Now().Add(2*time.Hour))
		if err != nil || len(next[gap]) != 2 {
			t.Errorf("got %v and %v, want two in two hours", next, err)
		}
	})
}

func TestRetireTakesOldReports(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		for kind, ages := range map[string][]int{wire.ReportHourly: {401, 399}, wire.ReportDaily: {500, 402, 1}} {
			for _, days := range ages {
				r.Change("INSERT INTO capri_report (kind, at, quiet, body, madeAt, sentAt) VALUES (?, ?, 0, '{}', 1, 0)", kind, daysAgo(days).UnixMilli())
			}
		}
		if n := r.retire(); n != 3 {
			t.Errorf("got %d taken away, want three reports", n)
		}
		if got := fmt.Sprint(r.Figure("SELECT COUNT(*) FROM capri_report WHERE kind = 'hourly'"), r.Figure("SELECT COUNT(*) FROM capri_report WHERE kind = 'daily'")); got != "1 1" {
			t.Errorf("got %s left, want one of each", got)
		}
		r.Change(fmt.Sprintf("UPDATE capri_dic_data SET dicValue = '%d' WHERE dicKey = '%s'", 0, store.SettingKeepOperation))
		if n := r.retire(); n != 0 {
			t.Errorf("got %d taken away, want none by a setting that is no number of days", n)
		}
	})
}
