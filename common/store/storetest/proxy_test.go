package storetest

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"capricornus/common/store"
)

// fault is what a proxy does to its connections.
type fault int

const (
	pass       fault = iota
	silence          // nothing goes through any more, nobody is told
	deafness         // what the server says goes nowhere
	loseCommit       // the next COMMIT does not reach the server, its connection breaks
	loseAnswer       // the next COMMIT does, its answer does not come back
	stopCommit       // from the next COMMIT on, silence
	stopHalf         // from the first half of the next big statement on, silence
)

// proxy stands between a store and a MariaDB.
type proxy struct {
	target   string
	listener net.Listener
	work     sync.WaitGroup

	mu     sync.Mutex
	change *sync.Cond // of fault or closed
	fault  fault
	closed bool
	conns  []net.Conn
}

// proxied makes a fresh database and a configuration that reaches it through a proxy.
func proxied(t *testing.T) (direct, through store.Config, p *proxy) {
	t.Helper()
	direct = Fresh(t, MySQL)
	dsn, err := mysql.ParseDSN(direct.DSN)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p = &proxy{target: dsn.Addr, listener: listener}
	p.change = sync.NewCond(&p.mu)
	ctx := context.WithoutCancel(t.Context())
	p.work.Go(func() { p.accept(ctx) })
	t.Cleanup(p.close)
	dsn.Addr = listener.Addr().String()
	return direct, store.Config{Driver: MySQL, DSN: dsn.FormatDSN()}, p
}

// set changes what happens from now on.
func (p *proxy) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	p.change.Broadcast()
}

func (p *proxy) is() fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

func (p *proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.change.Broadcast()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	_ = p.listener.Close()
	p.work.Wait()
}

func (p *proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		l := &link{proxy: p, client: client, server: server}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		p.work.Go(l.requests)
		p.work.Go(l.answers)
	}
}

// hold waits while the fault is one of those; false when the proxy is closed.
func (p *proxy) hold(faults ...fault) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.closed && slices.Contains(faults, p.fault) {
		p.change.Wait()
	}
	return !p.closed
}

// link is one connection through the proxy.
type link struct {
	proxy          *proxy
	client, server net.Conn
	lost           bool
	mu             sync.Mutex
}

func (l *link) cut() {
	_ = l.client.Close()
	_ = l.server.Close()
}

// requests passes packets on: three bytes of length, one of sequence, the rest.
func (l *link) requests() {
	defer l.cut()
	for {
		head := make([]byte, 4)
		if _, err := io.ReadFull(l.client, head); err != nil {
			return
		}
		packet := make([]byte, len(head)+(int(head[0])|int(head[1])<<8|int(head[2])<<16))
		copy(packet, head)
		if _, err := io.ReadFull(l.client, packet[4:]); err != nil {
			return
		}
		if !l.proxy.hold(silence) || !l.request(packet) {
			return
		}
	}
}

func (l *link) request(packet []byte) bool {
	commit := bytes.Equal(packet[4:], []byte("\x03COMMIT"))
	switch f := l.proxy.is(); {
	case commit && f == loseCommit:
		l.proxy.set(pass)
		return false
	case commit && f == loseAnswer:
		l.proxy.set(pass)
		l.mu.Lock()
		l.lost = true
		l.mu.Unlock()
	case commit && f == stopCommit:
		l.proxy.set(silence)
		if !l.proxy.hold(silence) {
			return false
		}
	case f == stopHalf && len(packet) > 100_000:
		half := len(packet) / 2
		if _, err := l.server.Write(packet[:half]); err != nil {
			return false
		}
		l.proxy.set(silence)
		if !l.proxy.hold(silence) {
			return false
		}
		packet = packet[half:]
	}
	_, err := l.server.Write(packet)
	return err == nil
}

func (l *link) answers() {
	defer l.cut()
	buffer := make([]byte, 64<<10)
	for l.proxy.hold(silence, deafness) {
		n, err := l.server.Read(buffer)
		l.mu.Lock()
		lost := l.lost
		l.mu.Unlock()
		if !l.proxy.hold(silence, deafness) || err != nil || lost { // an end is not told either
			return
		}
		if _, err := l.client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
