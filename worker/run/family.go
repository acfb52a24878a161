package run

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"
)

// family is the processes of one attempt.
type family struct {
	table   Table
	leader  int // 0: not known
	started uint64
	tag     string
	grace   time.Duration
	log     *slog.Logger
}

func (f *family) members() (map[int]uint64, error) {
	members, err := f.table.Members(f.leader, f.started, f.tag)
	if err != nil {
		return nil, fmt.Errorf("find processes of attempt: %w", err)
	}
	return members, nil
}

// end sends TERM to all processes, waits up to grace, and then sends KILL to
// whatever is there until nothing is: a child may be born at any moment. A
// process that does not die (it hangs in the kernel) is waited for.
func (f *family) end(ctx context.Context, grace time.Duration) error {
	left, err := f.signal(syscall.SIGTERM)
	if left == 0 || err != nil {
		return err
	}
	patience := time.Now().Add(grace)
	for wait := 5 * time.Millisecond; time.Now().Before(patience); wait = min(2*wait, 200*time.Millisecond) {
		if err := sleep(ctx, min(wait, time.Until(patience))); err != nil {
			return err
		}
		members, err := f.members()
		if len(members) == 0 || err != nil {
			return err
		}
	}
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		left, err := f.signal(syscall.SIGKILL)
		if left == 0 || err != nil {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// signal sends to every process of the attempt and returns how many there were.
func (f *family) signal(signal syscall.Signal) (int, error) {
	members, err := f.members()
	if err != nil {
		return 0, err
	}
	for pid, started := range members {
		f.signalOne(pid, started, signal)
	}
	return len(members), nil
}

// signalOne signals a process only if it is the one that was found. The handle
// is taken first: once the start time matches, it cannot come to mean another.
func (f *family) signalOne(pid int, started uint64, signal syscall.Signal) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	defer process.Release() //nolint:errcheck // closing a handle; nothing to do about it
	if now, alive := f.table.Start(pid); !alive || now != started {
		return
	}
	// An error here means that it ended in between, which is what was wanted.
	_ = process.Signal(signal)
}

func sleep(ctx context.Context, length time.Duration) error {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
