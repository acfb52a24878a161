package workdir

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"capricornus/common/wire"
)

const (
	specName     = "spec.json"
	logName      = "log"
	exitName     = "exit"
	exitTmpName  = "exit.tmp"
	workName     = "work"
	reportedName = "reported.json"
	sharedName   = ".shared"
)

// planted keeps an open from following a link, or waiting for a pipe, that a
// script put in the place of a file.
const planted = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// Attempt is the directory of one attempt.
type Attempt struct {
	root *os.Root // attempts/
	base string   // its path
	key  wire.Held
	dir  string // below the root
	fill Fill
}

// Fill puts files into a new working directory and makes them belong to an
// account; a negative number leaves them to the worker.
type Fill func(work *os.Root, uid, gid int) error

// Name is the name of an attempt's directory.
func Name(key wire.Held) string {
	return strconv.FormatInt(key.WorkID, 10) + "-" + strconv.Itoa(key.Attempt)
}

// ParseName reads what Name wrote.
func ParseName(name string) (wire.Held, bool) {
	work, attempt, found := strings.Cut(name, "-")
	workID, err := strconv.ParseInt(work, 10, 64)
	if !found || err != nil || workID <= 0 {
		return wire.Held{}, false
	}
	number, err := strconv.Atoi(attempt)
	if err != nil || number < 0 {
		return wire.Held{}, false
	}
	key := wire.Held{WorkID: workID, Attempt: number}
	return key, Name(key) == name
}

// Create makes the attempt's directory, which must not exist, durably: this is
// the proof of start. Inside is work/ only.
func (r *Root) Create(key wire.Held) (*Attempt, error) {
	a := r.Attempt(key)
	if err := r.attempts.Mkdir(a.dir, 0o711); err != nil {
		return nil, fmt.Errorf("make attempt directory: %w", err)
	}
	if err := r.flusher.Flush(); err != nil {
		return nil, fmt.Errorf("sync attempt directories: %w", err)
	}
	if err := r.attempts.Mkdir(a.dir+"/"+workName, 0o700); err != nil {
		return nil, fmt.Errorf("make working directory: %w", err)
	}
	return a, nil
}

// Attempt returns the directory of an attempt, whether it exists or not.
func (r *Root) Attempt(key wire.Held) *Attempt {
	return &Attempt{root: r.attempts, base: filepath.Join(r.path, attemptsName), key: key, dir: Name(key)}
}

// Attempts lists all attempt directories.
func (r *Root) Attempts() ([]wire.Held, error) {
	dir, err := r.root.Open(attemptsName)
	if err != nil {
		return nil, fmt.Errorf("list attempts: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list attempts: %w", err)
	}
	keys := make([]wire.Held, 0, len(names))
	for _, name := range names {
		if key, ok := ParseName(name); ok {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// Key names the attempt.
func (a *Attempt) Key() wire.Held { return a.key }

// Path is the directory's absolute path, for the processes in it.
func (a *Attempt) Path() string { return filepath.Join(a.base, a.dir) }

// Exists reports whether the attempt was ever started.
func (a *Attempt) Exists() (bool, error) { return a.has("") }

// Write writes a file of the attempt. Nothing but the exit code is synced:
// after a crash of the host the other files are of no use.
func (a *Attempt) Write(name string, data []byte, perm fs.FileMode) error {
	if err := a.root.WriteFile(a.dir+"/"+name, data, perm); err != nil {
		return fmt.Errorf("write attempt: %w", err)
	}
	return nil
}

// Append adds to a file of the attempt.
func (a *Attempt) Append(name string, data []byte) error {
	file, err := a.root.OpenFile(a.dir+"/"+name, os.O_WRONLY|os.O_APPEND|planted, 0)
	if err != nil {
		return fmt.Errorf("add to attempt: %w", err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("add to attempt: %w", err)
	}
	return nil
}

// Share puts a file that other attempts have too, word for word, into the
// attempt: a link to one copy, because making files is the dearest part of a
// short attempt. Where that cannot be, it is a file of its own.
func (a *Attempt) Share(name string, data []byte, perm fs.FileMode) error {
	sum := sha256.Sum256(data)
	shared := sharedName + "/" + hex.EncodeToString(sum[:8])
	err := a.root.Link(shared, a.dir+"/"+name)
	if errors.Is(err, fs.ErrNotExist) && a.makeShared(shared, data, perm) == nil {
		err = a.root.Link(shared, a.dir+"/"+name)
	}
	if err == nil {
		return nil
	}
	return a.Write(name, data, perm)
}

// makeShared writes the one copy, whole or not at all.
func (a *Attempt) makeShared(shared string, data []byte, perm fs.FileMode) error {
	if err := a.root.Mkdir(sharedName, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	temporary := shared + "." + a.dir
	if err := a.root.WriteFile(temporary, data, perm); err != nil {
		return err
	}
	return a.root.Rename(temporary, shared)
}

// Give makes the working directory, a file for the exit code and the named files
// belong to the account the script runs as. The directory and the rest of it
// stay the worker's.
func (a *Attempt) Give(uid, gid int, names ...string) error {
	if err := a.Write(exitTmpName, nil, 0o600); err != nil {
		return err
	}
	for _, name := range append(names, workName, exitTmpName) {
		if err := a.root.Chown(a.dir+"/"+name, uid, gid); err != nil {
			return fmt.Errorf("give %s to account: %w", name, err)
		}
	}
	return nil
}

// FillWith says what Fill puts into the working directory.
func (a *Attempt) FillWith(fill Fill) { a.fill = fill }

// Fill puts into the working directory what the attempt is to find there.
func (a *Attempt) Fill(uid, gid int) error {
	if a.fill == nil {
		return errors.New("the attempt was given no program package")
	}
	work, err := a.root.OpenRoot(a.dir + "/" + workName)
	if err != nil {
		return fmt.Errorf("open working directory: %w", err)
	}
	return errors.Join(a.fill(work, uid, gid), work.Close())
}

// Read reads a small file of the attempt; a file longer than limit is an error.
func (a *Attempt) Read(name string, limit int64) ([]byte, error) {
	file, err := a.open(name)
	if err != nil {
		return nil, fmt.Errorf("read attempt: %w", err)
	}
	defer file.Close()
	text := make([]byte, limit+1)
	n, err := readFull(file, text)
	if err != nil {
		return nil, fmt.Errorf("read attempt: %w", err)
	}
	if int64(n) > limit {
		return nil, fmt.Errorf("read attempt: %s/%s is longer than %d bytes", a.dir, name, limit)
	}
	return text[:n], nil
}

// OpenLog makes the log, for appending, and locks it. The lock belongs to the
// open file: it is held until the last process that inherited it is gone.
func (a *Attempt) OpenLog() (*os.File, error) {
	file, err := a.root.OpenFile(a.dir+"/"+logName, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make log: %w", err)
	}
	if _, err := tryLock(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// LogHeld reports whether a process still has the log open. It is a hint: a
// process may have closed it and live, and a daemon may keep it for ever.
func (a *Attempt) LogHeld() (bool, error) {
	file, err := a.open(logName)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open log: %w", err)
	}
	defer file.Close()
	return isLocked(file)
}

// MarkReported records that a master has the attempt's result. The file
// spec.json, which only people need from now on, becomes the mark: that is
// cheaper than a new one.
func (a *Attempt) MarkReported() error {
	if err := a.root.Rename(a.dir+"/"+specName, a.dir+"/"+reportedName); err == nil {
		return nil
	}
	return a.Write(reportedName, nil, 0o600)
}

// Reported reports whether a master has the attempt's result.
func (a *Attempt) Reported() (bool, error) { return a.has("/" + reportedName) }

func (a *Attempt) has(name string) (bool, error) {
	_, err := a.root.Lstat(a.dir + name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at attempt: %w", err)
	}
	return true, nil
}

// open opens a regular file for reading.
func (a *Attempt) open(name string) (*os.File, error) {
	file, err := a.root.OpenFile(a.dir+"/"+name, os.O_RDONLY|planted, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s/%s is not a regular file", a.dir, name)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
