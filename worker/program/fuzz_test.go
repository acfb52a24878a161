package program

import (
	"archive/tar"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func ownerOf(info fs.FileInfo) (uid, gid uint32) {
	stat := info.Sys().(*syscall.Stat_t)
	return stat.Uid, stat.Gid
}

// FuzzUnpack holds that no package, whatever is in it, reaches beyond its
// directory, becomes more than it may, or is anything but files, directories
// and links that stay inside.
func FuzzUnpack(f *testing.F) {
	odd := tarOf(f, link("a", "."), file("b/c", "text"), hard("d", "b/c"), link("b/e", "../a/b"), special(tar.TypeDir, "f"))
	for _, seed := range [][]byte{
		nil, []byte("#!/bin/sh"), odd, gz(f, odd),
		tarOf(f, special(tar.TypeDir, "a/b"), link("a/b/up", "../.."), file("a/b/x", "x")),
		tarOf(f, file("../x", "x")), tarOf(f, link("x", "..")), tarOf(f, special(tar.TypeFifo, "x")),
		zipOf(f, zipped{name: "a/b", mode: 0o755, content: "text"}, zipped{name: "l", mode: fs.ModeSymlink | 0o777, content: "a/b"}),
	} {
		f.Add("etl", seed)
	}
	const limit = 1 << 16
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			return // no path ends like this
		}
		outer, into := target(t)
		err := packed(t, name, data).Unpack(into, within(limit), Own())
		work, size := outer+"/work", int64(0)
		left := tree(t, outer)
		if err != nil && !slices.Equal(left, []string{"-rw------- secret untouched", "drwx------ work"}) {
			t.Errorf("got %q left after %v, want nothing", left, err)
		}
		if !slices.Contains(left, "-rw------- secret untouched") {
			t.Errorf("got %q, want what is outside untouched", left)
		}
		seen := map[uint64]bool{}
		walk := filepath.WalkDir(work, func(at string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			if inode := info.Sys().(*syscall.Stat_t).Ino; info.Mode().IsRegular() && !seen[inode] {
				seen[inode] = true
				size += info.Size()
			}
			switch kind := info.Mode() &^ fs.ModePerm; kind {
			case 0, fs.ModeDir:
			case fs.ModeSymlink:
				staysInside(t, into, work, at)
			default:
				t.Errorf("got %v %s, want neither special files nor special bits", info.Mode(), at)
			}
			return nil
		})
		if walk != nil {
			t.Fatal(walk)
		}
		if size > limit {
			t.Errorf("got %d bytes, want at most %d", size, limit)
		}
	})
}

// staysInside follows a link as the kernel does.
func staysInside(t *testing.T, into *os.Root, work, at string) {
	t.Helper()
	there, err := filepath.EvalSymlinks(at)
	if err == nil && there != work && !strings.HasPrefix(there, work+"/") {
		t.Errorf("got a link %s that leads to %s", at, there)
	}
	name, _ := filepath.Rel(work, at)
	if _, err := into.Stat(name); err != nil && strings.Contains(err.Error(), "escapes") {
		t.Errorf("got a link %s that leads out: %v", at, err)
	}
}
