package workdir

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"capricornus/common/datapath/hdfs"
	"capricornus/common/fault"
)

const (
	lockName     = "lock"
	keeperName   = "keeper.lock"
	identityName = "identity.json"
	accessName   = "keeper.json"
	contactName  = "contact"
	attemptsName = "attempts"
)

// Root is a worker's root directory.
type Root struct {
	path     string
	root     *os.Root
	attempts *os.Root // attempts/, a root of its own to save a step at each access
	dir      *os.File // attempts/ again, held open to sync it
	flusher  *flusher // of dir
}

// Identity tells one life of a root from another: a wiped root has a new
// incarnation, a restarted worker keeps the old one.
type Identity struct {
	Host        string `json:"host"`
	Incarnation string `json:"incarnation"`
	CreatedAt   int64  `json:"createdAt"`
}

// Open makes the root if it is not there and opens it. It takes no lock.
func Open(path string) (*Root, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open worker root: %w", err)
	}
	if err := os.MkdirAll(path, 0o711); err != nil { //nolint:gosec // scripts of other accounts pass through
		return nil, fmt.Errorf("make worker root: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("open worker root: %w", err)
	}
	r := &Root{path: path, root: root}
	if err := r.prepare(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return r, nil
}

func (r *Root) prepare() error {
	if err := r.root.Mkdir(attemptsName, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make worker root: %w", err)
	}
	attempts, err := r.root.OpenRoot(attemptsName)
	if err != nil {
		return fmt.Errorf("open worker root: %w", err)
	}
	dir, err := attempts.Open(".")
	if err != nil {
		return fmt.Errorf("open worker root: %w", errors.Join(err, attempts.Close()))
	}
	r.attempts, r.dir, r.flusher = attempts, dir, &flusher{flush: dir.Sync}
	return nil
}

// Close gives up the open files.
func (r *Root) Close() error { return errors.Join(r.dir.Close(), r.attempts.Close(), r.root.Close()) }

// Path is the root's path.
func (r *Root) Path() string { return r.path }

// Files is the root itself, for those who keep more files in it.
func (r *Root) Files() *os.Root { return r.root }

// lockPatience is how long the lock of a worker that was killed may be held on:
// a child it had forked has the lock too, until it becomes app.sh. Waiting for
// that keeps a new worker from looking at attempts that are about to begin.
const (
	lockPatience = 2 * time.Second
	lockAgain    = 20 * time.Millisecond
)

// Lock takes the worker's lock; closing the result gives it back. It refuses
// when another worker has it and keeps it.
func (r *Root) Lock(ctx context.Context) (*os.File, error) {
	patience := time.NewTimer(lockPatience)
	defer patience.Stop()
	again := time.NewTicker(lockAgain)
	defer again.Stop()
	for {
		file, err := r.lock(lockName, "worker")
		if fault.CodeOf(err) != fault.Conflict {
			return file, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-patience.C:
			return nil, err
		case <-again.C:
		}
	}
}

// LockKeeper takes the keeper's lock; closing the result gives it back.
func (r *Root) LockKeeper() (*os.File, error) { return r.lock(keeperName, "keeper") }

// WorkerAlive reports whether a worker holds its lock.
func (r *Root) WorkerAlive() (bool, error) { return r.held(lockName) }

// KeeperAlive reports whether a keeper holds its lock.
func (r *Root) KeeperAlive() (bool, error) { return r.held(keeperName) }

// Gone reports whether somebody has deleted the root or put another directory
// in its place.
func (r *Root) Gone() bool {
	mine, err := r.root.Stat(".")
	if err != nil {
		return false
	}
	there, err := os.Stat(r.path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(mine, there)
}

func (r *Root) lock(name, holder string) (*os.File, error) {
	file, err := r.root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	taken, err := tryLock(file)
	if err == nil && !taken {
		err = fault.New(fault.Conflict, "the root %s is in use by another %s%s", r.path, holder, r.holder(name)).
			WithHint("give each worker a root of its own, or stop the other one")
	}
	if err == nil {
		err = r.root.WriteFile(name, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func (r *Root) holder(name string) string {
	text, err := r.root.ReadFile(name)
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return " (pid " + pid + ")"
	}
	return ""
}

func (r *Root) held(name string) (bool, error) {
	file, err := r.root.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open lock: %w", err)
	}
	defer file.Close()
	return isLocked(file)
}

// Identity returns the root's identity, making it for host when there is none.
// Only the holder of the worker's lock may call it. A root that belongs to
// another host name is refused: its attempts are known under the other name.
func (r *Root) Identity(host string, now time.Time) (Identity, error) {
	id, err := r.ReadIdentity()
	if err == nil {
		if id.Host != host {
			return Identity{}, fault.New(fault.Conflict, "the root %s belongs to the worker %q, not to %q", r.path, id.Host, host).
				WithHint("use another root, or the host name it was first used with")
		}
		return id, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Identity{}, err
	}
	id = Identity{Host: host, Incarnation: strings.ToLower(rand.Text()), CreatedAt: now.UnixMilli()}
	return id, r.writeJSON(identityName, id)
}

// ReadIdentity returns the identity of a root that has been used.
func (r *Root) ReadIdentity() (Identity, error) {
	var id Identity
	if err := r.readJSON(identityName, &id); err != nil {
		return Identity{}, err
	}
	if id.Incarnation == "" || id.Host == "" {
		return Identity{}, fmt.Errorf("read %s/%s: host or incarnation is missing", r.path, identityName)
	}
	return id, nil
}

// Access is what a keeper needs to report without its worker.
type Access struct {
	Masters []string `json:"masters"`
	Token   string   `json:"token"`
	CA      string   `json:"ca,omitempty"` // PEM certificates that those of https masters must be signed by
	Grace   int64    `json:"grace"`        // milliseconds between TERM and KILL
	Lease   int64    `json:"lease"`        // milliseconds after the last contact that attempts of fence tasks may go on
	Limits  Limits   `json:"limits"`

	HDFS hdfs.Config `json:"hdfs,omitzero"`
}

// Limits are those of one attempt, as worker/run knows them.
type Limits struct {
	AttemptMemory int64   `json:"attemptMemory"`
	MemoryTimes   float64 `json:"memoryTimes"`
	Processes     int     `json:"processes"`
	File          int64   `json:"file"`
	Log           int64   `json:"log"`
	LogKeep       int64   `json:"logKeep"`
}

// WriteAccess leaves the keeper's credentials, readable by this user only.
func (r *Root) WriteAccess(access Access) error { return r.writeJSON(accessName, access) }

// ReadAccess returns what WriteAccess left.
func (r *Root) ReadAccess() (Access, error) {
	var access Access
	err := r.readJSON(accessName, &access)
	return access, err
}

// Contact records when a heartbeat was sent that a master answered. It is not
// synced: after a crash of the host no attempt is left to be fenced. The time is
// written over the one before, in one piece, so that a worker which is killed
// meanwhile leaves one of the two.
func (r *Root) Contact(sent time.Time) error {
	file, err := r.root.OpenFile(contactName, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("record contact: %w", err)
	}
	_, err = file.WriteAt(fmt.Appendf(nil, "%013d\n", sent.UnixMilli()), 0)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("record contact: %w", err)
	}
	return nil
}

// LastContact returns the last recorded contact, the zero time when there is
// none that can be read.
func (r *Root) LastContact() time.Time {
	text, err := r.root.ReadFile(contactName)
	if err != nil {
		return time.Time{}
	}
	millis, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(millis)
}
