package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"capricornus/common/fault"
)

// lockFile keeps two capri dev out of one data directory.
const lockFile = "lock"

// lockDirectory takes a data directory for this process. The lock goes with
// the process, however it ends; scripts and keepers do not inherit it.
func lockDirectory(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fault.New(fault.Conflict, "the data directory %s is in use by another capri dev", dir).
			WithHint("choose another with --data-dir")
	}
	return nil, fmt.Errorf("lock the data directory %s: %w", dir, err)
}
