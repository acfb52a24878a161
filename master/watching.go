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
		Platform: watch.Platform{
			Small: !m.cfg.Large, Silence: m.cfg.stretched(3 * announceEvery), Services: m.services, Members: m.memberNames,
			FileSystems: m.fileSystems, Probe: m.probed,
		},
	})
}

// memberNames names the members of the cluster, as raft knows them.
func (m *Master) memberNames() []string {
	if m.cfg.Members == nil {
		return nil
	}
	var names []string
	for _, member := range m.cfg.Members.Status().Members {
		names = append(names, member.Node)
	}
	return names
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
		case gate.DutyDepend, gate.DutyPaths:
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

// fileSystems describes the file systems to the monitor: those that know how
// they are, and others as the last look at all paths has met them.
func (m *Master) fileSystems() []watch.FileSystem {
	away, looked := m.gate.Away()
	var out []watch.FileSystem
	for _, h := range m.cfg.Paths.Health() {
		out = append(out, watch.FileSystem{
			Name: h.Name, Known: h.Known, Down: h.Down, Since: h.Since, Tries: h.Tries, Cause: h.Err, Waiting: away[h.Name].Paths,
		})
	}
	local := away[gate.LocalFiles]
	return append(out, watch.FileSystem{
		Name: gate.LocalFiles, Known: looked, Down: local.Paths > 0, Since: local.Since, Tries: local.Passes, Cause: local.Cause, Waiting: local.Paths,
	})
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
