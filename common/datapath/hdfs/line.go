package hdfs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"

	"github.com/colinmarc/hdfs/v2"
	"github.com/colinmarc/hdfs/v2/hadoopconf"
)

// noInode is a name of what can never exist: inodes are counted from 16385 on.
const noInode = "/.reserved/.inodes/1"

// pageSize is how many entries of a directory a namenode lists at once, unless
// it was configured otherwise.
const pageSize = 1000

// line is a client of the library with its connections, so that they can be
// closed under it: the library's calls have neither context nor deadline.
type line struct {
	cluster *cluster
	order   []string // namenodes, in the order to try
	client  *hdfs.Client
	refused error // why there can be no client: no credentials
	ending  sync.Once

	lock  sync.Mutex
	conns map[*conn]struct{}
	last  *conn            // to a namenode
	tried []string         // namenodes that were dialled
	why   map[string]error // what went wrong with them
	dials map[*context.CancelFunc]struct{}
	isCut bool
}

func newLine(c *cluster, order []string) *line {
	return &line{cluster: c, order: order, conns: map[*conn]struct{}{}, why: map[string]error{}, dials: map[*context.CancelFunc]struct{}{}}
}

// start makes the client of the library unless it is there.
func (l *line) start(ctx context.Context) error {
	if l.client != nil {
		return nil
	}
	c := l.cluster
	// Only this way the library knows that datanodes on privileged ports want no
	// handshake; it matters with Kerberos only.
	options := hdfs.ClientOptionsFromConf(hadoopconf.HadoopConf{})
	options.Addresses, options.User = l.order, c.access.User
	options.NamenodeDialFunc, options.DatanodeDialFunc = l.dialNamenode, l.dialDatanode
	options.DataTransferProtection, options.UseDatanodeHostname = c.access.Protection, c.access.Hostnames
	if c.access.login != nil {
		if c.access.Protection == "" {
			options.DataTransferProtection = hdfs.DataTransferProtectionAuthentication // at least; the datanode may want more
		}
		client, err := c.access.login.client(ctx)
		if err != nil {
			l.refused = err
			return err
		}
		options.KerberosClient, options.KerberosServicePrincipleName = client, c.access.Kerberos.Service
	}
	client, err := hdfs.NewClient(options)
	l.client = client
	return err
}

func (l *line) dialNamenode(ctx context.Context, network, address string) (net.Conn, error) {
	l.lock.Lock()
	l.tried = append(l.tried, address)
	l.lock.Unlock()
	c, err := l.dial(ctx, network, address)
	if err != nil {
		l.failed(address, err)
		return nil, err
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	c.namenode = address
	l.last = c
	return c, nil
}

func (l *line) dialDatanode(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := l.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// dial connects unless the line is cut; the context of the library never ends.
func (l *line) dial(ctx context.Context, network, address string) (*conn, error) {
	timeout := l.cluster.access.Timeout
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	l.lock.Lock()
	if l.isCut {
		l.lock.Unlock()
		return nil, errClosed
	}
	dial := &stop
	l.dials[dial] = struct{}{}
	l.lock.Unlock()
	inner, err := l.cluster.access.dial(ctx, network, address)
	l.lock.Lock()
	defer l.lock.Unlock()
	delete(l.dials, dial)
	if err != nil {
		return nil, err
	}
	if l.isCut {
		return nil, errors.Join(errClosed, inner.Close())
	}
	c := &conn{Conn: inner, line: l, timeout: timeout}
	l.conns[c] = struct{}{}
	return c, nil
}

// cut closes all connections: a call that waits for one returns at once. What
// follows finds no namenode.
func (l *line) cut() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.isCut = true
	for stop := range l.dials {
		(*stop)()
	}
	for c := range l.conns {
		// Its memory goes with the line; there is nothing else to lose.
		_ = c.Conn.Close()
	}
	clear(l.conns)
}

// close ends the client. The library's Close waits for calls, of which the
// connections have to be closed first, and panics when it is called twice.
func (l *line) close() {
	l.ending.Do(func() {
		l.cut()
		if l.client != nil {
			_ = l.client.Close() // the connection is closed already
		}
		l.cluster.gone(l)
	})
}

// release gives a client that got an answer to keep, unless it was cut since. It
// forgets what it knows about other namenodes than the one that answered.
func (l *line) release(keep func(*line)) {
	if l.broken() {
		l.close()
		return
	}
	l.lock.Lock()
	l.tried = l.tried[len(l.tried)-1:]
	clear(l.why)
	l.lock.Unlock()
	keep(l)
}

// broken reports whether the client must not be used again: a connection of it
// failed, or still waits for the answer to a renewal, which hangs then.
func (l *line) broken() bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.isCut || l.last == nil || l.last.failed || l.last.waiting
}

// address is that of the namenode the client spoke to last.
func (l *line) address() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.tried) == 0 {
		return ""
	}
	return l.tried[len(l.tried)-1]
}

func (l *line) hasDialled() bool { return l.address() != "" }

// failed notes what went wrong with a namenode.
func (l *line) failed(address string, err error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.why[address] = err
}

// hung are the namenodes that did not answer within the deadline. The library
// may have gone on to others since.
func (l *line) hung() []string {
	l.lock.Lock()
	defer l.lock.Unlock()
	var found []string
	for address, err := range l.why {
		if timedOut(err) {
			found = append(found, address)
		}
	}
	return found
}

func (l *line) stat(name string) (os.FileInfo, error) {
	l.cluster.calls.Add(1)
	return l.client.Stat(name)
}

// open asks as stat does and can go on to list a directory, or to read a file.
func (l *line) open(name string) (*hdfs.FileReader, error) {
	l.cluster.calls.Add(1)
	return l.client.Open(name)
}

// page returns the next entries of a directory; none at its end.
func (l *line) page(dir *hdfs.FileReader) ([]os.FileInfo, error) {
	l.cluster.calls.Add(1)
	entries, err := dir.Readdir(pageSize)
	if err == io.EOF { //nolint:errorlint // wrapped, it is the end of the connection
		return nil, nil
	}
	return entries, err
}

// alive asks for what is always there and open to everybody whom the namenode
// lets in at all.
func (l *line) alive() error {
	_, err := l.stat("/")
	if errors.Is(err, fs.ErrPermission) {
		return errStranger
	}
	return err
}

// askSafeMode asks for a change of what cannot exist: a namenode in safe mode
// refuses it for that reason, any other because nothing is there. There is no
// question of its own for this in the library.
func (l *line) askSafeMode() error {
	l.cluster.calls.Add(1)
	err := l.client.Chmod(noInode, 0o700)
	var said hdfs.Error
	if errors.As(err, &said) && inSafeMode(said) {
		return errSafeMode
	}
	if definite(err) {
		return nil
	}
	return err
}
