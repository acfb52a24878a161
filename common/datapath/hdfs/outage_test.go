package hdfs_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/datapath/hdfstest"
)

// TestOutage does to a real HDFS what happens to one, and looks on.
func TestOutage(t *testing.T) {
	t.Parallel()
	c := hdfstest.Start(t)
	c.Touch(t, "/in/_SUCCESS")
	c.Put(t, "/file", make([]byte, 8<<20))
	cfg := hdfs.Config{Namenodes: c.Namenodes()}
	l := newLooker(t, cfg)
	l.ready(t, "at first", "hdfs:///in")

	t.Run("NamenodeHangs", func(t *testing.T) {
		c.PauseNamenode(t)
		l.away(t, "hanging", "hdfs:///in")
		checks := make([]datapath.Check, 2000)
		for i := range checks {
			checks[i].Path = fmt.Sprintf("hdfs:///dir-%d/path-%d", i/10, i)
		}
		// A deadline for each of 200 directories would take longer.
		ctx, cancel := context.WithTimeout(t.Context(), 10*deadline)
		defer cancel()
		for _, result := range l.ReadyMany(ctx, checks) {
			if !datapath.Unavailable(result.Err) {
				t.Fatalf("got %v, %v of %s, want that nobody answers", result.Ready, result.Err, result.Path)
			}
		}
		c.ResumeNamenode(t)
		l.comesBack(t)
		l.ready(t, "going on", "hdfs:///in")
	})
	t.Run("NamenodeHangsForANewClient", func(t *testing.T) {
		c.PauseNamenode(t)
		fresh := newLooker(t, cfg)
		fresh.away(t, "hanging", "hdfs:///in")
		c.ResumeNamenode(t)
		fresh.comesBack(t)
		fresh.ready(t, "going on", "hdfs:///in")
	})
	t.Run("SafeMode", func(t *testing.T) {
		c.SafeMode(t, true)
		fresh := newLooker(t, cfg)
		fresh.away(t, "in safe mode", "hdfs:///in")
		_, err := fresh.Ready(t.Context(), "hdfs:///in", "")
		if want := "hdfs://" + c.Address() + " does not answer: it is in safe mode"; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		c.SafeMode(t, false)
		fresh.comesBack(t)
		fresh.ready(t, "out of it", "hdfs:///in")
		if c.Exists(t, "/.reserved/.inodes/1") {
			t.Error("the question for the safe mode made something")
		}
	})
	t.Run("DatanodeHangs", func(t *testing.T) {
		c.PauseDatanode(t)
		l.cannotRead(t, "no answer within "+deadline.String())
		l.ready(t, "without a datanode", "hdfs:///in")
		c.ResumeDatanode(t)
		l.canRead(t)
	})
	t.Run("DatanodeKilled", func(t *testing.T) {
		c.KillDatanode(t)
		l.cannotRead(t, "datanodes: ") // its port is closed, or its connections are
		c.StartDatanode(t)
		l.canRead(t)
	})
	t.Run("NamenodeKilled", func(t *testing.T) {
		l.ready(t, "before", "hdfs:///in")
		c.KillNamenode(t)
		l.away(t, "killed", "hdfs:///in")
		// Its port may be closed only after a connection was.
		if h := l.Health()[0]; !strings.HasSuffix(h.Err, ": connection refused") && !strings.HasSuffix(h.Err, ": it closed the connection") {
			t.Errorf("got %q, want a refused or closed connection", h.Err)
		}
		c.StartNamenode(t)
		l.comesBack(t)
		l.ready(t, "restarted", "hdfs:///in")
	})
}

// cannotRead wants a file to end with an outage for that reason.
func (l *looker) cannotRead(t *testing.T, reason string) {
	t.Helper()
	file, err := l.Open(t.Context(), "hdfs:///file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n, err := io.Copy(io.Discard, file)
	if !datapath.Unavailable(err) || !strings.Contains(err.Error(), reason) {
		t.Errorf("got %d bytes, %v, want that datanodes do not answer: %s", n, err, reason)
	}
}

func (l *looker) canRead(t *testing.T) {
	t.Helper()
	file, err := l.Open(t.Context(), "hdfs:///file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if n, err := io.Copy(io.Discard, file); n != 8<<20 || err != nil {
		t.Errorf("got %d bytes, %v, want all", n, err)
	}
}
