package hdfs

import (
	"errors"
	"io"
	"net"
	"time"
)

// conn is a connection on which every exchange has a deadline.
type conn struct {
	net.Conn
	line     *line
	timeout  time.Duration
	namenode string // its address; empty: this goes to a datanode

	// guarded by the line
	waiting bool // something was written, and nothing came back since
	failed  bool
}

// Write sends, and starts the time in which an answer has to come.
func (c *conn) Write(p []byte) (int, error) {
	err := c.SetDeadline(time.Now().Add(c.timeout))
	n := 0
	if err == nil {
		n, err = c.Conn.Write(p)
	}
	c.note(true, err)
	return n, err
}

// Read receives. A datanode has the time anew for each piece; a namenode's
// answer has to be complete by the deadline of its question.
func (c *conn) Read(p []byte) (int, error) {
	var err error
	if c.namenode == "" {
		err = c.SetDeadline(time.Now().Add(c.timeout))
	}
	n := 0
	if err == nil {
		n, err = c.Conn.Read(p)
	}
	if c.namenode == "" && err == io.EOF { //nolint:errorlint // what connections return
		// A block has an end of its own: after this one the library would ask again at once, and again.
		err = io.ErrUnexpectedEOF
	}
	c.note(false, err)
	return n, err
}

func (c *conn) note(waiting bool, err error) {
	c.line.lock.Lock()
	defer c.line.lock.Unlock()
	c.waiting = waiting
	if err == nil {
		return
	}
	c.failed = true
	if c.namenode != "" && !c.line.isCut {
		c.line.why[c.namenode] = err
	}
}

// Close ends the connection and forgets it.
func (c *conn) Close() error {
	c.line.lock.Lock()
	delete(c.line.conns, c)
	c.line.lock.Unlock()
	err := c.Conn.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
