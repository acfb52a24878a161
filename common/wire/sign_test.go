package wire_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func TestSignedBodies(t *testing.T) {
	t.Parallel()
	const key, target, text = "the key of the callee", "/api/v1/master/news", `{"hosts":["w1"]}`
	now := time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		key, method, target, body string
		at                        time.Time
		spoil                     func(http.Header)
		read                      bool // the caller is known, so the body is read
		ok                        bool
	}{
		"Good":         {key, http.MethodPost, target, text, now.Add(30 * time.Second), nil, true, true},
		"OtherKey":     {"another key", http.MethodPost, target, text, now, nil, false, false},
		"NoKey":        {"", http.MethodPost, target, text, now, nil, false, false},
		"OtherMethod":  {key, http.MethodPut, target, text, now, nil, false, false},
		"OtherTarget":  {key, http.MethodPost, target + "?x=1", text, now, nil, false, false},
		"OtherBody":    {key, http.MethodPost, target, text + " ", now, nil, true, false},
		"TooLate":      {key, http.MethodPost, target, text, now.Add(2 * time.Minute), nil, false, false},
		"NoSignature":  {key, http.MethodPost, target, text, now, func(h http.Header) { h.Del("Authorization") }, false, false},
		"NoDigest":     {key, http.MethodPost, target, text, now, func(h http.Header) { h.Del("Content-Digest") }, false, false},
		"OtherDigest":  {key, http.MethodPost, target, text, now, func(h http.Header) { h.Set("Content-Digest", "sha-256=:AAAA:") }, false, false},
		"WithoutABody": {key, http.MethodPost, target, "", now, nil, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signed := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, nil)
			wire.SignBody(signed, key, []byte(text), now)
			arrived := httptest.NewRequestWithContext(t.Context(), test.method, test.target, nil)
			arrived.Header = signed.Header
			if test.spoil != nil {
				test.spoil(arrived.Header)
			}
			read := false
			body, err := wire.VerifyBody(arrived, test.key, test.at, func() ([]byte, error) {
				read = true
				return []byte(test.body), nil
			})
			if read != test.read || (err == nil) != test.ok || test.ok && string(body) != text || !test.ok && fault.CodeOf(err) != fault.Unauthed {
				t.Errorf("got %q, %v, read %v; want ok %v, read %v", body, err, read, test.ok, test.read)
			}
		})
	}
}
