package watch

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/duty"
)

// DutyMonitor is the name of the duty that watches the masters, the workers and
// the other duties, and MonitorEvery is how often (domain.md §9, seed A3-31).
const (
	DutyMonitor  = "monitor"
	MonitorEvery = 30 * time.Second
)

// Platform is what the monitor is told by the master it runs in.
type Platform struct {
	Small    bool             // the profile: fleets are measured by what they were, not by fixed numbers
	Silence  time.Duration    // after which a master counts as gone
	Services func() []Service // nil: none
	Members  func() []string  // names of the masters that are members of the cluster; nil, or none: nobody knows
	// FileSystems tells how those are that data paths are on; nil: there are none.
	FileSystems func() []FileSystem
	// Probe asks those that nobody has asked for some time; nil: it needs no asking.
	Probe func(ctx context.Context)
	// Database asks the database something that needs no table; nil: it is pinged.
	Database func(ctx context.Context) error
}

// Service is one duty of the leader's.
type Service struct {
	Name  string
	Every time.Duration // 0: by a calendar
	Began time.Time     // of the pass that goes on; zero: none does
	Slow  string        // the limit on how long a pass takes; empty: none
	Old   string        // the limit on how long ago the last pass succeeded; empty: none
}

// Monitor is one pass: what has gone wrong is told once, what has become worse
// once more, and what is over too. What is open stands in the database, so a new
// leader goes on where the last one stopped.
func (w *Watch) Monitor(ctx context.Context, lead *store.Lead, termSince time.Time) (duty.Pass, error) {
	s := &sight{platform: w.Platform, now: w.DB.Now(), zone: w.Zone, termSince: termSince, runs: map[string]store.ServiceRun{}}
	if w.Platform.Services != nil {
		s.services = w.Platform.Services()
	}
	if w.Platform.Members != nil {
		s.members = w.Platform.Members()
	}
	s.fileSystems = w.Platform.fileSystems(ctx)
	var err error
	if s.trips, err = w.askDatabase(ctx, s.now, termSince); err != nil {
		return duty.Pass{}, err
	}
	var open []store.Condition
	err = w.DB.View(ctx, func(t *store.ViewTx) (err error) {
		if open, err = t.Conditions(ctx); err != nil {
			return err
		}
		return s.read(ctx, t, w)
	})
	if err != nil {
		return duty.Pass{}, err
	}
	n := tell(open, s.judge(), s.now)
	if len(n.alerts) == 0 {
		return duty.Pass{}, nil
	}
	return duty.Pass{Rows: len(n.alerts)}, w.raise(ctx, lead, DutyMonitor, n.alerts, func(t *store.LeaderTx) error {
		if err := t.DropConditions(ctx, n.over); err != nil {
			return err
		}
		return t.PutConditions(ctx, n.worse)
	})
}

// read takes the platform in.
func (s *sight) read(ctx context.Context, t *store.ViewTx, w *Watch) error {
	settings, err := t.Settings(ctx)
	if err != nil {
		return err
	}
	s.limits, s.slow = store.MonitorLimits(settings), store.DatabaseSlow(settings)
	if s.canary, err = w.Canary(ctx, t, settings, s.now); err != nil {
		return err
	}
	if s.masters, err = t.Masters(ctx); err != nil {
		return err
	}
	if s.hosts, err = t.Hosts(ctx); err != nil {
		return err
	}
	runs, err := t.ServiceRuns(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		s.runs[r.Name] = r
	}
	names := make([]string, len(s.hosts))
	for i := range s.hosts {
		names[i] = s.hosts[i].Host
	}
	s.displaced, err = t.Displaced(ctx, names, store.Displacement{
		TasksSince: s.now.Add(-movedTasksIn).UnixMilli(), MovesSince: s.now.Add(-movesIn).UnixMilli(),
		Memory: "% refused: " + wire.RefusedForMemory + "%", NotHosts: wire.ReassignedForLook + "%",
	})
	return err
}

// news is what there is to tell, and what becomes of the open conditions.
type news struct {
	alerts []store.Alert
	worse  []store.Condition // begun, or critical now
	over   []store.Condition
}

// tell compares what is wrong with what people were told. What was critical and
// is important now is not told again: it is not over.
func tell(open []store.Condition, v verdict, now time.Time) news {
	var n news
	told := map[object]store.Condition{}
	for _, c := range open {
		told[object{c.Kind, c.Object}] = c
	}
	for _, f := range v.found {
		c, known := told[f.object]
		delete(told, f.object)
		if known && (c.Level == f.level || c.Level == store.LevelCritical) {
			continue
		}
		if !known {
			c = store.Condition{Kind: f.kind, Object: f.name, Since: now.UnixMilli()}
		}
		c.Level = f.level
		n.worse = append(n.worse, c)
		n.alerts = append(n.alerts, conditionAlert(c, f.level, f.text))
	}
	for _, c := range open {
		o := object{c.Kind, c.Object}
		if _, left := told[o]; !left || v.unknown[o] {
			continue
		}
		lasted := now.Sub(time.UnixMilli(c.Since)).Round(time.Second)
		n.over = append(n.over, c)
		n.alerts = append(n.alerts, conditionAlert(c, store.LevelNotice, fmt.Sprintf("%s of %s is over; it was %s and lasted %s", c.Kind, c.Object, c.Level, lasted)))
	}
	return n
}

// conditionAlert is named by when the condition began and by how bad it is, so
// that no leader tells it twice.
func conditionAlert(c store.Condition, level, text string) store.Alert {
	return store.Alert{
		Kind: c.Kind, Object: c.Object, Occurrence: strconv.FormatInt(c.Since, 10) + "/" + level, Level: level, Text: text,
	}
}
