package labtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const (
	binaryVariable = "CAPRI_LAB_BINARY" // where the binary is that clusters are made of
	dumpVariable   = "CAPRI_LAB_DUMP"   // directory that failed clusters leave their traces in; empty: the system's for temporary files
	dirVariable    = "CAPRI_LAB_DIR"    // directory of the whole run, for the guard
	stageVariable  = "CAPRI_LAB_STAGE"  // of the processes that Main makes: see there
)

// repository is the directory of the module's root, where this was built.
func repository() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Build makes the binary in a directory as `make build` does, without C, with
// more arguments for go build, such as -overlay.
func Build(ctx context.Context, dir string, args ...string) (binary string, err error) {
	binary = filepath.Join(dir, "capri")
	call := append([]string{"build", "-trimpath", "-o", binary}, args...)
	cmd := exec.CommandContext(ctx, "go", append(call, "capricornus")...) //nolint:gosec // the arguments are the tests' own
	cmd.Env, cmd.Dir = append(os.Environ(), "CGO_ENABLED=0"), repository()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return binary, os.Chmod(binary, 0o755) //nolint:gosec // workers execute it as their accounts
}

// Main runs a package's tests: it builds the binary, then runs the test binary
// again in namespaces of its own where that can be (see enter). It does not return.
func Main(m *testing.M) {
	switch os.Getenv(stageVariable) {
	case stageInit:
		os.Exit(initialise())
	case stageGuard:
		os.Exit(guard())
	case stageTests:
		syscall.CloseOnExec(guardFD) // what hangs on a frozen disk would keep the guard from seeing our end
		goleak.VerifyTestMain(m)
	default:
		os.Exit(begin(m))
	}
}

// begin is the stage that go test starts.
func begin(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) //nolint:forbidigo // the root of all contexts here
	defer cancel()
	dir, err := os.MkdirTemp("", "capri-lab-run-")
	if err != nil {
		return failed(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := Build(ctx, dir)
	if err == nil {
		err = errors.Join(os.Chmod(dir, 0o755), os.Setenv(binaryVariable, binary)) //nolint:gosec // workers execute it as their accounts
	}
	if err != nil {
		return failed(err)
	}
	if reason := unfit(); reason != "" || left("netns") {
		return m.Run() // tests that need a network of their own say so themselves
	}
	code, err := enter(dir)
	if err != nil {
		return failed(err)
	}
	return code
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
