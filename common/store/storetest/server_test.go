package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"capricornus/common/store"
)

const mariadbScript = "../../../scripts/mariadb.sh"

// ownServer is a MariaDB of one test: it may be stopped, frozen and demoted.
type ownServer struct {
	t   *testing.T
	dir string
	dsn *mysql.Config // of the account that may do everything
}

func startServer(t *testing.T) *ownServer {
	t.Helper()
	s := &ownServer{t: t, dir: t.TempDir()}
	t.Cleanup(func() { s.script("stop") })
	s.start()
	return s
}

// script runs mariadb.sh; it outlives the test's context, for Cleanup.
func (s *ownServer) script(verb string) string {
	s.t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(s.t.Context()), "sh", mariadbScript, verb, s.dir).Output()
	if err != nil {
		s.t.Fatalf("mariadb.sh %s: %v", verb, err)
	}
	return strings.TrimSpace(string(out))
}

func (s *ownServer) start() {
	s.t.Helper()
	dsn, err := mysql.ParseDSN(s.script("start"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.dsn = dsn
}

// signal freezes the server, lets it go on, or kills it.
func (s *ownServer) signal(sig syscall.Signal) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := syscall.Kill(pid, sig); err != nil {
		s.t.Fatal(err)
	}
	if sig == syscall.SIGSTOP { // a busy machine takes its time
		eventually(s.t, "server that stands still", func() bool { return standsStill(pid) })
	}
}

// standsStill tells that all threads of a process are stopped.
func standsStill(pid int) bool {
	names, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		if _, rest, _ := strings.Cut(string(text), ") "); !strings.HasPrefix(rest, "T") {
			return false
		}
	}
	return len(names) > 0
}

func (s *ownServer) admin(queries ...string) {
	s.t.Helper()
	connector, err := mysql.NewConnector(s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	for _, q := range queries {
		if _, err := db.ExecContext(s.t.Context(), q); err != nil {
			s.t.Fatalf("%s: %v", q, err)
		}
	}
}

// account makes a database with the schema, and an account with some rights in it.
func (s *ownServer) account(name, grants string) (owner, limited store.Config) {
	s.t.Helper()
	s.admin("CREATE DATABASE "+name,
		fmt.Sprintf("CREATE USER %s@'127.0.0.1' IDENTIFIED BY 'secret'", name),
		fmt.Sprintf("GRANT %s ON %s.* TO %s@'127.0.0.1'", grants, name, name))
	dsn := s.dsn.Clone()
	dsn.DBName = name
	owner = store.Config{Driver: MySQL, DSN: dsn.FormatDSN()}
	dsn.User, dsn.Passwd = name, "secret"
	return owner, store.Config{Driver: MySQL, DSN: dsn.FormatDSN()}
}

// TestServer does to a MariaDB what a shared one cannot bear, one after the other.
func TestServer(t *testing.T) {
	t.Parallel()
	for _, engine := range Engines(t) {
		if engine == SQLite {
			continue // no server
		}
		s := startServer(t)
		for _, c := range []struct {
			name string
			test func(*testing.T, *ownServer)
		}{
			{"MastersNeedNoRightToChangeTheSchema", serverGrants},
			{"IsReadOnlyNow", serverReadOnly},
			{"StandsStill", serverFrozen},
			{"IsKilledAndComesBack", serverKilled},
			{"IsNotSupported", serverUnsupported},
		} {
			t.Run(c.name, func(t *testing.T) {
				own := *s
				own.t = t
				c.test(t, &own)
				s.dsn = own.dsn
			})
		}
	}
}

func serverGrants(t *testing.T, s *ownServer) {
	t.Helper()
	owner, limited := s.account("grants", "SELECT, INSERT, UPDATE, DELETE")
	migrated(t, owner)
	w := NewWorld(t, Connect(t, limited))
	wantError(t, "check", w.DB.CheckSchema(t.Context(), Zone), nil)
	w.Succeed(w.Batch(w.Task(), "20150518"))
	in, err := w.DB.Inspect(t.Context())
	w.ok("inspect", err)
	wantEqual(t, "denied", fmt.Sprint(in.Denied), "[]")
	wantEqual(t, "can migrate", in.CanMigrate, false)
	Sound(t, w.DB)

	_, reader := s.account("reader", "SELECT, CREATE, ALTER, INDEX, DROP")
	s.admin("CREATE TABLE reader.goose_db_version AS SELECT * FROM grants.goose_db_version",
		"CREATE TABLE reader.capri_sequence AS SELECT * FROM grants.capri_sequence",
		"CREATE TABLE reader.capri_master_epoch AS SELECT * FROM grants.capri_master_epoch")
	in, err = Connect(t, reader).Inspect(t.Context())
	w.ok("inspect", err)
	wantEqual(t, "denied", fmt.Sprint(in.Denied), "[INSERT UPDATE DELETE]")
	wantEqual(t, "can migrate", in.CanMigrate, true)
}

// serverReadOnly: a failover has made the server a replica while a leader is connected.
func serverReadOnly(t *testing.T, s *ownServer) {
	t.Helper()
	owner, limited := s.account("readonly", "ALL")
	admin := migrated(t, owner)
	w := NewWorld(t, Connect(t, limited))
	task := w.Task()
	drafts := []store.NewBatch{w.Draft(task, "20150517"), w.Draft(task, "20150518"), w.Draft(task, "20150519")}
	ctx := t.Context()
	session := w.figure("SELECT CONNECTION_ID()")
	err := w.Lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
		if err := tx.InsertBatches(ctx, drafts[:1]); err != nil {
			return err
		}
		s.admin("SET GLOBAL read_only = 1") // at the commit
		return nil
	})
	wantError(t, "the transaction that was open", err, store.ErrReadOnly)
	wantError(t, "a decision", w.Insert(drafts[1]), store.ErrReadOnly)
	fact := w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		return tx.Beat(ctx, []store.Host{{Host: Host, Labels: "{}", Features: "[]"}})
	})
	wantError(t, "a fact", fact, store.ErrReadOnly)
	_, err = w.DB.Claim(ctx, store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
	wantError(t, "a claim", err, store.ErrReadOnly)
	in, err := w.DB.Inspect(ctx)
	w.ok("inspect", err)
	wantEqual(t, "read only", in.ReadOnly, true)
	wantEqual(t, "denied", fmt.Sprint(in.Denied), "[]")
	if now := w.figure("SELECT CONNECTION_ID()"); now == session {
		t.Errorf("got connection %d again, want a new one, which may lead to another server", now)
	}
	s.admin("SET GLOBAL read_only = 0")
	w.ok("a decision afterwards", w.Insert(drafts[2]))
	wantEqual(t, "batches", w.figure("SELECT COUNT(*) FROM capri_task_work"), 1)
	Sound(t, admin)
}

// serverFrozen: the server is stopped in the middle of a term.
func serverFrozen(t *testing.T, s *ownServer) {
	t.Helper()
	owner, _ := s.account("frozen", "ALL")
	w := NewWorld(t, migrated(t, owner))
	draft := w.Draft(w.Task(), "20150518")
	ctx, endTerm := context.WithCancel(t.Context())
	defer endTerm()
	result, inside := make(chan error, 1), make(chan struct{})
	go func() {
		result <- w.Lead.Tx(ctx, "generate", func(tx *store.LeaderTx) error {
			if err := tx.InsertBatches(ctx, []store.NewBatch{draft}); err != nil {
				return err
			}
			s.signal(syscall.SIGSTOP)
			close(inside)
			_, err := tx.Settings(ctx)
			return err
		})
	}()
	<-inside
	endTerm()
	wantError(t, "the transaction", returned(t, "the transaction", result), context.Canceled)
	asking, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := w.DB.ServerVersion(asking); err == nil {
		t.Error("got an answer of a stopped server, want none")
	}
	s.signal(syscall.SIGCONT)
	idle(t, w.DB)
	wantEqual(t, "batches", w.figure("SELECT COUNT(*) FROM capri_task_work"), 0)
	w.ok("the next decision", w.Insert(draft))
	Sound(t, w.DB)
}

// serverKilled: what was acknowledged is there, and the pools find the server again by themselves.
func serverKilled(t *testing.T, s *ownServer) {
	t.Helper()
	owner, _ := s.account("killed", "ALL")
	w := NewWorld(t, migrated(t, owner))
	task := w.Task()
	first := w.Batch(task, "20150518")
	draft := w.Draft(task, "20150519")
	before := s.dsn.Addr
	s.signal(syscall.SIGKILL)
	eventually(t, "error of a killed server", func() bool { return w.Insert(draft) != nil })
	s.start()
	if s.dsn.Addr != before {
		t.Fatalf("got the server back at %s, want it at %s", s.dsn.Addr, before)
	}
	w.ok("the first decision afterwards", w.Insert(draft))
	wantEqual(t, "events of the batch", w.Work(first).Seq, 1)
	Sound(t, w.DB)
}

// serverUnsupported starts the server under the version of one that is refused.
func serverUnsupported(t *testing.T, s *ownServer) {
	t.Helper()
	owner, _ := s.account("old", "ALL")
	migrated(t, owner)
	s.script("stop")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/libexec"; exec mariadbd "$@"`, "mariadbd",
		"--defaults-file="+filepath.Join(s.dir, "server.cnf"), "--user="+me.Username, "--version=10.5.29-MariaDB")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	eventually(t, "answer of the server", func() bool {
		var db *store.DB
		if db, err = store.Open(t.Context(), owner); err == nil {
			_ = db.Close()
		}
		return err == nil || strings.Contains(err.Error(), "too old")
	})
	if err == nil || !strings.Contains(err.Error(), "MariaDB 10.5.29-MariaDB is too old") || !strings.Contains(err.Error(), "database.any_server") {
		t.Errorf("got error %v, want the server refused, and what would lift that", err)
	}
	owner.AnyServer = true
	in, err := Connect(t, owner).Inspect(t.Context())
	if err != nil || !strings.Contains(in.Refusal, "too old") {
		t.Errorf("got refusal %q and error %v, want it told and taken all the same", in.Refusal, err)
	}
}
