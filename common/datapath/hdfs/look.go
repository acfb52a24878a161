package hdfs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"unicode/utf8"

	"github.com/colinmarc/hdfs/v2"

	"capricornus/common/datapath"
)

var errNotUTF8 = errors.New("its name is not UTF-8, as all names on HDFS are")

// look implements datapath.Source.Look for a path of this file system.
func (c *cluster) look(ctx context.Context, name, ready string) (datapath.Identity, error) {
	if ready == datapath.ReadySuccess {
		name = path.Join(name, "_SUCCESS")
	}
	found := datapath.Absent
	err := c.about(ctx, name, func(l *line) (err error) {
		found, err = l.identity(name, ready)
		return err
	})
	if err != nil {
		return datapath.Absent, err
	}
	return found, nil
}

// met is look without the identity, at less cost.
func (c *cluster) met(ctx context.Context, name, ready string) (bool, error) {
	if ready == datapath.ReadySuccess {
		name = path.Join(name, "_SUCCESS")
	}
	met := false
	err := c.about(ctx, name, func(l *line) (err error) {
		if ready == datapath.ReadyNonEmpty {
			met, err = l.hasData(name)
			return err
		}
		_, err = l.stat(name)
		met = err == nil
		return err
	})
	return met && err == nil, err
}

// about asks about a path. That nothing is there is no error.
func (c *cluster) about(ctx context.Context, name string, ask func(*line) error) error {
	if !utf8.ValidString(name) {
		return errNotUTF8 // the library would take it for a failure of the namenode
	}
	err := c.call(ctx, ask)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return c.refused(ctx, name, err)
	}
	return err
}

// refused finds out why a path was refused. A namenode refuses paths below a
// file, except to superusers, in the same words as those below a closed
// directory; and it refuses everything to users whom it does not know.
func (c *cluster) refused(ctx context.Context, name string, refusal error) error {
	belowFile := false
	err := c.call(ctx, func(l *line) error {
		if err := l.alive(); err != nil {
			return err
		}
		for _, parent := range parents(name) {
			info, err := l.stat(parent)
			if err != nil {
				return err
			}
			if belowFile = !info.IsDir(); belowFile {
				return nil
			}
		}
		return nil
	})
	if belowFile || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if unavailable(err) || ctx.Err() != nil {
		return err
	}
	return refusal
}

// parents are the directories above a path, from the top, without the root.
func parents(name string) []string {
	var all []string
	for i, char := range name {
		if char == '/' && i > 0 {
			all = append(all, name[:i])
		}
	}
	return all
}

// identity identifies a file by itself, and a directory by itself and its direct
// entries, as local paths are identified.
func (l *line) identity(name, ready string) (datapath.Identity, error) {
	at, err := l.open(name)
	if err != nil {
		return datapath.Absent, err
	}
	info := at.Stat()
	if !info.IsDir() {
		if ready == datapath.ReadyNonEmpty && info.Size() == 0 {
			return datapath.Absent, nil
		}
		return datapath.Identity(identify(info)), nil
	}
	sum := sha256.New()
	fmt.Fprintln(sum, identify(info))
	visible := false
	err = l.list(at, func(entries []os.FileInfo) bool {
		for _, entry := range entries {
			visible = visible || !datapath.Hidden(entry.Name())
			fmt.Fprintln(sum, entry.Name(), identify(entry))
		}
		return true
	})
	if err != nil || ready == datapath.ReadyNonEmpty && !visible {
		return datapath.Absent, err
	}
	return datapath.Identity("dir:" + hex.EncodeToString(sum.Sum(nil)[:16])), nil
}

// hasData reports whether there is a file with content, or a directory with a
// visible entry.
func (l *line) hasData(name string) (bool, error) {
	at, err := l.open(name)
	if err != nil {
		return false, err
	}
	if info := at.Stat(); !info.IsDir() {
		return info.Size() > 0, nil
	}
	visible := false
	err = l.list(at, func(entries []os.FileInfo) bool {
		for _, entry := range entries {
			visible = visible || !datapath.Hidden(entry.Name())
		}
		return !visible
	})
	return visible, err
}

// list gives each the entries of a directory page by page, until it has enough.
func (l *line) list(dir *hdfs.FileReader, each func([]os.FileInfo) bool) error {
	for {
		entries, err := l.page(dir)
		if err != nil {
			return err
		}
		if !each(entries) || len(entries) < pageSize {
			return nil
		}
	}
}

// identify tells one state of a file from another. The library keeps the type
// of what Sys returns to itself, but not its methods.
func identify(info os.FileInfo) string {
	var inode uint64
	if status, ok := info.Sys().(interface{ GetFileId() uint64 }); ok {
		inode = status.GetFileId()
	}
	return fmt.Sprintf("%d:%d:%d", inode, info.ModTime().UnixMilli(), info.Size())
}
