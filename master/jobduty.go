package master

import (
	"context"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/jobs"
)

// jobDuties are the duties that take in what others write down as jobs.
func (m *Master) jobDuties(lead func(*election.Term) *store.Lead) []duty.Duty {
	return []duty.Duty{
		{
			Name: jobs.Duty, Every: m.cfg.stretched(jobs.Every), Timeout: 5 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return m.jobs.Take(ctx, lead(t)) },
		},
	}
}
