package watch

import (
	"fmt"
	"strings"
	"time"

	"capricornus/common/store"
)

// Kinds of what the monitor tells of.
const (
	KindMasters       = "masters-low"
	KindClock         = "clock-off"
	KindWorkers       = "workers-low"
	KindPassSlow      = "pass-slow"
	KindPassOld       = "pass-old"
	KindServiceSilent = "service-silent"
	KindMovedTasks    = "moved-tasks"
	KindMoves         = "moves"
	KindMemoryTasks   = "memory-refused-tasks"
	KindMemoryMoves   = "memory-refusals"
)

// thePlatform is the object of what concerns no single host or service.
const thePlatform = "platform"

const (
	knownFor     = 24 * time.Hour // a master or worker that was silent for longer is no part of the cluster any more
	movedTasksIn = 30 * time.Minute
	movesIn      = 10 * time.Minute
	silentFor    = time.Minute      // no service counts as silent before
	goesOnFor    = 15 * time.Minute // a pass that goes on counts as the service running for so long
	fewNames     = 10
)

// sight is the platform as one pass sees it.
type sight struct {
	platform  Platform
	now       time.Time
	termSince time.Time // what was silent before this term had nobody to speak to
	limits    map[string]store.MonitorLimit
	masters   []store.Master
	members   []string // of the cluster; nil: nobody knows
	hosts     []store.Host
	runs      map[string]store.ServiceRun
	services  []Service
	displaced []store.Displaced

	fileSystems []FileSystem
	canary      *Canary // nil: there is none
	zone        *time.Location
	trips       []roundTrip   // to the database, oldest first
	slow        time.Duration // from when on one is
}

// object is what can be wrong once at a time.
type object struct{ kind, name string }

type finding struct {
	object
	level, text string
}

// verdict is what is wrong, and what cannot be told yet: about that, what
// people were told stands.
type verdict struct {
	found   []finding
	unknown map[object]bool
}

func (v *verdict) add(o object, level, text string) {
	if level != "" {
		v.found = append(v.found, finding{o, level, text})
	}
}

// judge applies every rule; it is pure.
func (s *sight) judge() verdict {
	v := verdict{unknown: map[object]bool{}}
	s.judgeMasters(&v)
	s.judgeWorkers(&v)
	s.judgeClocks(&v)
	for _, service := range s.services {
		s.judgePass(&v, service)
		s.judgeAge(&v, service)
		s.judgeSilence(&v, service)
	}
	for _, d := range s.displaced {
		s.judgeDisplaced(&v, d)
	}
	s.judgeFileSystems(&v)
	s.judgeDatabase(&v)
	s.judgeCanary(&v)
	return v
}

// above is the level of a figure that should be small.
func above(l store.MonitorLimit, figure, unit float64) string {
	switch {
	case l.Critical > 0 && figure > float64(l.Critical)*unit:
		return store.LevelCritical
	case l.Important > 0 && figure > float64(l.Important)*unit:
		return store.LevelImportant
	}
	return ""
}

// below is the level of a figure that should be large.
func below(l store.MonitorLimit, figure int) string {
	switch {
	case figure < l.Critical:
		return store.LevelCritical
	case figure < l.Important:
		return store.LevelImportant
	}
	return ""
}

// since is how long ago an instant of the database was.
func (s *sight) since(millis int64) time.Duration { return s.now.Sub(time.UnixMilli(millis)) }

// age is how long ago an instant was, but no longer than this term is old.
func (s *sight) age(millis int64) time.Duration {
	return s.now.Sub(later(time.UnixMilli(millis), s.termSince))
}

// settling is the time after the beginning of a term in which masters and
// workers that were without a leader make themselves heard.
func (s *sight) settling() bool { return s.now.Sub(s.termSince) < s.platform.Silence }

// scaled is the limit on a small cluster's fleet: important when one of those
// known is missing, critical below a part of them. The parts, a majority of the
// masters and half of the workers, are those of the large profile: 3 of 5
// masters, 5 of 10 workers (domain.md §9).
func scaled(known, part int) store.MonitorLimit {
	return store.MonitorLimit{Important: known, Critical: min(known, part)}
}

// judgeMasters: small clusters miss those that were there within a day, and
// without a majority of them nobody can lead when this leader goes (seed A3-34).
func (s *sight) judgeMasters(v *verdict) {
	o := object{KindMasters, thePlatform}
	var silent []string
	live := 0
	rows := s.memberRows()
	for _, m := range rows {
		switch silence := s.since(m.LastSeen); {
		case silence < s.platform.Silence:
			live++
		case silence < knownFor || s.members != nil: // a member counts for the majority until it is removed
			silent = append(silent, m.ID)
		}
	}
	if s.settling() {
		v.unknown[o] = true
		return
	}
	known := live + len(silent)
	l := s.limits[store.LimitMasters]
	if s.platform.Small {
		l = scaled(known, known/2+1)
	}
	v.add(o, below(l, live), fleet(live, "master", silent))
}

// judgeWorkers looks at those that are switched on: the others take no batch
// anyway. A worker that is silent has until its own check interval is over
// since this term began (seed A3-34).
func (s *sight) judgeWorkers(v *verdict) {
	o := object{KindWorkers, thePlatform}
	var silent []string
	live, now := 0, s.now.UnixMilli()
	v.unknown[o] = s.settling()
	for i := range s.hosts {
		h := &s.hosts[i]
		switch {
		case h.StoppedAt(now), h.GroupOff:
		case h.AliveAt(now):
			live++
		case h.DeadAt == 0 && s.since(h.LastCheckTime) < knownFor:
			silent = append(silent, h.Host)
			v.unknown[o] = v.unknown[o] || s.now.Sub(s.termSince).Milliseconds() < h.CheckInterval
		}
	}
	if v.unknown[o] {
		return
	}
	l := s.limits[store.LimitWorkers]
	if s.platform.Small {
		known := live + len(silent)
		l = scaled(known, (known+1)/2)
	}
	v.add(o, below(l, live), fleet(live, "worker", silent))
}

func fleet(live int, what string, silent []string) string {
	if live != 1 {
		what += "s"
	}
	text := fmt.Sprintf("%d %s live", live, what)
	if len(silent) == 0 {
		return text
	}
	text += fmt.Sprintf(", %d silent: %s", len(silent), strings.Join(silent[:min(len(silent), fewNames)], ", "))
	if len(silent) > fewNames {
		text += ", …"
	}
	return text
}

// judgePass looks at how long a service's passes take, the one that goes on
// included (seed A3-32, A3-36).
func (s *sight) judgePass(v *verdict, service Service) {
	run, l := s.runs[service.Name], s.limits[service.Slow]
	took := time.Duration(run.EndedAt-run.StartedAt) * time.Millisecond
	if !service.Began.IsZero() {
		took = max(took, s.now.Sub(service.Began))
	}
	v.add(object{KindPassSlow, service.Name}, above(l, took.Minutes(), 1),
		fmt.Sprintf("a pass of %s takes %s, more than %d minutes", service.Name, took.Round(time.Second), l.Important))
}

// judgeAge looks at how long ago a service's last pass succeeded: one that fails
// whenever it is tried does its work no more than one that is not tried (seed A3-19).
func (s *sight) judgeAge(v *verdict, service Service) {
	l, limited := s.limits[service.Old]
	if !limited {
		return
	}
	run, o := s.runs[service.Name], object{KindPassOld, service.Name}
	oldest := max(time.Duration(l.Critical)*time.Minute, 3*service.Every)
	switch {
	case s.since(run.SucceededAt) <= oldest:
	case s.age(run.SucceededAt) <= oldest:
		v.unknown[o] = true
	default:
		text := fmt.Sprintf("no pass of %s has succeeded %s", service.Name, s.lately(run.SucceededAt))
		if run.Error != "" {
			text += "; the last one: " + run.Error
		}
		v.add(o, store.LevelCritical, text)
	}
}

// lately says how long something has not happened whose last instant is known.
func (s *sight) lately(last int64) string {
	if last == 0 {
		return "yet"
	}
	return "for " + s.since(last).Round(time.Second).String()
}

// judgeSilence looks for services that do not run any more (domain.md §9).
func (s *sight) judgeSilence(v *verdict, service Service) {
	if service.Every == 0 || !service.Began.IsZero() && s.now.Sub(service.Began) < goesOnFor {
		return
	}
	run, o := s.runs[service.Name], object{KindServiceSilent, service.Name}
	figure := func(silence time.Duration) string {
		if silence <= silentFor {
			return ""
		}
		return above(s.limits[store.LimitServicePeriods], silence.Seconds(), service.Every.Seconds())
	}
	level := figure(s.age(run.EndedAt))
	if level == "" && figure(s.since(run.EndedAt)) != "" {
		v.unknown[o] = true
		return
	}
	v.add(o, level, fmt.Sprintf("%s should run every %s and has not run %s", service.Name, service.Every, s.lately(run.EndedAt)))
}

// judgeDisplaced looks for workers that batches do not stay on. Refusals for
// want of memory are counted apart: they say that the fleet is small, not that
// the worker is ill (seed A3-35).
func (s *sight) judgeDisplaced(v *verdict, d store.Displaced) {
	tasks, moves, why := KindMovedTasks, KindMoves, "re-assigned away from"
	if d.ForMemory {
		tasks, moves, why = KindMemoryTasks, KindMemoryMoves, "refused for want of memory by"
	}
	v.add(object{tasks, d.Host}, above(s.limits[store.LimitMovedTasks], float64(d.Tasks), 1),
		fmt.Sprintf("batches of %d tasks were %s %s in %d minutes", d.Tasks, why, d.Host, int(movedTasksIn.Minutes())))
	v.add(object{moves, d.Host}, above(s.limits[store.LimitMoves], float64(d.Moves), 1),
		fmt.Sprintf("batches were %s %s %d times in %d minutes", why, d.Host, d.Moves, int(movesIn.Minutes())))
}
