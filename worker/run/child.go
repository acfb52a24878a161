package run

import (
	"context"
	"os/exec"
	"syscall"
	"time"

	"capricornus/common/logs"
	"capricornus/worker/cgroup"
)

// child is an attempt that this process started and waits for.
type child struct {
	family family
	dir    Dir
	cmd    *exec.Cmd
	point  Point
	retire func(cgroup.Group)
	done   chan struct{}
	exit   Exit
}

// Pid implements Process.
func (c *child) Pid() int { return c.cmd.Process.Pid }

// Done implements Process.
func (c *child) Done() <-chan struct{} { return c.done }

// Exit implements Process.
func (c *child) Exit() Exit { return c.exit }

// Group is the attempt's control group.
func (c *child) Group() cgroup.Group { return c.family.group }

// Kill implements Process.
func (c *child) Kill(ctx context.Context, grace time.Duration) error {
	if err := c.family.end(ctx, grace); err != nil {
		return err
	}
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reap waits for app.sh and settles its exit code. It goes on after the worker
// has stopped: a process must not stay a zombie, and app.sh relies on it.
func (c *child) reap(ctx context.Context) {
	defer close(c.done)
	// The error repeats what ProcessState says.
	_ = c.cmd.Wait()
	state := c.cmd.ProcessState
	c.exit.CPU = state.UserTime() + state.SystemTime()
	code := c.settle(ctx, state.Sys().(syscall.WaitStatus))
	c.point.reached("settled")
	c.exit.Code = &code
	if code != 0 { // only then is it asked for
		c.exit.Trouble = c.family.group.Trouble()
	}
	c.retire(c.family.group)
	c.exit.At = time.Now()
}

// settle returns the exit code and makes it durable. When app.sh was killed,
// what it had started must be gone before there is an end.
func (c *child) settle(ctx context.Context, status syscall.WaitStatus) int {
	code, ended, err := c.dir.ExitCode()
	if ended && err == nil {
		return code
	}
	if err != nil {
		c.family.log.Warn("exit file is of no use", logs.Path, c.dir.Path(), logs.Error(err))
	}
	code = status.ExitStatus()
	if status.Signaled() {
		code = 128 + int(status.Signal())
		if err := c.family.end(ctx, c.family.grace); err != nil {
			c.family.log.Error("processes without app.sh may be left", logs.Path, c.dir.Path(), logs.Error(err))
		}
	}
	if err := c.dir.PutExitCode(code); err != nil {
		c.family.log.Warn("exit code is not on disk", logs.Path, c.dir.Path(), logs.Error(err))
	}
	return code
}
