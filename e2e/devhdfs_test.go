package e2e_test

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"capricornus/common/datapath/hdfstest"
	"capricornus/common/store/storetest"
)

// TestDevWithAnHDFSOfItsOwn starts it twice: to the end, and stopped while HDFS
// is starting. Nothing of HDFS may outlive capri dev.
func TestDevWithAnHDFSOfItsOwn(t *testing.T) {
	hdfstest.Shared(t) // it is left out, or there is Java
	s := newSite(t, storetest.SQLite)
	dev := s.dev("--hdfs", "--demo", "none")
	s.wants("the greeting", s.read(dev.err), "starting HDFS in "+s.path("data", "hdfs"), "can take a minute", "Capricornus is up at")
	address := regexp.MustCompile(`HDFS +hdfs://(\S+)`).FindStringSubmatch(s.read(dev.err))
	if address == nil {
		t.Fatalf("got no address of HDFS in the greeting:\n%s", s.read(dev.err))
	}
	hdfstest.At(address[1]).Put(t, "/kept", []byte("data"))
	dev.interrupt()
	if conn, err := net.Dial("tcp", address[1]); err == nil {
		conn.Close()
		t.Errorf("HDFS answers at %s after capri dev has ended", address[1])
	}

	begins := s.start("dev", "dev", "--hdfs", "--demo", "none")
	s.await("a process of HDFS", func() bool { return len(s.hdfsProcesses()) > 0 })
	begins.interrupt()
	if left := s.hdfsProcesses(); len(left) > 0 {
		t.Errorf("got processes %v after a start that was interrupted, want none", left)
	}

	dev = s.dev("--hdfs", "--demo", "none")
	if got := string(hdfstest.At(address[1]).Get(t, "/kept")); got != "data" {
		t.Errorf("got %q from the file of the first run, want data", got)
	}
	dev.interrupt()
}

// hdfsProcesses are the processes of this site's HDFS.
func (s *site) hdfsProcesses() []string {
	s.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		s.Fatal(err)
	}
	var found []string
	for _, name := range lines {
		text, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(text), "-Dcapri.hdfs="+s.path("data", "hdfs")) {
			found = append(found, filepath.Dir(name))
		}
	}
	return found
}
