package channel

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"capricornus/common/config"
)

// boundLine is a connection that is over at one moment, however often its user
// grants itself more time, and at once when its context ends. It keeps what
// went wrong: the mail library's errors lose that.
type boundLine struct {
	net.Conn
	until time.Time
	stop  func() bool

	mu      sync.Mutex
	heard   int // bytes
	trouble error
}

// longestTalk is more than any server has to say about one mail.
const longestTalk = 1 << 20

// errTalks is the trouble with a server that says more than that.
var errTalks = errors.New("it talks without end")

// connect dials and, where the server speaks TLS from the first byte, shakes hands.
func (m *mailer) connect(ctx context.Context) (*boundLine, net.Conn, error) {
	conn, err := m.dial(ctx, "tcp", m.address)
	if err != nil {
		return nil, nil, err
	}
	line := &boundLine{Conn: conn, until: time.Now().Add(m.cfg.Timeout)}
	if deadline, ok := ctx.Deadline(); ok {
		line.until = deadline
	}
	line.stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	if err := line.SetDeadline(line.until); err != nil {
		line.hangUp()
		return nil, nil, err
	}
	if m.cfg.TLS != config.MailTLS {
		return line, line, nil
	}
	encrypted := tls.Client(line, m.tls)
	if err := encrypted.HandshakeContext(ctx); err != nil {
		line.hangUp()
		return nil, nil, err
	}
	return line, encrypted, nil
}

func (l *boundLine) hangUp() {
	l.stop()
	_ = l.Close() // what matters was said before
}

// SetDeadline grants no more time than there is.
func (l *boundLine) SetDeadline(t time.Time) error { return l.Conn.SetDeadline(l.bound(t)) }

// SetReadDeadline grants no more time than there is.
func (l *boundLine) SetReadDeadline(t time.Time) error { return l.Conn.SetReadDeadline(l.bound(t)) }

// SetWriteDeadline grants no more time than there is.
func (l *boundLine) SetWriteDeadline(t time.Time) error { return l.Conn.SetWriteDeadline(l.bound(t)) }

func (l *boundLine) bound(t time.Time) time.Time {
	if t.IsZero() || t.After(l.until) {
		return l.until
	}
	return t
}

// Read keeps the first error, and hears no more than longestTalk.
func (l *boundLine) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.mu.Lock()
	l.heard += n
	if l.heard > longestTalk {
		n, err = 0, errTalks
	}
	l.mu.Unlock()
	l.keep(err)
	return n, err
}

// Write keeps the first error.
func (l *boundLine) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	l.keep(err)
	return n, err
}

func (l *boundLine) keep(err error) {
	if err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.trouble == nil {
		l.trouble = err
	}
}

func (l *boundLine) firstTrouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trouble
}
