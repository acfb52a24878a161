package workdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// maxExit is the longest exit file: three digits and a line end.
const maxExit = 4

// ErrDamaged is the cause when an exit file holds no exit code.
var ErrDamaged = errors.New("no exit code in it")

// ExitCode returns what the script returned; false while it has not ended. A
// code that app.sh has written but not put in its place, because a worker was
// there to do it, is synced and renamed now: once this returned true, the code
// survives a crash of the host.
func (a *Attempt) ExitCode() (code int, ended bool, err error) {
	code, ended, err = a.exitIn(exitTmpName)
	if err != nil {
		return 0, false, err
	}
	if ended {
		return code, true, a.settleExit()
	}
	code, ended, err = a.exitIn(exitName)
	if err != nil || !ended {
		return 0, false, err
	}
	return code, true, a.syncExit(exitName)
}

// PutExitCode records the end of an attempt whose app.sh could not.
func (a *Attempt) PutExitCode(code int) error {
	if err := a.Write(exitTmpName, []byte(strconv.Itoa(code)+"\n"), 0o600); err != nil {
		return err
	}
	return a.settleExit()
}

// exitIn reads one of the two files. Without its line end the content is not
// complete, which is what an empty or half-written file is.
func (a *Attempt) exitIn(name string) (int, bool, error) {
	text, err := a.Read(name, maxExit)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if len(text) == 0 || (text[len(text)-1] != '\n' && len(text) < maxExit) {
		return 0, false, nil
	}
	code, err := strconv.ParseUint(string(text[:len(text)-1]), 10, 8)
	if err != nil {
		return 0, false, fmt.Errorf("read %s/%s: %w: %q", a.dir, name, ErrDamaged, text)
	}
	return int(code), true, nil
}

// settleExit puts exit.tmp in its place. app.sh may be doing the same.
func (a *Attempt) settleExit() error {
	err := a.sync(exitTmpName)
	if err == nil {
		err = a.root.root.Rename(a.dir+"/"+exitTmpName, a.dir+"/"+exitName)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return a.syncExit(exitName)
	}
	if err != nil {
		return fmt.Errorf("settle exit file: %w", err)
	}
	return syncDir(a.root.root, a.dir)
}

func (a *Attempt) syncExit(name string) error {
	if err := a.sync(name); err != nil {
		return fmt.Errorf("sync exit file: %w", err)
	}
	return syncDir(a.root.root, a.dir)
}

func (a *Attempt) sync(name string) error {
	file, err := a.open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// readFull fills buffer as far as the file goes.
func readFull(file *os.File, buffer []byte) (int, error) {
	n, err := io.ReadFull(file, buffer)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}
