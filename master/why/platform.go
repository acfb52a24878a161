package why

import (
	"context"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/gate"
	"capricornus/master/place"
)

// How old the last run of a service may be before it counts as stalled.
const (
	assignStale = 2 * 60_000
	dependStale = 10 * 60_000
	masterStale = 60_000 // of a master's own row
)

// readServices reads who leads and when the services ran last.
func (a *asking) readServices(ctx context.Context) error {
	var err error
	if a.reign, err = a.t.Reign(ctx); err != nil {
		return err
	}
	if a.masters, err = a.t.Masters(ctx); err != nil {
		return err
	}
	runs, err := a.t.ServiceRuns(ctx)
	if err != nil {
		return err
	}
	a.runs = make(map[string]store.ServiceRun, len(runs))
	for _, r := range runs {
		a.runs[r.Name] = r
	}
	return nil
}

// checked tells when a service ran last and where.
func (a *asking) checked(service string) (at int64, by string) {
	run, ran := a.runs[service]
	if !ran {
		return 0, ""
	}
	if run.Epoch == a.reign.Epoch && a.reign.Holder != "" {
		service += "@" + a.reign.Holder
	}
	return run.EndedAt, service
}

// platform tells whether anything schedules at all: without that, nothing below
// is asked again.
func (a *asking) platform() wire.WhyGate {
	g := wire.WhyGate{Code: CodePlatform, State: met}
	g.CheckedAt, g.CheckedBy = a.checked(place.DutyAssign)
	a.stalled(&g, place.DutyAssign, assignStale, assignStalled, assignFailed)
	a.stalled(&g, gate.DutyDepend, dependStale, dependStalled, dependFailed)
	a.stalled(&g, gate.DutyPaths, dependStale, pathsStalled, pathsFailed)
	if g.State == met {
		g.Sentence = a.of(platformWorks, a.span(a.now-g.CheckedAt))
		if g.CheckedAt == 0 {
			g.Sentence = a.of(platformBegins)
		}
		return g
	}
	g.Help, g.Evidence = a.of(helpPlatform), append(g.Evidence, a.leader())
	return g
}

// stalled adds to a row what is wrong with one service. A new term's services
// have as long as others before they count as stalled.
func (a *asking) stalled(g *wire.WhyGate, service string, limit int64, late, failed word) {
	run := a.runs[service]
	last := max(run.EndedAt, a.reign.Since)
	var sentence string
	since := last
	switch {
	case a.now-last > limit && run.EndedAt == 0:
		sentence = a.of(late, a.of(never))
		since = max(a.reign.Since, a.b.CreatedAt)
	case a.now-last > limit:
		sentence = a.of(late, a.at(run.EndedAt))
	case run.Error != "":
		sentence = a.of(failed, a.at(run.EndedAt))
	default:
		return
	}
	if run.Error != "" {
		g.Evidence = append(g.Evidence, a.of(serviceError, service, run.Error))
	}
	if g.State == unmet {
		g.Evidence = append(g.Evidence, sentence)
		return
	}
	g.State, g.Sentence, g.Since = unmet, sentence, since
}

// leader says who leads, or that nobody does.
func (a *asking) leader() string {
	if a.reign.Epoch == 0 {
		return a.of(neverLed)
	}
	for _, m := range a.masters {
		if m.IsLeader && a.now-m.LastSeen < masterStale {
			return a.of(ledBy, m.ID, a.at(a.reign.Since))
		}
	}
	return a.of(noLeader, a.reign.Holder)
}
