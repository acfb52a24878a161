package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/config"
	"capricornus/master/identity"
)

// TestALostPasswordIsSetInTheDatabase: when nobody can log in any more, who may
// read the database can help.
func TestALostPasswordIsSetInTheDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "capri.db")
	db, err := openDatabase(t.Context(), config.Database{Driver: config.SQLite, DSN: config.Secret(path)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Migrate(t.Context(), "UTC"); err != nil {
		t.Fatal(err)
	}
	first, err := firstPassword(t.Context(), db)
	if err != nil || len(first) < 20 {
		t.Fatalf("got %q, %v, want a long password", first, err)
	}
	if again, err := firstPassword(t.Context(), db); err != nil || again != "" {
		t.Errorf("got %q, %v, want the password there is to stay", again, err)
	}
	file := filepath.Join(dir, "new")
	if err := replaceFile(file, "four words that differ"); err != nil {
		t.Fatal(err)
	}
	if got := nowhere(t).run(t, "user", "passwd", "admin", "--direct", "--database", path, "--password-file", file, "--reason", "lost"); got.code != exitDone || !strings.Contains(got.err, "admin has another password") {
		t.Fatalf("got %+v, want it set", got)
	}
	service := identity.New(db, identity.Config{})
	for password, right := range map[string]bool{first: false, "four words that differ": true} {
		attempt := identity.Attempt{Source: "here"}
		attempt.Name, attempt.Password = "admin", password
		if _, err := service.Login(t.Context(), attempt); (err == nil) != right {
			t.Errorf("%q: got %v, want right: %v", password, err, right)
		}
	}
	var n int
	row := db.Raw().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM capri_audit_log WHERE action = 'user.password' AND source = 'database' AND detail LIKE '%lost%' AND detail NOT LIKE '%words%'")
	if err := row.Scan(&n); err != nil || n != 1 {
		t.Errorf("got %d audit rows, %v, want one", n, err)
	}
}
