package master_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain keeps the simulations' files in memory where that is possible: they
// are about virtual time, which no disk should hold up. Nothing may be left running.
func TestMain(m *testing.M) {
	const memory = "/dev/shm"
	if info, err := os.Stat(memory); err == nil && info.IsDir() && os.Getenv("TMPDIR") == "" {
		_ = os.Setenv("TMPDIR", memory) // else it is slower
	}
	goleak.VerifyTestMain(m)
}
