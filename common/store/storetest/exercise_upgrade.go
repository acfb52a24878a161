package storetest

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"capricornus/common/store"
	schema "capricornus/sql"
)

// lastMigration is the file of the newest migration.
const lastMigration = "0011_notice.sql"

// upgradeKept takes a database of the version before, with a batch in it, to
// this one; and once more, as after a crash before the version was noted.
func upgradeKept(t *testing.T, cfg store.Config) {
	ctx := t.Context()
	db := migrated(t, cfg)
	target, err := db.Schema(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWorld(t, db)
	id := w.Batch(w.Task(), "20150518")
	takeBack(t, db)
	before, err := db.Schema(ctx)
	if err != nil || before.Current != target.Target-1 {
		t.Fatalf("got version %d and error %v, want the one before %d", before.Current, err, target.Target)
	}
	if n, err := db.Migrate(ctx, Zone); err != nil || n != 1 {
		t.Fatalf("got %d steps and error %v, want one", n, err)
	}
	wantEqual(t, "work number of the batch that was there", w.Work(id).WorkNo, "20150518")
	w.Succeed(id)
	Sound(t, db)
	if cfg.Driver == SQLite {
		return // a migration is one transaction there
	}
	rawExec(t, db, "DELETE FROM goose_db_version WHERE version_id = ?", target.Target)
	if n, err := db.Migrate(ctx, Zone); err != nil || n != 1 {
		t.Errorf("got %d steps and error %v after a crash at the end of the last one, want it repeated", n, err)
	}
}

var (
	addedTable  = regexp.MustCompile(`CREATE TABLE IF NOT EXISTS (\w+)`)
	addedIndex  = regexp.MustCompile(`CREATE INDEX IF NOT EXISTS (\w+)`)
	alteredName = regexp.MustCompile(`ALTER TABLE (\w+)`)
	addedColumn = regexp.MustCompile(`ADD COLUMN (?:/\*.*?\*/ )?(\w+)`)
	addedKey    = regexp.MustCompile(`ADD KEY (?:/\*.*?\*/ )?(\w+)`)
)

// takeBack undoes what the newest migration has added, and its note.
func takeBack(t *testing.T, db *store.DB) {
	t.Helper()
	files, dir := schema.SQLite, "sqlite"
	if db.Engine() == MySQL {
		files, dir = schema.MySQL, "mysql"
	}
	text, err := fs.ReadFile(files, dir+"/"+lastMigration)
	if err != nil {
		t.Fatal(err)
	}
	statements := strings.Split(string(text), ";")
	slices.Reverse(statements)
	for _, s := range statements {
		for _, undo := range undone(s) {
			rawExec(t, db, undo)
		}
	}
	rawExec(t, db, "DELETE FROM goose_db_version WHERE version_id = (SELECT n FROM (SELECT MAX(version_id) AS n FROM goose_db_version) AS newest)")
}

// undone is what takes back one statement of a migration.
func undone(statement string) []string {
	var out []string
	if m := addedTable.FindStringSubmatch(statement); m != nil {
		return []string{"DROP TABLE " + m[1]}
	}
	if m := addedIndex.FindStringSubmatch(statement); m != nil {
		return []string{"DROP INDEX " + m[1]}
	}
	table := alteredName.FindStringSubmatch(statement)
	if table == nil {
		return nil
	}
	for _, m := range addedKey.FindAllStringSubmatch(statement, -1) {
		out = append(out, "ALTER TABLE "+table[1]+" DROP KEY "+m[1])
	}
	for _, m := range slices.Backward(addedColumn.FindAllStringSubmatch(statement, -1)) {
		out = append(out, "ALTER TABLE "+table[1]+" DROP COLUMN "+m[1])
	}
	return out
}
