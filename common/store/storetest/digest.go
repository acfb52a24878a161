package storetest

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"capricornus/common/store"
)

// Digest sums up a SQLite database, for tests of what must change nothing. It
// is cheap while nothing changes.
type Digest struct {
	t     testing.TB
	conn  *sql.Conn
	aside []string
	seen  int64 // the version of the database that sum is of
	sum   string
}

// NewDigest watches a database but for some tables.
func NewDigest(t testing.TB, db *store.DB, aside ...string) *Digest {
	t.Helper()
	conn, err := db.RawReader().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Digest{t: t, conn: conn, aside: aside}
}

// Sum is another one whenever a row has changed.
func (d *Digest) Sum() string {
	d.t.Helper()
	var version int64 // another one whenever another connection has committed something
	if err := d.conn.QueryRowContext(d.t.Context(), "PRAGMA data_version").Scan(&version); err != nil {
		d.t.Fatal(err)
	}
	if version == d.seen && d.sum != "" {
		return d.sum
	}
	sum := sha256.New()
	for _, table := range d.texts("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'capri%' ORDER BY name") {
		if slices.Contains(d.aside, table) {
			continue
		}
		columns := d.texts("SELECT 'quote(' || name || ')' FROM pragma_table_info('" + table + "')")
		for _, row := range d.texts("SELECT " + strings.Join(columns, " || '|' || ") + " FROM " + table) {
			_, _ = sum.Write([]byte(row + "\n")) // never fails
		}
	}
	d.seen, d.sum = version, hex.EncodeToString(sum.Sum(nil))
	return d.sum
}

func (d *Digest) texts(query string) []string {
	d.t.Helper()
	rows, err := d.conn.QueryContext(d.t.Context(), query)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			d.t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return out
}
