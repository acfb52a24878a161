package election

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// dialPool is how many connections are kept to each peer.
const dialPool = 3

// openTransport returns the configured way to the peers: the given one, memory
// for a node alone, TCP for all others.
func openTransport(ctx context.Context, cfg Config, logger hclog.Logger) (raft.Transport, error) {
	if cfg.Transport != nil {
		return cfg.Transport, nil
	}
	if cfg.Listen == "" {
		// The name is the address: it is kept in raft's configuration and must
		// be the same after a restart.
		_, transport := raft.NewInmemTransport(raft.ServerAddress(cfg.Node))
		return transport, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for raft: %w", err)
	}
	layer := &stream{Listener: listener, advertise: cfg.Peers[cfg.Node]}
	if cfg.TLS != nil {
		layer.client = clientTLS(cfg.TLS)
		layer.Listener = newHandshaker(ctx, listener, serverTLS(cfg.TLS), logger)
	}
	return raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Stream:  layer,
		MaxPool: dialPool,
		Timeout: 2 * cfg.heartbeat(),
		Logger:  logger,
	}), nil
}

// stream is TCP that tells the peers' address of this node, which may differ
// from the one it listens on.
type stream struct {
	net.Listener
	advertise string
	client    *tls.Config // nil: plain
}

var _ raft.StreamLayer = (*stream)(nil)

// Dial connects to a peer, and is sure of it when TLS is on.
func (s *stream) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: timeout}
	if s.client == nil {
		return dialer.Dial("tcp", string(address))
	}
	return tls.DialWithDialer(dialer, "tcp", string(address), s.client) //nolint:noctx // raft gives a time, no context
}

// Addr is the address under which peers know this node.
func (s *stream) Addr() net.Addr { return peerAddr(s.advertise) }

type peerAddr string

// Network names the kind of address.
func (peerAddr) Network() string { return "tcp" }

// String returns host:port.
func (a peerAddr) String() string { return string(a) }
