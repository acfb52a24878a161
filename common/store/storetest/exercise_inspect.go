package storetest

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
)

func inspectCases() []exercise {
	return []exercise{
		{name: "SaysWhatTheDatabaseIs", alone: inspects},
		{name: "SaysThatThereIsNoSchemaYet", alone: inspectsEmpty},
		{name: "SaysThatTheFenceIsGone", alone: inspectsNoFence},
	}
}

func inspects(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	in, err := w.DB.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	version, err := w.DB.ServerVersion(t.Context())
	w.ok("version", err)
	wantEqual(t, "version", in.Version, version)
	wantEqual(t, "engine", in.Engine, cfg.Driver)
	wantEqual(t, "refusal", in.Refusal, "")
	wantEqual(t, "read only", in.ReadOnly, false)
	wantEqual(t, "can migrate", in.CanMigrate, true)
	wantEqual(t, "denied", len(in.Denied), 0)
	wantEqual(t, "durable", in.Durable, cfg.Driver == MySQL) // a test's file is volatile
	wantEqual(t, "schema", in.Schema.Current, in.Schema.Target)
	if in.Fence == nil {
		t.Fatalf("got no fence and error %v, want it", in.FenceError)
	}
	wantEqual(t, "fence", *in.Fence, store.Fence{ClusterID: "cluster", Epoch: 1, RaftIndex: 1, Holder: "m1", Since: in.Fence.Since})
	if since := time.UnixMilli(in.Fence.Since); w.DB.Now().Sub(since).Abs() > time.Minute {
		t.Errorf("got a term since %v, want it just now", since)
	}
	if in.Bytes < 1000 || in.NextID < 1000 || in.RoundTrip <= 0 || in.PoolSize < 2 {
		t.Errorf("got %d bytes, next id %d, a round trip of %v and a pool of %d, want figures", in.Bytes, in.NextID, in.RoundTrip, in.PoolSize)
	}
	if cfg.Driver == SQLite {
		return
	}
	wantEqual(t, "writers", in.Writer, store.SessionState{Isolation: "READ-COMMITTED", LockTimeout: 5 * time.Second, IdleTimeout: time.Second})
	wantEqual(t, "readers", in.Reader, store.SessionState{Isolation: "REPEATABLE-READ", LockTimeout: 5 * time.Second, IdleTimeout: time.Minute})
	wantEqual(t, "default engine", in.DefaultEngine, "InnoDB")
	if in.MaxConnections < in.PoolSize {
		t.Errorf("got %d connections at most, want those of a pool of %d", in.MaxConnections, in.PoolSize)
	}
}

func inspectsEmpty(t *testing.T, cfg store.Config) {
	in, err := Connect(t, cfg).Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if in.Fence != nil || in.FenceError != nil || in.Schema.Current != 0 || in.NextID != 0 {
		t.Errorf("got %+v, want nothing that a schema has", in)
	}
}

func inspectsNoFence(t *testing.T, cfg store.Config) {
	db := migrated(t, cfg)
	rawExec(t, db, "DELETE FROM capri_master_epoch")
	in, err := db.Inspect(t.Context())
	if err != nil || in.Fence != nil {
		t.Fatalf("got fence %v and error %v, want neither", in.Fence, err)
	}
	wantError(t, "the fence", in.FenceError, store.ErrFence)
	if !strings.Contains(in.FenceError.Error(), "restore the database from a backup") {
		t.Errorf("got %q, want what would be right", in.FenceError)
	}
}
