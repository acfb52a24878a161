package workdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// maxExit is the longest exit file: three digits and a line end.
const maxExit = 4

// ErrDamaged is the cause when an exit file holds no exit code.
var ErrDamaged = errors.New("no exit code in it")

// ExitCode returns what the script returned; false while it has not ended. A
// code that app.sh has written but not put in its place, because a worker was
// there to do it, is renamed now. Once this returned true, the code survives a
// crash of the host.
func (a *Attempt) ExitCode() (code int, ended bool, err error) {
	code, ended, err = a.syncedExit(exitTmpName)
	if err != nil {
		return 0, false, err
	}
	if ended {
		err := a.root.Rename(a.dir+"/"+exitTmpName, a.dir+"/"+exitName)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // app.sh may have been faster
			return 0, false, fmt.Errorf("settle exit file: %w", err)
		}
		return code, true, syncDir(a.root, a.dir)
	}
	code, ended, err = a.syncedExit(exitName)
	if err != nil || !ended {
		return 0, false, err
	}
	return code, true, syncDir(a.root, a.dir)
}

// ExitAt is when the exit code was written, as the file system says; the zero
// time when there is none, or when its owner has set a time that is still to come.
func (a *Attempt) ExitAt() time.Time {
	info, err := a.root.Lstat(a.dir + "/" + exitName)
	if err != nil || info.ModTime().After(time.Now()) {
		return time.Time{}
	}
	return info.ModTime()
}

// PutExitCode records the end of an attempt whose app.sh could not.
func (a *Attempt) PutExitCode(code int) error {
	if err := a.Write(exitTmpName, []byte(strconv.Itoa(code)+"\n"), 0o600); err != nil {
		return err
	}
	_, _, err := a.ExitCode()
	return err
}

// syncedExit reads one of the two files and syncs it if it holds a code.
// Without its line end the content is not complete, which is what an empty or
// half-written file is.
func (a *Attempt) syncedExit(name string) (int, bool, error) {
	file, err := a.open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer file.Close()
	text := make([]byte, maxExit+1)
	n, err := readFull(file, text)
	if err != nil {
		return 0, false, fmt.Errorf("read %s/%s: %w", a.dir, name, err)
	}
	text = text[:n]
	if n == 0 || (n < maxExit && text[n-1] != '\n') {
		return 0, false, nil
	}
	code, err := strconv.ParseUint(string(text[:n-1]), 10, 8)
	if err != nil || text[n-1] != '\n' {
		return 0, false, fmt.Errorf("read %s/%s: %w: %q", a.dir, name, ErrDamaged, text)
	}
	if err := file.Sync(); err != nil {
		return 0, false, fmt.Errorf("sync exit file: %w", err)
	}
	return int(code), true, nil
}

// readFull fills buffer as far as the file goes.
func readFull(file *os.File, buffer []byte) (int, error) {
	n, err := io.ReadFull(file, buffer)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}
