package storetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.Exercise(t, func(t testing.TB) store.Config { return storetest.Fresh(t, engine) })
		})
	}
}

func TestSQLiteFileMayHaveAnyName(t *testing.T) {
	t.Parallel()
	cfg := storetest.Fresh(t, storetest.SQLite)
	cfg.DSN = filepath.Join(t.TempDir(), "50% of #1?", "capri.db")
	db := storetest.Connect(t, cfg)
	if _, err := db.Migrate(t.Context(), storetest.Zone); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cfg.DSN); err != nil {
		t.Errorf("got %v, want the file where it was asked for", err)
	}
	storetest.Sound(t, db)
}
