package watch

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPercentile(t *testing.T) {
	t.Parallel()
	ten := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	cases := []struct {
		name   string
		values []int64
		p      int
		want   int64
	}{
		{"OfNothingIsNothing", nil, 50, 0},
		{"OfOneIsThatOne", []int64{7}, 1, 7},
		{"HalfOfTwoIsTheSmaller", []int64{7, 9}, 50, 7},
		{"HalfOfThreeIsTheMiddle", []int64{7, 8, 9}, 50, 8},
		{"HalfOfTen", ten, 50, 5},
		{"NinetyFiveOfTenIsTheLargest", ten, 95, 10},
		{"NinetyOfTenIsTheNinth", ten, 90, 9},
		{"AllIsTheLargest", ten, 100, 10},
		{"NoneIsTheSmallest", ten, 0, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := percentile(c.values, c.p); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

// rig is a watch over a world.
type rig struct {
	*storetest.World
	*Watch
	t *testing.T
}

func newRig(t *testing.T, w *storetest.World) *rig {
	t.Helper()
	return &rig{World: w, t: t, Watch: New(Deps{DB: w.DB, Defs: store.NewDefinitions(w.DB, 1000), Zone: time.UTC, Reasons: reasoned})}
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("got %v, want no error", err)
	}
}

// ran makes a successful batch that took so long and needed so much memory.
func (r *rig) ran(task int64, no string, end time.Time, took time.Duration, memory int64) int64 {
	r.t.Helper()
	id := r.Batch(task, no, func(b *store.NewBatch) { b.ScheduleTime, b.Period = end.UnixMilli(), int(period.Day) })
	r.Succeed(id)
	r.Change("UPDATE capri_task_work SET startTime = ?, endTime = ?, peakMemory = ? WHERE id = ?", end.Add(-took).UnixMilli(), end.UnixMilli(), memory, id)
	return id
}

func (r *rig) stats(ids ...int64) map[int64]store.TaskStat {
	r.t.Helper()
	var out map[int64]store.TaskStat
	r.View("stats", func(ctx context.Context, v *store.ViewTx) (err error) {
		out, err = v.TaskStats(ctx, ids)
		return err
	})
	return out
}

func (r *rig) learn() int {
	r.t.Helper()
	got, err := r.Learn(r.t.Context(), r.Lead)
	r.must(err)
	return got.Rows
}

func TestLearn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		now := time.Now()
		steady, once, idle := r.Define("steady"), r.Define("once"), r.Define("idle")
		for i := range 40 { // the ten oldest took a day and do not count
			took, memory := time.Duration(i)*time.Minute, int64(i)
			if i < 10 {
				took, memory = 24*time.Hour, 1<<40
			}
			r.ran(steady, fmt.Sprint(20150500+i), now.Add(time.Duration(i-50)*time.Minute), took, memory)
		}
		r.ran(once, "20150518", now.Add(-2*time.Hour), 5*time.Second, 9)
		r.Batch(idle, "20150518")
		if n := r.learn(); n != 2 {
			t.Errorf("got %d tasks learned, want the two that ran", n)
		}
		got := r.stats(steady, once, idle)
		minute := time.Minute.Milliseconds()
		if s := got[steady]; s.Runs != 30 || s.P50Millis != 24*minute || s.P95Millis != 38*minute || s.PeakMemory != 38 {
			t.Errorf("got %+v, want 30 runs of 24 and 38 minutes with 38 bytes", s)
		}
		if s := got[once]; s.Runs != 1 || s.P50Millis != 5000 || s.P95Millis != 5000 || s.PeakMemory != 9 || s.LearnedAt == 0 {
			t.Errorf("got %+v, want one run of 5 s", s)
		}
		if _, known := got[idle]; known {
			t.Errorf("got %+v of a task that never ran, want nothing", got[idle])
		}
		if n := r.learn(); n != 0 {
			t.Errorf("got %d tasks learned again, want none without a new success", n)
		}
		r.ran(once, "20150519", now.Add(time.Second), 9*time.Second, 7)
		if n := r.learn(); n != 1 || r.stats(once)[once].Runs != 2 {
			t.Errorf("got %d tasks learned and %+v, want the new success to count", n, r.stats(once)[once])
		}
	})
}

func TestLearnGoesThroughAllPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		var ids []int64
		for i := range learnPage + 3 {
			ids = append(ids, r.Batch(r.Define(fmt.Sprintf("task_%d", i)), "20150518"))
		}
		r.Succeed(ids...)
		if n := r.learn(); n != len(ids) {
			t.Errorf("got %d tasks learned, want all %d", n, len(ids))
		}
	})
}
