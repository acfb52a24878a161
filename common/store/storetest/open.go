package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"capricornus/common/store"
)

// The engines.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Zone is the time zone of the databases that Open makes.
const Zone = "UTC"

// Engines names the engines a test runs on: both, unless CAPRI_TEST_SKIP
// leaves out mysql.
func Engines(t testing.TB) []string {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("CAPRI_TEST_SKIP"), ","), MySQL) {
		t.Log("not run on MariaDB: CAPRI_TEST_SKIP names mysql")
		return []string{SQLite}
	}
	return []string{SQLite, MySQL}
}

// Open makes a database with the current schema, which goes when the test ends.
func Open(t testing.TB, engine string) *store.DB {
	t.Helper()
	cfg := Fresh(t, engine)
	if engine == SQLite {
		return Connect(t, copied(t, cfg))
	}
	db := Connect(t, cfg)
	if _, err := db.Migrate(t.Context(), Zone); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return db
}

// copied puts a migrated database where cfg says. All of one process are copies
// of the first: migrating takes longer than most tests.
func copied(t testing.TB, cfg store.Config) store.Config {
	t.Helper()
	template, err := firstMigrated()
	if err == nil {
		err = os.WriteFile(cfg.DSN, template, 0o600)
	}
	if err != nil {
		t.Fatalf("copy a migrated database: %v", err)
	}
	return cfg
}

//nolint:gochecknoglobals // what it holds never changes
var firstMigrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "capri-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, file := context.Background(), filepath.Join(dir, "capri.db")
	db, err := store.Open(ctx, store.Config{Driver: SQLite, DSN: file, Volatile: true})
	if err != nil {
		return nil, err
	}
	_, err = db.Migrate(ctx, Zone)
	if err = errors.Join(err, db.Close()); err != nil { // closing writes everything into the one file
		return nil, err
	}
	return os.ReadFile(file)
})

// Connect opens a database; the test's end closes it. Calling it twice with
// one configuration stands for two processes on one database.
func Connect(t testing.TB, cfg store.Config) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open the %s database: %v", cfg.Driver, err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return db
}

// Fresh makes an empty database without any table, which goes when the test ends.
func Fresh(t testing.TB, engine string) store.Config {
	t.Helper()
	switch engine {
	case SQLite:
		return store.Config{Driver: SQLite, DSN: filepath.Join(t.TempDir(), "capri.db"), Volatile: true}
	case MySQL:
		return store.Config{Driver: MySQL, DSN: freshMySQL(t)}
	}
	t.Fatalf("got engine %q, want sqlite or mysql", engine)
	return store.Config{}
}

// freshMySQL creates a database of its own on the test server.
func freshMySQL(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("TEST_MYSQL_DSN")
	if dsn == "" {
		t.Fatal("no MariaDB for this test: run make test, which starts one, or set CAPRI_TEST_SKIP=mysql to leave MariaDB out")
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatalf("TEST_MYSQL_DSN: %v; want user:password@tcp(127.0.0.1:port)/", err)
	}
	cfg.DBName = ""
	connector, err := mysql.NewConnector(cfg.Clone())
	if err != nil {
		t.Fatalf("TEST_MYSQL_DSN: %v", err)
	}
	admin := sql.OpenDB(connector)
	cfg.DBName = "capri_test_" + strings.ToLower(rand.Text())
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+cfg.DBName); err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() {
		if _, err := admin.ExecContext(ctx, "DROP DATABASE "+cfg.DBName); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
		if err := admin.Close(); err != nil {
			t.Errorf("close the admin connection: %v", err)
		}
	})
	return cfg.FormatDSN()
}
