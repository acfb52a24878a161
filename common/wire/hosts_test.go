package wire_test

import (
	"net/http"
	"testing"
)

func TestDeclareDead(t *testing.T) {
	client, last := master(t, http.StatusOK, "application/json", `{"host":"w/1","deadAt":5}`)
	got, err := client.DeclareDead(t.Context(), "w/1", "burnt")
	if err != nil || got.DeadAt != 5 {
		t.Errorf("got %+v, %v, want the worker as it is now", got, err)
	}
	if want := (seen{call: "POST /api/v1/hosts/w%2F1/dead", body: `{"reason":"burnt"}`, auth: "Bearer sesame"}); *last != want {
		t.Errorf("got %+v, want %+v", *last, want)
	}
}
