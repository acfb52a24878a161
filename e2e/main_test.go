// Package e2e_test runs the real binary as its users do: capri dev, masters and
// workers as processes of their own, on SQLite and on MariaDB, killed by signals
// and started again. Nothing here looks inside a process. What holds is judged
// by three witnesses that do not know of each other: the command line's answers,
// the rows of the database (storetest.Check), and a journal that the scripts
// themselves write. Tests wait for conditions, never for time, and end whatever
// they started, also what has left their process group.
package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"go.uber.org/goleak"

	_ "capricornus/cli" // what the binary is made of: without it go test would take an old result for a new binary's
)

// binaryVariable tells the tests where TestMain has built the binary.
const binaryVariable = "CAPRI_E2E_BINARY"

func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		// Processes wait for each other most of the time, and for what takes its time.
		_ = parallel.Value.Set(strconv.Itoa(runtime.GOMAXPROCS(0) + 1))
	}
	dir, err := build()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// build makes the binary as `make build` does, without C.
func build() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "capri-e2e-"); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // workers execute it as their accounts
		return dir, err
	}
	binary := filepath.Join(dir, "capri")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, "capricornus")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return dir, os.Setenv(binaryVariable, binary)
}
