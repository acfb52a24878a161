package worker

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"capricornus/common/wire"
)

const testToken = "the-token-of-the-tests"

// master is a master as a worker sees one: it hands out what a test assigns,
// takes facts, and keeps a journal of them.
type master struct {
	server *httptest.Server

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at each change
	assigned []wire.Assignment
	kills    []wire.Kill
	running  []wire.Held
	verdicts map[wire.FactKind]wire.FactVerdict
	down     bool
	deaf     bool       // takes no facts
	claimed  wire.Claim // the last one
	conflict bool
	beats    int
	journal  []wire.Fact
	finished map[wire.Held]bool
	notices  []wire.Notice
	picky    bool // refuses notices
}

func emptyMaster() *master {
	return &master{
		changed:  make(chan struct{}),
		verdicts: make(map[wire.FactKind]wire.FactVerdict),
		finished: make(map[wire.Held]bool),
	}
}

func newMaster(t *testing.T) *master {
	t.Helper()
	m := emptyMaster()
	m.server = httptest.NewServer(m.handler())
	t.Cleanup(m.server.Close)
	return m
}

func (m *master) handler() http.Handler {
	mux := http.NewServeMux()
	handle(mux, m, wire.PathHeartbeat, func(_ context.Context, _ wire.Heartbeat) any {
		m.update(func() { m.beats++ })
		return wire.HeartbeatReply{}
	})
	handle(mux, m, wire.PathClaim, func(ctx context.Context, claim wire.Claim) any { return m.claim(ctx, claim, m.answer) })
	handle(mux, m, wire.PathFacts, func(_ context.Context, request wire.FactsRequest) any { return m.facts(request) })
	handle(mux, m, wire.PathNotices, func(_ context.Context, request wire.NoticesRequest) any {
		m.update(func() { m.notices = append(m.notices, request.Notices...) })
		return wire.NoticesReply{New: len(request.Notices)}
	})
	return mux
}

func handle[T any](mux *http.ServeMux, m *master, path string, serve func(context.Context, T) any) {
	mux.HandleFunc("POST "+path, func(rw http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		down, conflict := m.down || m.deaf && path == wire.PathFacts, m.conflict || m.picky && path == wire.PathNotices
		m.mu.Unlock()
		var body T
		switch {
		case down:
			http.Error(rw, `{"code":"UNAVAILABLE"}`, http.StatusServiceUnavailable)
		case conflict:
			http.Error(rw, `{"code":"CONFLICT","detail":"the host name w1 is taken"}`, http.StatusConflict)
		case r.Header.Get("Authorization") != "Bearer "+testToken:
			http.Error(rw, `{"code":"UNAUTHORIZED"}`, http.StatusUnauthorized)
		case json.NewDecoder(r.Body).Decode(&body) != nil:
			http.Error(rw, `{"code":"USAGE"}`, http.StatusBadRequest)
		default:
			text, err := json.Marshal(serve(r.Context(), body))
			if err != nil {
				panic(err)
			}
			_, _ = rw.Write(text)
		}
	})
}

func (m *master) update(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *master) claim(ctx context.Context, claim wire.Claim, answer func(wire.Claim) wire.ClaimReply) wire.ClaimReply {
	timeout := time.After(min(time.Duration(claim.WaitMillis)*time.Millisecond, 2*time.Second))
	m.update(func() { m.claimed = claim })
	for {
		m.mu.Lock()
		reply := answer(claim)
		changed := m.changed
		m.mu.Unlock()
		if claim.First || len(reply.Assignments)+len(reply.Kills) > 0 {
			return reply
		}
		select {
		case <-changed:
		case <-timeout:
			return reply
		case <-ctx.Done():
			return reply
		}
	}
}

func (m *master) answer(claim wire.Claim) wire.ClaimReply {
	var reply wire.ClaimReply
	for _, a := range m.assigned {
		if len(reply.Assignments) < claim.Free && !slices.Contains(claim.Holding, keyOf(a)) {
			reply.Assignments = append(reply.Assignments, a)
		}
	}
	for _, kill := range m.kills { // ordered until carried out, as real masters do
		key := wire.Held{WorkID: kill.WorkID, Attempt: kill.Attempt}
		if !m.finished[key] && !slices.Contains(claim.Killing, key) {
			reply.Kills = append(reply.Kills, kill)
		}
	}
	if claim.First {
		reply.Running = m.running
	}
	return reply
}

func (m *master) facts(request wire.FactsRequest) wire.FactsReply {
	var reply wire.FactsReply
	m.update(func() {
		for _, fact := range request.Facts {
			key := wire.Held{WorkID: fact.WorkID, Attempt: fact.Attempt}
			m.journal = append(m.journal, fact)
			m.assigned = slices.DeleteFunc(m.assigned, func(a wire.Assignment) bool { return keyOf(a) == key })
			m.finished[key] = fact.Kind == wire.FactFinished
			verdict := m.verdicts[fact.Kind]
			if verdict == "" {
				verdict = wire.VerdictOK
			}
			reply.Verdicts = append(reply.Verdicts, verdict)
		}
	})
	return reply
}

func keyOf(a wire.Assignment) wire.Held { return wire.Held{WorkID: a.WorkID, Attempt: a.Attempt} }

func (m *master) assign(assignments ...wire.Assignment) {
	m.update(func() { m.assigned = append(m.assigned, assignments...) })
}

// await waits until condition holds over the journal and returns what it found.
func (m *master) await(t *testing.T, what string, condition func(journal []wire.Fact) (wire.Fact, bool)) wire.Fact {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		m.mu.Lock()
		fact, found := condition(m.journal)
		changed := m.changed
		m.mu.Unlock()
		if found {
			return fact
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("got no %s; journal: %+v", what, m.journal)
		}
	}
}

// fact waits for a fact of a kind about an attempt.
func (m *master) fact(t *testing.T, kind wire.FactKind, key wire.Held) wire.Fact {
	t.Helper()
	return m.await(t, string(kind), func(journal []wire.Fact) (wire.Fact, bool) {
		for _, fact := range journal {
			if fact.Kind == kind && fact.WorkID == key.WorkID && fact.Attempt == key.Attempt {
				return fact, true
			}
		}
		return wire.Fact{}, false
	})
}

// told are the notices so far.
func (m *master) told() []wire.Notice {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.notices)
}

// holds tells whether the last claim named an attempt.
func (m *master) holds(key wire.Held) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.claimed.Holding, key)
}

// free is how many places the worker said it has when it last asked for work.
func (m *master) free() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.claimed.Free
}

func (m *master) count(kind wire.FactKind) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, fact := range m.journal {
		if fact.Kind == kind {
			n++
		}
	}
	return n
}
