package hdfs

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The ways of a namenode in these tests, which are about time only: that it is
// HDFS is tested with the real one.
const (
	answers  = ""         // nothing exists
	hangs    = "hangs"    // takes connections and questions, and says nothing
	refuses  = "refuses"  // its port is closed
	vanished = "vanished" // nothing comes back when it is dialled
	slams    = "slams"    // closes every connection at the first question
	standby  = "org.apache.hadoop.ipc.StandbyException"
	safeMode = "org.apache.hadoop.hdfs.server.namenode.SafeModeException"
	stranger = "org.apache.hadoop.security.AccessControlException"
)

// namenode answers questions of the library over pipes, so that its time is that
// of the bubble.
type namenode struct {
	lock  sync.Mutex
	way   string
	conns []net.Conn
	asked []string // methods, with the renewals of leases
}

func (n *namenode) set(way string) {
	n.lock.Lock()
	defer n.lock.Unlock()
	n.way = way
}

func (n *namenode) now() string {
	n.lock.Lock()
	defer n.lock.Unlock()
	return n.way
}

// drop closes the connections, as a namenode that is restarted does.
func (n *namenode) drop() {
	n.lock.Lock()
	defer n.lock.Unlock()
	for _, conn := range n.conns {
		conn.Close()
	}
	n.conns = nil
}

// heard counts questions of a method.
func (n *namenode) heard(method string) int {
	n.lock.Lock()
	defer n.lock.Unlock()
	count := 0
	for _, m := range n.asked {
		if m == method {
			count++
		}
	}
	return count
}

func (n *namenode) connect(ctx context.Context) (net.Conn, error) {
	switch n.now() {
	case refuses:
		return nil, syscall.ECONNREFUSED
	case vanished:
		<-ctx.Done()
		return nil, ctx.Err()
	}
	here, there := net.Pipe()
	n.lock.Lock()
	defer n.lock.Unlock()
	n.conns = append(n.conns, there)
	go n.serve(there)
	return here, nil
}

func (n *namenode) serve(conn net.Conn) {
	defer conn.Close()
	if _, err := io.ReadFull(conn, make([]byte, 7)); err != nil {
		return
	}
	for first := true; ; first = false {
		var length uint32
		if binary.Read(conn, binary.BigEndian, &length) != nil {
			return
		}
		packet := make([]byte, length)
		if _, err := io.ReadFull(conn, packet); err != nil {
			return
		}
		if first { // who connects; there is no answer
			continue
		}
		if !n.reply(conn, packet) {
			return
		}
	}
}

// reply answers one question; false closes the connection.
func (n *namenode) reply(conn net.Conn, packet []byte) bool {
	header, rest := prefixed(packet)
	request, _ := prefixed(rest)
	method := string(field(request, 1))
	n.lock.Lock()
	n.asked = append(n.asked, method)
	way := n.way
	n.lock.Unlock()
	id, _ := binary.Varint(field(header, 3))
	status := binary.AppendUvarint([]byte{1 << 3}, uint64(id))
	refusal := way
	if way == safeMode && method != "setPermission" {
		refusal = answers
	}
	switch refusal {
	case hangs:
		return true
	case slams:
		return false
	case answers:
		status = append(status, 2<<3, 0)
	default:
		status = append(status, 2<<3, 1, 4<<3|2, byte(len(refusal)))
		status = append(status, refusal...)
		status = append(status, 6<<3, 1) // ERROR_APPLICATION
	}
	out := append(binary.AppendUvarint(nil, uint64(len(status))), status...)
	if refusal == answers {
		out = append(out, 0) // an empty answer: nothing is there
	}
	_, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(out))), out...))
	return err == nil
}

// prefixed cuts a message with its length in front.
func prefixed(b []byte) (message, rest []byte) {
	length, n := binary.Uvarint(b)
	return b[n : n+int(length)], b[n+int(length):]
}

// field returns what a message has in a field: its bytes, or the number as it is
// written.
func field(message []byte, number uint64) []byte {
	for len(message) > 0 {
		key, n := binary.Uvarint(message)
		message = message[n:]
		length, n := binary.Uvarint(message)
		value := message[:n]
		if key&7 == 2 {
			value = message[n : n+int(length)]
			n += int(length)
		}
		if key>>3 == number {
			return bytes.Clone(value)
		}
		message = message[n:]
	}
	return nil
}

// rig is a file system whose namenodes are nn1:8020, nn2:8020, ….
type rig struct {
	*files
	nodes map[string]*namenode
}

// rigTimeout is below the second after which the library renews leases: it does
// that under a lock, and for locks the time of a bubble stands still.
const rigTimeout = 900 * time.Millisecond

func newRig(t *testing.T, nodes int) *rig {
	t.Helper()
	r := &rig{nodes: map[string]*namenode{}}
	cfg := Config{Timeout: rigTimeout, Clients: 4, User: "test", Nameservice: "main"}
	for _, address := range []string{"nn1:8020", "nn2:8020", "nn3:8020"}[:nodes] {
		cfg.Namenodes = append(cfg.Namenodes, address)
		r.nodes[address] = &namenode{}
	}
	r.files = newFiles(&access{Config: cfg, dial: func(ctx context.Context, _, address string) (net.Conn, error) {
		return r.nodes[address].connect(ctx)
	}})
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) all(way string) {
	for _, n := range r.nodes {
		n.set(way)
	}
}

// look asks about a path that does not exist.
func (r *rig) look(t *testing.T) error {
	t.Helper()
	_, err := r.clusters[0].look(t.Context(), "/a", "exists")
	return err
}

// lastMethods are what a namenode was asked, without renewals.
func (n *namenode) lastMethods() string {
	n.lock.Lock()
	defer n.lock.Unlock()
	return strings.Join(slices.DeleteFunc(slices.Clone(n.asked), func(m string) bool { return m == "renewLease" }), " ")
}
