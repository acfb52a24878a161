package master_test

import (
	"context"
	"net"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master"
	"capricornus/master/election/electiontest"
)

// serving is a master with a socket.
type serving struct {
	base string
	stop context.CancelFunc
	done chan error
}

func serve(t *testing.T, db *store.DB, terms *electiontest.Scripted, name string) *serving {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &serving{base: "http://" + listener.Addr().String(), done: make(chan error, 1)}
	m, err := master.New(t.Context(), master.Config{Node: name, Version: "test", Advertise: s.base}, db, terms.Seat(name, s.base), logs.Discard())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	s.stop = stop
	go func() { s.done <- m.Operate(ctx, listener) }()
	return s
}

// TestAMasterStopsInOrder has a claim wait and a fact under way when the leader
// is told to stop: the claim is let go at once, the fact is answered, and then
// the next leader begins.
func TestAMasterStopsInOrder(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite)
	workersToken(t, db)
	terms := electiontest.NewScripted(master.Claimer{DB: db})
	m1, m2 := serve(t, db, terms, "m1"), serve(t, db, terms, "m2")
	defer m2.stop()
	lead(t, terms, "m1", m1)
	client := &wire.WorkerClient{HTTP: wire.NewWorkerHTTP(nil), Token: simWorkerToken, Masters: []string{m1.base}}
	defer client.HTTP.CloseIdleConnections()

	claimed := make(chan error, 1)
	go func() {
		_, err := client.Claim(t.Context(), wire.Claim{Host: "w1", Incarnation: "i1", Free: 1, WaitMillis: 25_000})
		claimed <- err
	}()
	lock, err := db.Raw().BeginTx(t.Context(), nil) // the fact waits for it
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan error, 1)
	go func() {
		_, err := client.Facts(t.Context(), []wire.Fact{{Kind: wire.FactStarted, WorkID: 7, Attempt: 1, Host: "w1", Incarnation: "i1"}})
		told <- err
	}()
	waits(t, db, 2) // the leader, which describes itself, and the fact

	m1.stop()
	if err := <-claimed; fault.CodeOf(err) != fault.NotLeader && fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("got %v, want the claim let go because m1 leads no more", err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-told; err != nil {
		t.Errorf("got %v, want the fact under way answered", err)
	}
	if err := <-m1.done; err != nil {
		t.Errorf("got %v, want m1 stopped in order", err)
	}
	lead(t, terms, "m2", m2)
	m2.stop()
	if err := <-m2.done; err != nil {
		t.Errorf("got %v, want m2 stopped in order", err)
	}
}

// workersToken lets workers in.
func workersToken(t *testing.T, db *store.DB) {
	t.Helper()
	ctx := t.Context()
	id, err := db.ID(ctx)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Operate(ctx, store.Actor{Kind: "person", ID: "admin"}, func(o *store.OperateTx) error {
		users, err := o.Users(ctx)
		if err != nil {
			return err
		}
		return o.PutToken(ctx, store.Token{ID: id, Hash: wire.TokenHash(simWorkerToken), Name: "workers", UserID: users[0].ID, Role: "worker"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// waits returns when n more transactions have come to wait for the one that writes.
func waits(t *testing.T, db *store.DB, n int64) {
	t.Helper()
	for least := db.Raw().Stats().WaitCount + n; db.Raw().Stats().WaitCount < least; {
		select {
		case <-t.Context().Done():
			t.Fatal("nobody waits")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// lead makes a master the leader and waits until it answers claims.
func lead(t *testing.T, terms *electiontest.Scripted, name string, s *serving) {
	t.Helper()
	if err := terms.Elect(name); err != nil {
		t.Fatal(err)
	}
	client := &wire.WorkerClient{HTTP: wire.NewWorkerHTTP(nil), Token: simWorkerToken, Masters: []string{s.base}}
	defer client.HTTP.CloseIdleConnections()
	for {
		_, err := client.Claim(t.Context(), wire.Claim{Host: "w9", Incarnation: "i9", Free: 1})
		switch fault.CodeOf(err) {
		case fault.NotLeader, fault.Unavailable: // not yet
		default:
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
