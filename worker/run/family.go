package run

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"syscall"
	"time"

	"capricornus/common/pause"
	"capricornus/worker/cgroup"
)

// family is the processes of one attempt.
type family struct {
	table   Table
	leader  int // 0: not known
	started uint64
	tag     string
	grace   time.Duration
	log     *slog.Logger
	group   cgroup.Group
	path    string // the attempt's directory
}

func (f *family) members() (map[int]uint64, error) {
	members, err := f.table.Members(f.leader, f.started, f.tag, f.dir())
	if err != nil {
		return nil, fmt.Errorf("find processes of attempt: %w", err)
	}
	for _, pid := range f.group.Procs() {
		if _, known := members[pid]; known {
			continue
		}
		if started, alive := f.table.Start(pid); alive {
			members[pid] = started
		}
	}
	return members, nil
}

// dir is where strays are looked for: nowhere when a group has all of them.
func (f *family) dir() string {
	if f.group.Unified != "" || f.group.Pids != "" {
		return ""
	}
	return f.path
}

// end sends TERM to each process once and, when grace is over, KILL to whatever
// is there until nothing is: a child may be born at any moment. A process that
// does not die (it hangs in the kernel) is waited for.
func (f *family) end(ctx context.Context, grace time.Duration) error {
	patience := time.Now().Add(grace)
	asked := make(map[int]uint64) // who got TERM: the same pid may be another process later
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		members, err := f.members()
		if len(members) == 0 || err != nil {
			return err
		}
		if !time.Now().Before(patience) {
			f.strike(members)
			members = nil
		}
		for pid, started := range members {
			if before, known := asked[pid]; !known || before != started {
				f.signal(pid, started, syscall.SIGTERM)
				asked[pid] = started
			}
		}
		if left := time.Until(patience); left > 0 {
			wait = min(wait, left)
		}
		if err := pause.For(ctx, wait); err != nil {
			return err
		}
	}
}

// mostRounds bounds the search for what is new.
const mostRounds = 100

// strike kills. Where no group keeps them from it, processes might fork faster
// than they are found: they are stopped first, until there is no new one.
func (f *family) strike(members map[int]uint64) {
	f.group.Kill()
	found := make(map[int]uint64, len(members))
	fresh := f.group == (cgroup.Group{})
	for round := 0; fresh && round < mostRounds; round++ {
		fresh = false
		for pid, started := range members {
			if before, known := found[pid]; !known || before != started {
				f.signal(pid, started, syscall.SIGSTOP)
				found[pid], fresh = started, true
			}
		}
		again, err := f.members()
		if err != nil {
			break
		}
		members = again
	}
	maps.Copy(found, members)
	for pid, started := range found {
		f.signal(pid, started, syscall.SIGKILL)
	}
}

// signal signals a process only if it is the one that was found. The handle
// is taken first: once the start time matches, it cannot come to mean another.
func (f *family) signal(pid int, started uint64, which syscall.Signal) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	defer process.Release() //nolint:errcheck // closing a handle; nothing to do about it
	if now, alive := f.table.Start(pid); !alive || now != started {
		return
	}
	// An error here means that it ended in between, which is what was wanted.
	_ = process.Signal(which)
}
