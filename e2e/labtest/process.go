package labtest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The roles of processes.
const (
	Master = "master"
	Worker = "worker"
)

// Process is a master or a worker, which may be started again and again.
type Process struct {
	Name    string // m1, w1; the node and host name, too
	Role    string // Master or Worker
	Address string // host:port; of a master: of its API

	c    *Cluster
	host host
	raft string // host:port of a master
	env  []string
	cmd  *exec.Cmd                     // nil: never started
	done atomic.Pointer[chan struct{}] // closed when cmd has ended

	mu     sync.Mutex
	wanted bool // nobody has ended it on purpose
}

func newProcess(c *Cluster, role, name string) *Process {
	c.Helper()
	return &Process{c: c, Role: role, Name: name, host: c.place(name)}
}

// in prefixes a command so that it runs on a host. nsenter replaces itself by
// the command, so the process id is the command's.
func (h host) in(call ...string) []string {
	if h.netns == "" {
		return call
	}
	return append([]string{"nsenter", "--net=" + h.netns}, call...)
}

// environment is what all processes are started with.
func (c *Cluster) environment() []string {
	return append([]string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + c.Dir, "TZ=UTC", "NO_COLOR=1"}, c.options.Env...)
}

// SetEnv adds variables, NAME=value, that hold from the next start on.
func (p *Process) SetEnv(env ...string) { p.env = env }

// Start starts the process and does not wait for anything.
func (p *Process) Start() {
	p.c.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Alive() {
		p.c.Fatalf("%s runs already", p.Name)
	}
	p.wanted = true
	p.launch()
}

func (p *Process) launch() {
	p.c.Helper()
	log, err := os.OpenFile(p.LogFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		p.c.Fatalf("open the log of %s: %v", p.Name, err)
	}
	defer func() { _ = log.Close() }()
	call := p.host.in(p.c.options.Binary, p.Role, "--config", p.c.path(p.Name+".yaml"))
	p.cmd = exec.CommandContext(context.WithoutCancel(p.c.Context()), call[0], call[1:]...) //nolint:gosec // our own binary
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = append(p.c.environment(), p.env...), p.c.Dir, log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		p.c.Fatalf("start %s: %v", p.Name, err)
	}
	p.c.Event("start %s (pid %d)", p.Name, p.cmd.Process.Pid)
	cmd, done := p.cmd, make(chan struct{})
	p.done.Store(&done)
	go func() {
		defer close(done)
		_ = cmd.Wait()
	}()
}

// LogFile is the file that the process writes its log to; it is kept over restarts.
func (p *Process) LogFile() string { return p.c.path(p.Name + ".log") }

// PID is that of the last start.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Alive says that the process was started and has not ended. It is safe for
// concurrent use.
func (p *Process) Alive() bool {
	done := p.done.Load()
	if done == nil {
		return false
	}
	select {
	case <-*done:
		return false
	default:
		return true
	}
}

// Ended waits until the process has ended by itself.
func (p *Process) Ended() {
	p.c.Helper()
	p.c.Await("the end of "+p.Name, func() bool { return !p.Alive() })
	p.c.Event("%s has ended: %s", p.Name, p.cmd.ProcessState)
}

// Kill ends the process alone by SIGKILL, as a crash does; scripts and keepers
// live on. It returns when the process is gone.
func (p *Process) Kill() {
	p.c.Helper()
	p.c.Event("kill -9 %s", p.Name)
	if p.unwanted(syscall.SIGKILL) {
		<-*p.done.Load()
	}
}

// Stop asks the process to end (SIGTERM) and waits until it has, with exit code 0.
func (p *Process) Stop() {
	p.c.Helper()
	p.c.Event("stop %s", p.Name)
	if !p.unwanted(syscall.SIGTERM) {
		return
	}
	p.c.Await("the end of "+p.Name, func() bool { return !p.Alive() })
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.c.Errorf("got exit code %d of %s after SIGTERM, want 0:\n%s", code, p.Name, tail(p.LogFile(), 3000))
	}
}

// unwanted ends the process on purpose; false: it had ended by itself and waits
// to be started again.
func (p *Process) unwanted(which syscall.Signal) bool {
	p.c.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = false
	if p.c.options.Restart && !p.Alive() {
		return false
	}
	p.signal(which)
	return true
}

// Pause freezes the process (SIGSTOP) until Resume.
func (p *Process) Pause() {
	p.c.Helper()
	p.c.Event("freeze %s", p.Name)
	p.signal(syscall.SIGSTOP)
}

// Resume lets a frozen process go on.
func (p *Process) Resume() {
	p.c.Helper()
	p.c.Event("thaw %s", p.Name)
	p.signal(syscall.SIGCONT)
}

func (p *Process) signal(which syscall.Signal) {
	p.c.Helper()
	if !p.Alive() && p.c.options.Restart && p.wanted {
		return // it waits to be started again
	}
	if !p.Alive() {
		p.c.Fatalf("%s has ended by itself: %s; see %s", p.Name, p.cmd.ProcessState, p.c.Dump())
	}
	if err := p.cmd.Process.Signal(which); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.c.Fatalf("send %s to %s: %v", which, p.Name, err)
	}
}

// Keeper is the process id of a worker's keeper; 0: there is none.
func (p *Process) Keeper() int {
	text, err := os.ReadFile(p.c.path("work-"+p.Name, "keeper.lock"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || syscall.Kill(pid, 0) != nil {
		return 0
	}
	return pid
}

// KillKeeper ends a worker's keeper by SIGKILL, if there is one.
func (p *Process) KillKeeper() {
	p.c.Helper()
	pid := p.Keeper()
	p.c.Event("kill -9 the keeper of %s (pid %d)", p.Name, pid)
	if pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// end ends the process at the end of a test.
func (p *Process) end() {
	done := p.done.Load()
	if done == nil {
		return
	}
	if p.Alive() {
		_ = p.cmd.Process.Kill()
	}
	<-*done
}

// command runs capri to its end, on no host of the cluster.
func (c *Cluster) command(args ...string) (code int, out, talk string) {
	c.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(c.Context()), c.options.Binary, args...) //nolint:gosec // our own binary
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = c.environment(), c.Dir, &stdout, &stderr
	cmd.WaitDelay = time.Minute
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		c.Fatalf("run capri %s: %v", strings.Join(args, " "), err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// Capri runs a command of the administrator's with a master that is given by
// its name, and returns how it ended and what it printed.
func (c *Cluster) Capri(master string, args ...string) (code int, out, talk string) {
	c.Helper()
	env := c.options.Env
	defer func() { c.options.Env = env }()
	for _, m := range c.Masters {
		if m.Name == master {
			c.options.Env = append(append([]string{}, env...), "CAPRI_ADDR="+m.Address, "CAPRI_TOKEN="+c.admin)
		}
	}
	return c.command(args...)
}

// endProcessesOf ends what runs for a directory and counts it.
func endProcessesOf(dir string) int {
	found := ProcessesOf(dir)
	for _, pid := range found {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return len(found)
}

// ProcessesOf finds what runs for a directory: processes with it in their command
// line (daemons, keepers, app.sh) or with a working directory in it.
func ProcessesOf(dir string) []int {
	var found []int
	names, _ := filepath.Glob("/proc/[0-9]*")
	for _, name := range names {
		pid, err := strconv.Atoi(filepath.Base(name))
		if err != nil || pid == os.Getpid() {
			continue
		}
		call, _ := os.ReadFile(filepath.Join(name, "cmdline"))
		cwd, _ := os.Readlink(filepath.Join(name, "cwd"))
		if bytes.Contains(call, []byte(dir+"/")) || cwd == dir || strings.HasPrefix(cwd, dir+"/") {
			found = append(found, pid)
		}
	}
	return found
}

// tail is the end of a file.
func tail(name string, n int) string {
	text, _ := os.ReadFile(name)
	return string(text[max(0, len(text)-n):])
}

// Gone says that the process does nothing any more: it has ended, or it is
// ending and only a call that hangs in the kernel, on a frozen disk, keeps it.
func (p *Process) Gone() bool {
	if !p.Alive() {
		return true
	}
	names, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(p.PID()), "task/*/stat"))
	for _, name := range names {
		text, err := os.ReadFile(name)
		_, state, found := strings.Cut(string(text), ") ")
		if err == nil && found && state != "" && !strings.ContainsAny(state[:1], "ZXD") {
			return false
		}
	}
	return true
}
