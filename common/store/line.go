package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// How long a connection waits for a server that says nothing. A statement ends
// with its context, for the driver closes the connection then; a commit and a
// rollback have none, so they are bounded here: a term must end within seconds
// even while the server stands still.
const (
	endGrace   = 2 * time.Second  // a rollback; a commit after its context has ended
	peerSilent = 10 * time.Second // until a host that does not even acknowledge is given up
)

// tcpUserTimeout is Linux's socket option of that name, which package syscall
// does not know: keep-alive alone does not find a peer that is gone while sent
// bytes are waiting for it.
const tcpUserTimeout = 0x12

type lineKey struct{}

// line is the network connection below a driver's connection.
type line struct{ net.Conn }

// dialLine dials for the driver and hands the connection to boundConnector.
func dialLine(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: peerSilent / 2, Interval: peerSilent / 5, Count: 3},
		Control: func(network, _ string, raw syscall.RawConn) error {
			if runtime.GOOS != "linux" || !strings.HasPrefix(network, "tcp") {
				return nil
			}
			var failed error
			err := raw.Control(func(fd uintptr) {
				failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(peerSilent.Milliseconds()))
			})
			return errors.Join(err, failed)
		},
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if below, ok := ctx.Value(lineKey{}).(*line); ok && err == nil {
		below.Conn = conn
	}
	return conn, err
}

// boundConnector makes connections whose transactions end in bounded time.
type boundConnector struct{ driver.Connector }

// Connect opens one connection.
func (c boundConnector) Connect(ctx context.Context) (driver.Conn, error) {
	below := &line{}
	conn, err := c.Connector.Connect(context.WithValue(ctx, lineKey{}, below))
	if err != nil {
		return nil, err
	}
	whole, ok := conn.(wholeConn)
	if !ok || below.Conn == nil {
		return nil, errors.Join(errors.New("the MySQL driver's connection cannot do what it could"), conn.Close())
	}
	return &boundConn{whole, below}, nil
}

// wholeConn is all that the driver's connection can do.
type wholeConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type boundConn struct {
	wholeConn
	below *line
}

// BeginTx begins a transaction whose end is bounded.
func (c *boundConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.wholeConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &boundTx{tx, ctx, c.below}, nil
}

type boundTx struct {
	driver.Tx
	ctx   context.Context //nolint:containedctx // the transaction's own
	below *line
}

// Commit commits. When the context ends meanwhile, the answer is waited for a
// little longer: it is worth knowing.
func (t *boundTx) Commit() error {
	defer t.below.cutAfter(t.ctx)()
	return t.Tx.Commit()
}

// Rollback rolls back. Where the server is too slow to say so, closing the
// connection does the same.
func (t *boundTx) Rollback() error {
	cut := time.AfterFunc(endGrace, func() { _ = t.below.Close() })
	defer cut.Stop()
	return t.Tx.Rollback()
}

// cutAfter closes the connection a little after ctx has ended, unless stop is
// called before. Reads and writes that hang on it fail then.
func (l *line) cutAfter(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(endGrace)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
			_ = l.Close() // whoever waits on it gets the error
		}
	})
	return func() {
		forget()
		close(done)
	}
}
