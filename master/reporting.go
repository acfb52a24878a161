package master

import (
	"context"
	"slices"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/gate"
	"capricornus/master/guard"
	"capricornus/master/place"
	"capricornus/master/plan"
	"capricornus/master/report"
	"capricornus/master/why"
)

// newReports wires the making of reports; the watch must be there.
func (m *Master) newReports(explainer *why.Explainer) *report.Reports {
	return report.New(report.Deps{
		DB: m.db, Zone: m.zone, Why: explainer.Explain, Ahead: m.watch.Ahead, Services: m.reportedServices, Log: m.log, Put: m.posted,
		Cover: func(ctx context.Context, from, to time.Time, few int) (expected, missing int, gone []string, err error) {
			c, gone, err := m.watch.Cover(ctx, from, to, few)
			return c.Expected, c.Missing, gone, err
		},
	})
}

// Limits of services that people are told of when they take longer (domain.md §9).
const (
	reportedDepend = 5 * time.Minute
	reportedOthers = time.Minute
)

// reportedServices describes the duties to reports; the one that makes them is
// left out, since it is under way.
func (m *Master) reportedServices() []report.Service {
	core := []string{plan.DutyGenerate, gate.DutyDepend, gate.DutyPaths, place.DutyAssign, guard.DutyTimeout, guard.DutyRepair}
	var out []report.Service
	for _, d := range m.duties() {
		if d.Name == report.Duty {
			continue
		}
		s := report.Service{Name: d.Name, Every: d.Every, Limit: d.Timeout, Core: slices.Contains(core, d.Name)}
		if s.Limit == 0 {
			s.Limit = reportedOthers
		}
		if d.Name == gate.DutyDepend || d.Name == gate.DutyPaths {
			s.Limit = min(s.Limit, reportedDepend)
		}
		out = append(out, s)
	}
	return out
}

// reportDuties are the duties that tell people how an hour or a day has gone.
func (m *Master) reportDuties(lead func(*election.Term) *store.Lead) []duty.Duty {
	d := duty.Duty{
		Name: report.Duty, Cron: report.Cron, Timeout: 10 * time.Minute,
		Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return m.reports.Make(ctx, lead(t)) },
	}
	if m.cfg.Stretch > 1 {
		d.Cron, d.Every = "", m.cfg.stretched(report.Every)
	}
	return []duty.Duty{d}
}
