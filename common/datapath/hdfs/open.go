package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/colinmarc/hdfs/v2"

	"capricornus/common/datapath"
)

// open implements datapath.Source.Open for a file of this file system.
func (c *cluster) open(ctx context.Context, name string) (*datapath.File, error) {
	if !utf8.ValidString(name) {
		return nil, errNotUTF8
	}
	if err := c.state.refusal(); err != nil {
		return nil, err
	}
	var file *hdfs.FileReader
	var own *line
	began := time.Now()
	err := c.attempt(ctx, func(l *line) (err error) {
		file, err = l.open(name)
		return err
	}, none, func(l *line) { own = l })
	if err != nil {
		if own != nil {
			own.close()
		}
		return nil, c.judge(ctx, began, err)
	}
	if own == nil { // it was cut at the last moment
		return nil, c.outage(errClosed.Error())
	}
	info := file.Stat()
	if info.IsDir() {
		own.close()
		return nil, errors.New("it is a directory, not a file")
	}
	reading := &reading{file: file, line: own, ended: func() error { return context.Cause(ctx) }}
	reading.stop = context.AfterFunc(ctx, own.cut)
	return &datapath.File{ReadCloser: reading, Name: path.Base(name), Size: info.Size(), Identity: datapath.Identity(identify(info))}, nil
}

// reading is an open file with the client that reads it.
type reading struct {
	file  *hdfs.FileReader
	line  *line
	stop  func() bool
	ended func() error // why the context of its Open ended
	err   error        // of an earlier Read: the library would begin again
}

// Read implements io.Reader. The library goes from datanode to datanode before
// it gives up.
func (r *reading) Read(p []byte) (int, error) {
	if r.err == nil {
		r.err = r.ended()
	}
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.file.Read(p)
	switch {
	case err == nil || err == io.EOF: //nolint:errorlint // wrapped, it is the end of a connection
		return n, err
	case r.ended() != nil:
		r.err = r.ended()
	default:
		r.err = r.line.cluster.broken(err)
	}
	r.line.cut()
	return n, r.err
}

// broken is the error of a read that failed: of the file, of servers that do not
// answer, or of data that cannot be understood. Whether it may be read is known
// only when its blocks are asked for.
func (c *cluster) broken(err error) error {
	if definite(err) {
		return c.plain(err)
	}
	if !servers(err) {
		return fmt.Errorf("read from datanodes: %w", err)
	}
	return c.outage("datanodes: " + reason(err, c.access.Timeout))
}

// servers reports whether a read failed because of those who should have
// answered. The library has no types for what a datanode says, and for that there
// is none, or no namenode.
func servers(err error) bool {
	var network net.Error
	var said hdfs.Error
	return errors.As(err, &network) || errors.As(err, &said) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.HasPrefix(err.Error(), "read failed: ") || strings.HasPrefix(err.Error(), "no available ")
}

// Close implements io.Closer.
func (r *reading) Close() error {
	r.stop()
	r.line.close()
	return nil
}
