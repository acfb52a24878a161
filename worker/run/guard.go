package run

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/worker/cgroup"
)

// guardEvery is how often logs and groups are looked at; an attempt younger
// than that costs nothing to guard.
const guardEvery = 500 * time.Millisecond

// Guard looks after attempts and orders the end of those that go over a limit.
// The kernel keeps some limits where it can; the guard finds out that it did,
// and keeps all of them where it cannot.
type Guard struct {
	Limits Limits
	// Measure tells what the attempts with some first processes use, in one
	// pass. For each it is given the processes of its group, too.
	Measure func(leaders map[int][]int) (map[int]Use, error)
	// Memory tells for one of them what it uses, with what its processes share
	// counted once.
	Memory func(leader int, group []int) (int64, error)
	Every  time.Duration // between two passes
	Log    *slog.Logger

	mu    sync.Mutex
	wards map[*ward]struct{}
	woken chan struct{}
}

// ward is one attempt under guard.
type ward struct {
	dir     Dir
	spec    Spec
	process Process
	over    chan Order // at most one
}

// grouped is a process that may be in a control group.
type grouped interface{ Group() cgroup.Group }

func groupOf(p Process) cgroup.Group {
	if in, may := p.(grouped); may {
		return in.Group()
	}
	return cgroup.Group{}
}

// watch guards an attempt until forget is called. What has no process on this
// host is not guarded; neither is anything by a nil Guard.
func (g *Guard) watch(dir Dir, spec Spec, process Process) (over <-chan Order, forget func()) {
	if g == nil || process.Pid() == 0 && groupOf(process) == (cgroup.Group{}) {
		return nil, func() {}
	}
	w := &ward{dir: dir, spec: spec, process: process, over: make(chan Order, 1)}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wards == nil {
		g.wards = make(map[*ward]struct{})
	}
	g.wards[w] = struct{}{}
	select {
	case g.wakes() <- struct{}{}:
	default:
	}
	return w.over, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.wards, w)
	}
}

// last judges an attempt that nobody ended: it may have gone over a limit since
// the last look, or the kernel may have kept one in its last moment.
func (g *Guard) last(dir Dir, spec Spec, ending *Ending) {
	if g == nil {
		return
	}
	size, err := dir.LogSize()
	if err == nil && size > g.Limits.LogKeep {
		err = dir.TrimLog(g.Limits.LogKeep)
	}
	if err != nil {
		g.Log.Warn("log of an attempt is not kept short", logs.Path, dir.Path(), logs.Error(err))
	}
	if ending.Trouble.Killed > 0 {
		ending.Memory = g.Limits.memory(spec.Memory)
	}
	if !ending.byItself() {
		return
	}
	reason := g.Limits.overEnd(ending.Exit, spec.Memory)
	if reason == "" {
		reason = g.Limits.overLog(size)
	}
	ending.Over, ending.Reason = reason != "", reason
}

// wakes is called with the lock held.
func (g *Guard) wakes() chan struct{} {
	if g.woken == nil {
		g.woken = make(chan struct{}, 1)
	}
	return g.woken
}

// Run guards until ctx ends. It rests while there is nothing to guard.
func (g *Guard) Run(ctx context.Context) error {
	g.mu.Lock()
	woken := g.wakes()
	g.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		}
		g.rounds(ctx)
	}
}

// rounds looks at what is guarded until there is nothing.
func (g *Guard) rounds(ctx context.Context) {
	ticker := time.NewTicker(guardEvery)
	defer ticker.Stop()
	measured := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		wards, young := g.grown()
		if len(wards)+young == 0 {
			return
		}
		for _, w := range wards {
			g.look(w)
		}
		if time.Since(measured) >= g.Every && len(wards) > 0 {
			measured = time.Now()
			g.measure(wards)
		}
	}
}

// grown returns the attempts that have run for some time, and how many have not.
func (g *Guard) grown() (wards []*ward, young int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for w := range g.wards {
		if now.Sub(time.UnixMilli(w.spec.StartedAt)) < guardEvery {
			young++
			continue
		}
		wards = append(wards, w)
	}
	return wards, young
}

// look looks at the log and at what the kernel did.
func (g *Guard) look(w *ward) {
	size, err := w.dir.LogSize()
	if err == nil && size > g.Limits.LogKeep {
		err = w.dir.TrimLog(g.Limits.LogKeep)
	}
	if err != nil {
		g.Log.Warn("log of an attempt is not kept short", logs.Path, w.dir.Path(), logs.Error(err))
	}
	g.end(w, g.Limits.overLog(size))
	g.end(w, g.Limits.overTrouble(groupOf(w.process).Trouble(), w.spec.Memory))
}

func (g *Guard) measure(wards []*ward) {
	leaders := make(map[int][]int, len(wards))
	for _, w := range wards {
		if pid := w.process.Pid(); pid != 0 {
			leaders[pid] = groupOf(w.process).Procs()
		}
	}
	uses, err := g.Measure(leaders)
	if err != nil {
		g.Log.Warn("attempts cannot be measured", logs.Error(err))
		return
	}
	for _, w := range wards {
		g.end(w, g.overUse(w, uses[w.process.Pid()]))
	}
}

// overUse says what an attempt uses too much of. Memory that processes share was
// counted for each of them, so that too much of it is only a reason to look again.
func (g *Guard) overUse(w *ward, use Use) string {
	group := groupOf(w.process)
	if group.LimitsMemory() {
		use.Memory = 0 // the kernel keeps that limit
	}
	if limit := g.Limits.memory(w.spec.Memory); limit > 0 && use.Memory > limit {
		exact, err := g.Memory(w.process.Pid(), group.Procs())
		if err != nil {
			g.Log.Warn("attempts cannot be measured", logs.Error(err))
			return ""
		}
		use.Memory = exact
	}
	return g.Limits.overUse(use, w.spec.Memory)
}

// end orders the end of an attempt, unless there is no reason to.
func (g *Guard) end(w *ward, reason string) {
	if reason == "" {
		return
	}
	select {
	case w.over <- Order{Over: true, Reason: reason}:
		g.Log.Info("attempt is ended for going over a limit", logs.Batch, w.spec.Code(), logs.Reason, reason)
	default:
	}
}
