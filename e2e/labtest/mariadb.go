package labtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// MariaDB is the cluster's own database server.
type MariaDB struct {
	DSN string // user:password@tcp(host:port)/database

	c      *Cluster
	host   host
	dir    string
	script string
}

// database is the name of the cluster's database.
const database = "capri_lab"

// newMariaDB starts a server with an empty database.
func newMariaDB(c *Cluster) *MariaDB {
	c.Helper()
	s := &MariaDB{c: c, host: c.place("db"), dir: c.path("db"), script: filepath.Join(repository(), "scripts", "mariadb.sh")}
	if c.options.DatabaseDisk > 0 {
		c.disks["db"] = newDisk(c, "db", c.options.DatabaseDisk)
		s.dir = c.path("db", "data")
	}
	s.DSN = s.run("start") + database
	call := s.host.in("mariadb", "--defaults-file="+filepath.Join(s.dir, "client.cnf"), "-e", "CREATE DATABASE "+database)
	cmd := exec.CommandContext(context.WithoutCancel(c.Context()), call[0], call[1:]...) //nolint:gosec // our own server
	if out, err := cmd.CombinedOutput(); err != nil {
		c.Fatalf("make the cluster's database: %v: %s", err, out)
	}
	return s
}

func (s *MariaDB) run(verb string) string {
	s.c.Helper()
	call := s.host.in("sh", s.script, verb, s.dir)
	cmd := exec.CommandContext(context.WithoutCancel(s.c.Context()), call[0], call[1:]...) //nolint:gosec // our own script
	cmd.Env = append(os.Environ(), "MARIADB_BIND="+s.host.address)
	var talk strings.Builder
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		s.c.Fatalf("mariadb.sh %s: %v\n%s%s", verb, err, &talk, tail(filepath.Join(s.dir, "server.log"), 2000))
	}
	return strings.TrimSpace(string(out))
}

// PID is the server's; 0: it does not run.
func (s *MariaDB) PID() int {
	text, err := os.ReadFile(filepath.Join(s.dir, "pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || !exists("/proc/"+strconv.Itoa(pid)) {
		return 0
	}
	return pid
}

// Start starts the server where it was and returns when it answers.
func (s *MariaDB) Start() {
	s.c.Helper()
	s.c.Event("start mariadb")
	if dsn := s.run("start") + database; dsn != s.DSN {
		s.c.Fatalf("got the server at another address than before, want its port free again")
	}
	s.c.Event("mariadb answers")
}

// Stop shuts the server down in order.
func (s *MariaDB) Stop() {
	s.c.Helper()
	s.c.Event("stop mariadb")
	s.run("stop")
}

// Kill ends the server by SIGKILL and returns when it is gone.
func (s *MariaDB) Kill() {
	s.c.Helper()
	s.c.Event("kill -9 mariadb")
	s.signal(syscall.SIGKILL)
	s.c.Await("the end of MariaDB", func() bool { return s.PID() == 0 })
}

// Pause freezes the server (SIGSTOP) until Resume: connections stay and nothing answers.
func (s *MariaDB) Pause() {
	s.c.Helper()
	s.c.Event("freeze mariadb")
	s.signal(syscall.SIGSTOP)
}

// Resume lets a frozen server go on.
func (s *MariaDB) Resume() {
	s.c.Helper()
	s.c.Event("thaw mariadb")
	s.signal(syscall.SIGCONT)
}

func (s *MariaDB) signal(which syscall.Signal) {
	s.c.Helper()
	pid := s.PID()
	if pid == 0 {
		s.c.Fatalf("MariaDB has ended by itself; see %s", s.c.Dump())
	}
	if err := syscall.Kill(pid, which); err != nil {
		s.c.Fatalf("send %s to MariaDB: %v", which, err)
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
