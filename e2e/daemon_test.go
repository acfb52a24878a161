package e2e_test

import (
	"os"
	"os/exec"
	"syscall"

	"capricornus/e2e/labtest"
)

// daemon is a process of capri's, started in a group of its own.
type daemon struct {
	*site
	name string
	cmd  *exec.Cmd
	out  string        // file that stdout goes to
	err  string        // file that stderr goes to
	done chan struct{} // closed when it has ended
}

// start starts capri with these arguments and does not wait for its end.
func (s *site) start(name string, args ...string) *daemon {
	s.Helper()
	d := &daemon{site: s, name: name, done: make(chan struct{})}
	d.out, d.err = s.path(name+".out"), s.path(name+".err")
	out, err := os.OpenFile(d.out, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		s.Fatal(err)
	}
	defer out.Close()
	talk, err := os.OpenFile(d.err, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		s.Fatal(err)
	}
	defer talk.Close()
	d.cmd = exec.Command(os.Getenv(binaryVariable), args...)
	d.cmd.Env, d.cmd.Dir, d.cmd.Stdout, d.cmd.Stderr = s.environment(), s.dir, out, talk
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go func() {
		defer close(d.done)
		_ = d.cmd.Wait()
	}()
	s.daemons = append(s.daemons, d)
	return d
}

func (d *daemon) ended() bool {
	select {
	case <-d.done:
		return true
	default:
		return false
	}
}

// kill ends the process alone, as a crash does: its scripts and its keepers,
// which have sessions of their own, live on.
func (d *daemon) kill() {
	d.Helper()
	if d.ended() {
		d.Fatalf("%s has ended by itself with exit code %d:\n%s", d.name, d.cmd.ProcessState.ExitCode(), d.read(d.err))
	}
	if err := d.cmd.Process.Kill(); err != nil {
		d.Fatal(err)
	}
	<-d.done
}

// interrupt asks it to stop, as Ctrl-C does, and holds that it ends in order.
func (d *daemon) interrupt() {
	d.Helper()
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		d.Fatal(err)
	}
	d.await("the end of "+d.name, d.ended)
	if code := d.cmd.ProcessState.ExitCode(); code != 0 {
		d.Errorf("got exit code %d of %s after SIGINT, want 0:\n%s", code, d.name, d.read(d.err))
	}
}

// clear ends everything that the site has started, then says what the daemons
// logged if the test has failed.
func (s *site) clear() {
	for _, d := range s.daemons {
		if !d.ended() {
			_ = d.cmd.Process.Kill()
		}
		<-d.done
	}
	s.await("the end of all processes", func() bool {
		left := labtest.ProcessesOf(s.dir)
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return len(left) == 0
	})
	if !s.Failed() {
		return
	}
	told := map[string]bool{}
	for _, d := range s.daemons {
		if told[d.name] {
			continue // one that was started again writes on in the same file
		}
		told[d.name] = true
		s.Logf("%s said:\n%s", d.name, lastBytes(d.err, 6000))
	}
}

func lastBytes(name string, n int) string {
	text, _ := os.ReadFile(name)
	return string(text[max(0, len(text)-n):])
}
