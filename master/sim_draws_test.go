package master_test

import (
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/worker/run"
)

// timedTask is a task that has slots.
func (s *story) timedTask() *simTask {
	for {
		if t := pick(s.w.rng, s.w.tasks...); t.period != "manual" {
			return t
		}
	}
}

func (s *story) drawRerun(at, _ time.Time) {
	t := s.timedTask()
	mode, cascade := pick(s.w.rng, "all", "all", "failed", "missing"), pick(s.w.rng, "none", "data", "logic", "all", "all")
	from, length := s.w.rng.IntN(50), s.w.rng.IntN(6)
	s.add(at, func() { s.reruns(t, mode, cascade, from, length) }, "rerun %s of %s, cascade %s", mode, t.name, cascade)
}

func (s *story) drawColdStart(at, _ time.Time) {
	t := s.timedTask()
	mode, length := pick(s.w.rng, "all", "missing"), s.w.rng.IntN(5)
	s.add(at, func() { s.coldStarts(t, mode, length) }, "cold start %s of %s", mode, t.name)
}

// drawTurn cancels an operation, and mostly resumes it.
func (s *story) drawTurn(at, to time.Time) {
	n, resumes := s.w.rng.IntN(3), !s.w.chance(3)
	s.add(at, func() { s.turns("cancel", n) }, "cancel an operation")
	if resumes {
		s.add(to, func() { s.turns("resume", n) }, "resume an operation")
	}
}

func (s *story) drawKill(at, _ time.Time) {
	n, which := s.w.rng.IntN(60), pick(s.w.rng, "w.state = 2", "w.state = 2", "w.state < 2")
	s.add(at, func() { s.commands("kill", which, n, wire.CommandRequest{}) }, "kill a batch")
}

func (s *story) drawMark(at, _ time.Time) {
	n, which := s.w.rng.IntN(60), pick(s.w.rng, "w.state = 3", "w.state = 0", "w.state = 3 AND w.finishState <> 1")
	result := pick(s.w.rng, "success", "success", "failed", "skipped")
	s.add(at, func() { s.commands("mark", which, n, wire.CommandRequest{Result: result}) }, "mark a batch %s", result)
}

// drawBatchHold holds one batch, until an instant or until it is released.
func (s *story) drawBatchHold(at, to time.Time) {
	n, until := s.w.rng.IntN(60), pick(s.w.rng, 0, to.Truncate(time.Millisecond).UnixMilli())
	s.add(at, func() { s.commands("hold", "w.state < 3", n, wire.CommandRequest{Until: until}) }, "hold a batch")
	s.add(to, func() {
		s.commands("release", "w.id IN (SELECT objectId FROM capri_hold WHERE kind = 'batch' AND source = 'person' AND releasedAt = 0)", n, wire.CommandRequest{})
	}, "release a batch")
}

// drawHold holds a task or a project, by hand or by its breaker.
func (s *story) drawHold(at, to time.Time) {
	t := pick(s.w.rng, s.w.tasks...)
	kind, source := pick(s.w.rng, store.HoldTask, store.HoldProject), pick(s.w.rng, store.SourcePerson, store.SourceBreaker)
	name := t.name
	if kind == store.HoldProject {
		name = t.project
	}
	until := int64(0)
	if s.w.chance(2) {
		until = to.UnixMilli()
	}
	s.add(at, func() { s.holdsTask(kind, name, source, true, until) }, "hold %s %s by %s", kind, name, source)
	s.add(to, func() {
		if until == 0 {
			s.holdsTask(kind, name, source, false, 0)
		}
	}, "release %s %s", kind, name)
}

// drawBulk kills or marks what is chosen by task and state, as one operation.
func (s *story) drawBulk(at, _ time.Time) {
	t := pick(s.w.rng, s.w.tasks...)
	req := pick(s.w.rng,
		wire.PlanRequest{Kind: "kill", Tasks: []string{t.name}, State: "waiting"},
		wire.PlanRequest{Kind: "mark", Tasks: []string{t.name}, State: "failed", Result: "success"},
		wire.PlanRequest{Kind: "mark", Tasks: []string{t.name}, State: "waiting", Result: "skipped"},
		wire.PlanRequest{Kind: "kill", Host: "w1"},
	)
	s.add(at, func() { s.plans(req, false) }, "%s many", req.Kind)
}

// drawAmbush lets workers' calls take seconds, waits until a batch is assigned,
// and does something about it before its worker's word of the start arrives.
func (s *story) drawAmbush(at, _ time.Time) {
	what := pick(s.w.rng, "hold", "hold", "hold task", "kill", "execute")
	s.add(at, func() {
		s.net.slowly(func(from, _ string) (there, back time.Duration) {
			if from == "admin" {
				return 0, 0
			}
			return 3 * time.Second, 0
		})
		s.ambush(what, time.Now().Add(40*time.Minute))
	}, "ambush: %s", what)
}

func (s *story) ambush(what string, until time.Time) {
	ref := s.chosen("w.state = 1", 0)
	if ref == nil && time.Now().Before(until) {
		s.add(time.Now().Add(time.Second), func() { s.ambush(what, until) }, "wait in ambush")
		return
	}
	s.net.slowly(nil)
	if ref == nil {
		return
	}
	switch what {
	case "hold task":
		s.holdsTask(store.HoldTask, ref.Task, store.SourcePerson, true, time.Now().Add(20*time.Minute).UnixMilli())
	case "execute":
		s.executesAbove(ref.Task)
	default:
		id := fmt.Sprintf("t.name = '%s' AND w.workNo = '%s' AND w.type = %d", ref.Task, ref.WorkNo, ref.Run)
		s.commands(what, id, 0, wire.CommandRequest{})
	}
}

// executesAbove executes a parent of a task, whose child must wait again.
func (s *story) executesAbove(name string) {
	versions := s.saved[name]
	for _, p := range versions[len(versions)-1].def.Spec.Parents {
		if p.Task != name {
			s.execute(p.Task)
			return
		}
	}
}

// drawVanish ends the processes of about half of what runs on a machine by
// kill -9: no exit code is left.
func (s *story) drawVanish(at, _ time.Time) {
	host := s.host()
	s.add(at, func() {
		s.machines[host].host.Vanish(func(spec run.Spec) bool { return s.w.dice(2, "vanish %s", spec.Code()) == 0 })
	}, "processes vanish on %s", host)
}

// drawWipe ends a machine and takes its disk; it comes back with an empty one,
// not before the masters count it as lost.
func (s *story) drawWipe(at, to time.Time) {
	host := s.host()
	s.add(at, func() {
		s.machines[host].host.Crash()
		s.stopWorker(host)
		s.wipe(host)
	}, "wipe %s", host)
	back := at.Add(2 * time.Hour)
	if to.After(back) {
		back = to
	}
	s.add(back, func() { s.startWorker(host) }, "start %s", host)
}

// drawSlowness lets calls of workers and their answers take time, up to longer
// than anybody waits for them.
func (s *story) drawSlowness(at, to time.Time) {
	most := pick(s.w.rng, 500*time.Millisecond, 4*time.Second, 20*time.Second)
	round := s.w.rng.IntN(1 << 30)
	var mu sync.Mutex
	calls := map[string]int{}
	slow := func(from, path string) (there, back time.Duration) {
		if from == "admin" {
			return 0, 0
		}
		mu.Lock()
		calls[from+path]++
		n := calls[from+path]
		mu.Unlock()
		part := func(way string) time.Duration {
			return time.Duration(s.w.dice(int(most), "slow %d %s %s %s %d", round, way, from, path, n))
		}
		return part("there"), part("back")
	}
	s.add(at, func() { s.net.slowly(slow) }, "calls take up to %s", most)
	s.add(to, func() { s.net.slowly(nil) }, "calls take no time")
}

// drawQuality lets the quality service keep silent, or worse.
func (s *story) drawQuality(at, to time.Time) {
	mood := pick(s.w.rng, "silent", "silent", "hangs", "refuses", "fails")
	s.add(at, func() { s.quality.feels(mood) }, "the quality service %s", mood)
	s.add(to, func() { s.quality.feels("") }, "the quality service works")
}

// dice is a number in [0, n) that depends on the seed and a text alone, so that
// what an attempt does is no matter of the order of goroutines.
func (w *warehouse) dice(n int, format string, args ...any) int {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d ", w.seed)
	fmt.Fprintf(h, format, args...)
	return int(h.Sum64() >> 16 % uint64(n))
}
