package hdfs

import (
	"context"
	"io"
	"net"
	"net/url"
	"os/user"
	"strconv"
	"testing"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfstest"
)

// cutOff is a connection that ends after so many reads.
type cutOff struct {
	net.Conn
	left int
}

func (c *cutOff) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	c.left--
	return c.Conn.Read(p)
}

// A datanode that cannot read its disk says that it begins, and closes the
// connection. The library takes that for the end of the block and asks it again,
// many times a second.
func TestADatanodeThatBreaksOffIsAnOutage(t *testing.T) {
	for reads := range 5 {
		t.Run(strconv.Itoa(reads), func(t *testing.T) { breakOff(t, reads) })
	}
}

func breakOff(t *testing.T, reads int) {
	t.Helper()
	address := hdfstest.Shared(t)
	dir := hdfstest.Dir(t, address)
	hdfstest.At(address).Put(t, dir+"/file", []byte("content"))
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dials := 0
	f := newFiles(&access{
		Config: Config{Namenodes: []string{address}, User: me.Username, Timeout: 5 * time.Second, Clients: 1},
		dial: func(ctx context.Context, network, to string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, to)
			if to == address || err != nil {
				return conn, err
			}
			dials++
			return &cutOff{conn, reads}, nil
		},
	})
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	file, err := f.Open(ctx, &url.URL{Path: dir + "/file"})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if content, err := io.ReadAll(file); !datapath.Unavailable(err) {
		t.Errorf("got %q, %v, want that the datanode does not answer", content, err)
	}
	if dials != 1 {
		t.Errorf("got %d connections to the only datanode, want one", dials)
	}
}
