package chaos_test

import (
	"syscall"

	"capricornus/e2e/labtest"
)

// fault is one thing that goes wrong for a while.
type fault struct {
	name string
	// deposes says that another master leads afterwards, within seconds.
	deposes bool
	// blocks says that nobody may be able to lead while it lasts.
	blocks bool
	// inject breaks something and returns what mends it; nil: what it needs is
	// broken already.
	inject func(r *round) (heal func())
}

// faults are all that TestChaosRounds draws from.
func faults() []fault {
	all := append(processFaults(), databaseFaults()...)
	return append(all, networkFaults()...)
}

func processFaults() []fault {
	return []fault{
		{name: "leader killed", deposes: true, inject: func(r *round) func() { return r.kill(r.leader()) }},
		{name: "follower killed", inject: func(r *round) func() { return r.kill(r.follower()) }},
		{name: "leader and a follower killed", blocks: true, inject: func(r *round) func() { return r.kill(r.leader(), r.follower()) }},
		{name: "all masters killed", blocks: true, inject: func(r *round) func() { return r.kill(r.c.Masters...) }},
		{name: "leader frozen", deposes: true, inject: func(r *round) func() { return r.freeze(r.leader()) }},
		{name: "follower frozen", inject: func(r *round) func() { return r.freeze(r.follower()) }},
		{name: "leader stopped", deposes: true, inject: func(r *round) func() { return r.stop(r.leader()) }},
		{name: "masters restarted in turn", deposes: true, blocks: true, inject: restartInTurn},
		{name: "worker killed", inject: func(r *round) func() { return r.kill(r.worker()) }},
		{name: "worker stopped", inject: func(r *round) func() { return r.stop(r.worker()) }},
		{name: "worker frozen", inject: func(r *round) func() { return r.freeze(r.worker()) }},
		{name: "all workers killed", inject: func(r *round) func() { return r.kill(r.c.Workers...) }},
		{name: "keeper killed", inject: killKeeper},
		{name: "worker and keeper killed", inject: killWorkerAndKeeper},
	}
}

func databaseFaults() []fault {
	return []fault{
		{name: "database frozen", blocks: true, inject: func(r *round) func() {
			if !r.take("db") {
				return nil
			}
			r.c.Server.Pause()
			return r.c.Server.Resume
		}},
		{name: "database killed", blocks: true, inject: func(r *round) func() {
			if !r.take("db") {
				return nil
			}
			r.c.Server.Kill()
			return r.c.Server.Start
		}},
		{name: "database stopped", blocks: true, inject: func(r *round) func() {
			if !r.take("db") {
				return nil
			}
			r.c.Server.Stop()
			return r.c.Server.Start
		}},
	}
}

func networkFaults() []fault {
	return []fault{
		{name: "leader cut from masters", deposes: true, inject: func(r *round) func() { return r.cut(both, r.leader(), r.others()...) }},
		{name: "leader cannot reach masters", deposes: true, inject: func(r *round) func() { return r.cut(out, r.leader(), r.others()...) }},
		{name: "masters cannot reach leader", deposes: true, inject: func(r *round) func() { return r.cut(in, r.leader(), r.others()...) }},
		{name: "leader cut from the database", blocks: true, inject: func(r *round) func() { return r.cut(both, r.leader(), "db") }},
		{name: "leader cannot reach the database", blocks: true, inject: func(r *round) func() { return r.cut(out, r.leader(), "db") }},
		{name: "the database cannot reach the leader", blocks: true, inject: func(r *round) func() { return r.cut(in, r.leader(), "db") }},
		{name: "leader cut from workers", inject: func(r *round) func() { return r.cut(both, r.leader(), labtest.Names(r.c.Workers...)...) }},
		{name: "workers cannot reach leader", inject: func(r *round) func() { return r.cut(in, r.leader(), labtest.Names(r.c.Workers...)...) }},
		{name: "leader cannot reach workers", inject: func(r *round) func() { return r.cut(out, r.leader(), labtest.Names(r.c.Workers...)...) }},
		{name: "leader alone", deposes: true, inject: func(r *round) func() {
			return r.cut(both, r.leader(), append(append(r.others(), labtest.Names(r.c.Workers...)...), "db")...)
		}},
		{name: "leader cut from one master", inject: func(r *round) func() { return r.cut(both, r.leader(), labtest.Names(r.follower())...) }},
		{name: "follower alone", inject: func(r *round) func() { return r.cut(both, r.follower(), r.hostsBut(r.follower())...) }},
		{name: "worker cut from masters", inject: func(r *round) func() { return r.cut(both, r.worker(), labtest.Names(r.c.Masters...)...) }},
		{name: "worker cannot reach masters", inject: func(r *round) func() { return r.cut(out, r.worker(), labtest.Names(r.c.Masters...)...) }},
		{name: "masters cannot reach worker", inject: func(r *round) func() { return r.cut(in, r.worker(), labtest.Names(r.c.Masters...)...) }},
		{name: "database cut from all masters", blocks: true, inject: func(r *round) func() {
			if !r.take("db") {
				return nil
			}
			r.c.Cut("db", labtest.Names(r.c.Masters...)...)
			return r.c.Heal
		}},
	}
}

// The ways a cut goes, seen from its first host.
const (
	both = iota
	in
	out
)

func (r *round) cut(way int, p *labtest.Process, others ...string) func() {
	if p == nil || !r.take(p.Name) {
		return nil
	}
	switch way {
	case in:
		for _, other := range others {
			r.c.CutOneWay(other, p.Name)
		}
	case out:
		r.c.CutOneWay(p.Name, others...)
	default:
		r.c.Cut(p.Name, others...)
	}
	return r.c.Heal
}

// each breaks processes, all or none, and mends them.
func (r *round) each(breaks, mends func(*labtest.Process), processes []*labtest.Process) func() {
	if len(processes) == 0 || !r.take(labtest.Names(processes...)...) {
		return nil
	}
	for _, p := range processes {
		breaks(p)
	}
	return func() {
		for _, p := range processes {
			mends(p)
		}
	}
}

func (r *round) kill(processes ...*labtest.Process) func() {
	return r.each((*labtest.Process).Kill, (*labtest.Process).Start, processes)
}

func (r *round) stop(processes ...*labtest.Process) func() {
	return r.each((*labtest.Process).Stop, (*labtest.Process).Start, processes)
}

func (r *round) freeze(processes ...*labtest.Process) func() {
	return r.each((*labtest.Process).Pause, (*labtest.Process).Resume, processes)
}

// restartInTurn is an upgrade: one master after the other, each only when
// somebody leads again.
func restartInTurn(r *round) func() {
	if !r.take(labtest.Names(r.c.Masters...)...) || !r.take("db") {
		return nil
	}
	for _, m := range r.c.Masters {
		m.Stop()
		m.Start()
		r.c.AwaitLeader()
	}
	return func() {}
}

func killKeeper(r *round) func() {
	w := r.worker()
	if !r.take(w.Name) {
		return nil
	}
	w.KillKeeper()
	return func() {}
}

func killWorkerAndKeeper(r *round) func() {
	w := r.worker()
	if !r.take(w.Name) {
		return nil
	}
	if pid := w.Keeper(); pid != 0 {
		w.Kill()
		r.c.Event("kill -9 the keeper of %s (pid %d)", w.Name, pid)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	} else {
		w.Kill()
	}
	return w.Start
}
