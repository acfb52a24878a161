package master

import (
	"context"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/gate"
	"capricornus/master/place"
	"capricornus/master/watch"
)

func (m *Master) newQuality(defs *store.Definitions) *gate.Quality {
	return gate.NewQuality(gate.QualityDeps{
		DB: m.db, Defs: defs, URL: m.cfg.QualityURL, Net: m.cfg.QualityNet, Self: m.address,
		Opened: m.assignable, Zone: m.zone, Log: m.log,
	})
}

// gateDuties are the duties that find out what waiting batches wait for.
func (m *Master) gateDuties(lead func(*election.Term) *store.Lead) []duty.Duty {
	return []duty.Duty{
		{
			Name: gate.DutyDepend, Every: m.cfg.stretched(gate.Every), Timeout: 10 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				if duty.ByHand(ctx) {
					m.lookAtPaths() // people mean all dependencies, however many duties they are
				}
				return m.gate.Depend(ctx, lead(t))
			},
		},
		{
			Name: gate.DutyPaths, Every: m.cfg.stretched(gate.Every), Timeout: 10 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.gate.Paths(ctx, lead(t))
			},
		},
		{
			Name: gate.DutyQuality, Every: m.cfg.stretched(gate.QualityEvery), Timeout: 10 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) {
				return m.quality.Check(ctx, lead(t))
			},
		},
	}
}

// lookAtPaths: any data path may have become ready.
func (m *Master) lookAtPaths() {
	m.gate.LookAtPaths()
	m.engine.Wake(gate.DutyPaths)
}

// fileSystemChanged: one does not answer any more, which people are told of, or
// answers again, which may release what has waited for it.
func (m *Master) fileSystemChanged() {
	m.lookAtPaths()
	m.engine.Wake(place.DutyAssign)
	m.engine.Wake(watch.DutyMonitor)
}
