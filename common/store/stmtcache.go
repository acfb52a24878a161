package store

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
)

// SQLite compiles a statement every time it is given one, which costs as much as
// running most of ours. A connection keeps those it has compiled last: so many,
// and none of a text so long that it will hardly come again.
const (
	keptStatements = 128
	keptLength     = 2000
)

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keepingConn is a connection that keeps its compiled statements, the last used
// first. One goroutine at a time uses it, as all connections.
type keepingConn struct {
	sqliteConn

	kept  map[string]*list.Element // of *keptStatement
	order *list.List
}

// keptStatement is a compiled statement; busy while rows of it are read.
type keptStatement struct {
	text string
	stmt sqliteStmt
	busy bool
}

// sqliteStmt is what the driver's statements can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func keeping(c driver.Conn) (driver.Conn, error) {
	conn, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver's connections are not what they were"), c.Close())
	}
	return &keepingConn{sqliteConn: conn, kept: map[string]*list.Element{}, order: list.New()}, nil
}

// Close lets go of the statements and the connection.
func (c *keepingConn) Close() error {
	var errs []error
	for e := c.order.Front(); e != nil; e = e.Next() {
		errs = append(errs, keptIn(e).stmt.Close())
	}
	c.order.Init()
	clear(c.kept)
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// ExecContext runs a statement that returns no rows.
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.compiled(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.stmt.ExecContext(ctx, args)
}

// QueryContext runs a statement that returns rows; it is used by nobody else
// until they are closed.
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.compiled(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &keptRows{Rows: rows, of: s}, nil
}

// compiled returns a statement that is kept, or is from now on; nil: this one
// is not to be kept, or is in use.
func (c *keepingConn) compiled(ctx context.Context, query string) (*keptStatement, error) {
	if e, known := c.kept[query]; known {
		s := keptIn(e)
		if s.busy {
			return nil, nil //nolint:nilnil // neither there nor an error
		}
		c.order.MoveToFront(e)
		return s, nil
	}
	if len(query) > keptLength {
		return nil, nil //nolint:nilnil // neither there nor an error
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt, ok := prepared.(sqliteStmt)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver's statements are not what they were"), prepared.Close())
	}
	s := &keptStatement{text: query, stmt: stmt}
	c.kept[query] = c.order.PushFront(s)
	return s, c.forgetOne()
}

// forgetOne makes room: the statement that was used longest ago goes.
func (c *keepingConn) forgetOne() error {
	if len(c.kept) <= keptStatements {
		return nil
	}
	e := c.order.Back()
	s := keptIn(e)
	if s.busy {
		return nil
	}
	c.order.Remove(e)
	delete(c.kept, s.text)
	return s.stmt.Close()
}

func keptIn(e *list.Element) *keptStatement {
	s, _ := e.Value.(*keptStatement)
	return s
}

// keptRows gives its statement back when it is closed.
type keptRows struct {
	driver.Rows

	of *keptStatement
}

// Close resets the statement, which may be used again.
func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	return err
}
