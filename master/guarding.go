package master

import (
	"context"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/guard"
)

// newGuard wires the guard; the intake must be there.
func (m *Master) newGuard(defs *store.Definitions) *guard.Guard {
	return guard.New(guard.Deps{
		DB: m.db, Defs: defs, Zone: m.zone, Paths: m.cfg.Paths, Absent: m.intake.Absent, Log: m.log,
		Notify: guard.Notify{Finished: m.finished, Freed: m.assignable, Repair: m.repair},
	})
}

// guardDuties are the duties that look after what did not happen in time.
func (m *Master) guardDuties(lead func(*election.Term) *store.Lead) []duty.Duty {
	timeout := duty.Duty{
		Name: guard.DutyTimeout, Cron: guard.TimeoutCron, Timeout: 10 * time.Minute,
		Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return m.guard.Timeout(ctx, lead(t)) },
	}
	if m.cfg.Stretch > 1 {
		timeout.Cron, timeout.Every = "", m.cfg.stretched(time.Minute)
	}
	return []duty.Duty{
		timeout,
		{
			Name: guard.DutyHosts, Every: m.cfg.stretched(guard.HostsEvery),
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.guard.Hosts(ctx, lead(t), m.termSince())
			},
		},
		{
			Name: guard.DutyRepair, Every: m.cfg.stretched(guard.RepairEvery), Timeout: 10 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.guard.Repair(ctx, lead(t), m.termSince())
			},
		},
	}
}
