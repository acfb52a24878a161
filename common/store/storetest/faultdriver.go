package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"
)

// FaultKind is how a statement fails.
type FaultKind struct {
	After  bool  // it ran first: the answer is lost, not the work
	Broken bool  // the connection is gone as well
	Err    error // what the caller is told
}

// String names the kind for sub-tests.
func (k FaultKind) String() string {
	when, what := "before", "error"
	if k.After {
		when = "after"
	}
	switch {
	case k.Broken:
		what = "broken connection"
	case !errors.Is(k.Err, errInjected):
		what = "retryable error"
	}
	return what + " " + when
}

var errInjected = errors.New("injected: the disk is full")

// FaultKinds lists every way a statement can fail on an engine. SQLite is no
// server: its connections do not break.
func FaultKinds(t testing.TB, engine string) []FaultKind {
	t.Helper()
	if engine == SQLite {
		return []FaultKind{{Err: errInjected}, {Err: busy(t)}, {After: true, Err: errInjected}}
	}
	return []FaultKind{
		{Err: errInjected}, {Err: &mysql.MySQLError{Number: 1213, Message: "injected deadlock"}}, {Broken: true, Err: driver.ErrBadConn},
		{After: true, Err: errInjected}, {After: true, Broken: true, Err: fmt.Errorf("injected: %w", mysql.ErrInvalidConn)},
	}
}

// busy provokes SQLite's own error: its type cannot be made by hand.
func busy(t testing.TB) error {
	t.Helper()
	dsn := "file:" + t.TempDir() + "/busy.db?_pragma=busy_timeout(0)&_txlock=immediate"
	var last error
	for range 2 {
		conn, err := (&sqlite.Driver{}).Open(dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, last = conn.(driver.ConnBeginTx).BeginTx(t.Context(), driver.TxOptions{})
	}
	if last == nil {
		t.Fatal("got two writers at once, want SQLite to say that it is busy")
	}
	return last
}

// Faults makes one statement of many fail: an exec, a query, a begin or a
// commit. Give Wrap to store.Config.
type Faults struct {
	mu    sync.Mutex
	kind  FaultKind
	left  int // statements until the fault; 0: not armed
	fired bool
	watch func(query string, args []driver.NamedValue)
}

// Watch shows every statement to fn, nil to stop.
func (f *Faults) Watch(fn func(query string, args []driver.NamedValue)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watch = fn
}

// WatchText is Watch for those who must not know the driver.
func (f *Faults) WatchText(fn func(query string)) {
	f.Watch(func(query string, _ []driver.NamedValue) { fn(query) })
}

func (f *Faults) saw(query string, args []driver.NamedValue) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watch != nil {
		f.watch(query, args)
	}
}

// Arm makes the k-th statement from now on fail.
func (f *Faults) Arm(k int, kind FaultKind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kind, f.left, f.fired = kind, k, false
}

// Disarm lets everything pass again; it tells whether the fault had fired.
func (f *Faults) Disarm() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = 0
	return f.fired
}

// Wrap puts the faults between database/sql and a driver.
func (f *Faults) Wrap(c driver.Connector) driver.Connector { return faultConnector{c, f} }

// next tells whether this statement is the one to fail.
func (f *Faults) next() *FaultKind {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == 0 {
		return nil
	}
	f.left--
	if f.left > 0 {
		return nil
	}
	f.fired = true
	kind := f.kind
	return &kind
}

type faultConnector struct {
	driver.Connector
	faults *Faults
}

// Connect opens a connection that may fail.
func (c faultConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &faultConn{conn: conn, faults: c.faults}, nil
}

// faultConn passes everything on to a connection, but for one statement.
type faultConn struct {
	conn   driver.Conn
	faults *Faults
	broken bool
}

// statement runs fn, or fails, or both; undo takes back what fn opened.
func (c *faultConn) statement(fn func() error, undo func()) error {
	if c.broken {
		return driver.ErrBadConn
	}
	kind := c.faults.next()
	if kind == nil {
		return fn()
	}
	if kind.After {
		if err := fn(); err != nil {
			return err
		}
		undo()
	}
	if kind.Broken {
		c.broken = true
		_ = c.conn.Close() // the server rolls back what was open
	}
	return kind.Err
}

// ExecContext runs a statement.
func (c *faultConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (res driver.Result, err error) {
	c.faults.saw(query, args)
	err = c.statement(func() (err error) {
		res, err = c.conn.(driver.ExecerContext).ExecContext(ctx, query, args)
		return err
	}, func() {})
	return res, err
}

// QueryContext runs a query.
func (c *faultConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	c.faults.saw(query, args)
	err = c.statement(func() (err error) {
		rows, err = c.conn.(driver.QueryerContext).QueryContext(ctx, query, args)
		return err
	}, func() { _ = rows.Close() })
	return rows, err
}

// BeginTx begins a transaction.
func (c *faultConn) BeginTx(ctx context.Context, opts driver.TxOptions) (tx driver.Tx, err error) {
	err = c.statement(func() (err error) {
		tx, err = c.conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
		return err
	}, func() { _ = tx.Rollback() })
	return &faultTx{c, tx}, err
}

// Begin is never called: database/sql prefers BeginTx.
func (c *faultConn) Begin() (driver.Tx, error) { return nil, driver.ErrSkip }

// Prepare passes on: the store sends its statements whole.
func (c *faultConn) Prepare(query string) (driver.Stmt, error) { return c.conn.Prepare(query) }

// Close closes the connection.
func (c *faultConn) Close() error {
	if c.broken {
		return nil
	}
	return c.conn.Close()
}

// IsValid keeps a broken connection out of the pool.
func (c *faultConn) IsValid() bool { return !c.broken }

// Ping asks the server.
func (c *faultConn) Ping(ctx context.Context) error {
	if p, ok := c.conn.(driver.Pinger); ok && !c.broken {
		return p.Ping(ctx)
	}
	return nil
}

// CheckNamedValue converts as the driver does.
func (c *faultConn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

type faultTx struct {
	conn *faultConn
	tx   driver.Tx
}

// Commit commits. One that fails before it ran is rolled back, as a server does.
func (t *faultTx) Commit() error {
	ran := false
	err := t.conn.statement(func() error {
		ran = true
		return t.tx.Commit()
	}, func() {})
	if !ran && !t.conn.broken {
		_ = t.tx.Rollback()
	}
	return err
}

// Rollback rolls back.
func (t *faultTx) Rollback() error {
	if t.conn.broken {
		return driver.ErrBadConn
	}
	return t.tx.Rollback()
}
