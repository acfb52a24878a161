package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"capricornus/common/store"
)

// Exercise is the suite that every engine must pass. fresh makes an empty
// database for each part; the parts run side by side.
func Exercise(t *testing.T, fresh func(testing.TB) store.Config) {
	t.Helper()
	suites := []struct {
		name  string
		cases []exercise
	}{
		{"Migrations", migrationCases()},
		{"Fence", fenceCases()},
		{"Claims", claimCases()},
		{"Moves", moveCases()},
		{"Inserts", insertCases()},
		{"Parents", parentCases()},
		{"Races", raceCases()},
		{"Needs", needCases()},
		{"Paths", pathCases()},
		{"Facts", factCases()},
		{"Usage", usageCases()},
		{"Logs", attemptLogCases()},
		{"Commands", commandCases()},
		{"Persons", personCases()},
		{"AlertPeople", alertPeopleCases()},
		{"Once", onceCases()},
		{"Others", otherCases()},
		{"Operations", operationCases()},
		{"Targets", targetCases()},
		{"Lists", listCases()},
		{"Ready", readyCases()},
		{"Views", viewCases()},
		{"Live", liveCases()},
		{"Stats", statCases()},
		{"Quality", qualityCases()},
		{"Rosters", rosterCases()},
		{"Silences", silenceCases()},
		{"Inspections", inspectCases()},
		{"Reports", reportCases()},
		{"NoticeSends", noticeSendCases()},
		{"Roots", rootCases()},
		{"Notices", noticeCases()},
	}
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			runCases(t, s.cases, fresh)
		})
	}
}

// exercise is one statement about the store. alone asks for a database nobody
// has migrated; the others share one and keep to tasks of their own.
type exercise struct {
	name  string
	alone func(t *testing.T, cfg store.Config)
	run   func(t *testing.T, w *World)
}

func runCases(t *testing.T, cases []exercise, fresh func(testing.TB) store.Config) {
	var shared *World
	for _, c := range cases {
		if c.alone != nil {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.alone(t, fresh(t))
			})
			continue
		}
		if shared == nil {
			shared = NewWorld(t, migrated(t, fresh(t)))
		}
		t.Run(c.name, func(t *testing.T) {
			w := *shared
			w.t, w.tasks = t, int(w.IDs(1)[0])*1000
			c.run(t, &w)
		})
	}
	if shared != nil {
		Sound(t, shared.DB)
	}
}

func migrated(t testing.TB, cfg store.Config) *store.DB {
	t.Helper()
	db := Connect(t, cfg)
	if _, err := db.Migrate(t.Context(), Zone); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return db
}

func wantError(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}

func wantEqual[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// eventually polls a condition until it holds; not quickly, because MariaDB
// refreshes its list of transactions only after 0.1 s without a look, and
// several tests look side by side.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	tick := time.NewTicker(700 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("got no %s in 30 s, want it", what)
		case <-tick.C:
		}
	}
}

// rawExec runs a statement as a database administrator would.
func rawExec(t testing.TB, db *store.DB, query string, args ...any) int64 {
	t.Helper()
	res, err := db.Raw().ExecContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
