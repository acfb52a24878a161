package master

import (
	"context"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/gate"
	"capricornus/master/plan"
	"capricornus/master/watch"
	"capricornus/master/why"
)

// newWatch wires the watch.
func (m *Master) newWatch(defs *store.Definitions, explainer *why.Explainer) *watch.Watch {
	return watch.New(watch.Deps{
		DB: m.db, Defs: defs, Zone: m.zone, Reasons: explainer.Absences,
		Platform: watch.Platform{Small: !m.cfg.Large, Silence: m.cfg.stretched(3 * announceEvery), Services: m.services},
	})
}

// services describes the duties to the monitor, which is one of them.
func (m *Master) services() []watch.Service {
	every := map[string]time.Duration{}
	for _, d := range m.duties() {
		every[d.Name] = d.Every
	}
	var out []watch.Service
	for _, s := range m.engine.Status() {
		service := watch.Service{Name: s.Name, Every: every[s.Name]}
		switch s.Name {
		case gate.DutyDepend:
			service.Slow, service.Old = store.LimitDependMinutes, store.LimitDependAge
		case plan.DutyGenerate:
			service.Slow = store.LimitGenerateMinutes
		}
		if s.Running {
			service.Began = s.Began
		}
		out = append(out, service)
	}
	return out
}

// watchDuties are the duties that look at the platform itself.
func (m *Master) watchDuties(lead func(*election.Term) *store.Lead) []duty.Duty {
	return []duty.Duty{
		{
			Name: watch.DutyMonitor, Every: m.cfg.stretched(watch.MonitorEvery),
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.watch.Monitor(ctx, lead(t), m.termSince())
			},
		},
		{
			Name: watch.DutyMissing, Every: m.cfg.stretched(watch.MissingEvery), Timeout: 5 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.watch.Missing(ctx, lead(t), m.termSince())
			},
		},
		{
			Name: watch.DutyLearn, Every: m.cfg.stretched(time.Hour), Timeout: 10 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return m.watch.Learn(ctx, lead(t)) },
		},
		{
			Name: watch.DutyBigTask, Cron: watch.BigTaskCron, Timeout: 10 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return m.watch.BigTasks(ctx, lead(t)) },
		},
		{
			Name: watch.DutyRetention, Cron: watch.RetentionCron, Timeout: 2 * time.Hour,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return m.watch.Retire(ctx, lead(t)) },
		},
	}
}
