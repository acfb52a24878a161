package hdfs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/user"
	"sync"
	"testing"
	"time"

	client "github.com/colinmarc/hdfs/v2"

	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/datapath/hdfstest"
)

// library is the library's own client, for what hdfstest does not do.
func library(t *testing.T, address string) *client.Client {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.NewClient(client.ClientOptions{Addresses: []string{address}, User: me.Username})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// fill makes empty files.
func fill(t *testing.T, dir string, count int) {
	t.Helper()
	names := make(chan int)
	var making sync.WaitGroup
	for range 4 {
		c := library(t, hdfstest.Shared(t))
		making.Go(func() {
			for n := range names {
				if err := c.CreateEmptyFile(fmt.Sprintf("%s/entry-%05d", dir, n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range count {
		names <- n
	}
	close(names)
	making.Wait()
}

// counting is a file system with its number of calls.
func counting(t *testing.T) (*datapath.Checker, func() int64) {
	t.Helper()
	fs, err := hdfs.New(hdfs.Config{Namenodes: []string{hdfstest.Shared(t)}, Clients: 4})
	if err != nil {
		t.Fatal(err)
	}
	checker := datapath.New(datapath.Options{HDFS: fs})
	t.Cleanup(func() { checker.Close() })
	calls, last := fs.(interface{ Calls() int64 }), int64(0)
	return checker, func() int64 {
		now := calls.Calls()
		defer func() { last = now }()
		return now - last
	}
}

func TestListingsSaveCalls(t *testing.T) {
	c, calls := counting(t)
	_, files, dir := shared(t, "")
	files.Mkdir(t, dir+"/table/dt=7/part")
	checks := make([]datapath.Check, 100)
	for day := range checks {
		checks[day].Path = fmt.Sprintf("hdfs://%s/table/dt=%d", dir, day)
	}
	look := func(when string, want int64) {
		t.Helper()
		c.ReadyMany(t.Context(), checks)
		if got := calls(); got != want {
			t.Errorf("%s: got %d calls for 100 paths, want %d", when, got, want)
		}
	}
	look("at first", 4) // the safe mode, the table, its entries, and the only _SUCCESS there may be
	<-time.After(1100 * time.Millisecond)
	look("when the table has not changed for a second", 3)
	look("from then on", 2)
	files.Mkdir(t, dir+"/table/dt=8/part")
	look("when it has changed", 4)
	look("right after that", 4)
}

func TestALargeDirectory(t *testing.T) {
	c, calls := counting(t)
	_, files, dir := shared(t, "")
	files.Mkdir(t, dir+"/large")
	fill(t, dir+"/large", 5001)
	large := "hdfs://" + dir + "/large"
	identity, err := c.Stat(t.Context(), large, datapath.ReadyExists)
	if err != nil || identity == datapath.Absent {
		t.Fatalf("got %q, %v, want an identity", identity, err)
	}
	files.Put(t, dir+"/large/entry-05000", []byte("written"))
	if again, err := c.Stat(t.Context(), large, datapath.ReadyExists); err != nil || again == identity {
		t.Errorf("the last entry was written: got %q, %v, want another identity", again, err)
	}
	calls()
	if r := c.ReadyMany(t.Context(), []datapath.Check{{Path: large, Ready: datapath.ReadyNonEmpty}})[0]; r.Err != nil || !r.Ready {
		t.Errorf("got non-empty %v, %v, want it", r.Ready, r.Err)
	}
	if got := calls(); got > 3 { // the directory, one page of its entries, and perhaps the safe mode
		t.Errorf("got %d calls to find an entry, want one page of them only", got)
	}
	var checks []datapath.Check
	for n := range 600 {
		checks = append(checks, datapath.Check{Path: fmt.Sprintf("%s/entry-%05d", large, 4500+n), Ready: datapath.ReadyExists})
	}
	for _, when := range []string{"first", "again"} {
		for n, result := range c.ReadyMany(t.Context(), checks) {
			if want := 4500+n <= 5000; result.Ready != want || result.Err != nil {
				t.Errorf("%s: got %v, %v of %s, want %v", when, result.Ready, result.Err, result.Path, want)
			}
		}
	}
}

func TestOpen(t *testing.T) {
	l, files, dir := shared(t, "nobody")
	content := make([]byte, 2_500_000)
	random := rand.NewChaCha8([32]byte{})
	if _, err := io.ReadFull(random, content); err != nil {
		t.Fatal(err)
	}
	c := library(t, hdfstest.Shared(t))
	w, err := c.CreateFile(dir+"/blocks", 1, 1<<20, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil && !client.IsErrReplicating(err) {
		t.Fatal(err)
	}
	files.Touch(t, dir+"/empty")
	files.Put(t, dir+"/closed", []byte("x"))
	files.Chmod(t, dir+"/closed", 0o600)
	for name, want := range map[string][]byte{"blocks": content, "empty": {}} {
		file, err := l.Open(t.Context(), "hdfs://"+dir+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(file)
		if err != nil || !bytes.Equal(got, want) || file.Size != int64(len(want)) || file.Name != name {
			t.Errorf("%s: got %d bytes, %v, name %q, size %d, want %d bytes", name, len(got), err, file.Name, file.Size, len(want))
		}
		identity, err := l.Stat(t.Context(), "hdfs://"+dir+"/"+name, datapath.ReadyExists)
		if err != nil || file.Identity != identity {
			t.Errorf("%s: got identity %q, want %q as a look tells, %v", name, file.Identity, identity, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]error{"none": os.ErrNotExist, "": nil, "closed": os.ErrPermission} {
		file, err := l.Open(t.Context(), "hdfs://"+dir+"/"+name)
		if err == nil { // a refusal comes with the first read: it is the blocks that are refused
			_, err = io.ReadAll(file)
			file.Close()
		}
		if err == nil || want != nil && !errors.Is(err, want) || datapath.Unavailable(err) {
			t.Errorf("%q: got %v, want an error about it, %v", name, err, want)
		}
	}
}

func TestReadingEndsWithTheContext(t *testing.T) {
	l, files, dir := shared(t, "")
	files.Put(t, dir+"/file", make([]byte, 1<<20))
	ctx, cancel := context.WithCancel(t.Context())
	file, err := l.Open(ctx, "hdfs://"+dir+"/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := io.ReadFull(file, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.ReadAll(file); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}
