package identity

import (
	"sync"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// TestTheLastTwoSuperadminsDoNotStepDownTogether lets two demote each other at
// the same moment, again and again: one of them stays, and is told.
func TestTheLastTwoSuperadminsDoNotStepDownTogether(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db := storetest.NewWorld(t, storetest.Open(t, engine)).DB
			s := New(db, Config{Cost: cheap()})
			by := By{Actor: store.Actor{ID: "admin"}, Holder: permit.Holder{Role: permit.Superadmin}}
			if _, err := s.CreateUser(t.Context(), by, wire.UserRequest{Name: "ann", Role: "superadmin"}); err != nil {
				t.Fatal(err)
			}
			viewer, ruler := "viewer", "superadmin"
			for range 20 {
				errs := map[string]error{}
				var lock sync.Mutex
				var both sync.WaitGroup
				for _, name := range []string{"admin", "ann"} {
					both.Go(func() {
						_, err := s.ChangeUser(t.Context(), by, name, wire.UserChange{Role: &viewer})
						lock.Lock()
						errs[name] = err
						lock.Unlock()
					})
				}
				both.Wait()
				if a, b := errs["admin"] == nil, errs["ann"] == nil; a == b {
					t.Fatalf("got %v and %v, want one of them done", errs["admin"], errs["ann"])
				}
				for name, err := range errs {
					if err != nil && fault.CodeOf(err) != fault.Conflict {
						t.Errorf("%s: got %v, want a conflict", name, err)
					}
					if _, err := s.ChangeUser(t.Context(), by, name, wire.UserChange{Role: &ruler}); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}
