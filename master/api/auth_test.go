package api

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestKnownCallersMayLookWhileTheDatabaseIsAway: nobody can say then who calls,
// and people look because the database is away.
func TestKnownCallersMayLookWhileTheDatabaseIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ask := func(method, token string) int { return r.send(method, root+"/cluster", token, nil).Code }
		for _, token := range []string{"viewer", "operator", "admin"} {
			if got := ask(http.MethodGet, token); got != http.StatusOK {
				t.Fatalf("%s: got %d, want 200", token, got)
			}
		}
		r.world.Change("DELETE FROM capri_token WHERE name = 'operator'")
		r.world.Change("UPDATE capri_token SET expiresAt = " + jsonNumber(time.Now().Add(time.Minute).UnixMilli()) + " WHERE name = 'admin'")
		<-time.After(2 * tokenMemory)
		if got := ask(http.MethodGet, "operator"); got != http.StatusUnauthorized {
			t.Errorf("revoked: got %d, want 401", got)
		}
		if got := ask(http.MethodGet, "admin"); got != http.StatusOK {
			t.Errorf("not expired yet: got %d, want 200", got)
		}
		if err := r.world.DB.Close(); err != nil {
			t.Fatal(err)
		}
		<-time.After(10 * time.Minute)
		for token, want := range map[string]int{
			"viewer": http.StatusOK, "operator": http.StatusServiceUnavailable, // revoked
			"admin": http.StatusServiceUnavailable, "developer": http.StatusServiceUnavailable, // expired, never seen
		} {
			if got := ask(http.MethodGet, token); got != want {
				t.Errorf("%s without the database: got %d, want %d", token, got, want)
			}
		}
		if got := r.send(http.MethodPost, root+"/cluster/transfer", "viewer", `{"reason":"r"}`).Code; got != http.StatusServiceUnavailable {
			t.Errorf("a change without the database: got %d, want 503: nobody is known to be who he says", got)
		}
		<-time.After(6 * time.Minute)
		if got := ask(http.MethodGet, "viewer"); got != http.StatusServiceUnavailable {
			t.Errorf("after a quarter of an hour: got %d, want 503", got)
		}
	})
}
