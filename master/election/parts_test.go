package election

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
)

func TestWatchDisk(t *testing.T) {
	fullDisk := errors.New("no space left")
	cases := []struct {
		name  string
		leads bool
		prove func(ctx context.Context) error
		want  error
	}{
		{"StaysQuietWhileTheDiskAnswers", true, func(context.Context) error { return nil }, nil},
		{"FailsWhenTheDiskHangs", true, func(ctx context.Context) error { <-ctx.Done(); return nil }, ErrDisk},
		{"FailsWhenTheDiskRefuses", true, func(context.Context) error { return fullDisk }, fullDisk},
		{"AsksFollowersForNoProof", false, func(context.Context) error { return fullDisk }, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				began := time.Now()
				var took time.Duration
				fail := func(err error) { took = time.Since(began); cancel(err) }
				go watchDisk(ctx, func() bool { return c.leads }, func() error { return c.prove(ctx) }, fail)
				elapse(time.Minute)
				if got := context.Cause(ctx); !errors.Is(got, c.want) {
					t.Errorf("failure: got %v, want %v", got, c.want)
				}
				if c.want != nil && (took < 3*time.Second || took > 4*time.Second) {
					t.Errorf("time to failure: got %v, want 3s to 4s", took)
				}
				cancel(nil)
			})
		})
	}
}

func TestWatchDiskForgivesAShortStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		var calls atomic.Int64
		prove := func() error {
			if calls.Add(1)%2 == 0 {
				elapse(2 * time.Second)
			}
			return nil
		}
		go watchDisk(ctx, func() bool { return true }, prove, cancel)
		elapse(time.Minute)
		if err := ctx.Err(); err != nil {
			t.Errorf("failure: got %v, want none", context.Cause(ctx))
		}
		cancel(nil)
	})
}

func TestFailingDiskEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e, err := New(Config{Node: "m1", Dir: t.TempDir()}, acceptAll{}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		err = e.Run(t.Context(), func(ctx context.Context, _ *Term) error {
			n := e.node.Load()
			// A closed store is a disk that refuses each write.
			closeErr := n.store.Close()
			<-ctx.Done()
			t.Cleanup(func() { _ = n.raft.Shutdown().Error() })
			return closeErr
		})
		if !errors.Is(err, ErrDisk) {
			t.Errorf("Run: got %v, want %v", err, ErrDisk)
		}
		if !strings.Contains(log.String(), "term ended") {
			t.Errorf("log: got %q, want the end of the term", log.String())
		}
	})
}

// elapse lets virtual time go by.
func elapse(d time.Duration) { <-time.After(d) }

type acceptAll struct{}

func (acceptAll) Claim(_ context.Context, c Claim) (int64, error) { return int64(c.RaftIndex), nil }

func TestMachineKeepsItsFactsInSnapshots(t *testing.T) {
	m := newMachine()
	for i, node := range []string{"m1", "m2", "m1"} {
		entry, err := newClaimEntry(node, "http://"+node)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Apply(&raft.Log{Index: uint64(i + 1), Data: entry}); got != nil {
			t.Fatalf("apply: got %v, want nothing", got)
		}
	}
	if _, failed := m.Apply(&raft.Log{Data: []byte("{")}).(error); !failed {
		t.Error("apply of half an entry: got no error, want one")
	}
	captured, err := m.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	kept := &keptSink{}
	if err := captured.Persist(kept); err != nil {
		t.Fatal(err)
	}
	captured.Release()

	restored := newMachine()
	if err := restored.Restore(io.NopCloser(&kept.Buffer)); err != nil {
		t.Fatal(err)
	}
	if restored.cluster() == "" || restored.cluster() != m.cluster() {
		t.Errorf("cluster id: got %q, want %q", restored.cluster(), m.cluster())
	}
	if got := restored.address("m2"); got != "http://m2" {
		t.Errorf("address: got %q, want http://m2", got)
	}
	if err := restored.Restore(io.NopCloser(strings.NewReader("{"))); err == nil || restored.cluster() != m.cluster() {
		t.Errorf("restore of half a snapshot: got %v and cluster %q, want an error and no change", err, restored.cluster())
	}
}

type keptSink struct{ bytes.Buffer }

func (*keptSink) ID() string    { return "kept" }
func (*keptSink) Cancel() error { return nil }
func (*keptSink) Close() error  { return nil }

func TestBridgeTellsErrorsOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		logger := bridge(slog.New(slog.NewTextHandler(&out, nil)))
		logger.Info("entering follower state")
		for range 120 {
			logger.Error("failed to heartbeat to", "peer", "m2")
			elapse(time.Second)
		}
		if got := strings.Count(out.String(), "level=WARN msg=\"raft: failed to heartbeat to\" peer=m2"); got != 2 {
			t.Errorf("warnings in two minutes: got %d, want 2:\n%s", got, out.String())
		}
		if strings.Contains(out.String(), "follower") {
			t.Errorf("log at Info: got raft's chatter, want none:\n%s", out.String())
		}
	})
}
