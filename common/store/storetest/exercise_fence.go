package storetest

import (
	"context"
	"testing"

	"golang.org/x/sync/errgroup"

	"capricornus/common/store"
)

func migrationCases() []exercise {
	return []exercise{
		{name: "MigratesOnceAndThenFindsNothingToDo", alone: migrateTwice},
		{name: "LetsTwoProcessesMigrateAtOnce", alone: migrateAtOnce},
		{name: "TakesADatabaseOfTheVersionBefore", alone: upgradeKept},
		{name: "RefusesAnotherTimeZone", alone: migrateZone},
		{name: "RefusesAnotherSchema", alone: migrateVersion},
		{name: "GivesEveryIDOnceToAllProcesses", alone: idsAreUnique},
	}
}

func migrateTwice(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	db := Connect(t, cfg)
	before, err := db.Schema(ctx)
	if err != nil || before.Current != 0 {
		t.Fatalf("got version %d and error %v, want 0 of an empty database", before.Current, err)
	}
	wantError(t, "check an empty database", db.CheckSchema(ctx, Zone), store.ErrSchema)
	for _, want := range []int{int(before.Target), 0} {
		n, err := db.Migrate(ctx, Zone)
		if err != nil || n != want {
			t.Fatalf("got %d steps and error %v, want %d steps", n, err, want)
		}
	}
	if err := db.CheckSchema(ctx, Zone); err != nil {
		t.Errorf("check: got %v, want no error", err)
	}
	zone, err := db.Zone(ctx)
	if err != nil || zone.String() != Zone {
		t.Errorf("got zone %v and error %v, want %s", zone, err, Zone)
	}
	Sound(t, db)
}

func migrateAtOnce(t *testing.T, cfg store.Config) {
	group, ctx := errgroup.WithContext(t.Context())
	for range 3 {
		db := Connect(t, cfg)
		group.Go(func() error {
			_, err := db.Migrate(ctx, Zone)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatalf("migrate three at once: %v", err)
	}
	db := Connect(t, cfg)
	var epochs, users int
	for query, into := range map[string]*int{"SELECT COUNT(*) FROM capri_master_epoch": &epochs, "SELECT COUNT(*) FROM capri_user": &users} {
		if err := db.Raw().QueryRowContext(t.Context(), query).Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	wantEqual(t, "rows of the fence", epochs, 1)
	wantEqual(t, "users", users, 1)
}

func migrateZone(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	db := migrated(t, cfg)
	_, err := db.Migrate(ctx, "Asia/Shanghai")
	wantError(t, "migrate with another zone", err, store.ErrSchema)
	wantError(t, "check with another zone", db.CheckSchema(ctx, "Asia/Shanghai"), store.ErrSchema)
	if _, err := db.Migrate(ctx, "Mars/Olympus"); err == nil {
		t.Error("got no error of an unknown zone, want one")
	}
}

func migrateVersion(t *testing.T, cfg store.Config) {
	db := migrated(t, cfg)
	rawExec(t, db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	wantError(t, "check a newer schema", db.CheckSchema(t.Context(), ""), store.ErrSchema)
	rawExec(t, db, "DELETE FROM goose_db_version WHERE version_id > 1")
	wantError(t, "check an older schema", db.CheckSchema(t.Context(), ""), store.ErrSchema)
}

func idsAreUnique(t *testing.T, cfg store.Config) {
	migrated(t, cfg)
	group, ctx := errgroup.WithContext(t.Context())
	got := make(chan []int64, 40)
	for range 2 {
		db := Connect(t, cfg)
		for n := range 20 {
			group.Go(func() error {
				ids, err := db.IDs(ctx, 1+n*97)
				got <- ids
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	close(got)
	seen := map[int64]bool{}
	for ids := range got {
		for i, id := range ids {
			if seen[id] || id <= 0 || id >= 1<<53 || i > 0 && id <= ids[i-1] {
				t.Fatalf("got id %d, want a new one that ascends and fits a JSON number", id)
			}
			seen[id] = true
		}
	}
}

func fenceCases() []exercise {
	return []exercise{
		{name: "RaisesTheEpochWithEveryClaim", alone: claimRaises},
		{name: "RefusesAnotherClusterUnlessAdopted", alone: claimForeign},
		{name: "RefusesTheOldLeaderAndKeepsNothingOfIt", alone: fencedTx},
		{name: "LetsAClaimWaitForTheOldLeadersTransaction", alone: claimWaits},
		{name: "RunsTransactionsOfOneLeaderSideBySide", alone: leadersSideBySide},
	}
}

func claimRaises(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	db := migrated(t, cfg)
	for i, index := range []uint64{7, 8, 20} {
		epoch, err := db.Claim(ctx, store.Claim{ClusterID: "a", RaftIndex: index, Holder: "m1"})
		if err != nil || epoch != int64(i+1) {
			t.Fatalf("got epoch %d and error %v, want %d", epoch, err, i+1)
		}
	}
	for _, late := range []uint64{8, 20} {
		_, err := db.Claim(ctx, store.Claim{ClusterID: "a", RaftIndex: late, Holder: "m2"})
		wantError(t, "a claim that comes too late", err, store.ErrStale)
	}
	if err := db.Lead(3, "m1").Tx(ctx, "test", func(*store.LeaderTx) error { return nil }); err != nil {
		t.Errorf("the holder's transaction: got %v, want no error", err)
	}
}

func claimForeign(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	db := migrated(t, cfg)
	if _, err := db.Claim(ctx, store.Claim{ClusterID: "a", RaftIndex: 100, Holder: "m1"}); err != nil {
		t.Fatal(err)
	}
	_, err := db.Claim(ctx, store.Claim{ClusterID: "b", RaftIndex: 500, Holder: "m2"})
	wantError(t, "a claim of another cluster", err, store.ErrForeign)
	epoch, err := db.Claim(ctx, store.Claim{ClusterID: "b", RaftIndex: 3, Holder: "m2", Adopt: true})
	if err != nil || epoch != 2 {
		t.Fatalf("adopt: got epoch %d and error %v, want 2 although raft begins anew", epoch, err)
	}
	_, err = db.Claim(ctx, store.Claim{ClusterID: "a", RaftIndex: 900, Holder: "m1"})
	wantError(t, "a claim of the old cluster", err, store.ErrForeign)
}

func fencedTx(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	w := NewWorld(t, migrated(t, cfg))
	task := w.Task()
	w.Batch(task, "20150518")
	epoch, err := w.DB.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, "the old leader's write", w.Insert(w.Draft(task, "20150519")), store.ErrFenced)
	old := w.Lead
	w.Lead = w.DB.Lead(epoch, "m2")
	w.Batch(task, "20150519")
	wantError(t, "the old leader's empty transaction", old.Tx(ctx, "test", func(*store.LeaderTx) error { return nil }), store.ErrFenced)
	Sound(t, w.DB)
}

// claimWaits holds a leader's transaction open, lets another master claim
// meanwhile, and wants the transaction to be written before the new epoch.
func claimWaits(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	other := Connect(t, cfg)
	draft := w.Draft(w.Task(), "20150518")
	claimed := make(chan error, 1)
	err := w.Lead.Tx(t.Context(), "generate", func(tx *store.LeaderTx) error {
		if err := tx.InsertBatches(t.Context(), []store.NewBatch{draft}); err != nil {
			return err
		}
		go func() {
			_, err := other.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
			claimed <- err
		}()
		if cfg.Driver == MySQL {
			eventually(t, "claim that waits for the lock", func() bool { return waitsForLock(t, tx, w.DB) })
		}
		select {
		case err := <-claimed:
			t.Errorf("got a claim (error %v) while the leader's transaction was open, want it to wait", err)
			claimed <- err
		default:
		}
		return nil
	})
	if err != nil {
		t.Fatalf("the old leader's transaction: got %v, want it committed", err)
	}
	if err := <-claimed; err != nil {
		t.Fatalf("the claim: got %v, want it to succeed after the transaction", err)
	}
	wantEqual(t, "events of the batch, written before the new epoch", w.Work(draft.ID).Seq, 1)
	fence, err := w.DB.Fence(t.Context())
	w.ok("read the fence", err)
	if written := w.figure("SELECT at FROM capri_batch_event WHERE workId = ?", draft.ID); int64(written) > fence.Since {
		t.Errorf("got an event of the old epoch at %d, after the new one began at %d", written, fence.Since)
	}
	wantError(t, "the old leader's next write", w.Insert(w.Draft(w.Task(), "20150519")), store.ErrFenced)
}

// waitsForLock tells whether another transaction waits for a lock.
func waitsForLock(t *testing.T, tx *store.LeaderTx, db *store.DB) bool {
	t.Helper()
	return waiting(t, tx, db) > 0
}

// waiting counts the transactions that wait for a lock. It also keeps the
// leader's transaction from idling, which MariaDB ends after a second.
func waiting(t *testing.T, tx *store.LeaderTx, db *store.DB) int {
	t.Helper()
	if _, err := tx.Settings(t.Context()); err != nil {
		t.Fatalf("keep the transaction busy: %v", err)
	}
	var n int
	err := db.Raw().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM information_schema.INNODB_TRX x
JOIN information_schema.PROCESSLIST p ON p.ID = x.trx_mysql_thread_id WHERE x.trx_state = 'LOCK WAIT' AND p.DB = DATABASE()`).Scan(&n)
	if err != nil {
		t.Fatalf("look at the locks: %v", err)
	}
	return n
}

func leadersSideBySide(t *testing.T, cfg store.Config) {
	w := NewWorld(t, migrated(t, cfg))
	if cfg.Driver == SQLite {
		return // one writer
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	err := w.Lead.Tx(ctx, "a", func(*store.LeaderTx) error {
		return w.Lead.Tx(ctx, "b", func(*store.LeaderTx) error { return nil })
	})
	wantError(t, "one duty's transaction inside another's", err, nil)
}
