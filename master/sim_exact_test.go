package master_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// exactDir is where the program of exact runs is kept, below the repository.
const exactDir = "../.cache/exact"

// hungAfter is when a simulated cluster counts as hung.
const hungAfter = 20 * time.Minute

// exactly runs seeds each in a process of its own that does the same every
// time: the very goroutines in the very order, the very random numbers. The
// first one, and each that fails, is run twice, and the two must agree in every
// byte that the cluster leaves behind and in every line that it logs.
func exactly(t *testing.T, first, last int, days func(seed int) int) {
	t.Helper()
	program := buildExact(t)
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			t.Parallel()
			one := runExact(t, program, seed, days(seed))
			if one.err == nil && seed != first {
				return
			}
			two := runExact(t, program, seed, days(seed))
			if !bytes.Equal(one.chronicle, two.chronicle) || !bytes.Equal(one.said, two.said) {
				t.Errorf("got two different runs of seed %d:\n%s", seed, firstDifference(string(one.chronicle)+string(one.said), string(two.chronicle)+string(two.said)))
			}
			if one.err != nil {
				t.Errorf("%v\n%s\nagain, exactly: go test ./master -run TestSimulation -sim.exact -sim.seed=%d -sim.days=%d", one.err, one.said, seed, days(seed))
			}
			if one.err == nil && len(one.chronicle) == 0 {
				t.Errorf("got nothing left behind by seed %d", seed)
			}
		})
	}
}

// buildExact compiles this package's tests with Go's own source changed; the
// build cache keeps what has not changed since.
func buildExact(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(exactDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v", err)
	}
	program := filepath.Join(dir, "master.test")
	files := overlay(t, strings.TrimSpace(string(root)), dir)
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", files, "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build for exact runs: %v\n%s", err, out)
	}
	return program
}

// exactRun is what one run leaves behind.
type exactRun struct {
	chronicle, said []byte
	err             error
}

func runExact(t *testing.T, program string, seed, days int) exactRun {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hungAfter)
	defer cancel()
	file := filepath.Join(t.TempDir(), "chronicle")
	run := exec.CommandContext(ctx, program, "-test.v", fmt.Sprintf("-test.run=^TestSimulation$/^seed-%d$", seed), "-test.timeout=0",
		fmt.Sprintf("-sim.seed=%d", seed), fmt.Sprintf("-sim.days=%d", days), "-sim.chronicle="+file)
	run.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	run.Cancel = func() error { return run.Process.Signal(syscall.SIGQUIT) } // it tells where it hangs
	run.WaitDelay = time.Minute
	said, err := run.CombinedOutput()
	chronicle, _ := os.ReadFile(file) // there is none when the run failed early
	return exactRun{chronicle: chronicle, said: timeless(said), err: err}
}

// timeless takes out the lines in which the test itself tells real time and place.
func timeless(said []byte) []byte {
	var out [][]byte
	for line := range bytes.Lines(said) {
		text := bytes.TrimSpace(line)
		if bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("ok ")) {
			continue
		}
		out = append(out, line)
	}
	return bytes.Join(out, nil)
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	one, two := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(one), len(two)) {
		if one[i] != two[i] {
			return fmt.Sprintf("line %d:\n%.600s\n%.600s", i+1, one[i], two[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(one), len(two))
}
