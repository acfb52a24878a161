package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
)

// Config says where the database is.
type Config struct {
	Driver string // mysql (MariaDB too) or sqlite
	DSN    string // mysql: user:password@tcp(host:3306)/database; sqlite: path of the file
	// AnyServer lifts the refusal of servers on which the fence is not known to hold.
	AnyServer bool
	// Volatile drops SQLite's syncing: for simulations, never for data somebody needs.
	Volatile bool
	// Wrap, when set, stands between database/sql and the driver: tests inject faults here.
	Wrap func(driver.Connector) driver.Connector
}

func (c Config) open(connector driver.Connector) *sql.DB {
	if c.Wrap != nil {
		connector = c.Wrap(connector)
	}
	return openConnector(connector)
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	write *sqlx.DB
	read  *sqlx.DB
	d     dialect
	ids   idBlock

	foreign atomic.Bool  // the last claim was refused: the database is another cluster's
	offset  atomic.Int64 // of the database's clock from ours, nanoseconds; see SyncClock

	hearing sync.Mutex
	hearers []hearer // of alerts
}

// hearer is told when alerts have been recorded.
type hearer struct {
	name string
	tell func()
}

// HearAlerts has tell called, at once and in the caller's goroutine, after each
// transaction of this process that recorded alerts; nil ends that for a name.
func (db *DB) HearAlerts(name string, tell func()) {
	db.hearing.Lock()
	defer db.hearing.Unlock()
	db.hearers = slices.DeleteFunc(slices.Clone(db.hearers), func(h hearer) bool { return h.name == name })
	if tell != nil {
		db.hearers = append(db.hearers, hearer{name, tell})
	}
}

// alarmed tells those who want to hear of alerts.
func (db *DB) alarmed() {
	db.hearing.Lock()
	all := db.hearers
	db.hearing.Unlock()
	for _, h := range all {
		h.tell()
	}
}

// Open connects; it neither migrates nor checks the schema.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	switch cfg.Driver {
	case "mysql":
		w, r, err := openMySQL(ctx, cfg)
		if err != nil {
			return nil, err
		}
		return &DB{write: w, read: r, d: mysqlDialect()}, nil
	case "sqlite":
		w, r, err := openSQLite(cfg)
		if err != nil {
			return nil, err
		}
		if err := w.PingContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", cfg.DSN, err), w.Close(), r.Close())
		}
		return &DB{write: w, read: r, d: sqliteDialect()}, nil
	}
	return nil, fmt.Errorf("database driver %q is unknown: write mysql or sqlite", cfg.Driver)
}

// Close closes all connections.
func (db *DB) Close() error {
	return errors.Join(db.read.Close(), db.write.Close())
}

// Engine names the engine: mysql or sqlite.
func (db *DB) Engine() string { return db.d.name }

// Raw is the pool of writing connections, for storetest alone: the conformance
// suite and the invariant checker look at rows as no query of the product does.
func (db *DB) Raw() *sql.DB { return db.write.DB }

// RawReader is the pool of reading connections, for storetest alone: a look at
// the whole database takes longer than a writer may be idle.
func (db *DB) RawReader() *sql.DB { return db.read.DB }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.write.PingContext(ctx) }

// tx is one transaction; its exported faces are ViewTx, LeaderTx, WorkTx and OperateTx.
type tx struct {
	sql  speaker // not embedded: its methods would be everybody's
	rang *bool   // alerts were recorded
	end  *error  // after a deadlock there is no transaction any more: what follows would commit by itself
	d    dialect
	now  int64
	by   Actor
}

// Actor is who makes a change: it is written into every event and audit row.
type Actor struct {
	Kind    string // timer, person, worker, or a duty's name
	ID      string // user, host or node
	Epoch   int64  // of the term, for decisions
	Request string // id of the call, for the audit; may be empty
}

// ViewTx reads a consistent snapshot.
type ViewTx struct{ tx }

// WorkTx writes facts of workers.
type WorkTx struct{ ViewTx }

// OperateTx writes commands of people.
type OperateTx struct{ ViewTx }

// Now is the instant the transaction began, in UTC milliseconds.
func (t *tx) Now() int64 { return t.now }

// View runs fn in a read-only snapshot.
func (db *DB) View(ctx context.Context, fn func(*ViewTx) error) error {
	opts := &sql.TxOptions{ReadOnly: true} // the readers' connections give a snapshot by themselves
	return db.run(ctx, db.read, opts, Actor{}, func(t tx) error { return fn(&ViewTx{t}) })
}

// speaker is what statements go to: a transaction, or for Glance the pool itself.
type speaker interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}

// Glance reads without a transaction, in half the round trips: each statement is
// a snapshot by itself, and the next one may see what came between. It is for
// reads of one statement, or of several whose rows do not have to agree.
func (db *DB) Glance(_ context.Context, fn func(*ViewTx) error) error {
	var end error
	return fn(&ViewTx{tx{sql: db.read, rang: new(bool), end: &end, d: db.d, now: db.Now().UnixMilli()}})
}

// Work runs fn in a transaction for facts of workers.
func (db *DB) Work(ctx context.Context, by Actor, fn func(*WorkTx) error) error {
	return db.run(ctx, db.write, nil, by, func(t tx) error { return fn(&WorkTx{ViewTx{t}}) })
}

// Operate runs fn in a transaction for commands of people.
func (db *DB) Operate(ctx context.Context, by Actor, fn func(*OperateTx) error) error {
	return db.run(ctx, db.write, nil, by, func(t tx) error { return fn(&OperateTx{ViewTx{t}}) })
}

// exec runs one statement and returns the number of matched rows.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if *t.end != nil {
		return 0, *t.end
	}
	res, err := t.sql.ExecContext(ctx, query, args...)
	if err = t.note(err); err != nil {
		if t.d.duplicate(err) {
			return 0, fmt.Errorf("%w: %w", ErrExists, err)
		}
		return 0, err
	}
	return res.RowsAffected()
}

// insert writes rows of equal width with as few statements as the engine allows.
func (t *tx) insert(ctx context.Context, table, cols string, rows [][]any, tail string) error {
	if len(rows) == 0 {
		return nil
	}
	width := len(rows[0])
	for page := range t.d.statements(rows) {
		if _, err := t.exec(ctx, "INSERT INTO "+table+" ("+cols+") VALUES "+tuples(width, len(page))+tail, flat(page)...); err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
	}
	return nil
}

// all reads rows into the slice dest points to.
func (t *tx) all(ctx context.Context, dest any, query string, args ...any) error {
	if *t.end != nil {
		return *t.end
	}
	return t.note(t.sql.SelectContext(ctx, dest, query, args...))
}

// note remembers an error that ended the transaction.
func (t *tx) note(err error) error {
	if err != nil && t.d.retryable(err) {
		*t.end = err
	}
	return err
}

// get reads one row; no row is ErrNotFound.
func (t *tx) get(ctx context.Context, dest any, query string, args ...any) error {
	if *t.end != nil {
		return *t.end
	}
	err := t.note(t.sql.GetContext(ctx, dest, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

func flat(rows [][]any) []any {
	out := make([]any, 0, len(rows)*len(rows[0]))
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}

// pages cuts a slice into pieces of at most size.
func pages[T any](all []T, size int) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for len(all) > 0 {
			n := min(size, len(all))
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

func anys[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

// clipStart is clip that keeps the end: of an output that is what matters.
func clipStart(text string, n int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	from := max(len(text)-n, 0)
	for from < len(text) && text[from]&0xC0 == 0x80 {
		from++
	}
	return text[from:]
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// clip cuts text to at most n bytes at a rune boundary, for columns of bounded
// length. What is no UTF-8, a script's output say, is replaced: MariaDB refuses it.
func clip(text string, n int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}
