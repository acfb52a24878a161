package election

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

const (
	handshakeTimeout = 5 * time.Second
	handshakesAtOnce = 64 // unfinished ones; a cluster has a handful of members
)

// clientTLS is for calls to peers. Whom a peer must be is in its address: with
// no name set, the dialer asks for the certificate of the host it dials.
func clientTLS(conf *tls.Config) *tls.Config {
	conf = conf.Clone()
	conf.MinVersion = tls.VersionTLS13
	conf.ServerName = ""
	return conf
}

// serverTLS is for calls of peers, which must show a certificate of the
// cluster's own authority.
func serverTLS(conf *tls.Config) *tls.Config {
	conf = conf.Clone()
	conf.MinVersion = tls.VersionTLS13
	conf.ClientAuth = tls.RequireAndVerifyClientCert
	if conf.ClientCAs == nil {
		conf.ClientCAs = conf.RootCAs
	}
	return conf
}

// handshaker is a listener that hands out connections of proven peers only.
// Each handshake has its own time and goroutine: one that never ends holds up
// nobody else.
type handshaker struct {
	net.Listener
	conf   *tls.Config
	logger hclog.Logger

	closed  <-chan struct{}
	cancel  context.CancelFunc
	results chan accepted
	running chan struct{} // one token for each unfinished handshake
	group   sync.WaitGroup
}

type accepted struct {
	conn net.Conn
	err  error
}

// newHandshaker listens until it is closed, whatever becomes of ctx.
func newHandshaker(ctx context.Context, listener net.Listener, conf *tls.Config, logger hclog.Logger) *handshaker {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h := &handshaker{
		Listener: listener, conf: conf, logger: logger, closed: ctx.Done(), cancel: cancel,
		results: make(chan accepted), running: make(chan struct{}, handshakesAtOnce),
	}
	h.group.Go(func() { h.listen(ctx) })
	return h
}

// Accept returns the next connection of a proven peer.
func (h *handshaker) Accept() (net.Conn, error) {
	select {
	case a := <-h.results:
		return a.conn, a.err
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close ends listening, and handshakes under way.
func (h *handshaker) Close() error {
	h.cancel()
	err := h.Listener.Close()
	h.group.Wait()
	return err
}

func (h *handshaker) listen(ctx context.Context) {
	for ctx.Err() == nil {
		conn, err := h.Listener.Accept()
		if err != nil {
			h.offer(accepted{err: err})
			continue
		}
		select {
		case h.running <- struct{}{}:
			h.group.Go(func() { h.shake(ctx, conn) })
		case <-h.closed:
			_ = conn.Close()
		}
	}
}

// shake tells of a peer that cannot prove itself; the logger does that once a
// minute.
func (h *handshaker) shake(ctx context.Context, conn net.Conn) {
	defer func() { <-h.running }()
	proving, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	secured := tls.Server(conn, h.conf)
	if err := secured.HandshakeContext(proving); err != nil {
		if ctx.Err() == nil {
			h.logger.Error("refused a connection to the raft port", "from", conn.RemoteAddr().String(), "error", err)
		}
		_ = conn.Close()
		return
	}
	if !h.offer(accepted{conn: secured}) {
		_ = conn.Close()
	}
}

func (h *handshaker) offer(a accepted) bool {
	select {
	case h.results <- a:
		return true
	case <-h.closed:
		return false
	}
}
