package labtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The stages of a test binary that runs in namespaces: the process that go test
// started starts a guard (see guard.go) and an init, which is process 1 of new
// namespaces for network, mounts and processes; that one starts the binary a
// third time, for the tests. Whatever ends any of them ends all: the kernel kills
// every process of a namespace whose process 1 has gone.
const (
	stageInit  = "init"
	stageGuard = "guard"
	stageTests = "tests"
)

// left says that CAPRI_TEST_SKIP leaves something out.
func left(what string) bool {
	return slices.Contains(strings.Split(os.Getenv("CAPRI_TEST_SKIP"), ","), what)
}

// unfit says why this machine cannot make namespaces; empty: it can.
func unfit() string {
	if os.Geteuid() != 0 {
		return "network namespaces need root"
	}
	cmd := exec.Command("unshare", "--net", "--mount", "--pid", "--fork", "true") //nolint:noctx // ends at once
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Sprintf("no namespaces can be made: %v: %s", err, out)
	}
	return ""
}

// enter runs the tests in new namespaces and returns their exit code. TMPDIR is
// a directory below dir there, so that nothing is left behind.
func enter(dir string) (int, error) {
	if err := install(); err != nil {
		return 0, err
	}
	watched, reported, err := socketPair()
	if err != nil {
		return 0, err
	}
	runtime.LockOSThread() // the init dies with the thread that started it
	if err := spawnGuard(watched, dir); err != nil {
		return 0, err
	}
	temporary := filepath.Join(dir, "tmp")
	if err := errors.Join(os.Mkdir(temporary, 0o755), os.Chmod(temporary, 0o777)); err != nil { //nolint:gosec // like /tmp
		return 0, err
	}
	dump := os.Getenv(dumpVariable)
	if dump == "" {
		dump = os.TempDir()
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...) //nolint:gosec,noctx // ourselves, until the tests end
	cmd.Env = append(os.Environ(), stageVariable+"="+stageInit, "TMPDIR="+temporary, dumpVariable+"="+dump)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{reported}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL, Setpgid: true,
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start the tests in namespaces: %w", err)
	}
	_ = reported.Close()
	go func() {
		for range stop {
			_ = cmd.Process.Kill()
		}
	}()
	if err := cmd.Wait(); err != nil && cmd.ProcessState == nil {
		return 0, fmt.Errorf("run the tests in namespaces: %w", err)
	}
	if code := cmd.ProcessState.ExitCode(); code >= 0 {
		return code, nil
	}
	return 0, fmt.Errorf("the tests were ended: %s", cmd.ProcessState)
}

// install brings what cannot be fetched once the network is gone.
func install() error {
	scripts := filepath.Join(repository(), "scripts")
	calls := [][]string{{filepath.Join(scripts, "package.sh"), "ip", "iproute2", "iproute", "iproute2"}}
	if !left("mysql") {
		calls = append(calls, []string{filepath.Join(scripts, "mariadb.sh"), "install", os.TempDir()})
	}
	for _, call := range calls {
		cmd := exec.Command("sh", call...) //nolint:gosec,noctx // our own scripts
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("install what clusters need: %w", err)
		}
	}
	return nil
}

// initialise is process 1: it makes the namespaces usable, starts the tests and
// reaps what loses its parent, until the tests have ended.
func initialise() int {
	if err := prepare(); err != nil {
		return failed(err)
	}
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, stageVariable+"=") })
	tests, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{ //nolint:gosec // ourselves
		Env:   append(env, stageVariable+"="+stageTests),
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, os.NewFile(guardFD, "guard")},
	})
	if err != nil {
		return failed(fmt.Errorf("start the tests: %w", err))
	}
	_ = syscall.Close(guardFD)
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return failed(fmt.Errorf("wait for the tests: %w", err))
		case pid == tests.Pid && status.Exited():
			return status.ExitStatus()
		case pid == tests.Pid:
			return failed(fmt.Errorf("the tests were ended by %s", status.Signal()))
		}
	}
}

func prepare() error {
	mounts := []struct {
		source, target, kind string
		flags                uintptr
	}{
		{"", "/", "", syscall.MS_PRIVATE | syscall.MS_REC}, // nothing of ours is seen outside
		{"proc", "/proc", "proc", 0},
		{"tmpfs", "/run", "tmpfs", 0}, // ip keeps its namespaces in /run/netns
	}
	for _, m := range mounts {
		if err := syscall.Mount(m.source, m.target, m.kind, m.flags, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	if err := ip("link set lo up"); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o600); err != nil {
		return fmt.Errorf("make the tests' network a router: %w", err)
	}
	return nil
}

// ip runs commands of ip(8), one a line.
func ip(commands ...string) error {
	cmd := exec.Command("ip", "-batch", "-") //nolint:noctx // ends at once
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(commands, "; "), err, out)
	}
	return nil
}

// needNamespaces fails a test outside of Main's namespaces, or leaves it out
// when CAPRI_TEST_SKIP says so.
func needNamespaces(t testing.TB) {
	t.Helper()
	NeedDatabase(t)
	if os.Getenv(stageVariable) == stageTests {
		return
	}
	if left("netns") {
		t.Skip("not run: CAPRI_TEST_SKIP names netns")
	}
	t.Fatalf("this test needs namespaces of its own: %s; run it as root, or set CAPRI_TEST_SKIP=netns to leave it out", unfit())
}

// ipIn runs one command of ip(8) in a named namespace.
func ipIn(space, command string) error {
	args := append([]string{"-n", space}, strings.Fields(command)...)
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil { //nolint:gosec,noctx // ends at once
		return fmt.Errorf("ip -n %s %s: %w: %s", space, command, err, out)
	}
	return nil
}

// LongForm leaves a test out of make test that takes long; make test-chaos runs it.
func LongForm(t testing.TB, long bool) {
	t.Helper()
	if !long {
		t.Skip("not run: it is a part of make test-chaos")
	}
}

// NeedDatabase leaves a test out when CAPRI_TEST_SKIP names mysql: clusters keep
// their memory in MariaDB.
func NeedDatabase(t testing.TB) {
	t.Helper()
	if left("mysql") {
		t.Skip("not run: CAPRI_TEST_SKIP names mysql")
	}
}
