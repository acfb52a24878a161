package run

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"capricornus/common/logs"
	"capricornus/worker/cgroup"
)

// prSetNoNewPrivs is PR_SET_NO_NEW_PRIVS of prctl(2).
const prSetNoNewPrivs = 38

// oldThreads is how many threads of each kind start attempts where there are
// version 1 groups: when nobody has moved for a while, a move takes 10 ms, and a
// few attempts that start together should not wait for that.
const oldThreads = 2

// starter forks attempts from threads of its own, so that what they inherit is
// done to no other: nothing they execute gains privileges, and they begin in
// control groups.
type starter struct {
	groups *cgroup.Host // nil: none
	log    *slog.Logger
	calls  chan forkCall
	inMem  chan forkCall // for attempts with a limit of memory; may be the same as calls
	number atomic.Int64  // of version 1 groups
	plain  atomic.Bool   // version 2 groups turned out not to work
	live   sync.WaitGroup
}

// thread is one of them. It sits in the next attempt's version 1 groups and
// moves on after a fork.
type thread struct {
	*starter
	id    int
	calls <-chan forkCall
	next  cgroup.Group
}

// forkCall asks for one fork.
type forkCall struct {
	name   string
	limits cgroup.Limits
	newCmd func() *exec.Cmd
	reply  chan forked
}

type forked struct {
	cmd   *exec.Cmd
	group cgroup.Group
	err   error
}

func newStarter(groups *cgroup.Host, log *slog.Logger) *starter {
	s := &starter{groups: groups, log: log, calls: make(chan forkCall)}
	s.inMem = s.calls
	if groups == nil || !groups.Old() {
		s.live.Add(1)
		go s.begin(s.calls)
		return s
	}
	s.inMem = make(chan forkCall)
	for range oldThreads {
		s.live.Add(2)
		go s.begin(s.calls)
		go s.begin(s.inMem)
	}
	return s
}

// begin finds a thread that is not the first one, which stands for the process.
func (s *starter) begin(calls <-chan forkCall) {
	runtime.LockOSThread()
	if syscall.Gettid() != os.Getpid() {
		(&thread{starter: s, id: syscall.Gettid(), calls: calls}).run()
		return
	}
	locked := make(chan struct{})
	go func() { // cannot get the first thread: it is kept here
		runtime.LockOSThread()
		close(locked)
		(&thread{starter: s, id: syscall.Gettid(), calls: calls}).run()
	}()
	<-locked
	runtime.UnlockOSThread()
}

// run never unlocks the thread, which therefore ends with it.
func (s *thread) run() {
	defer s.live.Done()
	if _, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0, 0); err != 0 {
		s.log.Error("attempts may gain privileges", logs.Error(err))
	}
	s.moveOn()
	for call := range s.calls {
		call.reply <- s.fork(call)
		s.moveOn()
	}
	s.leave()
}

// fork starts the command. A kernel, or what guards it, may refuse to start a
// process in a group; then it is started without one, and so are all others.
func (s *thread) fork(call forkCall) forked {
	if s.groups == nil {
		cmd := call.newCmd()
		return forked{cmd: cmd, err: cmd.Start()}
	}
	if err := s.next.LimitOld(call.limits); err != nil {
		s.log.Warn("limits of an attempt are not the kernel's", logs.Error(err))
	}
	var unified cgroup.Group
	if !s.plain.Load() {
		var err error
		if unified, err = s.groups.Make(call.name, call.limits); err != nil {
			s.log.Warn("limits of an attempt are not the kernel's", logs.Error(err))
		}
	}
	cmd, err := s.into(unified, call)
	if err != nil && unified != (cgroup.Group{}) {
		_ = unified.Remove() // empty; at worst the next start of a worker removes it
		unified = cgroup.Group{}
		cmd, err = s.into(unified, call)
		s.plain.Store(err == nil)
	}
	return forked{cmd: cmd, group: cgroup.Join(unified, s.next), err: err}
}

func (s *thread) into(unified cgroup.Group, call forkCall) (*exec.Cmd, error) {
	cmd := call.newCmd()
	if unified == (cgroup.Group{}) {
		return cmd, cmd.Start()
	}
	dir, err := syscall.Open(unified.Unified, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return cmd, fmt.Errorf("open control group %s: %w", unified.Unified, err)
	}
	cmd.SysProcAttr.UseCgroupFD, cmd.SysProcAttr.CgroupFD = true, dir
	return cmd, errors.Join(cmd.Start(), syscall.Close(dir))
}

// moveOn makes the version 1 groups of the next attempt and enters them.
func (s *thread) moveOn() {
	if s.groups == nil || !s.groups.Old() {
		return
	}
	name := strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(s.number.Add(1), 10)
	next, err := s.groups.MakeOld(name, s.calls == s.inMem)
	if err == nil {
		err = next.Enter(s.id)
	}
	if err == nil {
		s.next = next
		return
	}
	s.log.Warn("control groups are not used for an attempt", logs.Error(err))
	s.leave()
	_ = next.Remove() // at worst the next start of a worker removes it
}

// leave goes back to the group of the process.
func (s *thread) leave() {
	if s.groups == nil || !s.groups.Old() {
		return
	}
	if err := s.groups.Leave(s.id); err != nil {
		s.log.Warn("thread stays in a control group", logs.Error(err))
	}
	_ = s.next.Remove() // it may be an attempt's
	s.next = cgroup.Group{}
}

func (s *starter) close() {
	close(s.calls)
	if s.inMem != s.calls {
		close(s.inMem)
	}
	s.live.Wait()
}

// fork starts an attempt's first process.
func (l *Local) fork(spec Spec, newCmd func() *exec.Cmd) (*exec.Cmd, cgroup.Group, error) {
	l.mu.Lock()
	if l.starter == nil {
		l.starter = newStarter(l.Groups, l.Log)
	}
	s := l.starter
	l.mu.Unlock()
	call := forkCall{
		name: fmt.Sprintf("%d-%d", spec.WorkID, spec.Attempt), newCmd: newCmd, reply: make(chan forked, 1),
		limits: cgroup.Limits{Memory: l.Limits.memory(spec.Memory), Processes: l.Limits.Processes},
	}
	calls := s.calls
	if call.limits.Memory > 0 {
		calls = s.inMem
	}
	calls <- call
	done := <-call.reply
	return done.cmd, done.group, done.err
}

// Close ends the thread that starts attempts. Those that run go on.
func (l *Local) Close() {
	l.mu.Lock()
	s := l.starter
	l.starter = nil
	l.mu.Unlock()
	if s != nil {
		s.close()
	}
	l.retire(cgroup.Group{})
}

// retire removes the group of an attempt that has ended, now or, when processes
// of it or our own thread are still inside, at a later end.
func (l *Local) retire(group cgroup.Group) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.spent[:0]
	for _, spent := range append(l.spent, group) {
		if spent.Remove() != nil {
			left = append(left, spent)
		}
	}
	l.spent = left
}

// Features says in words what attempts are guarded by, for `host show`.
func (l *Local) Features() []string {
	features := []string{"no-new-privs"}
	if l.Groups == nil || !l.Groups.LimitsMemory() {
		features = append(features, "memory: sampled")
	}
	if l.Groups == nil || !l.Groups.LimitsProcesses() {
		features = append(features, "processes: sampled")
	}
	if l.Groups != nil {
		features = append(features, l.Groups.Features()...)
	}
	return features
}
