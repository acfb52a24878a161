package dfs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"capricornus/common/pause"
)

// patience is how long a file system is waited for whose namenodes refuse
// connections or are on standby: they start, or another one takes over.
const patience = 10 * time.Second

// connection is what became of connecting to a file system, done once.
type connection struct {
	client *hdfs.Client
	err    error
}

func (c *connection) close() {
	if c.client != nil {
		_ = c.client.Close()
	}
}

// connect finds the namenode that serves. Each is tried by a client of its own,
// because one client would hang at the first that does.
func connect(ctx context.Context, namenodes []string, cfg Config) *connection {
	giveUp := time.Now().Add(patience)
	for {
		reasons, final := make([]string, 0, len(namenodes)), false
		for _, address := range namenodes {
			client, err := dial(address, cfg)
			if err == nil {
				return &connection{client: client}
			}
			final = final || errors.Is(err, errSimple) || errors.Is(err, os.ErrDeadlineExceeded)
			reasons = append(reasons, fmt.Sprintf("namenode %s: %s", address, strings.TrimPrefix(err.Error(), "no available namenodes: ")))
		}
		if final || time.Now().After(giveUp) || pause.For(ctx, time.Second) != nil {
			return &connection{err: said{errors.New(strings.Join(reasons, "; "))}}
		}
	}
}

// errSimple is the answer of a file system that wants Kerberos.
var errSimple = errors.New("refuses a client without Kerberos, which capri dfs does not know: use hdfs dfs")

func dial(address string, cfg Config) (*hdfs.Client, error) {
	dialer := bounded(cfg.Timeout)
	client, err := hdfs.NewClient(hdfs.ClientOptions{
		Addresses: []string{address}, User: cfg.User, NamenodeDialFunc: dialer, DatanodeDialFunc: dialer,
	})
	if err != nil {
		return nil, err
	}
	// Whether it is active and lets this user in shows with the first question.
	_, err = client.Stat("/")
	if err == nil {
		return client, nil
	}
	_ = client.Close()
	if inner, ok := errors.AsType[*os.PathError](err); ok {
		err = inner.Err
	}
	// Everybody may look at the root. A namenode that wants Kerberos says so in an
	// answer with a number of its own, for which the library has these words only.
	if errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "unexpected sequence number") {
		err = errSimple
	}
	return nil, err
}

// bounded dials connections on which nothing waits for longer than timeout.
func bounded(timeout time.Duration) func(context.Context, string, string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: min(timeout, patience)}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &deadlined{conn, timeout}, nil
	}
}

// deadlined is a connection with a deadline for every read and write. After an
// error it is closed: an answer that comes late would be taken for the next one.
type deadlined struct {
	net.Conn
	timeout time.Duration
}

func (d *deadlined) Read(data []byte) (int, error) {
	if err := d.SetReadDeadline(time.Now().Add(d.timeout)); err != nil {
		return 0, err
	}
	n, err := d.Conn.Read(data)
	return n, d.spoilt(err)
}

func (d *deadlined) Write(data []byte) (int, error) {
	if err := d.SetWriteDeadline(time.Now().Add(d.timeout)); err != nil {
		return 0, err
	}
	n, err := d.Conn.Write(data)
	return n, d.spoilt(err)
}

// SetDeadline is what the client library calls with deadlines that it has not.
func (*deadlined) SetDeadline(time.Time) error { return nil }

func (d *deadlined) spoilt(err error) error {
	if err == nil {
		return nil
	}
	_ = d.Close()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("no answer within %s: %w", d.timeout, os.ErrDeadlineExceeded)
	}
	return err
}
