package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"capricornus/common/logs"
	"capricornus/worker/cgroup"
)

// Table answers which processes belong to an attempt; vitals.Processes does.
type Table interface {
	// Start returns the start time of a living process in ticks since boot.
	Start(pid int) (ticks uint64, alive bool)
	// Members returns the living processes of an attempt with their start
	// times: those with the tag and what belongs to them, and those of the
	// process leader if it still is the one that started at the given time.
	// Strays that work below dir belong to it, too, unless dir is empty.
	Members(leader int, started uint64, tag, dir string) (map[int]uint64, error)
}

// Local is the Launcher of real processes on this host.
type Local struct {
	Accounts []string      // whom scripts may run as besides the worker's user
	Account  string        // for tasks without one when the worker is root; empty: nobody, unless OwnUser
	OwnUser  bool          // run those as the worker's own user, even root
	Boot     string        // identifies this boot of the host
	Table    Table         // the process table
	HTTP     HTTP          // how calls of http tasks are made
	Grace    time.Duration // for processes left behind by an app.sh that was killed
	Log      *slog.Logger
	Limits   Limits
	Groups   *cgroup.Host // control groups for attempts; nil: none
	Point    Point        // nil: nobody is told

	mu      sync.Mutex
	starter *starter       // nil: nothing was started yet
	spent   []cgroup.Group // of attempts that have ended; processes may be left in them
}

var _ Launcher = (*Local)(nil)

// identity is what follows the spec in its file once the process has started:
// a line of its own costs less than a file.
type identity struct {
	Pid     int          `json:"pid"`
	Started uint64       `json:"started"` // ticks since boot
	Boot    string       `json:"boot"`
	Group   cgroup.Group `json:"group,omitzero"`
}

// Start implements Launcher.
func (l *Local) Start(ctx context.Context, dir Dir, spec Spec) (Process, error) {
	rules, err := l.accounts(spec.Host)
	if err != nil {
		return nil, err
	}
	who, err := rules.resolve(ctx, spec.Account)
	if err != nil {
		return nil, err
	}
	if err := fill(dir, spec, who); err != nil {
		return nil, err
	}
	newCmd, err := l.command(dir, spec, who)
	if err != nil {
		return nil, err
	}
	log, err := dir.OpenLog()
	if err != nil {
		return nil, err
	}
	l.Point.reached("prepared")
	cmd, group, err := l.fork(spec, func() *exec.Cmd {
		cmd := newCmd()
		cmd.Stdout, cmd.Stderr = log, log
		return cmd
	})
	if err != nil {
		l.retire(group)
		return nil, fmt.Errorf("start app.sh: %w", errors.Join(err, log.Close()))
	}
	l.Point.reached("forked")
	// From here on only the attempt's processes hold the log and its lock.
	if err := log.Close(); err != nil {
		l.Log.Warn("close log of started attempt", logs.Batch, spec.Code(), logs.Error(err))
	}
	c := &child{family: l.family(dir, spec), dir: dir, cmd: cmd, point: l.Point, retire: l.retire, done: make(chan struct{})}
	c.family.group = group
	c.family.leader = cmd.Process.Pid
	c.family.started, _ = l.Table.Start(cmd.Process.Pid)
	l.writePid(dir, spec, c.family)
	l.Point.reached("noted")
	go c.reap(context.WithoutCancel(ctx))
	return c, nil
}

func (l *Local) family(dir Dir, spec Spec) family {
	return family{path: dir.Path(), table: l.Table, tag: spec.Tag(), grace: l.Grace, log: l.Log}
}

// fill unpacks the program package, if there is one.
func fill(dir Dir, spec Spec, who *account) error {
	switch {
	case spec.Program == "":
		return nil
	case who == nil:
		return dir.Fill(-1, -1)
	default:
		return dir.Fill(int(who.uid), int(who.gid))
	}
}

// command writes what is to be executed and describes its process: a session
// of its own, no input, a clean environment.
func (l *Local) command(dir Dir, spec Spec, who *account) (func() *exec.Cmd, error) {
	wrapped, err := wrap(job{spec: spec, who: who, http: l.HTTP, fileLimit: l.Limits.File}, dir.Path())
	if err != nil {
		return nil, err
	}
	env, err := environ(spec, who)
	if err != nil {
		return nil, err
	}
	if err := dir.Share(appName, wrapped.text, 0o755); err != nil {
		return nil, err
	}
	var given []string
	if wrapped.script != nil {
		given = []string{scriptName}
		if err := dir.Write(scriptName, wrapped.script, 0o700); err != nil {
			return nil, err
		}
	}
	for _, name := range wrapped.filled {
		given = append(given, name)
		if err := dir.Write(name, nil, 0o600); err != nil {
			return nil, err
		}
	}
	if who != nil {
		if err := dir.Give(int(who.uid), int(who.gid), given...); err != nil {
			return nil, err
		}
	}
	return func() *exec.Cmd {
		//nolint:gosec,noctx // to run what users gave is the job, and no context of ours ends it: Process.Kill does
		cmd := exec.Command("/bin/sh", append([]string{dir.Path() + "/" + appName}, wrapped.args...)...)
		cmd.Dir = "/"
		cmd.Env = env
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: who.credential()}
		return cmd
	}, nil
}

// writePid leaves what a later worker needs to know the process again. Without
// it, it would find the process by its tag.
func (l *Local) writePid(dir Dir, spec Spec, f family) {
	text, err := json.Marshal(identity{Pid: f.leader, Started: f.started, Boot: l.Boot, Group: f.group})
	if err == nil {
		err = dir.Append(specName, append(text, '\n'))
	}
	if err != nil {
		l.Log.Warn("write pid of started attempt", logs.Batch, spec.Code(), logs.Error(err))
	}
}

// Adopt implements Launcher.
func (l *Local) Adopt(ctx context.Context, dir Dir, spec Spec) (Process, error) {
	a := &adopted{family: l.family(dir, spec), dir: dir, point: l.Point, retire: l.retire, done: make(chan struct{})}
	id := l.readIdentity(dir)
	a.family.group = id.Group
	// The leader is known if it is the one that was started.
	if started, alive := l.Table.Start(id.Pid); alive && started == id.Started {
		a.family.leader, a.family.started = id.Pid, id.Started
	}
	over, err := a.look()
	if err != nil {
		return nil, err
	}
	if over {
		close(a.done)
		return a, nil
	}
	go a.watch(ctx)
	return a, nil
}

// readIdentity returns what writePid wrote in this boot; otherwise nothing.
func (l *Local) readIdentity(dir Dir) identity {
	text, err := dir.Read(specName, specLimit)
	if err != nil {
		return identity{}
	}
	var spec Spec
	var id identity
	values := json.NewDecoder(bytes.NewReader(text))
	if values.Decode(&spec) != nil || values.Decode(&id) != nil || id.Boot != l.Boot {
		return identity{}
	}
	return id
}
