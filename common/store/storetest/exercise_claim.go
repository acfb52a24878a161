package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"capricornus/common/store"
)

func claimCases() []exercise {
	return []exercise{
		{name: "GivesEveryClaimAnEpochOfItsOwn", alone: claimsAtOnce},
		{name: "LetsOneOfTwoClaimantsWinInEitherOrder", alone: claimsInEitherOrder},
		{name: "GivesARepeatedClaimTheEpochItHas", alone: claimRepeated},
		{name: "RefusesMastersWhoseRaftBeganAnew", alone: claimWiped},
		{name: "RefusesToLeadWithoutItsRow", alone: fenceMissing},
		{name: "RefusesToLeadWithTwoRows", alone: fenceDoubled},
		{name: "RefusesToMigrateWhatHasLostItsRowAndItsNotes", alone: migrateWithoutFence},
	}
}

// claimsAtOnce holds the leader's lock until two claims wait, so that both were
// made before either is answered.
func claimsAtOnce(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	w := NewWorld(t, migrated(t, cfg))
	epochs := make([]int64, 2)
	errs := make([]error, 2)
	var group errgroup.Group
	w.ok("hold the fence", w.Lead.Tx(ctx, "test", func(tx *store.LeaderTx) error {
		for i := range epochs {
			other := Connect(t, cfg)
			group.Go(func() error {
				epochs[i], errs[i] = other.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: uint64(2 + i), Holder: fmt.Sprintf("m%d", 2+i)})
				return nil
			})
		}
		if cfg.Driver == MySQL {
			eventually(t, "two claims that wait", func() bool { return waiting(t, tx, w.DB) == 2 })
		}
		return nil
	}))
	w.ok("claim", group.Wait())
	w.ok("the newer claim", errs[1])
	if errs[0] == nil { // it came first
		wantEqual(t, "epochs", fmt.Sprint(epochs), "[2 3]")
	} else {
		wantError(t, "the older claim after the newer one", errs[0], store.ErrStale)
		wantEqual(t, "epoch", epochs[1], 2)
	}
	fence, err := w.DB.Fence(ctx)
	w.ok("read the fence", err)
	wantEqual(t, "epoch in the database", fence.Epoch, epochs[1])
	wantEqual(t, "holder", fence.Holder, "m3")
}

func claimsInEitherOrder(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	db := migrated(t, cfg)
	for round, first := range []uint64{10, 21} { // the older one first, then the newer one first
		index := uint64(10 + 10*round)
		var won int
		for _, i := range []uint64{first, 2*index + 1 - first} {
			if _, err := db.Claim(ctx, store.Claim{ClusterID: "a", RaftIndex: i, Holder: fmt.Sprint("m", i)}); err == nil {
				won++
			} else {
				wantError(t, "a claim that comes too late", err, store.ErrStale)
			}
		}
		wantEqual(t, fmt.Sprintf("winners, %d first", first), won, 2-round)
		fence, err := db.Fence(ctx)
		if err != nil || fence.RaftIndex != int64(index+1) {
			t.Errorf("got a fence at %d and error %v, want it at %d", fence.RaftIndex, err, index+1)
		}
	}
	same := store.Claim{ClusterID: "a", RaftIndex: 21, Holder: "another"}
	_, err := db.Claim(ctx, same)
	wantError(t, "a claim of another node with the same index", err, store.ErrStale)
}

func claimRepeated(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	db := migrated(t, cfg)
	claim := store.Claim{ClusterID: "a", RaftIndex: 7, Holder: "m1"}
	for range 2 {
		if epoch, err := db.Claim(ctx, claim); err != nil || epoch != 1 {
			t.Fatalf("got epoch %d and error %v, want 1: it is one claim", epoch, err)
		}
	}
	claim.RaftIndex = 8
	if epoch, err := db.Claim(ctx, claim); err != nil || epoch != 2 {
		t.Fatalf("got epoch %d and error %v, want 2 of the next claim", epoch, err)
	}
	claim.RaftIndex = 7
	_, err := db.Claim(ctx, claim)
	wantError(t, "the first claim once more", err, store.ErrStale)
}

// claimWiped: all masters have lost their raft directories, so they found
// another cluster, whose log begins anew.
func claimWiped(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	w := NewWorld(t, migrated(t, cfg))
	if _, err := w.DB.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: 9000, Holder: "m1"}); err != nil {
		t.Fatal(err)
	}
	wiped := Connect(t, cfg)
	for index := range uint64(3) {
		_, err := wiped.Claim(ctx, store.Claim{ClusterID: "new", RaftIndex: 2 + index, Holder: "m1"})
		wantError(t, "a claim of the new cluster", err, store.ErrForeign)
		wantEqual(t, "foreign", wiped.Foreign(), true)
	}
	for index, adopt := range []bool{true, false} {
		epoch, err := wiped.Claim(ctx, store.Claim{ClusterID: "new", RaftIndex: uint64(5 + index), Holder: "m1", Adopt: adopt})
		if err != nil || epoch != int64(3+index) || wiped.Foreign() {
			t.Fatalf("got epoch %d and error %v, want %d: adopted once, the database is the new cluster's", epoch, err, 3+index)
		}
	}
	_, err := w.DB.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: 9001, Holder: "m2"})
	wantError(t, "a claim of the old cluster", err, store.ErrForeign)
	wantError(t, "a write of its leader", w.Insert(w.Draft(w.Task(), "20150518")), store.ErrFenced)
}

func fenceMissing(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	w := NewWorld(t, migrated(t, cfg))
	w.Batch(w.Task(), "20150518")
	wantError(t, "check a database with its fence", w.DB.CheckSchema(ctx, Zone), nil)
	draft := w.Draft(w.Task(), "20150519")
	rawExec(t, w.DB, "DELETE FROM capri_master_epoch")
	wantError(t, "check", w.DB.CheckSchema(ctx, Zone), store.ErrFence)
	_, err := w.DB.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
	wantError(t, "claim", err, store.ErrFence)
	if !strings.Contains(fmt.Sprint(err), "restore the database from a backup") {
		t.Errorf("got %q, want what would be right", err)
	}
	err = w.Insert(draft)
	wantError(t, "a leader's write", err, store.ErrFenced)
	wantError(t, "a leader's write", err, store.ErrFence)
	_, err = w.DB.Migrate(ctx, Zone)
	wantError(t, "migrate", err, store.ErrFence)
	wantEqual(t, "rows of the fence", w.figure("SELECT COUNT(*) FROM capri_master_epoch"), 0)
}

func fenceDoubled(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	db := migrated(t, cfg)
	rawExec(t, db, "INSERT INTO capri_master_epoch (id, clusterId, epoch, raftIndex, holder, since) VALUES (2, 'a', 0, 0, '', 0)")
	wantError(t, "check", db.CheckSchema(ctx, Zone), store.ErrFence)
	_, err := db.Claim(ctx, store.Claim{ClusterID: "a", RaftIndex: 2, Holder: "m2"})
	wantError(t, "claim", err, store.ErrFence)
	rawExec(t, db, "DELETE FROM capri_master_epoch WHERE id = 1")
	_, err = db.Claim(ctx, store.Claim{ClusterID: "a", RaftIndex: 3, Holder: "m2"})
	wantError(t, "claim with the other row alone", err, store.ErrFence)
	rawExec(t, db, "DROP TABLE capri_master_epoch")
	wantError(t, "check without the table", db.CheckSchema(ctx, Zone), store.ErrFence)
}

// migrateWithoutFence: the notes of the migrations are gone with the row, so
// all of them would run again, and one makes the row.
func migrateWithoutFence(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	w := NewWorld(t, migrated(t, cfg))
	w.Batch(w.Task(), "20150518")
	rawExec(t, w.DB, "DELETE FROM goose_db_version WHERE version_id > 0")
	rawExec(t, w.DB, "DELETE FROM capri_master_epoch")
	_, err := w.DB.Migrate(ctx, Zone)
	wantError(t, "migrate", err, store.ErrFence)
	wantEqual(t, "rows of the fence", w.figure("SELECT COUNT(*) FROM capri_master_epoch"), 0)
	if cfg.Driver == SQLite {
		return // its migrations cannot be run twice
	}
	rawExec(t, w.DB, "INSERT INTO capri_master_epoch (id, clusterId, epoch, raftIndex, holder, since) VALUES (1, 'cluster', 77, 5, 'm1', 0)")
	if _, err := w.DB.Migrate(ctx, Zone); err != nil && !errors.Is(err, store.ErrSchema) {
		t.Fatalf("got %v, want the migrations to find everything done", err)
	}
	fence, err := w.DB.Fence(ctx)
	w.ok("read the fence", err)
	wantEqual(t, "epoch", fence.Epoch, 77)
}
