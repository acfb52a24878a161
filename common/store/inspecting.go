package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Inspect asks the database what it is, and changes nothing in it. An error
// means that it did not answer; what is wrong with its answers is in the
// Inspection.
func (db *DB) Inspect(ctx context.Context) (Inspection, error) {
	version, err := db.ServerVersion(ctx)
	if err != nil {
		return Inspection{}, err
	}
	in := Inspection{Engine: db.d.name, Version: version}
	asks := []func(context.Context, *Inspection) error{db.inspectClock, db.inspectSchema}
	if db.d.name == "mysql" {
		asks = append(asks, db.inspectServer, db.inspectGrants)
	} else {
		asks = append(asks, db.inspectFile)
	}
	for _, ask := range asks {
		if err := ask(ctx, &in); err != nil {
			return Inspection{}, fmt.Errorf("inspect the database: %w", err)
		}
	}
	return in, nil
}

func (db *DB) inspectClock(ctx context.Context, in *Inspection) (err error) {
	in.RoundTrip, err = db.SyncClock(ctx)
	in.ClockOffset = db.ClockOffset()
	return err
}

func (db *DB) inspectSchema(ctx context.Context, in *Inspection) (err error) {
	if in.Schema, err = db.Schema(ctx); err != nil || in.Schema.Current == 0 {
		return err
	}
	fence, err := db.Fence(ctx)
	if errors.Is(err, ErrFence) {
		in.FenceError = err
	} else if err != nil {
		return err
	} else {
		in.Fence = &fence
	}
	// the one row of capri_sequence
	return db.read.GetContext(ctx, &in.NextID, "SELECT COALESCE(MAX(nextId), 0) FROM capri_sequence")
}

const (
	inspectVariables = `SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation', 'innodb_lock_wait_timeout',
'idle_transaction_timeout', 'wait_timeout', 'read_only', 'super_read_only', 'innodb_read_only', 'default_storage_engine', 'max_connections',
'innodb_flush_log_at_trx_commit', 'log_bin', 'sync_binlog', 'innodb_doublewrite')`
	inspectBytes = `SELECT CAST(COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) AS SIGNED) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()`
)

func (db *DB) inspectServer(ctx context.Context, in *Inspection) error {
	writer, err := variablesOf(ctx, db.write, inspectVariables)
	if err != nil {
		return err
	}
	reader, err := variablesOf(ctx, db.read, inspectVariables)
	if err != nil {
		return err
	}
	server, err := askServer(ctx, db.read)
	if err != nil {
		return err
	}
	in.Refusal = server.refusal()
	in.Writer, in.Reader = sessionState(writer), sessionState(reader)
	in.ReadOnly = isReadOnly(writer)
	in.DefaultEngine = writer["default_storage_engine"]
	in.Weak = weaknesses(writer)
	in.Durable = len(in.Weak) == 0
	in.MaxConnections, _ = strconv.Atoi(writer["max_connections"])
	in.PoolSize = 2 * poolSize
	return db.read.GetContext(ctx, &in.Bytes, inspectBytes)
}

func isReadOnly(variables map[string]string) bool {
	v := variables["read_only"] // ON or OFF; since MariaDB 12 also what it does not let through
	return v != "" && v != "OFF" && v != "0" || isOn(variables["super_read_only"]) || isOn(variables["innodb_read_only"])
}

func sessionState(variables map[string]string) SessionState {
	first := func(names ...string) string {
		for _, n := range names {
			if v, ok := variables[n]; ok {
				return v
			}
		}
		return ""
	}
	return SessionState{
		Isolation:   first("transaction_isolation", "tx_isolation"),
		LockTimeout: secondsOf(first("innodb_lock_wait_timeout")),
		IdleTimeout: secondsOf(first("idle_transaction_timeout", "wait_timeout")),
	}
}

func secondsOf(text string) time.Duration {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// weaknesses names the variables by which an acknowledged commit may be lost in
// a crash: of the log, of pages half written, and of the log that replicas and
// point-in-time recovery live on.
func weaknesses(variables map[string]string) []string {
	var out []string
	weak := func(name string, is bool) {
		if is {
			out = append(out, name+"="+variables[name])
		}
	}
	flush, known := variables["innodb_flush_log_at_trx_commit"]
	weak("innodb_flush_log_at_trx_commit", known && flush != "1" && flush != "3") // 3 is MariaDB's stricter 1
	weak("innodb_doublewrite", strings.EqualFold(variables["innodb_doublewrite"], "OFF") || variables["innodb_doublewrite"] == "0")
	weak("sync_binlog", isOn(variables["log_bin"]) && variables["sync_binlog"] == "0")
	return out
}

// probes need a privilege each and change nothing: they are explained, not run.
var probes = []struct{ privilege, query string }{ //nolint:gochecknoglobals // a table
	{"SELECT", "EXPLAIN SELECT nextId FROM capri_sequence WHERE id = 0"},
	{"INSERT", "EXPLAIN INSERT INTO capri_sequence (id, nextId) VALUES (0, 0)"},
	{"UPDATE", "EXPLAIN UPDATE capri_sequence SET nextId = 0 WHERE id = 0"},
	{"DELETE", "EXPLAIN DELETE FROM capri_sequence WHERE id = 0"},
}

// inspectDDL counts what the account may do to the schema, of what migrating
// needs. A grant's schema is a pattern.
const inspectDDL = `SELECT COUNT(DISTINCT PRIVILEGE_TYPE) FROM (
SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES
UNION ALL SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE DATABASE() LIKE TABLE_SCHEMA) granted
WHERE PRIVILEGE_TYPE IN ('CREATE', 'ALTER', 'INDEX', 'DROP')`

// inspectGrants tries the statements rather than read the grants: those come
// through patterns, roles and proxies too.
func (db *DB) inspectGrants(ctx context.Context, in *Inspection) error {
	var ddl int
	if err := db.read.GetContext(ctx, &ddl, inspectDDL); err != nil {
		return err
	}
	in.CanMigrate = ddl == 4
	if in.Schema.Current == 0 {
		return nil
	}
	for _, p := range probes {
		denied, err := isDenied(ctx, db.write, p.query)
		if err != nil {
			return err
		}
		if denied {
			in.Denied = append(in.Denied, p.privilege)
		}
	}
	return nil
}

func isDenied(ctx context.Context, db *sqlx.DB, query string) (bool, error) {
	rows, err := db.QueryxContext(ctx, query)
	if err == nil {
		defer rows.Close()
		for rows.Next() {
			continue
		}
		return false, rows.Err()
	}
	switch mysqlCode(err) {
	case mysqlTableDenied, mysqlColumnDenied, mysqlSchemaDenied:
		return true, nil
	case mysqlReadOnlyOption, mysqlReadOnlyMode:
		return false, nil // it would be allowed to write
	}
	return false, err
}

// inspectFile is Inspect's share for SQLite: its one writer has all rights.
func (db *DB) inspectFile(ctx context.Context, in *Inspection) error {
	var sync, busy int
	for query, into := range map[string]any{
		"PRAGMA synchronous": &sync, "PRAGMA busy_timeout": &busy,
		"SELECT page_count * page_size FROM pragma_page_count, pragma_page_size": &in.Bytes,
	} {
		if err := db.write.GetContext(ctx, into, query); err != nil {
			return err
		}
	}
	const full = 2
	if in.Durable = sync >= full; !in.Durable {
		in.Weak = []string{"synchronous=" + strconv.Itoa(sync)}
	}
	in.CanMigrate = true
	in.Writer = SessionState{Isolation: "SERIALIZABLE", LockTimeout: time.Duration(busy) * time.Millisecond}
	in.Reader = in.Writer
	in.PoolSize = 1 + sqliteReaders
	return nil
}
