package run

import (
	"context"
	"time"

	"capricornus/common/logs"
	"capricornus/worker/cgroup"
)

// lookEvery is how often an adopted attempt is looked at. It is no child of
// this process, so nothing announces its end.
const lookEvery = 200 * time.Millisecond

// adopted is an attempt that an earlier worker started.
type adopted struct {
	family family
	dir    Dir
	point  Point
	retire func(cgroup.Group)
	done   chan struct{}
	exit   Exit
}

// Pid implements Process.
func (a *adopted) Pid() int { return a.family.leader }

// Done implements Process.
func (a *adopted) Done() <-chan struct{} { return a.done }

// Exit implements Process.
func (a *adopted) Exit() Exit { return a.exit }

// Group is the attempt's control group.
func (a *adopted) Group() cgroup.Group { return a.family.group }

// Kill implements Process.
func (a *adopted) Kill(ctx context.Context, grace time.Duration) error {
	if err := a.family.end(ctx, grace); err != nil {
		return err
	}
	select {
	case <-a.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *adopted) watch(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		over, err := a.look()
		if err != nil {
			a.family.log.Warn("look at adopted attempt", logs.Path, a.dir.Path(), logs.Error(err))
		}
		if over {
			close(a.done)
			return
		}
	}
}

// look reports whether the attempt is over and notes how.
func (a *adopted) look() (bool, error) {
	code, ended, err := a.dir.ExitCode()
	if ended && err == nil {
		a.point.reached("settled")
		a.over(Exit{Code: &code, At: a.ended()})
		return true, nil
	}
	if err != nil {
		a.family.log.Warn("exit file is of no use", logs.Path, a.dir.Path(), logs.Error(err))
	}
	if a.leaderLives() {
		return false, nil
	}
	return a.gone()
}

// ended is when an attempt with an exit code ended: that may be long ago.
func (a *adopted) ended() time.Time {
	if at := a.dir.ExitAt(); !at.IsZero() {
		return at
	}
	return time.Now()
}

func (a *adopted) leaderLives() bool {
	if a.family.leader == 0 {
		return false
	}
	started, alive := a.family.table.Start(a.family.leader)
	return alive && started == a.family.started
}

// gone reports whether nothing at all is left of an attempt without app.sh.
// The lock on the log counts: a process may have left session and environment.
// app.sh may have ended after the exit file was looked for, so that comes last.
func (a *adopted) gone() (bool, error) {
	members, err := a.family.members()
	if err != nil || len(members) > 0 {
		return false, err
	}
	if held, err := a.dir.LogHeld(); err != nil || held {
		return false, err
	}
	exit := Exit{At: time.Now()}
	if code, ended, err := a.dir.ExitCode(); ended && err == nil {
		exit.Code, exit.At = &code, a.ended()
	}
	a.over(exit)
	return true, nil
}

// over notes the end; what looks at the attempt now is the only one to write.
func (a *adopted) over(exit Exit) {
	a.exit = exit
	a.exit.Trouble = a.family.group.Trouble()
	a.retire(a.family.group)
}
