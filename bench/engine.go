package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/go-sql-driver/mysql"

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

func openSQLite(ctx context.Context) (*store.DB, func(), error) {
	dir, err := os.MkdirTemp("", "capri-bench-")
	if err != nil {
		return nil, nil, err
	}
	db, err := migrated(ctx, store.Config{Driver: "sqlite", DSN: filepath.Join(dir, "capri.db")})
	return db, func() { _ = os.RemoveAll(dir) }, err
}

func openMySQL(ctx context.Context, dsn string) (*store.DB, func(), error) {
	server, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, nil, err
	}
	name := fmt.Sprintf("capri_bench_%d", os.Getpid())
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := server.ExecContext(ctx, q); err != nil {
			return nil, nil, errors.Join(err, server.Close())
		}
	}
	db, err := migrated(ctx, store.Config{Driver: "mysql", DSN: withDatabase(dsn, name)})
	return db, func() {
		_, _ = server.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+name)
		_ = server.Close()
	}, err
}

func withDatabase(dsn, name string) string {
	head, _, _ := strings.Cut(dsn, "/")
	return head + "/" + name
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
