package watch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/master/duty"
)

// DutyBigTask is the name of the duty that looks at yesterday's durations, and
// BigTaskCron is when it does (domain.md §9, seed A3-42).
const (
	DutyBigTask = "bigtask"
	BigTaskCron = "0 10 * * *"
)

// bigTaskHour is the hour of BigTaskCron: a pass that comes earlier, because a
// term begins, looks at the day that the last regular one looked at.
const bigTaskHour = 10

const endedPage = 2000

// farOff is from when a duration is far from the expected one: by both.
type farOff struct {
	percent int64
	apart   time.Duration
	long    time.Duration // a run of more is told by itself
}

func farOffBy(settings map[string]string) farOff {
	minutes := func(key string, otherwise int) time.Duration {
		return time.Duration(number(settings, key, otherwise)) * time.Minute
	}
	return farOff{
		percent: int64(number(settings, store.SettingBigTaskPercent, 50)),
		apart:   minutes(store.SettingBigTaskMinutes, 10),
		long:    minutes(store.SettingLongRunMinutes, 120),
	}
}

// BigTasks compares yesterday's successful runs with what was expected of
// them, expects the real duration from now on where it was far off, and tells
// the owner; so it does of each run that took very long.
func (w *Watch) BigTasks(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	day := dayLookedAt(w.DB.Now().In(w.Zone))
	runs, limits, err := w.yesterday(ctx, day)
	if err != nil || len(runs) == 0 {
		return duty.Pass{}, err
	}
	byTask := map[int64][]store.EndedRun{}
	ids := make([]int64, 0, len(runs))
	for _, r := range runs {
		byTask[r.TaskID] = append(byTask[r.TaskID], r)
		ids = append(ids, r.TaskID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	pass := duty.Pass{}
	for page := range slices.Chunk(ids, endedPage) {
		n, err := w.judgeTasks(ctx, lead, verdicts{day: day, limits: limits, ids: page, runs: byTask})
		if err != nil {
			return pass, err
		}
		pass.Rows += n
	}
	return pass, nil
}

// dayLookedAt is the beginning of the day before the last time the clock of
// this duty rang.
func dayLookedAt(now time.Time) time.Time {
	back := 1
	if now.Hour() < bigTaskHour {
		back = 2
	}
	return time.Date(now.Year(), now.Month(), now.Day()-back, 0, 0, 0, 0, now.Location())
}

// yesterday reads what ended on a day, page by page.
func (w *Watch) yesterday(ctx context.Context, day time.Time) (runs []store.EndedRun, limits farOff, err error) {
	from, to := day.UnixMilli(), day.AddDate(0, 0, 1).UnixMilli()
	var after store.EndKey
	for {
		var page []store.EndedRun
		err := w.DB.View(ctx, func(t *store.ViewTx) error {
			settings, err := t.Settings(ctx)
			if err != nil {
				return err
			}
			limits = farOffBy(settings)
			page, err = t.EndedRuns(ctx, from, to, after, endedPage)
			return err
		})
		if err != nil {
			return nil, limits, err
		}
		runs = append(runs, page...)
		if len(page) < endedPage {
			return runs, limits, nil
		}
		last := page[len(page)-1]
		after = store.EndKey{EndTime: last.EndTime, ID: last.WorkID}
	}
}

// verdicts is a page of tasks to be judged.
type verdicts struct {
	day    time.Time
	limits farOff
	ids    []int64
	runs   map[int64][]store.EndedRun
}

func (w *Watch) judgeTasks(ctx context.Context, lead *store.Lead, v verdicts) (int, error) {
	var expected map[int64]store.Expectation
	err := w.DB.View(ctx, func(t *store.ViewTx) (err error) {
		expected, err = t.Expectations(ctx, v.ids)
		return err
	})
	if err != nil {
		return 0, err
	}
	seconds := map[int64]int64{}
	var alerts []store.Alert
	for _, id := range v.ids {
		e, there := expected[id]
		if !there {
			continue
		}
		d := v.limits.judge(e.Seconds, v.runs[id])
		if d.expect > 0 {
			seconds[id] = d.expect
		}
		if d.tell {
			alerts = append(alerts, bigTask(e, d.expect, v.day))
		}
		for _, r := range d.long {
			alerts = append(alerts, longRun(e, r, v.limits.long))
		}
	}
	if len(seconds)+len(alerts) == 0 {
		return 0, nil
	}
	err = w.raise(ctx, lead, DutyBigTask, alerts, func(t *store.LeaderTx) error { return t.Expect(ctx, seconds) })
	return len(seconds), err
}

// judgement is what becomes of one task's expectation.
type judgement struct {
	expect int64 // seconds to expect from now on; 0: as before
	tell   bool
	long   []store.EndedRun
}

// judge compares the median of a task's successful runs of a day with the
// expected duration; where nothing was expected, nobody is surprised.
func (f farOff) judge(expected int64, runs []store.EndedRun) judgement {
	var j judgement
	var took []int64
	for _, r := range runs {
		if r.Finish == batch.Success {
			took = append(took, max(r.Millis(), 0))
		}
		if r.Millis() > f.long.Milliseconds() {
			j.long = append(j.long, r)
		}
	}
	slices.Sort(took)
	took50 := (percentile(took, 50) + 999) / 1000
	off := took50 - expected
	if off < 0 {
		off = -off
	}
	switch {
	case len(took) == 0 || took50 == 0:
	case expected <= 0:
		j.expect = took50
	case off*100 > expected*f.percent && off > int64(f.apart/time.Second):
		j.expect, j.tell = took50, true
	}
	return j
}

func bigTask(e store.Expectation, took int64, day time.Time) store.Alert {
	return store.Alert{
		Kind: "big-task", Object: e.Task, Occurrence: day.Format(time.DateOnly), Level: store.LevelTask, TaskID: e.TaskID,
		Text: fmt.Sprintf("%s took %s on %s and was expected to take %s; from now on %s is expected",
			e.Task, inSeconds(took), day.Format(time.DateOnly), inSeconds(e.Seconds), inSeconds(took)),
	}
}

func longRun(e store.Expectation, r store.EndedRun, limit time.Duration) store.Alert {
	ref := batch.Ref{Task: e.Task, WorkNo: r.WorkNo, Run: r.Run}.String()
	return store.Alert{
		Kind: "long-run", Object: ref, Occurrence: store.OccurredOnce, Level: store.LevelTask, TaskID: e.TaskID, WorkID: r.WorkID,
		Text: fmt.Sprintf("%s ran for %s, longer than %s; it ended as %s", ref, inSeconds(r.Millis()/1000), limit, r.Finish),
	}
}

func inSeconds(n int64) string { return (time.Duration(n) * time.Second).String() }
