package workdir

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"capricornus/common/wire"
)

// TestCleanDeletesNothingOutside plants links where attempts, and what is in
// them, should be.
func TestCleanDeletesNothingOutside(t *testing.T) {
	r := openRoot(t)
	outside := t.TempDir()
	precious := filepath.Join(outside, "precious")
	mark := func(dir string) {
		t.Helper()
		for _, name := range []string{reportedName, "precious"} {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	mark(outside)
	within := create(t, r, 7)
	mark(within.Path())
	whole, inner, deep := create(t, r, 1), create(t, r, 2), create(t, r, 3)
	for _, a := range []*Attempt{inner, deep} {
		if err := a.MarkReported(); err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(
		os.RemoveAll(whole.Path()), os.Symlink(outside, whole.Path()), // the attempt itself, out of the root
		os.Symlink(within.Path(), filepath.Join(filepath.Dir(whole.Path()), "4-1")), // another attempt, which is live
		os.RemoveAll(inner.Path()+"/work"), os.Symlink(outside, inner.Path()+"/work"),
		os.MkdirAll(deep.Path()+"/work/a/b", 0o700), os.Symlink("../../../../../../..", deep.Path()+"/work/a/b/up"), os.Symlink(outside, deep.Path()+"/work/a/b/out"),
	)
	if err != nil {
		t.Fatal(err)
	}
	isLive := func(key wire.Held) bool { return key == within.Key() }
	if n, err := r.Clean(time.Now().Add(time.Hour), isLive); n != 2 || err == nil {
		t.Errorf("got %d, %v, want two deleted and a word about the link that leads out", n, err)
	}
	for _, a := range []*Attempt{inner, deep} {
		if exists, err := a.Exists(); exists || err != nil {
			t.Errorf("%s: got %v, %v, want it deleted with its links", a.Path(), exists, err)
		}
	}
	for _, name := range []string{precious, filepath.Join(outside, reportedName), filepath.Join(within.Path(), "precious")} {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("got %v, want what a link points to untouched", err)
		}
	}
}
