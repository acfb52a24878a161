package wire_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// noted are the keys of calls, in their order.
type noted struct {
	mu   sync.Mutex
	keys []string
}

func (n *noted) note(r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keys = append(n.keys, r.Header.Get(wire.HeaderOnce))
}

// taken returns what was noted since the last time.
func (n *noted) taken() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	keys := n.keys
	n.keys = nil
	return keys
}

// dying is a master that dies in the middle of every call; it notes the keys.
func dying(t *testing.T, keys *noted) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		keys.note(r)
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// busy is a master that knows a call as under way, so many times, or as one too
// many.
func busy(t *testing.T, keys *noted, status, times int) string {
	t.Helper()
	var seen atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys.note(r)
		w.Header().Set("Content-Type", "application/json")
		if int(seen.Add(1)) <= times {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"code":"CONFLICT","detail":"under way"}`)
			return
		}
		_, _ = io.WriteString(w, `{"ref":"a/20150518.1"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestACallThatBreaksOffIsSaidToTheNext: with the same key, which tells the next
// master whether it was done.
func TestACallThatBreaksOffIsSaidToTheNext(t *testing.T) {
	t.Parallel()
	var all noted
	c := &wire.Client{Base: dying(t, &all), Others: []string{busy(t, &all, http.StatusConflict, 2)}}
	got, err := c.RunTask(t.Context(), "a")
	if err != nil || got.Ref != "a/20150518.1" {
		t.Errorf("got %+v and %v, want the next master's answer", got, err)
	}
	keys := all.taken()
	if len(keys) < 4 {
		t.Fatalf("got %d calls, want the first, two that were under way and the answered one", len(keys))
	}
	for _, key := range keys {
		if key == "" || key != keys[0] {
			t.Errorf("got keys %q, want one for the whole call", keys)
		}
	}
	_, err = c.RunTask(t.Context(), "a")
	if next := all.taken(); err != nil || next[0] == keys[0] {
		t.Errorf("got %v and the keys %q, want a fresh one for the next call", err, next)
	}
}

func TestOneMasterIsAskedOnce(t *testing.T) {
	t.Parallel()
	var all noted
	c := &wire.Client{Base: dying(t, &all)}
	_, err := c.RunTask(t.Context(), "a")
	if keys := all.taken(); fault.CodeOf(err) != fault.Unavailable || len(keys) != 1 || keys[0] != "" {
		t.Errorf("got %v after the keys %q, want one call without a key and that nobody answers", err, keys)
	}
	c = &wire.Client{Base: busy(t, &all, http.StatusConflict, 1)}
	_, err = c.RunTask(t.Context(), "a")
	if keys := all.taken(); fault.CodeOf(err) != fault.Conflict || len(keys) != 1 {
		t.Errorf("got %v after %d calls, want the conflict", err, len(keys))
	}
}

// TestACallThatIsOneTooManyWaits: nothing was done, so it is said again, a few
// times.
func TestACallThatIsOneTooManyWaits(t *testing.T) {
	t.Parallel()
	var all noted
	c := &wire.Client{Base: busy(t, &all, http.StatusTooManyRequests, 3)}
	got, err := c.RunTask(t.Context(), "a")
	if keys := all.taken(); err != nil || got.Ref == "" || len(keys) != 4 {
		t.Errorf("got %+v and %v after %d calls, want the answer after 4", got, err, len(keys))
	}
	c = &wire.Client{Base: busy(t, &all, http.StatusTooManyRequests, 99)}
	if _, err := c.RunTask(t.Context(), "a"); err == nil {
		t.Error("got an answer, want to hear at last that these are too many")
	}
}
