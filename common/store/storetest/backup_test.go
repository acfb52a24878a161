package storetest_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

func TestClientOptionsHoldWhatADataSourceSays(t *testing.T) {
	for dsn, want := range map[string]string{
		`capri:p"w\d#@tcp(db:3307)/capri?tls=true`: "user = \"capri\"\npassword = \"p\\\"w\\\\d#\"\nloose-ssl\nloose-ssl-verify-server-cert\nloose-ssl-mode = \"VERIFY_IDENTITY\"\nhost = \"db\"\nport = \"3307\"\n",
		"capri:pw@unix(/run/my.sock)/capri":        "password = \"pw\"\nsocket = \"/run/my.sock\"\n",
		"capri:pw@tcp(db)/capri?tls=skip-verify":   "password = \"pw\"\nloose-ssl\nloose-ssl-mode = \"REQUIRED\"\nhost = \"db\"\n",
		"capri:pw@tcp(db)/capri":                   "host = \"db\"\nport = \"3306\"\n",
	} {
		options, database, err := store.ClientOptions(dsn)
		if err != nil || database != "capri" || !strings.HasPrefix(options, "[client]\n") || !strings.Contains(options, want) {
			t.Errorf("%s: got %q, %q, %v, want %q in it", dsn, options, database, err, want)
		}
	}
	for _, dsn := range []string{"nonsense", "capri:pw@tcp(db:1)/"} {
		if options, _, err := store.ClientOptions(dsn); err == nil {
			t.Errorf("%s: got %q, want an error", dsn, options)
		}
	}
}

func TestARestoredDatabaseRepeatsNothing(t *testing.T) {
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			db := storetest.Open(t, engine)
			before, err := db.ID(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			epoch, err := db.Claim(t.Context(), store.Claim{ClusterID: "a", RaftIndex: 7, Holder: "m1"})
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Restored(t.Context(), 1_000_000); err != nil {
				t.Fatal(err)
			}
			ids, err := db.IDs(t.Context(), 1000) // more than what is left of the block taken before
			if err != nil || ids[999] <= before+1_000_000 {
				t.Errorf("got %v, %v, want ids beyond %d", ids[999], err, before+1_000_000)
			}
			paused := db.Lead(epoch, "m1") // a leader of before, or of as many terms after the backup as it likes
			if err := paused.Tx(t.Context(), "test", func(*store.LeaderTx) error { return nil }); !errors.Is(err, store.ErrFenced) {
				t.Errorf("got %v from a leader of before, want %v", err, store.ErrFenced)
			}
			next, err := db.Claim(t.Context(), store.Claim{ClusterID: "a", RaftIndex: 8, Holder: "m2"})
			if err != nil || next <= epoch+1 {
				t.Errorf("got epoch %d and error %v by the first claim after it, want one far beyond %d", next, err, epoch)
			}
			if err := db.Restored(t.Context(), 1<<53); err == nil {
				t.Error("got ids left out that there are not")
			}
		})
	}
}

func TestACopyIsADatabase(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite)
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := db.CopyTo(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := db.CopyTo(t.Context(), file); err == nil {
		t.Error("a copy was written over a file that is there")
	}
	copied := storetest.Connect(t, store.Config{Driver: storetest.SQLite, DSN: file})
	if err := copied.CheckSchema(t.Context(), ""); err != nil {
		t.Errorf("got %v of the copy's schema", err)
	}
	storetest.Sound(t, copied)
}
