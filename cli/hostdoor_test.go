package cli

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// standing is a migrated database with worker w1, the flag that names it, and a
// master's configuration that does.
type standing struct {
	*testing.T
	db     *store.DB
	dsn    string
	config string
}

func newStanding(t *testing.T, engine string) *standing {
	t.Helper()
	cfg := storetest.Fresh(t, engine)
	db := storetest.Connect(t, cfg)
	if _, err := db.Migrate(t.Context(), "Asia/Shanghai"); err != nil {
		t.Fatal(err)
	}
	s := &standing{T: t, db: db, dsn: cfg.DSN}
	err := db.Work(t.Context(), store.Actor{Kind: "worker"}, func(w *store.WorkTx) error {
		return w.Beat(t.Context(), []store.Host{{Host: "w1", Group: "default", CheckInterval: 60000, Slots: 4, Labels: "{}", Features: "[]"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	secret := write(t, "dsn", cfg.DSN+"\n")
	s.config = write(t, "master.yaml", fmt.Sprintf("node: m1\ndatabase: {driver: %s, dsn_file: %s}\n", cfg.Driver, secret))
	return s
}

func (s *standing) text(query string) string {
	s.Helper()
	var text string
	if err := s.db.Raw().QueryRowContext(s.Context(), query).Scan(&text); err != nil {
		s.Fatal(err)
	}
	return text
}

func onBoth(t *testing.T, test func(s *standing)) {
	t.Helper()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) { test(newStanding(t, engine)) })
	}
}

func TestDirectSwitchesInTheDatabase(t *testing.T) {
	onBoth(t, func(s *standing) {
		me, err := user.Current()
		if err != nil {
			s.Fatal(err)
		}
		run := func(args ...string) result {
			return nowhere(s.T).run(s.T, append(args, "--direct", "--config", s.config)...)
		}
		got := run("host", "off", "w1", "--reason", "new disk", "--for", "2h")
		for _, part := range []string{"w1 is the last worker that is on", "w1 is switched off: it finishes", "it is on again by itself at 20", "+08:00", "no master was asked"} {
			if got.code != exitDone || !strings.Contains(got.err, part) {
				s.Errorf("got %+v, want %q", got, part)
			}
		}
		const row = "SELECT CONCAT(isStop, ' ', stopTime > 0, ' ', stopReason, ' ', stopUntil > stopTime + 7100000, ' ', isDrain) FROM capri_schedul_cluster"
		if text := s.text(row); text != "1 1 new disk 1 0" {
			s.Errorf("got %q, want it off", text)
		}
		if by := s.text("SELECT stopBy FROM capri_schedul_cluster"); by != me.Username {
			s.Errorf("got %q, want %q", by, me.Username)
		}
		if got := run("host", "list"); got.code != exitDone || !strings.Contains(got.out, "new disk ("+me.Username+"), until ") {
			s.Errorf("got %+v, want why it is off", got)
		}
		if got := run("host", "drain", "w1", "--reason", "board", "--wait", "--timeout", "1h"); got.code != exitDone || !strings.Contains(got.err, "w1 is drained") {
			s.Errorf("got %+v, want it drained", got)
		}
		if got := run("host", "show", "w1"); got.code != exitDone || !strings.Contains(got.out, "drained") {
			s.Errorf("got %+v, want it drained", got)
		}
		if got := run("host", "on", "w1"); got.code != exitDone || s.text(row) != "0 0  0 0" {
			s.Errorf("got %+v and %q, want it on", got, s.text(row))
		}
		audits := s.text("SELECT COUNT(*) FROM capri_audit_log WHERE object = 'w1' AND source = 'database' AND action IN ('host.off', 'host.drain', 'host.on')")
		if who := s.text("SELECT MIN(actor) FROM capri_audit_log WHERE object = 'w1'"); audits != "3" || who != me.Username {
			s.Errorf("got %s audit rows by %q, want 3 by %q", audits, who, me.Username)
		}
		for args, code := range map[string]int{
			"host off ghost --reason x": exitNotFound, "host show ghost": exitNotFound, "host off w1": exitUsage, "host off w1 --reason x --until 2015-05-18": exitInvalid,
		} {
			if got := run(strings.Fields(args)...); got.code != code {
				s.Errorf("%s: got %+v, want %d", args, got, code)
			}
		}
	})
}

func TestDirectFindsItsDatabase(t *testing.T) {
	s := newStanding(t, storetest.SQLite)
	dir := filepath.Dir(s.dsn)
	for name, args := range map[string][]string{
		"by the flag": {"--database", s.dsn}, "of a capri dev": {"--data-dir", dir}, "by a master's configuration": {"--config", s.config},
	} {
		if got := nowhere(t).run(t, append([]string{"host", "list", "--direct", "-o", "name"}, args...)...); got.code != exitDone || got.out != "w1\n" {
			t.Errorf("%s: got %+v, want w1", name, got)
		}
	}
	gone := filepath.Join(t.TempDir(), "gone.db")
	if got := nowhere(t).run(t, "host", "list", "--direct", "--database", gone); got.code != exitNoMaster || !strings.Contains(got.err, "there is no database "+gone) {
		t.Errorf("got %+v, want that there is none", got)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("got a database made, want none")
	}
	password := (session{}).run(t, "host", "list", "--direct", "--database", "eve:sesame@tcp(127.0.0.1:1)/capri")
	if password.code != exitNoMaster || !strings.Contains(password.err, "--config FILE hides it") || strings.Contains(password.err, "sesame") {
		t.Errorf("got %+v, want a warning and %d", password, exitNoMaster)
	}
}

func TestDirectRefusesASchemaThatIsNotCurrent(t *testing.T) {
	onBoth(t, func(s *standing) {
		if _, err := s.db.Raw().ExecContext(s.Context(), "DELETE FROM goose_db_version WHERE version_id > 5"); err != nil {
			s.Fatal(err)
		}
		got := nowhere(s.T).run(s.T, "host", "off", "w1", "--reason", "x", "--direct", "--config", s.config)
		if got.code != exitConflict || !strings.Contains(got.err, "capri migrate up") || s.text("SELECT isStop FROM capri_schedul_cluster") != "0" {
			s.Errorf("got %+v, want %d and nothing changed", got, exitConflict)
		}
	})
}
