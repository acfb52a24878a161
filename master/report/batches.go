package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/report/compose"
)

// Limits of the walk to what waits for failed batches.
const (
	failuresPage = 500
	failuresMost = 5000  // failures that are looked at
	walkedMost   = 5000  // waiting batches that are walked to
	walkedRows   = 20000 // of one step
)

// failures reads the failed batches with the cause of their last attempt and
// what waits for them.
func (g *gathering) failures(ctx context.Context, t *store.ViewTx) error {
	var all []store.FailedRun
	var after store.EndKey
	for len(all) < failuresMost {
		page, err := t.FailedRuns(ctx, g.from(), g.to(), after, failuresPage)
		if err != nil {
			return err
		}
		all = append(all, page...)
		if len(page) < failuresPage {
			break
		}
		last := page[len(page)-1]
		after = store.EndKey{EndTime: last.EndTime, ID: last.ID}
	}
	graph, cut, err := behind(ctx, t, all)
	if err != nil {
		return err
	}
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	attempts, err := t.LastInstances(ctx, ids)
	if err != nil {
		return err
	}
	for i := range all {
		f, a := &all[i], attempts[all[i].ID]
		reason := cmp.Or(a.Reason, f.Message)
		g.figures.Failures = append(g.figures.Failures, wire.ReportFailure{
			Batch: f.Ref().String(), Title: f.Title, Project: f.Project, Owner: f.Owner, Department: f.Department, Host: f.Host, Attempt: f.Attempt, EndedAt: f.EndTime,
			ExitCode: a.ExitCode, Cause: compose.CauseOf(compose.Attempt{Outcome: a.Outcome, HasExit: a.HasExit, ExitCode: a.ExitCode, Reason: reason}),
			Reason: reason, Impact: graph.Behind(f.ID), Cut: cut,
		})
	}
	return nil
}

// behind walks from failed batches to all that wait for them, level by level;
// cut says that there is more than was walked to.
func behind(ctx context.Context, t *store.ViewTx, failed []store.FailedRun) (graph compose.Graph, cut bool, err error) {
	graph = compose.Graph{}
	byKey, seen := map[store.ParentKey]int64{}, map[int64]bool{}
	var keys []store.ParentKey
	var ids []int64
	for i := range failed {
		byKey[failed[i].Key()] = failed[i].ID
		keys, ids = append(keys, failed[i].Key()), append(ids, failed[i].ID)
		seen[failed[i].ID] = true
	}
	for len(ids) > 0 {
		children, err := t.WaitingChildren(ctx, keys, walkedRows)
		if err != nil {
			return graph, cut, err
		}
		readers, err := t.WaitingReaders(ctx, ids, walkedRows)
		if err != nil {
			return graph, cut, err
		}
		keys, ids = nil, nil
		for _, b := range slices.Concat(children, readers) {
			before, known := byKey[b.Before]
			if !known {
				continue // a further run of the number: what counts is another
			}
			graph[before] = append(graph[before], b.ID)
			if seen[b.ID] {
				continue
			}
			if cut = cut || len(seen) >= len(failed)+walkedMost; cut {
				continue
			}
			seen[b.ID] = true
			byKey[b.ParentKey] = b.ID
			keys, ids = append(keys, b.ParentKey), append(ids, b.ID)
		}
	}
	return graph, cut, nil
}

// oldest reads what waits for the longest time, from when it might have begun.
func (g *gathering) oldest(ctx context.Context, t *store.ViewTx) error {
	rows, err := t.OldestWaits(ctx, t.Now(), waitsLooked)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, func(a, b store.WaitingRun) int { return cmp.Compare(since(&a), since(&b)) })
	g.waits = rows[:min(len(rows), compose.TopWaits)]
	return nil
}

func since(w *store.WaitingRun) int64 { return max(w.CreatedAt, w.ScheduleTime, w.EarliestAt) }

// reasons asks why the longest waits wait, in both languages.
func (g *gathering) reasons(ctx context.Context) error {
	for i := range g.waits {
		w := &g.waits[i]
		out := wire.ReportWait{Batch: w.Ref().String(), Title: w.Title, Owner: w.Owner, Since: since(w)}
		for lang, text := range map[string]*string{"en": &out.Why.En, "zh": &out.Why.Zh} {
			why, err := g.Why(ctx, w.Ref(), lang)
			if fault.CodeOf(err) == fault.NotFound {
				continue // it was taken away meanwhile
			}
			if err != nil {
				return err
			}
			*text = why.Summary
			if len(why.Roots) > 0 {
				out.Root, *text = why.Roots[0].Batch, why.Roots[0].Sentence
			}
		}
		g.figures.Waits = append(g.figures.Waits, out)
	}
	return nil
}

// assumed is how long a run is taken to last of whose task nothing was learned.
const assumed = 5 * time.Minute

// ahead adds up what the next hours want: what is on workers, and what will be due.
func (g *gathering) ahead(ctx context.Context) error {
	now := g.figures.MadeAt
	due, err := g.Ahead(ctx, now, now.Add(compose.Ahead))
	if err != nil {
		return err
	}
	ids := make([]int64, 0, len(due)+len(g.loads))
	for id := range due {
		ids = append(ids, id)
	}
	for _, l := range g.loads {
		ids = append(ids, l.TaskID)
	}
	slices.Sort(ids)
	var stats map[int64]store.TaskStat
	if err := g.DB.View(ctx, func(t *store.ViewTx) error {
		stats, err = t.TaskStats(ctx, slices.Compact(ids))
		return err
	}); err != nil {
		return err
	}
	takes := func(task int64) time.Duration {
		if s, learned := stats[task]; learned && s.P50Millis > 0 {
			return time.Duration(s.P50Millis) * time.Millisecond
		}
		return assumed
	}
	var loads []compose.Load
	for _, l := range g.loads {
		from := now
		if l.StartTime > 0 {
			from = time.UnixMilli(l.StartTime)
		}
		loads = append(loads, compose.Load{From: from, Takes: takes(l.TaskID)})
	}
	for task, times := range due {
		for _, at := range times {
			loads = append(loads, compose.Load{From: at, Takes: takes(task), Due: true})
		}
	}
	g.figures.Forecast = compose.Forecast(now, g.slots, loads)
	return nil
}
