package datapath

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// localFiles looks at this host's file system.
type localFiles struct{}

// Look implements Source.
func (localFiles) Look(_ context.Context, at *url.URL, ready string) (Identity, error) {
	name := filepath.FromSlash(at.Path)
	if ready == ReadySuccess {
		name = filepath.Join(name, "_SUCCESS")
	}
	info, err := os.Stat(name)
	if absent(err) {
		return Absent, nil
	}
	if err != nil {
		return Absent, err
	}
	if !info.IsDir() {
		if ready == ReadyNonEmpty && info.Size() == 0 {
			return Absent, nil
		}
		return Identity(identify(info)), nil
	}
	return lookInto(name, info, ready)
}

// Open implements Source.
func (localFiles) Open(_ context.Context, at *url.URL) (*File, error) {
	file, err := os.Open(filepath.FromSlash(at.Path))
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &File{ReadCloser: file, Name: info.Name(), Size: info.Size(), Identity: Identity(identify(info))}, nil
}

// lookInto identifies a directory by itself and its direct entries, because
// writing into a file that was there before does not touch its directory.
func lookInto(name string, info fs.FileInfo, ready string) (Identity, error) {
	entries, err := os.ReadDir(name)
	if absent(err) {
		return Absent, nil
	}
	if err != nil {
		return Absent, err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, identify(info))
	visible := 0
	for _, entry := range entries {
		if !Hidden(entry.Name()) {
			visible++
		}
		entryInfo, err := entry.Info()
		if absent(err) {
			continue // gone since the directory was read
		}
		if err != nil {
			return Absent, err
		}
		fmt.Fprintln(sum, entry.Name(), identify(entryInfo))
	}
	if ready == ReadyNonEmpty && visible == 0 {
		return Absent, nil
	}
	return Identity("dir:" + hex.EncodeToString(sum.Sum(nil)[:16])), nil
}

// Hidden is what Hadoop does not count as data: _SUCCESS, _temporary, .crc.
func Hidden(name string) bool {
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".")
}

func identify(info fs.FileInfo) string {
	var inode uint64
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = stat.Ino
	}
	return fmt.Sprintf("%d:%d:%d", inode, info.ModTime().UnixNano(), info.Size())
}

// absent reports whether the error is a sure no: nothing is there, or a parent
// is a file. Everything else (no permission, I/O error) means unknown.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func timedOut(err error) bool { return errors.Is(err, ErrTimeout) }
