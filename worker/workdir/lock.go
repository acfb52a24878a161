package workdir

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// Open file description locks (fcntl(2)): they live as long as any process has
// the open file, and whether one is held can be asked without taking it.
const (
	ofdGetLock = 36
	ofdSetLock = 37
)

func wholeFile(kind int16) *syscall.Flock_t {
	return &syscall.Flock_t{Type: kind, Whence: io.SeekStart}
}

// tryLock takes the exclusive lock of an open, writable file.
func tryLock(file *os.File) (bool, error) {
	err := syscall.FcntlFlock(file.Fd(), ofdSetLock, wholeFile(syscall.F_WRLCK))
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return true, nil
}

// isLocked reports whether another open file holds a lock on this one.
func isLocked(file *os.File) (bool, error) {
	lock := wholeFile(syscall.F_WRLCK)
	if err := syscall.FcntlFlock(file.Fd(), ofdGetLock, lock); err != nil {
		return false, fmt.Errorf("ask for lock of %s: %w", file.Name(), err)
	}
	return lock.Type != syscall.F_UNLCK, nil
}
