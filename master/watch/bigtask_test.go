package watch

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func TestJudgeADay(t *testing.T) {
	t.Parallel()
	limits := farOffBy(nil)
	run := func(minutes int64, finish batch.Finish) store.EndedRun {
		return store.EndedRun{SuccessRun: store.SuccessRun{StartTime: 1000, EndTime: 1000 + minutes*60_000}, Finish: finish}
	}
	good := func(minutes ...int64) (out []store.EndedRun) {
		for _, m := range minutes {
			out = append(out, run(m, batch.Success))
		}
		return out
	}
	cases := []struct {
		name     string
		expected int64 // minutes
		runs     []store.EndedRun
		want     int64 // minutes expected from now on, 0: as before
		tell     bool
		long     int
	}{
		{"NothingRanChangesNothing", 60, nil, 0, false, 0},
		{"AsExpected", 60, good(60), 0, false, 0},
		{"HalfAsLongAgainIsNotFar", 60, good(90), 0, false, 0},
		{"MoreThanHalfAsLongAgainIsFar", 60, good(91), 91, true, 0},
		{"HalfOfItIsNotFar", 60, good(30), 0, false, 0},
		{"LessThanHalfIsFar", 60, good(29), 29, true, 0},
		{"TenMinutesAreNotFarHoweverManyPercent", 2, good(12), 0, false, 0},
		{"MoreThanTenMinutesAre", 2, good(13), 13, true, 0},
		{"WithoutAnExpectationNobodyIsSurprised", 0, good(50), 50, false, 0},
		{"TheMedianOfTheDayCounts", 20, good(5, 50, 50, 50, 300), 50, true, 1},
		{"OneRunOfManyIsNoTrend", 20, good(20, 20, 20, 20, 90), 0, false, 0},
		{"FailedRunsTeachNothing", 20, []store.EndedRun{run(119, batch.Failed)}, 0, false, 0},
		{"FailedRunsMayBeLong", 20, []store.EndedRun{run(121, batch.Failed)}, 0, false, 1},
		{"TwoHoursAreNotLong", 120, good(120), 0, false, 0},
		{"MoreThanTwoHoursAre", 120, good(121, 130), 0, false, 2},
		{"ARunWithoutLengthTeachesNothing", 0, good(0), 0, false, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := limits.judge(c.expected*60, c.runs)
			if got.expect != c.want*60 || got.tell != c.tell || len(got.long) != c.long {
				t.Errorf("got %+v, want %d min, told %v, %d long", got, c.want, c.tell, c.long)
			}
		})
	}
}

func TestFarOffBySettings(t *testing.T) {
	t.Parallel()
	got := farOffBy(map[string]string{"big_task_percent": "10", "big_task_minutes": "2", "long_run_minutes": "nonsense"})
	if want := (farOff{percent: 10, apart: 2 * time.Minute, long: 2 * time.Hour}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDayLookedAt(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-11-20 10:00": "2026-11-19", "2026-11-20 23:59": "2026-11-19", "2026-11-20 09:59": "2026-11-18",
		"2026-03-30 10:00": "2026-03-29", "2026-01-01 10:00": "2025-12-31", "2026-01-01 00:30": "2025-12-30",
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", at, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := dayLookedAt(now).Format("2006-01-02 15:04"); got != want+" 00:00" {
			t.Errorf("at %s: got %s, want midnight of %s", at, got, want)
		}
	}
}

func TestBigTasks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		expects := func(seconds int) func(*task.Task) { return func(d *task.Task) { d.Spec.ExpectSecs = seconds } }
		slow, steady, unknown := r.Define("slow", expects(60)), r.Define("steady", expects(3600)), r.Define("unknown")
		r.Change("UPDATE capri_task SET expectSeconds = 60 WHERE id = ?", slow)
		r.Change("UPDATE capri_task SET expectSeconds = 3600 WHERE id = ?", steady)
		day := dayLookedAt(time.Now().UTC())
		r.ran(slow, "20150518", day.Add(9*time.Hour), 3*time.Hour, 0)
		r.ran(slow, "20150517", day.Add(-time.Minute), 9*time.Hour, 0)
		r.ran(slow, "20150519", day.Add(24*time.Hour), 9*time.Hour, 0)
		r.ran(steady, "20150518", day, time.Hour, 0)
		r.ran(unknown, "20150518", day.Add(time.Hour), 90*time.Second+time.Millisecond, 0)
		for range 2 { // the second pass finds nothing new
			_, err := r.BigTasks(t.Context(), r.Lead)
			r.must(err)
		}
		for id, want := range map[int64]int{slow: 3 * 3600, steady: 3600, unknown: 91} {
			if got := r.Figure("SELECT expectSeconds FROM capri_task WHERE id = ?", id); got != want {
				t.Errorf("task %d: got %d s expected, want %d", id, got, want)
			}
			if got := r.Figure("SELECT version FROM capri_task WHERE id = ?", id); got != 1 {
				t.Errorf("task %d: got version %d, want no new one", id, got)
			}
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert"); n != 2 {
			t.Errorf("got %d alerts, want one of the task and one of its long run", n)
		}
		told := r.Text("SELECT text FROM capri_alert WHERE kind = 'big-task' AND object = 'slow' AND level = 'task' AND occurrence = '" + day.Format(time.DateOnly) + "'")
		if !strings.Contains(told, "took 3h0m0s") || !strings.Contains(told, "take 1m0s") {
			t.Errorf("got %q, want both figures", told)
		}
		told = r.Text("SELECT text FROM capri_alert WHERE kind = 'long-run' AND object = 'slow/20150518.0' AND level = 'task'")
		if !strings.Contains(told, "3h0m0s") {
			t.Errorf("got %q, want how long it took", told)
		}
	})
}

func TestEndedRunsArePaged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("many")
		at := time.UnixMilli(1_000_000)
		for i := range 7 { // three ends at each instant
			r.ran(id, fmt.Sprint(20150510+i), at.Add(time.Duration(i/3)), time.Millisecond, 0)
		}
		seen := map[int64]bool{}
		var after store.EndKey
		for range 10 {
			var page []store.EndedRun
			r.View("page", func(ctx context.Context, v *store.ViewTx) (err error) {
				page, err = v.EndedRuns(ctx, 1_000_000, 1_000_100, after, 2)
				return err
			})
			for _, run := range page {
				if seen[run.WorkID] {
					t.Errorf("got batch %d twice, want once", run.WorkID)
				}
				seen[run.WorkID] = true
				after = store.EndKey{EndTime: run.EndTime, ID: run.WorkID}
			}
		}
		if len(seen) != 7 {
			t.Errorf("got %d runs, want all 7", len(seen))
		}
	})
}
