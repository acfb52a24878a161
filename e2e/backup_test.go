package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/store/storetest"
)

// ends holds how a script ended and what it said.
func (s *site) ends(r result, code int, parts ...string) string {
	s.Helper()
	if r.code != code {
		s.Fatalf("got %s\nwant exit code %d", r, code)
	}
	s.wants(r.call, r.out+r.err, parts...)
	return strings.TrimSpace(r.out)
}

// needsDump installs what backup.sh dumps a MariaDB with, where it is missing.
func (s *site) needsDump() {
	s.Helper()
	if s.db.Driver != storetest.MySQL {
		return
	}
	out, err := exec.Command("sh", "../scripts/package.sh", "mariadb-dump", "mariadb-client", "mariadb", "mariadb-client").CombinedOutput()
	if err != nil {
		s.Fatalf("%v: %s", err, out)
	}
}

// TestBackupAndRestore: a backup is taken under way, everything is lost, and
// the backup is put back. What had begun before it ends as if nothing had been;
// what was made after it is not known any more: its script runs to its end, its
// result is dropped, and what is made instead gets ids that were never given away.
func TestBackupAndRestore(t *testing.T) {
	onEngines(t, func(s *site) {
		s.needsDump()
		c := newCluster(s)
		master := c.master()
		c.worker()
		s.notedTasks("ended", "running", "later")
		ended, running := s.runAll("ended")[0], s.runAll("running")[0]
		s.release("ended")
		s.capri("batch", "wait", "--timeout", patience.String(), ended)
		s.awaitNoted("start", running)

		config := []string{"--config", s.path("master.yaml")}
		s.ends(s.script("backup.sh", append(config, "--to", s.path("backups"), "--dry-run")...), 0, "would write")
		backup := s.ends(s.script("backup.sh", append(config, "--to", s.path("backups"))...), 0, s.path("backups", "capri-"))
		if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
			s.Fatalf("got %v, %v, want a file for its owner alone", info, err)
		}
		s.needsNoLocks(backup)
		later := s.runAll("later")[0]
		s.awaitNoted("start", later)
		before := s.batches()[later]

		s.ends(s.script("restore.sh", append(config, backup, "--force")...), 5, "masters run", "m1")
		master.kill()
		s.exec(s.open(), "UPDATE capri_master_node SET lastSeen = lastSeen - 60000")
		s.ends(s.script("restore.sh", append(config, backup)...), 5, "is not empty", "--force")
		s.exec(s.open(), "DELETE FROM capri_task_work")
		s.exec(s.open(), "DELETE FROM capri_token")
		s.ends(s.script("restore.sh", append(config, backup, "--force", "--dry-run")...), 0, "would delete everything")
		s.ends(s.script("restore.sh", append(config, backup, "--force")...), 0, "is in ")

		c.master()
		if _, known := s.batches()[later]; known {
			s.Errorf("got %s, want it gone: it was made after the backup", later)
		}
		s.release("running")
		s.capri("batch", "wait", "--timeout", patience.String(), running)
		for _, kind := range []string{"start", "end"} {
			for _, name := range []string{ended, running} {
				if n := s.journal()[entry{kind, name, "1"}]; n != 1 {
					s.Errorf("got %d lines %q of %s in the journal, want 1", n, kind, name)
				}
			}
		}
		again := s.runAll("later")[0]
		s.await("the new batch", func() bool { return s.batches()[again].State == "running" })
		if after := s.batches()[again]; after.ID <= before.ID {
			s.Errorf("got id %d after %d, want one that was never given away", after.ID, before.ID)
		}
		s.release("later")
		s.capri("batch", "wait", "--timeout", patience.String(), again)
		// Its script is left alone, and nobody takes its result for another batch's.
		s.await("the end of "+later, func() bool { return s.journal()[entry{"end", later, "1"}] == 1 })
		s.sound()
	})
}

// needsNoLocks holds that a dump is put back by an account that may make and
// drop tables, but not lock them: no grant of a migration's allows that.
func (s *site) needsNoLocks(backup string) {
	s.Helper()
	if s.db.Driver != storetest.MySQL {
		return
	}
	text, err := exec.Command("gzip", "-dc", backup).Output()
	if err != nil || !strings.Contains(string(text), "CREATE TABLE") || strings.Contains(string(text), "LOCK TABLES") {
		s.Errorf("got %v and %d bytes, want a dump without LOCK TABLES", err, len(text))
	}
}

// TestBackupsAreKeptByNumber: only the newest stay.
func TestBackupsAreKeptByNumber(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	newCluster(s)
	for _, name := range []string{"capri-20200101T000000Z.db", "capri-20200102T000000Z.db", "other.db"} {
		s.write("backups/"+name, "old")
	}
	backup := s.ends(s.script("backup.sh", "--config", s.path("master.yaml"), "--to", s.path("backups"), "--keep", "2"), 0)
	names, err := filepath.Glob(s.path("backups", "*"))
	if err != nil || len(names) != 3 || exists(s.path("backups", "capri-20200101T000000Z.db")) || !exists(backup) {
		s.Errorf("got %q, %v, want the newest two and what is no backup", names, err)
	}
	s.ends(s.script("backup.sh", "--config", s.path("master.yaml")), 2, "--to is wanted")
	s.ends(s.script("backup.sh", "--config", s.path("gone.yaml"), "--to", s.path("backups")), 3, "does not exist")
	s.ends(s.script("restore.sh", "--config", s.path("master.yaml"), s.write("x.sql.gz", "")), 2, "no backup of a database of sqlite")
	s.ends(s.script("restore.sh", "--help"), 0, "--force")
}
