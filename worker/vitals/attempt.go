package vitals

import (
	"os"
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
// those with tag ("NAME=value") in their environment, all descendants of those,
// and the sessions the tagged ones are in, so that a child that cleaned its
// environment or left the group is found as well. A session counts only when a
// tagged process is in it: session numbers are used again by others. The process
// leader counts as tagged if it is the one that started at the given time.
func (Processes) Members(leader int, started uint64, tag string) (map[int]uint64, error) {
	all, err := table()
	if err != nil {
		return nil, err
	}
	mine := make(map[int]bool)
	sessions := make(map[int]bool)
	for _, p := range all {
		if p.pid == leader && p.start == started || tagged(p.pid, tag) {
			mine[p.pid] = true
			sessions[p.session] = true
		}
	}
	members := make(map[int]uint64)
	if len(mine) == 0 {
		return members, nil
	}
	own, _ := readProcess(os.Getpid())
	delete(sessions, own.session) // a worker's own session is never an attempt's
	delete(sessions, 0)           // neither is the one of a process outside this pid namespace
	grow(all, mine, sessions)
	for _, p := range all {
		if mine[p.pid] && !p.dead {
			members[p.pid] = p.start
		}
	}
	return members, nil
}

// grow adds the processes of the sessions and all descendants of mine.
func grow(all []process, mine, sessions map[int]bool) {
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if !mine[p.pid] && p.pid != os.Getpid() && (mine[p.parent] || sessions[p.session]) {
				mine[p.pid] = true
				grown = true
			}
		}
	}
}

// Usage is what the processes of one attempt use at one moment. CPU is that of
// the living ones only.
type Usage struct {
	Memory    int64
	Processes int
	CPU       time.Duration
}

// Sample measures several attempts in one pass over the process table. leaders
// are their first processes; an attempt is its leader's session and all
// descendants. Environments are not read: this runs every few seconds.
func (Processes) Sample(leaders []int) (map[int]Usage, error) {
	all, err := table()
	if err != nil {
		return nil, err
	}
	root := make(map[int]int, len(leaders)) // pid → leader
	for _, leader := range leaders {
		root[leader] = leader
	}
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if _, known := root[p.pid]; known {
				continue
			}
			leader, known := root[p.parent]
			if !known && p.session != p.pid {
				leader, known = root[p.session]
			}
			if known {
				root[p.pid], grown = leader, true
			}
		}
	}
	usage := make(map[int]Usage, len(leaders))
	for _, p := range all {
		leader, known := root[p.pid]
		if !known || p.dead {
			continue
		}
		u := usage[leader]
		u.Memory += p.rss
		u.Processes++
		u.CPU += time.Duration(p.cpuTicks) * time.Second / ticksPerSecond
		usage[leader] = u
	}
	return usage, nil
}
