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
	if remote, talks := talksTo(os.Getpid(), found); !talks || remote != address {
		t.Errorf("got %s, %v, want this process to talk to %s", remote, talks, address)
	}
	if got, err := (Processes{}).Talkers("CAPRI_TAG_OF_NOBODY", found); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v of an entry that nobody has, want none", got, err)
	}
	if moved, known := transferred(os.Getpid()); !known || moved == 0 {
		t.Errorf("got %d, %v, want what this process has read", moved, known)
	}
	if got := commandOf(os.Getpid()); !strings.Contains(got, "vitals.test") || strings.ContainsRune(got, 0) {
		t.Errorf("got %q, want the command line", got)
	}
}

func TestTagsComeFromTheNearestAncestor(t *testing.T) {
	cmd := startTree(t, "CAPRI_TAG=nearest.1-1")
	all, err := table()
	if err != nil {
		t.Fatal(err)
	}
	const bare, child, other, circle = 1_000_000_000, 1_000_000_001, 1_000_000_002, 1_000_000_003
	byPid := map[int]process{
		bare:   {pid: bare, parent: cmd.Process.Pid}, // one that cleaned its environment
		child:  {pid: child, parent: bare},
		other:  {pid: other, parent: 0},
		circle: {pid: circle, parent: circle},
	}
	for _, p := range all {
		byPid[p.pid] = p
	}
	tags := tagsOf(byPid, "CAPRI_TAG")
	for pid, want := range map[int]string{cmd.Process.Pid: "nearest.1-1", bare: "nearest.1-1", child: "nearest.1-1", other: "", circle: ""} {
		if tags[pid] != want {
			t.Errorf("got tag %q of %d, want %q", tags[pid], pid, want)
		}
	}
	if got := valueOf(cmd.Process.Pid, "CAPRI_TA"); got != "" {
		t.Errorf("got %q by a part of the name, want nothing", got)
	}
}
