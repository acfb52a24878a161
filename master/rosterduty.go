package master

import (
	"context"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/roster"
)

// rosterDuties are the duties that keep the duty roster.
func (m *Master) rosterDuties(lead func(*election.Term) *store.Lead) []duty.Duty {
	return []duty.Duty{
		{
			Name: roster.Duty, Cron: roster.Cron, Timeout: 5 * time.Minute,
			Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return m.roster.Keep(ctx, lead(t)) },
		},
	}
}

// rostered: the duty roster, a user or a setting has changed.
func (m *Master) rostered() { m.tell(wire.News{Duties: []string{roster.Duty}}) }
