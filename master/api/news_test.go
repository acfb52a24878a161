package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

const callKey = "the key that other masters sign with"

// newsRig is a rig that takes news.
func newsRig(t *testing.T) (*rig, *[]wire.News) {
	t.Helper()
	r := newRig(t)
	heard := &[]wire.News{}
	r.api.Leader = func() (string, string, bool) { return "m2", leaderAddress, true }
	r.api.CallKey, r.api.Hear = callKey, func(n wire.News) { *heard = append(*heard, n) }
	return r, heard
}

// news sends news signed with a key.
func (r *rig) news(key string, body []byte) *httptest.ResponseRecorder {
	r.t.Helper()
	sent := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, wire.PathNews, bytes.NewReader(body))
	wire.SignBody(sent, key, body, r.world.DB.Now())
	recorder := httptest.NewRecorder()
	r.handler.ServeHTTP(recorder, sent)
	return recorder
}

func TestNewsAreHeard(t *testing.T) {
	t.Parallel()
	r, heard := newsRig(t)
	n := wire.News{Duties: []string{"assign"}, Hosts: []string{"w1"}, Made: []int64{1}, Parents: []wire.ParentKey{{Task: 1, WorkNo: "2026"}}, Announced: true}
	body, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.news(callKey, body); got.Code != http.StatusNoContent {
		t.Fatalf("got %d %s, want 204", got.Code, got.Body)
	}
	if len(*heard) != 1 || !reflect.DeepEqual((*heard)[0], n) {
		t.Errorf("got %+v, want %+v", *heard, n)
	}
}

// TestNewsOfNobody: no token lets anybody tell news, and no other key does.
func TestNewsOfNobody(t *testing.T) {
	t.Parallel()
	r, heard := newsRig(t)
	for _, token := range []string{"", "wrong", "viewer", "developer", "operator", "admin", "superadmin", "worker", "strange", callKey} {
		if p := r.problem(http.MethodPost, wire.PathNews, token, "{}"); p.Code != string(fault.Unauthed) {
			t.Errorf("with token %q: got %s, want UNAUTHORIZED", token, p.Code)
		}
	}
	if got := r.news("another key", []byte("{}")); got.Code != http.StatusUnauthorized {
		t.Errorf("with another key: got %d, want 401", got.Code)
	}
	r.api.CallKey = ""
	if got := r.news("", []byte("{}")); got.Code != http.StatusUnauthorized {
		t.Errorf("without any key: got %d, want 401", got.Code)
	}
	if p := r.problem(http.MethodGet, wire.PathNews, "superadmin", nil); p.Code != string(fault.NotFound) {
		t.Errorf("by GET: got %s, want NOT_FOUND", p.Code)
	}
	if len(*heard) != 0 {
		t.Errorf("got %+v heard, want nothing", *heard)
	}
}

func TestNewsThatAreRefused(t *testing.T) {
	t.Parallel()
	many := `{"made":[` + strings.TrimSuffix(strings.Repeat("1,", maxNews+1), ",") + `]}`
	for name, test := range map[string]struct {
		body    string
		leading bool
		status  int
	}{
		"Unknown":    {`{"somethingNewer":1}`, true, http.StatusNoContent},
		"NoJSON":     {`{`, true, http.StatusBadRequest},
		"TooMany":    {many, true, http.StatusRequestEntityTooLarge},
		"TooLarge":   {fmt.Sprintf(`{"duties":[%q]}`, strings.Repeat("x", newsLimit)), true, http.StatusRequestEntityTooLarge},
		"NoHostName": {`{"hosts":["a b"]}`, true, http.StatusUnprocessableEntity},
		"NoReturned": {`{"returned":[""]}`, true, http.StatusUnprocessableEntity},
		"NoLeader":   {`{}`, false, http.StatusMisdirectedRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, heard := newsRig(t)
			r.leading = test.leading
			if got := r.news(callKey, []byte(test.body)); got.Code != test.status {
				t.Errorf("got %d %s, want %d", got.Code, got.Body, test.status)
			}
			if want := test.status == http.StatusNoContent; (len(*heard) == 1) != want {
				t.Errorf("got %+v heard, want any: %v", *heard, want)
			}
		})
	}
}
