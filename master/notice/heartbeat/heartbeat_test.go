package heartbeat_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/master/notice/channel"
	"capricornus/master/notice/heartbeat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a heartbeat that calls a real server.
type rig struct {
	*storetest.World
	*heartbeat.Heartbeat

	calls  atomic.Int64
	status int
	since  time.Time // of the term
}

const token = "a-token-nobody-may-see"

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{World: storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)), status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/ping/"+token || req.Method != http.MethodPost {
			t.Errorf("got %s %s, want a POST of the URL", req.Method, req.URL.Path)
		}
		r.calls.Add(1)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(r.status)
		_, _ = w.Write([]byte("about " + token))
	}))
	t.Cleanup(server.Close)
	signal, err := channel.NewSignal(config.Heartbeat{URL: config.Secret(server.URL + "/ping/" + token), Method: http.MethodPost, Every: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	r.since = r.DB.Now()
	r.Heartbeat = heartbeat.New(heartbeat.Deps{Call: signal.Call, Needed: []string{"notice", "deliver"}, Since: func() time.Time { return r.since }})
	return r
}

// TestTheMonitorIsCalled: each pass calls once; what is answered is an error
// unless it is a success, without the secret, and the next pass calls again.
func TestTheMonitorIsCalled(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, c := range []struct {
		status int
		want   string
	}{
		{http.StatusOK, ""},
		{http.StatusNoContent, ""},
		{http.StatusInternalServerError, "answered 500 Internal Server Error: about [redacted]"},
		{http.StatusNotFound, "answered 404 Not Found"},
		{http.StatusFound, "redirects are not followed"},
		{http.StatusAccepted, ""},
	} {
		r.status = c.status
		pass, err := r.Heartbeat.Beat(t.Context(), r.Lead)
		if int(r.calls.Load()) != i+1 {
			t.Errorf("got %d calls, want %d", r.calls.Load(), i+1)
		}
		if c.want == "" && (err != nil || pass.Rows != 1) {
			t.Errorf("%d: got %v, want it taken", c.status, err)
		}
		if c.want == "" {
			continue
		}
		var said bytes.Buffer
		slog.New(slog.NewTextHandler(&said, nil)).Warn("a pass failed", logs.Error(err))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(said.String(), token) {
			t.Errorf("%d: got %s, want %q and no secret", c.status, said.String(), c.want)
		}
	}
}

// TestTheMonitorIsNotCalled: by a leader that is none any more, without the
// database, or while people cannot be told.
func TestTheMonitorIsNotCalled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(r *rig)
		want  func(error) bool
	}{
		"AnotherLeads": {func(r *rig) {
			r.Change("UPDATE capri_master_epoch SET epoch = epoch + 1")
		}, func(err error) bool { return errors.Is(err, store.ErrFenced) }},
		"TheDatabaseIsAway": {func(r *rig) { _ = r.DB.Close() }, func(err error) bool { return err != nil }},
		"NobodyIsTold": {func(r *rig) {
			r.since = r.since.Add(-time.Hour)
			r.ran("notice", 0)
		}, func(err error) bool {
			return fault.CodeOf(err) == fault.Unavailable && strings.Contains(err.Error(), "told of alerts, deliver has not succeeded for 2m0s")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			c.spoil(r)
			if _, err := r.Heartbeat.Beat(t.Context(), r.Lead); !c.want(err) {
				t.Errorf("got %v", err)
			}
			if n := r.calls.Load(); n != 0 {
				t.Errorf("got %d calls, want none", n)
			}
		})
	}
	t.Run("TheyAreToldAgain", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.since = r.since.Add(-time.Hour)
		r.ran("notice", 0)
		r.ran("deliver", time.Minute)
		if _, err := r.Heartbeat.Beat(t.Context(), r.Lead); err != nil || r.calls.Load() != 1 {
			t.Errorf("got %v and %d calls, want one", err, r.calls.Load())
		}
	})
}

// ran notes that a duty has succeeded, so long ago.
func (r *rig) ran(name string, ago time.Duration) {
	at := r.DB.Now().Add(-ago).UnixMilli()
	r.Decide("note a run", func(ctx context.Context, l *store.LeaderTx) error {
		return l.PutServiceRun(ctx, store.ServiceRun{Name: name, StartedAt: at, EndedAt: at})
	})
}

func TestSilent(t *testing.T) {
	t.Parallel()
	const now, minute = int64(100_000_000), int64(60_000)
	ran := func(name string, ago int64) store.ServiceRun {
		return store.ServiceRun{Name: name, EndedAt: now, SucceededAt: now - ago}
	}
	for name, c := range map[string]struct {
		runs  []store.ServiceRun
		since int64
		want  []string
	}{
		"Both":            {[]store.ServiceRun{ran("a", minute), ran("b", 2*minute)}, 0, nil},
		"One":             {[]store.ServiceRun{ran("a", 2*minute+1), ran("b", 0)}, 0, []string{"a"}},
		"NeverRan":        {[]store.ServiceRun{ran("x", 0)}, 0, []string{"a", "b"}},
		"ANewLeader":      {[]store.ServiceRun{ran("a", 60*minute)}, now - 2*minute, nil},
		"NotSoNewALeader": {nil, now - 2*minute - 1, []string{"a", "b"}},
	} {
		if got := heartbeat.Silent([]string{"a", "b"}, c.runs, c.since, now); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
