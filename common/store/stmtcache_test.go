package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// TestKeptStatements goes through what could be wrong with a statement that was
// compiled for somebody else: it is in use, it failed, the schema has changed,
// there are too many, and its caller has gone.
func TestKeptStatements(t *testing.T) {
	t.Parallel()
	db := openConnector(sqliteConnector{dsn: "file:" + filepath.Join(t.TempDir(), "kept.db")})
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	exec("CREATE TABLE n (id INTEGER NOT NULL PRIMARY KEY)")
	const insert, list = "INSERT INTO n (id) VALUES (?)", "SELECT * FROM n ORDER BY id"
	for id := range 3 {
		exec(insert, id)
	}

	t.Run("InUse", func(t *testing.T) {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		outer, err := tx.QueryContext(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		defer outer.Close()
		pairs := 0
		for outer.Next() {
			pairs += len(idsIn(t, tx, list))
		}
		if err := outer.Err(); err != nil || pairs != 9 {
			t.Errorf("got %d pairs and error %v, want each row with each", pairs, err)
		}
	})
	t.Run("Failed", func(t *testing.T) {
		if _, err := db.ExecContext(t.Context(), insert, 1); !sqliteDialect().duplicate(err) {
			t.Errorf("got %v, want a duplicate", err)
		}
		exec(insert, 3)
		if _, err := db.ExecContext(t.Context(), "SELECT id FROM later"); err == nil {
			t.Error("got no error of a table that is not there")
		}
		exec("CREATE TABLE later (id INTEGER)")
		exec("SELECT id FROM later")
	})
	t.Run("CallerGone", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		if err := left(ctx, db, list, cancel); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		if got := idsIn(t, db, list); len(got) != 4 {
			t.Errorf("got %v, want all four", got)
		}
	})
	t.Run("SchemaChanged", func(t *testing.T) {
		exec("ALTER TABLE n ADD COLUMN name TEXT NOT NULL DEFAULT 'x'")
		rows, err := db.QueryContext(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if columns, err := rows.Columns(); err != nil || rows.Err() != nil || len(columns) != 2 {
			t.Errorf("got columns %v and error %v, want the new one, too", columns, err)
		}
	})
	t.Run("Many", func(t *testing.T) {
		for i := range 3 * keptStatements {
			if got := idsIn(t, db, fmt.Sprintf("SELECT id FROM n WHERE id = 2 AND %d = %d", i, i)); len(got) != 1 {
				t.Fatalf("statement %d: got %v, want one row", i, got)
			}
		}
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		err = conn.Raw(func(c any) error {
			if k, ok := c.(*keepingConn); !ok || len(k.kept) != keptStatements || k.order.Len() != keptStatements {
				return fmt.Errorf("got %T, want one that keeps %d statements", c, keptStatements)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// left reads one row, and then its caller is gone.
func left(ctx context.Context, db querier, query string, gone func()) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	rows.Next()
	gone()
	return rows.Err()
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func idsIn(t *testing.T, db querier, query string) (ids []int) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}
