package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"capricornus/common/store"
)

// TestTwinSchemas compares what both engines made of the migrations: tables,
// columns with kind and nullability, unique keys and indexes.
func TestTwinSchemas(t *testing.T) {
	t.Parallel()
	engines := Engines(t)
	if len(engines) < 2 {
		t.Log("not compared: there is one engine alone")
		return
	}
	lite, maria := liteSchema(t, Open(t, SQLite)), mariaSchema(t, Open(t, MySQL))
	if len(lite) < 100 {
		t.Fatalf("got %d facts of SQLite's schema, want many more", len(lite))
	}
	for _, fact := range lite {
		if !slices.Contains(maria, fact) {
			t.Errorf("SQLite alone has %s", fact)
		}
	}
	for _, fact := range maria {
		if !slices.Contains(lite, fact) {
			t.Errorf("MariaDB alone has %s", fact)
		}
	}
}

// column is a column of either engine; key is its place in the primary key, from 1.
type column struct {
	Table   string `db:"tab"`
	Name    string `db:"name"`
	Type    string `db:"type"`
	NotNull bool   `db:"required"`
	Key     int    `db:"pk"`
}

type keyPart struct {
	Table  string `db:"tab"`
	Index  string `db:"idx"`
	Unique bool   `db:"uniq"`
	Column string `db:"col"`
}

func (c column) fact() string {
	kind := strings.ToLower(c.Type)
	for name, kinds := range map[string][]string{
		"number": {"int", "bigint", "tinyint", "integer"}, "text": {"varchar", "text", "mediumtext"}, "real": {"double", "real"}, "bytes": {"blob", "mediumblob"},
	} {
		if slices.Contains(kinds, kind) {
			kind = name
		}
	}
	return fmt.Sprintf("column %s.%s %s, required %v", c.Table, c.Name, kind, c.NotNull || c.Key > 0)
}

// keyFacts joins the parts, which come in order, to one line per key.
func keyFacts(parts []keyPart) []string {
	var out []string
	for i, p := range parts {
		if i == 0 || parts[i-1].Table != p.Table || parts[i-1].Index != p.Index {
			name := p.Index
			if strings.HasPrefix(name, "sqlite_autoindex") {
				name = "PRIMARY"
			}
			out = append(out, fmt.Sprintf("key %s %s, unique %v:", p.Table, name, p.Unique))
		}
		out[len(out)-1] += " " + p.Column
	}
	return out
}

func liteSchema(t *testing.T, db *store.DB) []string {
	t.Helper()
	var columns []column
	var parts []keyPart
	lists(t, db, &columns, `SELECT m.name AS tab, c.name, c.type, c."notnull" AS required, c.pk
FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND m.name LIKE 'capri%' ORDER BY m.name, c.pk`)
	lists(t, db, &parts, `SELECT m.name AS tab, i.name AS idx, i."unique" AS uniq, c.name AS col
FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
WHERE m.type = 'table' AND m.name LIKE 'capri%' AND i.origin <> 'pk' ORDER BY m.name, i.name, c.seqno`)
	var facts []string
	for _, c := range columns {
		facts = append(facts, c.fact())
		if c.Key > 0 {
			parts = append(parts, keyPart{Table: c.Table, Index: "PRIMARY", Unique: true, Column: c.Name})
		}
	}
	return append(facts, keyFacts(parts)...)
}

func mariaSchema(t *testing.T, db *store.DB) []string {
	t.Helper()
	var columns []column
	var parts []keyPart
	lists(t, db, &columns, `SELECT TABLE_NAME AS tab, COLUMN_NAME AS name, DATA_TYPE AS type, IS_NULLABLE = 'NO' AS required, 0 AS pk
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'capri%'`)
	lists(t, db, &parts, `SELECT TABLE_NAME AS tab, INDEX_NAME AS idx, NON_UNIQUE = 0 AS uniq, COLUMN_NAME AS col
FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'capri%' ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`)
	var facts []string
	for _, c := range columns {
		facts = append(facts, c.fact())
	}
	return append(facts, keyFacts(parts)...)
}

func lists(t *testing.T, db *store.DB, into any, query string) {
	t.Helper()
	if err := sqlx.NewDb(db.Raw(), db.Engine()).SelectContext(t.Context(), into, query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
