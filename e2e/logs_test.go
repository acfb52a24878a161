package e2e_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"capricornus/common/store/storetest"
)

const (
	gigabyte = 1 << 30
	needle   = "a needle at the end\n"
	room     = 32 << 20 // what a process may need more while it passes on a gigabyte
)

// TestALogOfAGigabyteNeedsNoMemory reads one in every way, through a worker, a
// master and the command line that are processes of their own, and looks at
// the most memory that each has ever had.
func TestALogOfAGigabyteNeedsNoMemory(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	c := newCluster(s)
	s.write("worker.yaml", strings.Replace(s.read(s.path("worker.yaml")), "free_disk: 0}", "free_disk: 0, log_keep: 0}", 1))
	master := c.master()
	worker := c.worker()
	s.writes("writer", `
      printf '%063d\n' 7 >block
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do { cat block; cat block; } >two; mv two block; done
      n=0
      while [ $n -lt 1024 ]; do cat block; n=$((n + 1)); done
      echo a needle at the end
`)
	name := s.runAll("writer")[0]
	s.capri("batch", "wait", name, "--timeout", patience.String())
	masterBefore, workerBefore := s.peak(master), s.peak(worker)

	if n, peak := s.download(name); n != gigabyte+len(needle) || peak > gigabyte/4 {
		t.Errorf("got %d bytes by a command that took %d, want the whole log and less than a quarter of its size", n, peak)
	}
	if got := s.capri("batch", "logs", name, "--tail", "1"); got != needle {
		t.Errorf("got %q, want the last line", got)
	}
	if got := s.capri("batch", "logs", name, "--search", "NEEDLE", "-i"); got != strconv.Itoa(gigabyte)+": "+needle {
		t.Errorf("got %q, want the line and where it is", got)
	}
	if got := s.capri("batch", "logs", name, "--from", strconv.Itoa(gigabyte+2), "--bytes", "6"); got != "needle" {
		t.Errorf("got %q, want a part far in the log", got)
	}
	for who, more := range map[string]int{"the master": s.peak(master) - masterBefore, "the worker": s.peak(worker) - workerBefore} {
		t.Logf("%s took at most %d KiB more for a log of a gigabyte", who, more>>10)
		if more > room {
			t.Errorf("got %d MiB more in %s, want at most %d", more>>20, who, room>>20)
		}
	}

	worker.kill()
	got := s.try("batch", "logs", name)
	if got.code != 0 || len(got.out) != 64<<10 || !strings.HasSuffix(got.out, needle) ||
		!strings.Contains(got.err, "worker w1 does not answer; these are the last 64KiB of 1.0GiB") {
		t.Errorf("got exit code %d, %d bytes and %q, want the end that the master keeps", got.code, len(got.out), got.err)
	}
	if got := s.capri("batch", "logs", name, "--search", "needle"); got != strconv.Itoa(gigabyte)+": "+needle {
		t.Errorf("got %q, want the line and where it is", got)
	}
	s.sound()
}

// writes applies a task with this script.
func (s *site) writes(task, script string) {
	s.Helper()
	s.write("tasks/project.yaml", projectText)
	s.taskFile(task, "  period: manual\n  retry: {times: 0}\n  run:\n    type: shell\n    script: |"+script)
	s.capri("task", "apply", "-f", s.path("tasks"))
}

// peak is the most memory that a daemon has ever had.
func (s *site) peak(d *daemon) int {
	s.Helper()
	for line := range strings.Lines(s.read(filepath.Join("/proc", strconv.Itoa(d.cmd.Process.Pid), "status"))) {
		if fields := strings.Fields(line); fields[0] == "VmHWM:" {
			kib, err := strconv.Atoi(fields[1])
			if err != nil {
				s.Fatal(err)
			}
			return kib << 10
		}
	}
	s.Fatalf("got no peak of %s, want one", d.name)
	return 0
}

// download prints a whole log and returns how long it is, and the most memory
// that the command has had.
func (s *site) download(name string) (length, peak int) {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), os.Getenv(binaryVariable), "batch", "logs", name)
	cmd.Env, cmd.Dir = s.environment(), s.dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	n, err := io.Copy(io.Discard, out)
	if err = errors.Join(err, cmd.Wait()); err != nil {
		s.Fatal(err)
	}
	return int(n), int(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) << 10
}

// TestALogIntoAPipeThatClosesEndsQuietly reads the first line of a long log, as
// head does.
func TestALogIntoAPipeThatClosesEndsQuietly(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	s.dev("--demo", "none")
	s.writes("writer", `
      echo a line >block
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do { cat block; cat block; } >two; mv two block; done
      cat block
`)
	name := s.runAll("writer")[0]
	s.capri("batch", "wait", name, "--timeout", patience.String())
	cmd := exec.CommandContext(t.Context(), os.Getenv(binaryVariable), "batch", "logs", name)
	cmd.Env, cmd.Dir = s.environment(), s.dir
	var talk bytes.Buffer
	cmd.Stderr = &talk
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 7)
	if _, err := io.ReadFull(out, line); err != nil || string(line) != "a line\n" {
		t.Fatalf("got %q, %v, want the first line", line, err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || talk.Len() > 0 {
		t.Errorf("got %v and %q, want it ended by the closed pipe without a word", err, talk.String())
	}
}

// TestFollowingALogOutlivesTheMaster kills the master while somebody follows,
// and starts it again.
func TestFollowingALogOutlivesTheMaster(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	c := newCluster(s)
	master := c.master()
	c.worker()
	s.notedTasks("talker")
	name := s.runAll("talker")[0]
	follower := s.start("follower", "batch", "logs", "-f", name)
	s.await("the first line", func() bool { return s.read(follower.out) == "one line of talker\n" })
	master.kill()
	s.await("that the follower notices", func() bool { return strings.Contains(s.read(follower.err), "trying again") })
	c.master()
	s.release("talker")
	s.await("the end of the log", follower.ended)
	if got, want := s.read(follower.out), "one line of talker\nanother line of talker\n"; got != want {
		t.Errorf("got log %q, want %q", got, want)
	}
	if code := follower.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("got exit code %d, want 0:\n%s", code, s.read(follower.err))
	}
	s.capri("batch", "wait", name, "--timeout", patience.String())
	s.sound()
}
