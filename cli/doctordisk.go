package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// Figures of directories.
const (
	syncWarn  = 50 * time.Millisecond
	syncFail  = 200 * time.Millisecond
	syncTries = 5
	freeWarn  = 1 << 30
	freeFail  = 64 << 20
)

// directory is what was found of one.
type directory struct {
	path      string
	err       error // it cannot be looked at
	missing   bool
	parent    error // of a missing one: it could not be made either
	isDir     bool
	mode      fs.FileMode
	writeErr  error
	sync      time.Duration // until a small write is on the disk, the middle of a few
	free      uint64        // bytes
	freeErr   error
	ownerOnly bool // others must not write there
}

// lookAt collects it. A small file is written, brought to the disk, and deleted.
func lookAt(path string) directory {
	d := directory{path: path, ownerOnly: true}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		d.missing = true
		_, d.parent = os.Stat(filepath.Dir(path))
		return d
	}
	if err != nil {
		d.err = err
		return d
	}
	d.isDir, d.mode = info.IsDir(), info.Mode()
	if !d.isDir {
		return d
	}
	var stat syscall.Statfs_t
	d.freeErr = syscall.Statfs(path, &stat)
	d.free = stat.Bavail * uint64(stat.Bsize) //nolint:gosec // block sizes are positive
	d.sync, d.writeErr = timeSync(path)
	return d
}

// timeSync measures how long a small write takes to the disk.
func timeSync(dir string) (middle time.Duration, err error) {
	file, err := os.CreateTemp(dir, ".capri-doctor-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	took := make([]time.Duration, 0, syncTries)
	for range syncTries {
		began := time.Now()
		if _, err := file.Write(make([]byte, 512)); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// judgeDirectory says what that means for a directory that a daemon lives in.
func judgeDirectory(d directory) []finding {
	const check = "directory"
	switch {
	case d.err != nil:
		return []finding{failed(check, "%s cannot be looked at: %s", d.path, reasonOf(d.err))}
	case d.missing && d.parent != nil:
		return []finding{failed(check, "%s does not exist, nor does the directory above it", d.path).todo("make it, for the user this runs as, mode 700")}
	case d.missing:
		return []finding{worry(check, "%s does not exist yet; it is made at the first start", d.path)}
	case !d.isDir:
		return []finding{failed(check, "%s is no directory", d.path)}
	case d.writeErr != nil:
		return []finding{failed(check, "%s cannot be written to: %s", d.path, reasonOf(d.writeErr)).todo("run capri doctor as the user the daemon runs as, or give that user the directory")}
	}
	found := []finding{fine(check, "%s, mode %03o", d.path, d.mode.Perm())}
	if d.ownerOnly && d.mode.Perm()&0o022 != 0 {
		found[0] = worry(check, "%s can be written to by others, mode %03o", d.path, d.mode.Perm()).todo("chmod go-w %s", d.path)
	}
	return append(found, judgeSpace(d), judgeSync(d.sync))
}

func judgeSpace(d directory) finding {
	text := bytesText(int64(min(d.free, 1<<62)))
	switch {
	case d.freeErr != nil:
		return worry("space", "%s: its file system does not tell its free space: %s", d.path, reasonOf(d.freeErr))
	case d.free < freeFail:
		return failed("space", "%s are free", text).todo("make room: without it nothing can be written down")
	case d.free < freeWarn:
		return worry("space", "%s are free", text).todo("make room")
	}
	return fine("space", "%s are free", text)
}

func judgeSync(took time.Duration) finding {
	text := "a small write is on the disk after " + microsText(max(1, took.Microseconds()))
	switch {
	case took >= syncFail:
		return failed("fsync", "%s", text).todo("use a faster disk, or one that nothing else writes to: every step waits for it")
	case took >= syncWarn:
		return worry("fsync", "%s", text).todo("use a faster disk, or one that nothing else writes to")
	}
	return fine("fsync", "%s", text)
}
