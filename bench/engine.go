package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"capricornus/common/store"
)

// engines are SQLite, and MySQL when TEST_MYSQL_DSN names a server.
func engines() ([]engine, error) {
	out := []engine{{name: "sqlite", open: openSQLite}}
	dsn := os.Getenv("TEST_MYSQL_DSN")
	if dsn == "" {
		return nil, errors.New("TEST_MYSQL_DSN is not set: run make bench, which starts a MariaDB")
	}
	return append(out, engine{name: "mariadb", open: func(ctx context.Context) (*store.DB, func(), error) { return openMySQL(ctx, dsn) }}), nil
}

// led opens a fresh database for this process to lead.
func (e engine) led(ctx context.Context) (*store.DB, *store.Lead, func(), error) {
	db, drop, err := e.open(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	end := func() {
		_ = db.Close()
		drop()
	}
	epoch, err := db.Claim(ctx, store.Claim{ClusterID: "bench", RaftIndex: 1, Holder: "bench"})
	if err != nil {
		end()
		return nil, nil, nil, err
	}
	return db, db.Lead(epoch, "bench"), end, nil
}

func openSQLite(ctx context.Context) (*store.DB, func(), error) {
	dir, err := os.MkdirTemp("", "capri-bench-")
	if err != nil {
		return nil, nil, err
	}
	db, err := migrated(ctx, store.Config{Driver: "sqlite", DSN: filepath.Join(dir, "capri.db")})
	return db, func() { _ = os.RemoveAll(dir) }, err
}

func openMySQL(ctx context.Context, server string) (*store.DB, func(), error) {
	dsn, drop, err := store.Scratch(ctx, server, fmt.Sprintf("capri_bench_%d", os.Getpid()))
	if err != nil {
		return nil, nil, err
	}
	db, err := migrated(ctx, store.Config{Driver: "mysql", DSN: dsn})
	return db, func() { _ = drop() }, err
}

func migrated(ctx context.Context, cfg store.Config) (*store.DB, error) {
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if _, err := db.Migrate(ctx, "UTC"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
