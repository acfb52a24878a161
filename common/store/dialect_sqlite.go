package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

func sqliteDialect() dialect {
	return dialect{
		name:    "sqlite",
		version: "SELECT sqlite_version()",
		clock:   "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
		inOrder: "CROSS JOIN",
		maxVars: 32000,
		duplicate: func(err error) bool {
			code := sqliteCode(err)
			return code == sqlitelib.SQLITE_CONSTRAINT_UNIQUE || code == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY
		},
		retryable: func(err error) bool { return sqliteCode(err)&0xff == sqlitelib.SQLITE_BUSY },
		readOnly:  func(error) bool { return false }, // no server that could be demoted
		unclear:   func(err error) bool { return errors.Is(err, driver.ErrBadConn) },
		values: func(cols []string, n int) string {
			i := 0
			names := qualified("", cols, ",", func(c string) string {
				i++
				return fmt.Sprintf("column%d AS %s", i, c)
			})
			return "SELECT " + names + " FROM (VALUES " + tuples(len(cols), n) + ")"
		},
		updateFrom: func(table, values string, set, match []string) string {
			return "UPDATE " + table + " SET " +
				qualified("", set, ", ", func(c string) string { return bare(c) + " = " + newValue(table, c) }) +
				" FROM (" + values + ") v WHERE " +
				qualified("", match, " AND ", func(c string) string { return table + "." + bare(c) + " = v." + c })
		},
		upsert: func(key string, cols ...string) string {
			return " ON CONFLICT (" + key + ") DO UPDATE SET " + qualified("", cols, ", ", func(c string) string { return c + " = excluded." + c })
		},
		adding: func(key, col string) string {
			return " ON CONFLICT(" + key + ") DO UPDATE SET " + col + " = " + col + " + excluded." + col
		},
		ignore:   func(string) string { return " ON CONFLICT DO NOTHING" },
		byIndex:  func(index string) string { return " INDEXED BY " + index },
		jsonText: func(col string) string { return "json_extract(" + col + ", ?)" },
	}
}

func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

// sqliteReaders bounds the pool of readers.
const sqliteReaders = 6

// openSQLite opens the file twice: one writing connection, whose transactions
// begin immediately, and a pool of readers.
func openSQLite(cfg Config) (writer, reader *sqlx.DB, err error) {
	path := strings.TrimPrefix(cfg.DSN, "file:")
	name := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, fmt.Errorf("database directory: %w", err)
	}
	pragmas := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "foreign_keys(1)", "cache_size(-65536)",
		"temp_store(MEMORY)", "journal_size_limit(67108864)",
	}}
	sync := "synchronous(FULL)" // a 200 means durable
	if cfg.Volatile {
		sync = "synchronous(OFF)"
	}
	write := url.Values{"_pragma": append([]string{sync}, pragmas["_pragma"]...), "_txlock": {"immediate"}}
	read := url.Values{"_pragma": append([]string{"query_only(1)"}, pragmas["_pragma"]...)}
	writer = sqlx.NewDb(cfg.open(sqliteConnector{dsn: name + "?" + write.Encode()}), "sqlite")
	writer.SetMaxOpenConns(1)
	writer.SetMaxIdleConns(1)
	reader = sqlx.NewDb(cfg.open(sqliteConnector{dsn: name + "?" + read.Encode()}), "sqlite")
	reader.SetMaxOpenConns(sqliteReaders)
	reader.SetMaxIdleConns(sqliteReaders)
	return writer, reader, nil
}
