package hdfstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/colinmarc/hdfs/v2"
	krb "github.com/jcmturner/gokrb5/v8/client"
)

// limit is how long one thing may take that a test does to files.
const limit = 30 * time.Second

// Files is what tests do to files, as the superuser: each thing on a connection
// of its own, so that a namenode may come and go between them.
type Files struct {
	addresses []string
	kerberos  func() (*krb.Client, error) // nil: none
}

// At is the files of the HDFS at an address: host:port, several with commas.
func At(address string) *Files {
	return &Files{addresses: strings.Split(address, ",")}
}

// Put writes a file, instead of one that is there, and its directories.
func (f *Files) Put(t testing.TB, name string, content []byte) {
	t.Helper()
	f.do(t, "put "+name, func(c *hdfs.Client) error { return put(c, name, content) })
}

// Touch makes an empty file and its directories.
func (f *Files) Touch(t testing.TB, name string) {
	t.Helper()
	f.Put(t, name, nil)
}

// Mkdir makes a directory and those above it.
func (f *Files) Mkdir(t testing.TB, name string) {
	t.Helper()
	f.do(t, "make "+name, func(c *hdfs.Client) error { return c.MkdirAll(name, 0o755) })
}

// Remove removes a file, or a directory with all in it; what is not there is fine.
func (f *Files) Remove(t testing.TB, name string) {
	t.Helper()
	f.do(t, "remove "+name, func(c *hdfs.Client) error { return c.RemoveAll(name) })
}

// Chmod sets permissions.
func (f *Files) Chmod(t testing.TB, name string, mode os.FileMode) {
	t.Helper()
	f.do(t, "permissions of "+name, func(c *hdfs.Client) error { return c.Chmod(name, mode) })
}

// Chown gives a file or directory to another user.
func (f *Files) Chown(t testing.TB, name, owner string) {
	t.Helper()
	f.do(t, "owner of "+name, func(c *hdfs.Client) error { return c.Chown(name, owner, "") })
}

// Get reads a file.
func (f *Files) Get(t testing.TB, name string) []byte {
	t.Helper()
	var content []byte
	f.do(t, "get "+name, func(c *hdfs.Client) error {
		var err error
		content, err = c.ReadFile(name)
		return err
	})
	return content
}

// Exists reports whether something is at a path.
func (f *Files) Exists(t testing.TB, name string) bool {
	t.Helper()
	there := false
	f.do(t, "look at "+name, func(c *hdfs.Client) error {
		_, err := c.Stat(name)
		there = err == nil
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
	return there
}

func (f *Files) do(t testing.TB, what string, work func(*hdfs.Client) error) {
	t.Helper()
	err := f.connected(work)
	if err != nil {
		t.Fatalf("%s on HDFS at %s: %v", what, strings.Join(f.addresses, ","), err)
	}
}

func (f *Files) connected(work func(*hdfs.Client) error) error {
	me, err := user.Current()
	if err != nil {
		return fmt.Errorf("the superuser's name: %w", err)
	}
	options := hdfs.ClientOptions{Addresses: f.addresses, User: me.Username, NamenodeDialFunc: dial, DatanodeDialFunc: dial}
	if f.kerberos != nil {
		if options.KerberosClient, err = f.kerberos(); err != nil {
			return err
		}
		defer options.KerberosClient.Destroy() // ends its renewals
		options.KerberosServicePrincipleName = "nn/_HOST"
		options.DataTransferProtection = hdfs.DataTransferProtectionAuthentication
	}
	client, err := hdfs.NewClient(options)
	if err != nil {
		return err
	}
	return errors.Join(work(client), client.Close())
}

// dial gives a whole connection one deadline.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: limit}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(limit))
}

// put writes a file, again from its beginning when a busy datanode had not told of
// a block by the time of the next but one: the library does not ask again.
func put(c *hdfs.Client, name string, content []byte) error {
	for end := time.Now().Add(limit); ; {
		err := putOnce(c, name, content)
		var said hdfs.Error
		if !errors.As(err, &said) || !strings.HasSuffix(said.Exception(), ".NotReplicatedYetException") || time.Now().After(end) {
			return err
		}
	}
}

func putOnce(c *hdfs.Client, name string, content []byte) error {
	if err := c.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := c.RemoveAll(name); err != nil {
		return err
	}
	w, err := c.Create(name)
	if err != nil {
		return err
	}
	if len(content) > 0 { // writing nothing would ask for a block that is never filled
		if _, err = w.Write(content); err != nil {
			return err // the writer is of no use any more: the file is replaced, or the test ends
		}
	}
	closed := w.Close()
	// the namenode waits for the datanode's word; asking again is the way to wait
	for end := time.Now().Add(limit); hdfs.IsErrReplicating(closed) && time.Now().Before(end); {
		<-time.After(20 * time.Millisecond)
		closed = w.Close()
	}
	return closed
}
