package main_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestWritesAreReadFromTheSource keeps the reader honest: every form in which
// the store writes, as it must be understood.
func TestWritesAreReadFromTheSource(t *testing.T) {
	t.Parallel()
	s, err := parse("common/store/x.go", []byte("package store\n"+`
const cols, change = "id, a, b", "a = ?, b = CASE WHEN ? THEN 1 ELSE 2 END"
func (t *tx) plain() { t.exec(ctx, "UPDATE capri_x SET "+change+" WHERE id IN ("+placeholders(3)+")", args...) }
func (t *tx) count() { t.exec(ctx, "UPDATE capri_x SET unmet =\n(SELECT COUNT(*) FROM capri_y WHERE x, y) WHERE id = 1") }
func (t *tx) list() { set := []string{"c", "d"}; cols := append([]string{"id"}, set...); q := t.d.updateFrom("capri_x", t.d.values(cols, 1), cols[1:], cols[:1]); t.exec(ctx, q) }
func (t *tx) keep() { t.insert(ctx, "capri_y", cols, rows, t.d.upsert("id", "a", "b")); t.plain() }
func (t *tx) drop() { for _, from := range []string{"capri_x WHERE id", "capri_z WHERE id"} { t.exec(ctx, "DELETE FROM "+from+in) } }
func (t *tx) sweep(ctx context.Context, table string) { t.exec(ctx, "DELETE FROM "+table+" WHERE id = 1") }
func (t *tx) swept() { t.sweep(ctx, "capri_w") }
func (t *tx) dark() { t.exec(ctx, query()); t.insert(ctx, table, cols, rows, "") }
`))
	if err != nil {
		t.Fatal(err)
	}
	r := newSQLReader([]*source{s})
	for name, want := range map[string]string{
		"plain": "capri_x [a b]", "count": "capri_x [unmet]", "list": "capri_x [c d]",
		"keep": "capri_x [a b] capri_y adds [a b]", "drop": "capri_x deletes [] capri_z deletes []", "swept": "capri_w deletes []", "dark": "",
	} {
		var got []string
		all := r.writes(name)
		for _, table := range slices.Sorted(maps.Keys(all)) {
			verbs := map[bool]string{true: " adds"}[all[table].adds] + map[bool]string{true: " deletes"}[all[table].deletes]
			got = append(got, fmt.Sprintf("%s%s %v", table, verbs, slices.Sorted(maps.Keys(all[table].columns))))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", name, got, want)
		}
	}
	if len(r.unclear) != 2 {
		t.Errorf("got %v, want both statements that cannot be read", r.unclear)
	}
}
