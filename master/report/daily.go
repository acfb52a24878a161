package report

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/report/compose"
)

func (g *gathering) departments(ctx context.Context, t *store.ViewTx) error {
	rows, err := t.DepartmentCounts(ctx, g.from(), g.to())
	for _, r := range rows {
		g.figures.Departments = append(g.figures.Departments, wire.ReportDepartment(r))
	}
	return err
}

// bigTasks reads what ran longer than long_run_minutes, and whose expected
// duration was corrected that day.
func (g *gathering) bigTasks(ctx context.Context, t *store.ViewTx) error {
	settings, err := t.Settings(ctx)
	if err != nil {
		return err
	}
	if g.figures.LongMinutes, err = strconv.Atoi(settings[store.SettingLongRunMinutes]); err != nil || g.figures.LongMinutes < 1 {
		g.figures.LongMinutes = 120
	}
	runs, err := t.LongRuns(ctx, g.from(), g.to(), int64(g.figures.LongMinutes)*time.Minute.Milliseconds(), longRuns)
	if err != nil {
		return err
	}
	var ids []int64
	for _, r := range runs {
		ids = append(ids, r.TaskID)
	}
	stats, err := t.TaskStats(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range runs {
		g.figures.BigTasks = append(g.figures.BigTasks, wire.ReportRun{
			Batch: r.Ref().String(), Title: r.Title, Owner: r.Owner, Millis: r.EndTime - r.StartTime, Usual: stats[r.TaskID].P50Millis, Finish: r.Finish.String(),
		})
	}
	told, err := t.Alerts(ctx, store.AlertFilter{Kind: "big-task", From: g.from(), To: g.to() - 1, Limit: alertsLooked})
	for _, a := range told {
		g.figures.Corrections = append(g.figures.Corrections, correction(a.Object, a.Text))
	}
	return err
}

// growth reads whose runs took longer than a week before.
func (g *gathering) growth(ctx context.Context, t *store.ViewTx) error {
	week := g.figures.Earlier(7)
	now, err := t.RunTimes(ctx, g.from(), g.to())
	if err != nil {
		return err
	}
	then, err := t.RunTimes(ctx, week.From.UnixMilli(), week.At.UnixMilli())
	if err != nil {
		return err
	}
	grown := compose.Growth(runTimes(now), runTimes(then))
	var ids []int64
	for _, r := range grown {
		ids = append(ids, r.Now.TaskID)
	}
	tasks, err := t.AlertTasks(ctx, ids)
	names := map[int64]store.AlertTask{}
	for _, task := range tasks {
		names[task.ID] = task
	}
	for _, r := range grown {
		task := names[r.Now.TaskID]
		g.figures.Growth = append(g.figures.Growth, wire.ReportGrowth{
			Task: task.Name, Owner: task.Owner, Runs: r.Now.Runs, Millis: r.Now.Millis, WasRuns: r.Then.Runs, Was: r.Then.Millis,
		})
	}
	return err
}

func runTimes(all []store.RunTime) []compose.RunTime {
	out := make([]compose.RunTime, len(all))
	for i, r := range all {
		out[i] = compose.RunTime(r)
	}
	return out
}

// corrected is how the duty bigtask says what it did.
var corrected = regexp.MustCompile(` took (\S+) on \S+ and was expected to take (\S+); from now on `)

// correction reads the two durations out of the alert of a corrected
// expectation; what reads otherwise is shown as it is.
func correction(task, text string) wire.ReportCorrection {
	out := wire.ReportCorrection{Task: task, Text: text}
	found := corrected.FindStringSubmatch(text)
	if found == nil {
		return out
	}
	now, errNow := time.ParseDuration(found[1])
	was, errWas := time.ParseDuration(found[2])
	if errNow == nil && errWas == nil {
		out.Was, out.Now = int64(was.Seconds()), int64(now.Seconds())
	}
	return out
}
