package vitals

import (
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
)

func TestParseConnection(t *testing.T) {
	t.Parallel()
	const tail = " 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000000000000000 20 4 30 10 -1"
	for name, c := range map[string]struct {
		line, remote string
		ok           bool
	}{
		"Established":   {"   0: 0100007F:A1B2 0500000A:1F54 01" + tail, "10.0.0.5:8020", true},
		"BeingMade":     {"  12: 0100007F:A1B2 0500000A:1F54 02" + tail, "10.0.0.5:8020", true},
		"OfVersionSix":  {"   0: 00000000000000000000000001000000:A1B2 B80D0120000000000000000001000000:1F54 01" + tail, "[2001:db8::1]:8020", true},
		"MappedFour":    {"   0: 0000000000000000FFFF00000100007F:A1B2 0000000000000000FFFF00000500000A:1F54 01" + tail, "10.0.0.5:8020", true},
		"Listening":     {"   0: 0100007F:1F54 00000000:0000 0A" + tail, "", false},
		"TimeWait":      {"   0: 0100007F:A1B2 0500000A:1F54 06" + strings.Replace(tail, "4242", "0", 1), "", false},
		"WithoutInode":  {"   0: 0100007F:A1B2 0500000A:1F54 01" + strings.Replace(tail, "4242", "0", 1), "", false},
		"Heading":       {"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", "", false},
		"Nothing":       {"", "", false},
		"BrokenAddress": {"   0: 0100007F:A1B2 050000:1F54 01" + tail, "", false},
	} {
		inode, remote, ok := parseConnection([]byte(c.line))
		if ok != c.ok || ok && (inode != 4242 || remote.String() != c.remote) {
			t.Errorf("%s: got %d, %s, %v, want %s, %v", name, inode, remote, ok, c.remote, c.ok)
		}
	}
}

func FuzzParseConnection(f *testing.F) {
	f.Add([]byte("   0: 0100007F:A1B2 0500000A:1F54 01 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if inode, remote, ok := parseConnection(line); ok && (inode == 0 || !remote.IsValid()) {
			t.Errorf("got %d, %s", inode, remote)
		}
	})
}

// TestTalkersFindsWhoHoldsTheConnection looks at this process itself.
func TestTalkersFindsWhoHoldsTheConnection(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	address := netip.MustParseAddrPort(listener.Addr().String())
	found, err := Connections([]int{int(address.Port())})
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v, want the one connection", found, err)
	}
	for _, remote := range found {
		if remote != address {
			t.Errorf("got %s, want %s", remote, address)
		}
	}
	if other, err := Connections([]int{1}); err != nil || len(other) != 0 {
		t.Errorf("got %v, %v of another port, want none", other, err)
	}
	me, _ := Processes{}.Start(os.Getpid())
	if remote, talks := talksTo(os.Getpid(), found); !talks || remote != address {
		t.Errorf("got %s, %v, want this process to talk to %s", remote, talks, address)
	}
	if got, err := (Processes{}).Talkers(map[int]uint64{os.Getpid(): me + 1}, found); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v for another process of that number, want none", got, err)
	}
	if moved, known := transferred(os.Getpid()); !known || moved == 0 {
		t.Errorf("got %d, %v, want what this process has read", moved, known)
	}
	if got := commandOf(os.Getpid()); !strings.Contains(got, "vitals.test") || strings.ContainsRune(got, 0) {
		t.Errorf("got %q, want the command line", got)
	}
}
