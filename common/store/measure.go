package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// What is here is for measuring only: a database to be thrown away, what the
// same rows cost without any of our work, tasks that look older than they are.

// Scratch makes an empty database on a MySQL server and returns its data
// source and how to drop it.
func Scratch(ctx context.Context, serverDSN, name string) (dsn string, drop func() error, err error) {
	cfg, err := mysql.ParseDSN(serverDSN)
	if err != nil {
		return "", nil, fmt.Errorf("server's dsn: %w", err)
	}
	server, err := sqlx.Open("mysql", serverDSN)
	if err != nil {
		return "", nil, err
	}
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := server.ExecContext(ctx, q); err != nil {
			return "", nil, errors.Join(err, server.Close())
		}
	}
	cfg.DBName = name
	return cfg.FormatDSN(), func() error {
		_, err := server.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+name)
		return errors.Join(err, server.Close())
	}, nil
}

// Replay inserts every row of the batch tables once more, as it is, into the
// emptied tables, by the same multi-row statements and pages of a thousand
// batches: the raw figure that generation is compared with. It returns how
// many rows it wrote and how long that took.
func (db *DB) Replay(ctx context.Context) (rows int, took time.Duration, err error) {
	tables := []struct{ name, cols, key string }{
		{"capri_task_work", workInsertCols, "id"},
		{"capri_task_data", "taskWorkId, n, type, path, pathHash, ready, state, unmetSince, lastCheckedAt, lastError", "taskWorkId"},
		{"capri_tparent_data", "taskWorkId, n, parentTaskId, parentTaskWorkNo, lastRule, state, unmetSince, lastCheckedAt, lastError", "taskWorkId"},
		{"capri_batch_event", eventCols, "workId"},
	}
	kept := make([][][]any, len(tables))
	for i, t := range tables {
		if kept[i], err = db.rowsOf(ctx, t.name, t.cols, t.key); err != nil {
			return 0, 0, err
		}
		rows += len(kept[i])
	}
	if err = db.ForgetBatches(ctx); err != nil {
		return 0, 0, err
	}
	begin := time.Now()
	for i, t := range tables {
		for page := range pages(kept[i], 3000) {
			err := db.run(ctx, db.write, nil, Actor{}, func(x tx) error { return x.insert(ctx, t.name, t.cols, page, "") })
			if err != nil {
				return 0, 0, err
			}
		}
	}
	return rows, time.Since(begin), nil
}

// ForgetBatches empties the batch tables.
func (db *DB) ForgetBatches(ctx context.Context) error {
	return db.run(ctx, db.write, nil, Actor{}, func(x tx) error {
		for _, t := range []string{"capri_task_work", "capri_task_data", "capri_tparent_data", "capri_tthird_data", "capri_batch_event"} {
			if _, err := x.exec(ctx, "DELETE FROM "+t); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *DB) rowsOf(ctx context.Context, table, cols, key string) ([][]any, error) {
	found, err := db.read.QueryxContext(ctx, "SELECT "+cols+" FROM "+table+" ORDER BY "+key)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer func() { _ = found.Close() }()
	var out [][]any
	for found.Next() {
		row, err := found.SliceScan()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", table, err)
		}
		out = append(out, row)
	}
	return out, found.Err()
}

// Backdate makes every task look as if it had been saved that much earlier.
func (db *DB) Backdate(ctx context.Context, by time.Duration) error {
	return db.run(ctx, db.write, nil, Actor{}, func(x tx) error {
		ms := by.Milliseconds()
		if _, err := x.exec(ctx, "UPDATE capri_task SET createdAt = createdAt - ?, savedAt = savedAt - ?", ms, ms); err != nil {
			return err
		}
		_, err := x.exec(ctx, "UPDATE capri_task_version SET savedAt = savedAt - ?", ms)
		return err
	})
}
