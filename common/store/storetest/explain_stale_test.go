package storetest

import (
	"context"
	"database/sql/driver"
	"slices"
	"strings"
	"testing"

	"capricornus/common/store"
)

// TestKeyedReadsDoNotTrustStatistics looks at a database whose statistics know
// of no rows yet, as those of a task do that has just got a thousand batches:
// what is read by task and work number is found by both all the same. MariaDB
// read all batches of the task for each of them once.
func TestKeyedReadsDoNotTrustStatistics(t *testing.T) {
	t.Parallel()
	if !slices.Contains(Engines(t), MySQL) {
		return // SQLite plans without statistics
	}
	faults := &Faults{}
	cfg := Fresh(t, MySQL)
	cfg.Wrap = faults.Wrap
	db := migrated(t, cfg)
	keys := []store.ParentKey{{TaskID: 1, WorkNo: "20150517"}, {TaskID: 1, WorkNo: "20150518"}}
	reads := map[string]func(ctx context.Context, v *store.ViewTx) error{
		"CountingBatches": func(ctx context.Context, v *store.ViewTx) error { _, err := v.CountingBatches(ctx, keys); return err },
		"Existing":        func(ctx context.Context, v *store.ViewTx) error { _, err := v.Existing(ctx, keys); return err },
		"Nodes":           func(ctx context.Context, v *store.ViewTx) error { _, err := v.Nodes(ctx, keys); return err },
		"SlotItems":       func(ctx context.Context, v *store.ViewTx) error { _, err := v.SlotItems(ctx, keys); return err },
	}
	for name, read := range reads {
		var ran []statement
		faults.Watch(func(query string, args []driver.NamedValue) { ran = append(ran, statement{query, args}) })
		err := db.View(t.Context(), func(v *store.ViewTx) error { return read(t.Context(), v) })
		faults.Watch(nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(ran) == 0 {
			t.Errorf("%s: got no statement, want at least one", name)
		}
		for _, s := range ran {
			if !strings.Contains(s.query, "AS workNo") {
				continue
			}
			for _, bad := range fullReads(t, db, s) {
				t.Errorf("%s reads all of %s", name, bad)
			}
		}
	}
}
