package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"capricornus/common/fault"
)

func TestRates(t *testing.T) {
	t.Parallel()
	l := newRates(5)
	now := time.Unix(1_000_000, 0)
	taken := func(credential string) (n int) {
		for {
			if _, ok := l.take(credential, now); !ok {
				return n
			}
			n++
		}
	}
	for _, c := range []struct {
		later      time.Duration
		credential string
		want       int
	}{
		{0, "a", 20}, {0, "a", 0}, {0, "b", 20}, {200 * time.Millisecond, "a", 1}, {time.Second, "a", 5},
		{time.Hour, "a", 20}, {-time.Minute, "a", 0}, // the clock was set back
	} {
		now = now.Add(c.later)
		if got := taken(c.credential); got != c.want {
			t.Errorf("%s after %v: got %d calls, want %d", c.credential, c.later, got, c.want)
		}
	}
	if wait, ok := l.take("a", now); ok || wait <= 0 || wait > 200*time.Millisecond {
		t.Errorf("got a wait of %v, want at most a fifth of a second", wait)
	}
	for range 10_000 {
		if _, ok := newRates(0).take("a", now); !ok {
			t.Fatal("got refused, want no bound by default")
		}
	}
}

// TestRatesAreBounded: however many credentials come, few are remembered.
func TestRatesAreBounded(t *testing.T) {
	t.Parallel()
	l := newRates(5)
	now := time.Unix(1_000_000, 0)
	for i := range maxBuckets + 100 {
		if _, ok := l.take(fmt.Sprint(i), now); !ok {
			t.Fatalf("credential %d: got refused at its first call", i)
		}
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("got %d remembered, want at most %d", len(l.buckets), maxBuckets)
	}
}

func TestTooManyCalls(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.api.rates = newRates(1)
	for i := range burstSeconds {
		if got := r.send(http.MethodGet, "/api/v1/tasks", "viewer", nil); got.Code != http.StatusOK {
			t.Fatalf("call %d: got %d %s, want 200", i, got.Code, got.Body)
		}
	}
	p := r.problem(http.MethodGet, "/api/v1/tasks", "viewer", nil)
	got := r.send(http.MethodGet, "/api/v1/tasks", "viewer", nil)
	if p.Code != string(fault.TooMany) || got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") != "1" {
		t.Errorf("got %+v and %v, want 429 with Retry-After", p, got.Header())
	}
	if got := r.send(http.MethodGet, "/api/v1/tasks", "operator", nil); got.Code != http.StatusOK {
		t.Errorf("another token: got %d, want 200", got.Code)
	}
	for range 2 * burstSeconds {
		r.beat("http://127.0.0.1:1")
	}
	if got := r.send(http.MethodGet, "/healthz", "", nil); got.Code != http.StatusOK {
		t.Errorf("health: got %d, want 200", got.Code)
	}
}
