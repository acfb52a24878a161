package cli

import (
	"context"
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
func lockDirectory(ctx context.Context, dir string) (*os.File, error) {
	inUse := func(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }
	file, err := untilReleased(ctx, func() (*os.File, error) { return lockOnce(dir) }, inUse)
	if inUse(err) {
		return nil, fault.Wrap(fault.Conflict, err, "the data directory %s is in use by another capri dev", dir).
			WithHint("choose another with --data-dir")
	}
	return file, err
}

func lockOnce(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the data directory: %w", err), file.Close())
	}
	return file, nil
}
