package workdir

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openRoot(t *testing.T) *Root {
	t.Helper()
	r, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func create(t *testing.T, r *Root, workID int64) *Attempt {
	t.Helper()
	a, err := r.Create(wire.Held{WorkID: workID, Attempt: 1})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRootIsGoneWhenDeletedOrReplaced(t *testing.T) {
	r := openRoot(t)
	if r.Gone() {
		t.Error("got gone, want the root there")
	}
	if err := os.RemoveAll(r.Path()); err != nil {
		t.Fatal(err)
	}
	if !r.Gone() {
		t.Error("deleted: got there, want gone")
	}
	if err := os.Mkdir(r.Path(), 0o700); err != nil {
		t.Fatal(err)
	}
	if !r.Gone() {
		t.Error("replaced: got there, want gone")
	}
}

// A child that a killed worker had forked holds its lock until it is app.sh.
func TestLockWaitsForAHolderThatGoes(t *testing.T) {
	r := openRoot(t)
	old, err := r.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(5*lockAgain, func() { _ = old.Close() })
	lock, err := r.Lock(t.Context())
	if err != nil {
		t.Fatalf("got %v, want the lock once it is free", err)
	}
	_ = lock.Close()
}

func TestAttemptStartsOnce(t *testing.T) {
	r := openRoot(t)
	create(t, r, 1)
	if _, err := r.Create(wire.Held{WorkID: 1, Attempt: 1}); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestLockIsExclusiveAndCanBeAskedFor(t *testing.T) {
	r := openRoot(t)
	if alive, err := r.WorkerAlive(); alive || err != nil {
		t.Fatalf("before: got %v, %v, want nobody", alive, err)
	}
	lock, err := r.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if alive, err := r.WorkerAlive(); !alive || err != nil {
		t.Errorf("locked: got %v, %v, want a worker", alive, err)
	}
	given, giveUp := context.WithCancel(t.Context())
	giveUp()
	if _, err := r.Lock(given); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("second lock: got %v, want a conflict", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if alive, err := r.WorkerAlive(); alive || err != nil {
		t.Errorf("after: got %v, %v, want nobody", alive, err)
	}
}

func TestIdentityIsMadeOnceAndBelongsToOneHost(t *testing.T) {
	r := openRoot(t)
	first, err := r.Identity("w1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.Identity("w1", time.Now()); again != first || err != nil {
		t.Errorf("got %v, %v, want %v", again, err, first)
	}
	if _, err := r.Identity("w2", time.Now()); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
	info, err := os.Stat(r.Path() + "/" + identityName)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a private file", info, err)
	}
}

func TestExitCode(t *testing.T) {
	tests := map[string]struct {
		exit, temporary string
		plant           func(path string) error
		code            int
		ended           bool
		wantErr         bool
	}{
		"NothingYet":         {},
		"InPlace":            {exit: "0\n", ended: true},
		"StillTemporary":     {temporary: "255\n", code: 255, ended: true},
		"HalfWritten":        {temporary: "25"},
		"EmptyAfterACrash":   {exit: "", temporary: ""},
		"NotANumber":         {exit: "abc\n", wantErr: true},
		"TooLarge":           {exit: "256\n", wantErr: true},
		"TooLong":            {exit: "0\n1\n2\n", wantErr: true},
		"Negative":           {exit: "-1\n", wantErr: true},
		"LinkIsNotFollowed":  {plant: func(path string) error { return os.Symlink("/etc/hostname", path+"/exit") }, wantErr: true},
		"PipeIsNotWaitedFor": {plant: func(path string) error { return syscall.Mkfifo(path+"/exit", 0o600) }, wantErr: true},
		"DirectoryIsNoCode":  {plant: func(path string) error { return os.Mkdir(path+"/exit", 0o700) }, wantErr: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := create(t, openRoot(t), 1)
			for file, text := range map[string]string{exitName: test.exit, exitTmpName: test.temporary} {
				if text == "" {
					continue
				}
				if err := a.Write(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if test.plant != nil {
				if err := test.plant(a.Path()); err != nil {
					t.Fatal(err)
				}
			}
			code, ended, err := a.ExitCode()
			if code != test.code || ended != test.ended || (err != nil) != test.wantErr {
				t.Errorf("got %d, %v, %v, want %d, %v, error %v", code, ended, err, test.code, test.ended, test.wantErr)
			}
			if _, err := os.Stat(a.Path() + "/exit"); test.ended && err != nil {
				t.Errorf("got %v, want the exit file in its place", err)
			}
		})
	}
}

func FuzzExitCode(f *testing.F) {
	for _, seed := range []string{"", "0\n", "255\n", "256\n", "\n", "00\n", "+1\n", "1", "9999"} {
		f.Add([]byte(seed))
	}
	root := f.TempDir()
	r, err := Open(root)
	if err != nil {
		f.Fatal(err)
	}
	defer r.Close()
	var next atomic.Int64
	f.Fuzz(func(t *testing.T, text []byte) {
		a := create(t, r, next.Add(1))
		if err := a.Write(exitName, text, 0o600); err != nil {
			t.Fatal(err)
		}
		code, ended, err := a.ExitCode()
		if code < 0 || code > 255 || (ended && (err != nil || !strings.HasSuffix(string(text), "\n"))) {
			t.Errorf("%q: got %d, %v, %v", text, code, ended, err)
		}
	})
}

func TestTailIsValidText(t *testing.T) {
	tests := map[string]struct {
		log  string
		want string
	}{
		"Whole":               {"abc", "abc"},
		"LastPart":            {"0123456789", "23456789"},
		"CutInsideACharacter": {"x批次号", "次号"},
		"BinaryIsReplaced":    {"a\xff\x00b", "a?\x00b"},
		"Nothing":             {"", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := create(t, openRoot(t), 1)
			if err := a.Write(logName, []byte(test.log), 0o600); err != nil {
				t.Fatal(err)
			}
			got, size, err := a.Tail(8)
			if err != nil || got != test.want || size != int64(len(test.log)) || !utf8.ValidString(got) {
				t.Errorf("got %q, %d, %v, want %q", got, size, err, test.want)
			}
		})
	}
}

func TestCleanDeletesOnlyWhatIsReportedAndOld(t *testing.T) {
	r := openRoot(t)
	unreported, reported, live, logged := create(t, r, 1), create(t, r, 2), create(t, r, 3), create(t, r, 4)
	outside := t.TempDir()
	if err := os.Symlink(outside, reported.Path()+"/work/link"); err != nil {
		t.Fatal(err)
	}
	log, err := logged.OpenLog()
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, a := range []*Attempt{reported, live, logged} {
		if err := a.Write(specName, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := a.MarkReported(); err != nil {
			t.Fatal(err)
		}
	}
	isLive := func(key wire.Held) bool { return key == live.Key() }
	if n, err := r.Clean(time.Now().Add(-time.Hour), isLive); n != 0 || err != nil {
		t.Errorf("young: got %d, %v, want none deleted", n, err)
	}
	if n, err := r.Clean(time.Now().Add(time.Hour), isLive); n != 1 || err != nil {
		t.Errorf("old: got %d, %v, want one deleted", n, err)
	}
	for a, want := range map[*Attempt]bool{unreported: true, reported: false, live: true, logged: true} {
		if exists, err := a.Exists(); exists != want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", a.Path(), exists, err, want)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("got %v, want what a link points to untouched", err)
	}
}

func TestNamesAreReadBack(t *testing.T) {
	for name, want := range map[string]bool{
		"12-3": true, "12": false, "12-": false, "-3": false, "012-3": false, "1-+3": false, "../x-1": false, "0-1": false, "": false,
	} {
		if _, got := ParseName(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func TestFlusherServesEveryoneByAFlushThatBeganLater(t *testing.T) {
	var written, flushed, flushes atomic.Int64
	f := &flusher{flush: func() error {
		flushes.Add(1)
		seen := written.Load()
		flushed.Store(seen)
		return nil
	}}
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			mine := written.Add(1)
			if err := f.Flush(); err != nil || flushed.Load() < mine {
				t.Errorf("got %v, flushed up to %d, want at least %d", err, flushed.Load(), mine)
			}
		})
	}
	group.Wait()
	if n := flushes.Load(); n > 100 {
		t.Errorf("got %d flushes for 100 calls", n)
	}
}
