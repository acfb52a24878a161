package wire

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// masters answer by host and path; what has no answer hangs.
type masters struct {
	mu      sync.Mutex
	answers map[string]string // by host and path
	asked   []string
}

func (m *masters) set(call, answer string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[call] = answer
}

func (m *masters) count(call string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, a := range m.asked {
		if a == call {
			n++
		}
	}
	return n
}

// RoundTrip implements http.RoundTripper.
func (m *masters) RoundTrip(r *http.Request) (*http.Response, error) {
	call := r.URL.Host + r.URL.Path
	m.mu.Lock()
	m.asked = append(m.asked, call)
	body, ok := m.answers[call]
	m.mu.Unlock()
	if !ok {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	recorder := httptest.NewRecorder()
	_, err := recorder.WriteString(body)
	return recorder.Result(), err
}

// clientOfMasters is a worker's of m1, m2 and m3.
func clientOfMasters(m *masters) *WorkerClient {
	return &WorkerClient{HTTP: &http.Client{Transport: m}, Token: "t", Masters: []string{"http://m1", "http://m2/", "http://m3"}}
}

// TestClaimLeavesALeaderThatHangs: the heartbeat finds out who leads, and the
// claim that hangs goes there.
func TestClaimLeavesALeaderThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &masters{answers: map[string]string{
			"m2" + PathHeartbeat: `{"leader":"http://m3"}`, "m3" + PathClaim: `{"assignments":[{"workId":7}]}`,
		}}
		c := clientOfMasters(m)
		began := time.Now()
		answer := make(chan error, 1)
		go func() {
			reply, err := c.Claim(t.Context(), Claim{WaitMillis: 25_000})
			if err == nil && len(reply.Assignments) != 1 {
				err = errors.New("no assignment")
			}
			answer <- err
		}()
		<-time.After(time.Second)
		if _, err := c.Heartbeat(t.Context(), Heartbeat{}); err != nil {
			t.Fatal(err)
		}
		if err := <-answer; err != nil {
			t.Errorf("got %v, want the claim answered by the new leader", err)
		}
		if took := time.Since(began); took != time.Second+heartbeatPatience().least {
			t.Errorf("took %s, want a second and one heartbeat that nobody answers", took)
		}
		if m.count("m1"+PathHeartbeat) != 1 || m.count("m1"+PathClaim) != 1 {
			t.Errorf("asked %v, want the one that hangs once each", m.asked)
		}
	})
}

func TestClaimStaysWithItsLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &masters{answers: map[string]string{"m1" + PathHeartbeat: `{"leader":"http://m1/"}`}}
		c := clientOfMasters(m)
		ctx, cancel := context.WithCancel(t.Context())
		answer := make(chan error, 1)
		go func() {
			_, err := c.Claim(ctx, Claim{WaitMillis: 25_000})
			answer <- err
		}()
		for range 3 {
			<-time.After(time.Second)
			if _, err := c.Heartbeat(t.Context(), Heartbeat{}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := m.count("m1" + PathClaim); n != 1 {
			t.Errorf("got %d claims, want the one that waits", n)
		}
		cancel()
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the caller's own end", err)
		}
	})
}

// TestFactsArePatientWithSlowMasters: one that hangs is left soon; when none
// answers in time, the next call waits longer.
func TestFactsArePatientWithSlowMasters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &masters{answers: map[string]string{"m2" + PathFacts: `{"verdicts":["ok"]}`}}
		c := clientOfMasters(m)
		takes := func(want time.Duration, ok bool) {
			t.Helper()
			began := time.Now()
			_, err := c.Facts(t.Context(), make([]Fact, 1))
			if took := time.Since(began); took != want || (err == nil) != ok {
				t.Errorf("took %s, %v, want %s, good: %v", took, err, want, ok)
			}
		}
		takes(5*time.Second, true) // m1 hangs
		takes(0, true)             // and is not asked first again
		delete(m.answers, "m2"+PathFacts)
		takes(4*5*time.Second, false)
		takes(4*10*time.Second, false)
		takes(4*20*time.Second, false)
		takes(4*20*time.Second, false)
		for _, host := range []string{"m1", "m2", "m3"} {
			m.set(host+PathFacts, `{"verdicts":["ok"]}`)
		}
		takes(0, true)
		m.answers = map[string]string{}
		takes(4*5*time.Second, false)
	})
}

// TestHeartbeatsSayWhenTheyWereSent: the wait for a master that hangs is no
// difference of clocks.
func TestHeartbeatsSayWhenTheyWereSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []byte
		m := &masters{answers: map[string]string{"m2" + PathHeartbeat: `{}`}}
		c := clientOfMasters(m)
		c.HTTP.Transport = roundTrips(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "m2" {
				body := make([]byte, r.ContentLength)
				_, _ = r.Body.Read(body)
				sent = body
			}
			return m.RoundTrip(r)
		})
		if _, err := c.Heartbeat(t.Context(), Heartbeat{}); err != nil {
			t.Fatal(err)
		}
		var hb Heartbeat
		if err := json.Unmarshal(sent, &hb); err != nil || hb.SentAt != time.Now().UnixMilli() {
			t.Errorf("got %d, %v, want the instant %d of the call that was answered", hb.SentAt, err, time.Now().UnixMilli())
		}
	})
}

type roundTrips func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrips) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
