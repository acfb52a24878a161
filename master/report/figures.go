package report

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/report/compose"
)

const (
	fewGone      = 5
	manyChanges  = 200
	longRuns     = 20
	waitsLooked  = 200 // of which the longest are taken
	alertsLooked = 20
)

// compose reads what a report is made of and has it made. What counts reads one
// snapshot; explanations and schedules are read after it.
func (r *Reports) compose(ctx context.Context, span compose.Span) (wire.Report, error) {
	now := r.DB.Now().In(r.Zone)
	f := compose.Figures{Span: span, MadeAt: now}
	g := &gathering{Reports: r, figures: &f}
	if err := r.DB.View(ctx, func(t *store.ViewTx) error { return g.read(ctx, t) }); err != nil {
		return wire.Report{}, err
	}
	for _, step := range []func(context.Context) error{g.cover, g.reasons, g.ahead} {
		if err := step(ctx); err != nil {
			return wire.Report{}, err
		}
	}
	return compose.Report(f), nil
}

// gathering fills in figures.
type gathering struct {
	*Reports
	figures *compose.Figures
	loads   []store.OnWorker
	slots   int
	waits   []store.WaitingRun
}

func (g *gathering) from() int64 { return g.figures.From.UnixMilli() }
func (g *gathering) to() int64   { return g.figures.At.UnixMilli() }

func (g *gathering) read(ctx context.Context, t *store.ViewTx) error {
	steps := []func(context.Context, *store.ViewTx) error{g.counts, g.failures, g.oldest, g.services, g.fleet, g.alerts, g.changes}
	if g.figures.Kind == wire.ReportDaily {
		steps = append(steps, g.departments, g.bigTasks, g.growth)
	}
	for _, step := range steps {
		if err := step(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// counts reads the scores of this time, and of the same a day and a week before:
// as a report has kept them, or what the journals tell of them.
func (g *gathering) counts(ctx context.Context, t *store.ViewTx) error {
	now, err := journaled(ctx, t, g.from(), g.to())
	if err != nil {
		return err
	}
	open, err := t.Tallies(ctx, t.Now())
	if err != nil {
		return err
	}
	waiting, running := int64(0), int64(0)
	for _, n := range open {
		switch n.State {
		case batch.Waiting:
			waiting += int64(n.Count)
		case batch.Assigned, batch.Running:
			running += int64(n.Count)
		case batch.Done, batch.Nothing:
		}
	}
	now.Waiting, now.Running = &waiting, &running
	g.figures.Now = *now
	if g.figures.Yesterday, err = g.earlier(ctx, t, 1); err != nil {
		return err
	}
	g.figures.LastWeek, err = g.earlier(ctx, t, 7)
	return err
}

func (g *gathering) earlier(ctx context.Context, t *store.ViewTx, days int) (*compose.Counts, error) {
	span := g.figures.Earlier(days)
	row, err := t.ReportAt(ctx, span.Kind, span.At.UnixMilli())
	var kept wire.Report
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return nil, err
	case json.Unmarshal([]byte(row.Body), &kept) == nil:
		return compose.CountsOf(&kept), nil
	}
	return journaled(ctx, t, span.From.UnixMilli(), span.At.UnixMilli())
}

// journaled counts what the journals of batches tell of a time.
func journaled(ctx context.Context, t *store.ViewTx, from, to int64) (*compose.Counts, error) {
	a, err := t.Activity(ctx, from, to)
	return &compose.Counts{OK: a.OK, Failed: a.Failed, DependLate: a.DependLate, OutputLate: a.OutputLate, Reruns: a.Reruns}, err
}

// cover counts what should have been generated. The base times of an hour are
// from its first instant up to the last before its end.
func (g *gathering) cover(ctx context.Context) error {
	expected, missing, gone, err := g.Cover(ctx, g.figures.From.Add(-time.Millisecond), g.figures.At.Add(-time.Millisecond), fewGone)
	if err != nil {
		return err
	}
	e, m := int64(expected), int64(missing)
	g.figures.Now.Expected, g.figures.Now.Missing, g.figures.FirstGone = &e, &m, gone
	return nil
}

func (g *gathering) services(ctx context.Context, t *store.ViewTx) error {
	if g.Services == nil {
		return nil
	}
	reign, err := t.Reign(ctx)
	if err != nil {
		return err
	}
	g.figures.Led = time.UnixMilli(reign.Since)
	runs, err := t.ServiceRuns(ctx)
	if err != nil {
		return err
	}
	byName := map[string]store.ServiceRun{}
	for _, run := range runs {
		byName[run.Name] = run
	}
	for _, s := range g.Services() {
		run := byName[s.Name]
		g.figures.Services = append(g.figures.Services, compose.Service{
			Name: s.Name, Every: s.Every, Limit: s.Limit, Core: s.Core, Began: run.StartedAt, Ended: run.EndedAt, Error: run.Error,
		})
	}
	return nil
}

func (g *gathering) fleet(ctx context.Context, t *store.ViewTx) error {
	hosts, err := t.Hosts(ctx)
	if err != nil {
		return err
	}
	taken, err := t.SlotsTaken(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(hosts))
	for i := range hosts {
		names[i] = hosts[i].Host
	}
	moved, err := t.MovedBetween(ctx, names, g.from()-1, g.to()-1)
	if err != nil {
		return err
	}
	takes, moves := map[string]int{}, map[string]int{}
	for _, n := range taken {
		takes[n.Host] += n.Count
	}
	for _, n := range moved {
		moves[n.Host] += n.Count
	}
	for i := range hosts {
		w := worker(&hosts[i], t.Now())
		w.Taken, w.Moved = takes[w.Host], moves[w.Host]
		if w.State == wire.WorkerOn {
			g.slots += w.Slots
		}
		g.figures.Workers = append(g.figures.Workers, w)
	}
	g.loads, err = t.OnWorkers(ctx)
	return err
}

// worker shows a worker as it has last described itself.
func worker(h *store.Host, now int64) wire.ReportWorker {
	w := wire.ReportWorker{Host: h.Host, State: wire.WorkerOn, Load: h.Load, LoadLimit: h.LoadLimit, Slots: h.Slots}
	if h.Memory > 0 {
		w.Memory = int(100 - 100*h.FreeMemory/h.Memory)
	}
	switch {
	case h.DeadAt > 0:
		w.State = wire.WorkerDead
	case !h.AliveAt(now):
		w.State = wire.WorkerSilent
	case h.StoppedAt(now) || h.GroupOff:
		w.State = wire.WorkerOff
	}
	if h.StoppedAt(now) {
		w.OffSince, w.OffBy, w.OffReason = h.StopTime, h.StopBy, h.StopReason
	}
	return w
}

func (g *gathering) alerts(ctx context.Context, t *store.ViewTx) error {
	rows, err := t.AlertCounts(ctx, g.from(), g.to())
	for _, r := range rows {
		g.figures.Alerts = append(g.figures.Alerts, wire.ReportAlert(r))
	}
	return err
}

// private are the beginnings of actions that are nobody's business but of who
// may read the audit log: everybody may read reports.
func private() []string {
	return []string{"login", "logout", "user.", "token.", "session.", "account.", "department.", "password", "report."}
}

func (g *gathering) changes(ctx context.Context, t *store.ViewTx) error {
	rows, err := t.ChangeCounts(ctx, g.from(), g.to(), manyChanges)
	for _, r := range rows {
		shown := true
		for _, begin := range private() {
			shown = shown && !strings.HasPrefix(r.Action, begin)
		}
		if shown {
			g.figures.Changes = append(g.figures.Changes, wire.ReportChange(r))
		}
	}
	return err
}
