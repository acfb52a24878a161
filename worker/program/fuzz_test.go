package program

import (
	"archive/tar"
	"io/fs"
	"math/rand/v2"
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

const fuzzLimit = 1 << 16

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
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			return // no path ends like this
		}
		holds(t, name, data)
	})
}

// FuzzLinks does the same with entries that are all right as such: each three
// bytes are one, made of what names and links are dangerous by. Those that are
// refused are passed over, so that many get into the directory.
func FuzzLinks(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		recipe := make([]byte, 3*(2+random.IntN(40)))
		for i := range recipe {
			recipe[i] = byte(random.UintN(256))
		}
		f.Add(recipe)
	}
	f.Fuzz(func(t *testing.T, recipe []byte) {
		outer, into := target(t)
		u := &unpacker{into: into, limit: within(fuzzLimit), owner: Own(), dirs: make(map[string]fs.FileMode)}
		for _, h := range cook(recipe) {
			_ = u.tarEntry(h, strings.NewReader(h.PAXRecords["X.content"]))
		}
		if err := u.finish(); err != nil {
			t.Fatal(err)
		}
		sane(t, outer, into)
	})
}

func cook(recipe []byte) []*tar.Header {
	names := []string{"a", "b", "./c", "a/a", "a/b", "b/a", "a/b/a"}
	targets := []string{".", "a", "a/b", "a/..", "b/../..", "..", "../a", "../..", "../../b", "/a", "../secret"}
	var out []*tar.Header
	for ; len(recipe) >= 3; recipe = recipe[3:] {
		name, to := names[int(recipe[1])%len(names)], targets[int(recipe[2])%len(targets)]
		switch recipe[0] % 5 {
		case 0:
			out = append(out, withMode(file(name, to), int64(recipe[0])<<4))
		case 1:
			out = append(out, withMode(special(tar.TypeDir, name), int64(recipe[0])<<4))
		case 2, 3:
			out = append(out, link(name, to))
		default:
			out = append(out, hard(name, to))
		}
	}
	return out
}

// holds unpacks a package and looks at what there is.
func holds(t *testing.T, name string, data []byte) {
	t.Helper()
	outer, into := target(t)
	err := packed(t, name, data).Unpack(into, within(fuzzLimit), Own())
	left := tree(t, outer)
	if err != nil && !slices.Equal(left, []string{"-rw------- secret untouched", "drwx------ work"}) {
		t.Errorf("got %q left after %v, want nothing", left, err)
	}
	sane(t, outer, into)
}

// sane looks at what is in a directory and beside it.
func sane(t *testing.T, outer string, into *os.Root) {
	t.Helper()
	if secret, err := os.ReadFile(outer + "/secret"); err != nil || string(secret) != "untouched" {
		t.Errorf("got %q, %v, want what is outside untouched", secret, err)
	}
	if beside, err := os.ReadDir(outer); err != nil || len(beside) != 2 {
		t.Errorf("got %v, %v outside, want nothing new", beside, err)
	}
	work, size, seen := outer+"/work", int64(0), map[uint64]bool{}
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
	if size > fuzzLimit {
		t.Errorf("got %d bytes, want at most %d", size, fuzzLimit)
	}
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
