package vitals

import (
	"os"
	"slices"
	"time"
)

// Processes answers which processes belong to an attempt. The zero value is
// ready to use.
type Processes struct{}

// Start returns the start time of a living process in ticks since boot.
func (Processes) Start(pid int) (ticks uint64, alive bool) {
	p, found := readProcess(pid)
	return p.start, found && !p.dead
}

// Members returns the living processes of an attempt with their start times:
// the process leader if it still is the one that started at the given time,
// those with tag ("NAME=value") in their environment, all descendants of those,
// and the sessions they are in, so that a child that cleaned its environment or
// left the group is found as well. A session counts only when one of them is in
// it: session numbers are used again by others. An orphan without a terminal
// that works below dir counts as well, unless dir is empty: it may have left
// everything else behind. People who look around there have a terminal.
//
// Environments are dear to read, so only those of processes are read that are
// not known to belong to the attempt and are not older than it.
func (Processes) Members(leader int, started uint64, tag, dir string) (map[int]uint64, error) {
	all, err := table()
	if err != nil {
		return nil, err
	}
	f := newFinder(all)
	for _, p := range all {
		if p.pid == leader && p.start == started {
			f.add(p)
		}
	}
	for _, p := range all {
		young := leader == 0 || p.start >= started
		if young && !f.mine[p.pid] && p.parent != kernelThreads && (tagged(p.pid, tag) || p.strays(dir)) {
			f.add(p)
		}
	}
	members := make(map[int]uint64)
	for _, p := range all {
		if f.mine[p.pid] && !p.dead {
			members[p.pid] = p.start
		}
	}
	return members, nil
}

// kernelThreads is the parent of what is no process.
const kernelThreads = 2

// finder finds what belongs to a process: its session and its descendants.
type finder struct {
	children, session map[int][]process
	mine              map[int]bool
	own               process // this process is never an attempt's, and neither is its session
}

func newFinder(all []process) *finder {
	f := &finder{children: make(map[int][]process, len(all)), session: make(map[int][]process), mine: make(map[int]bool)}
	for _, p := range all {
		f.children[p.parent] = append(f.children[p.parent], p)
		f.session[p.session] = append(f.session[p.session], p)
	}
	f.own, _ = readProcess(os.Getpid())
	return f
}

// add adds a process and what belongs to it.
func (f *finder) add(first process) {
	waiting := []process{first}
	for len(waiting) > 0 {
		p := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if f.mine[p.pid] || p.pid == f.own.pid {
			continue
		}
		f.mine[p.pid] = true
		waiting = append(waiting, f.children[p.pid]...)
		if p.session != f.own.session && p.session != 0 { // 0: outside this pid namespace
			waiting = append(waiting, f.session[p.session]...)
			delete(f.session, p.session)
		}
	}
}

// Usage is what the processes of one attempt use at one moment. CPU is that of
// the living ones only, Spent has that of their ended children besides.
type Usage struct {
	Memory    int64
	Processes int
	Threads   int
	CPU       time.Duration
	Spent     time.Duration
}

// Sample measures several attempts in one pass over the process table. An
// attempt is its first process, the key, with the session and all descendants,
// and the processes named besides. Environments are not read: this runs every
// few seconds.
func (Processes) Sample(leaders map[int][]int) (map[int]Usage, error) {
	all, err := table()
	if err != nil {
		return nil, err
	}
	f := newFinder(all)
	byPid := make(map[int]process, len(all))
	for _, p := range all {
		byPid[p.pid] = p
	}
	usage := make(map[int]Usage, len(leaders))
	for leader, others := range leaders {
		f.mine = make(map[int]bool)
		for _, pid := range append(others, leader) {
			if p, there := byPid[pid]; there {
				f.add(p)
			}
		}
		if u := sum(f.mine, byPid); u.Processes > 0 {
			usage[leader] = u
		}
	}
	return usage, nil
}

// Memory measures one attempt, named as for Sample, and counts what several of
// its processes share only once. That takes long, so it is for an attempt that
// by Sample uses too much.
func (Processes) Memory(leader int, others []int) (int64, error) {
	all, err := table()
	if err != nil {
		return 0, err
	}
	f := newFinder(all)
	named := append([]int{leader}, others...)
	for _, p := range all {
		if slices.Contains(named, p.pid) {
			f.add(p)
		}
	}
	var total int64
	for _, p := range all {
		if f.mine[p.pid] && !p.dead {
			total += p.share()
		}
	}
	return total, nil
}

func sum(pids map[int]bool, byPid map[int]process) Usage {
	var u Usage
	for pid := range pids {
		p := byPid[pid]
		if p.dead {
			continue
		}
		u.Memory += p.rss
		u.Processes++
		u.Threads += p.threads
		u.CPU += ticks(p.cpuTicks)
		u.Spent += ticks(p.cpuTicks + p.childTicks)
	}
	return u
}

// ticks is a time as the process table counts it.
func ticks(n uint64) time.Duration { return time.Duration(n) * time.Second / ticksPerSecond }
