package api

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"capricornus/common/permit"
)

// tricked are other spellings of a path that servers and proxies have taken for
// the same one.
func tricked(path string) []string {
	tail := strings.TrimPrefix(path, "/")
	last := strings.LastIndexByte(path, '/')
	dot := "%2e"
	return []string{
		"//" + tail, "/" + path, "/./" + tail, "/x/.." + path, "/healthz/.." + path, "/api/docs/.." + path, "/healthz/%2e%2e" + path, "/healthz/..%2f" + tail, "/healthz%2f.." + path,
		"/" + dot + path, path + "/", path + "/.", path + "/" + dot, path + "//", path + "/..;/", path + ";", path + ";a=b", path + ".json", path + "%20", path + "%00", path + "%0a", path + "%23", path + "%3f", path + "?",
		path[:last] + "%2f" + path[last+1:], path[:last] + "/%" + hexOf(path[last+1]) + path[last+2:], path[:last] + "/./" + path[last+1:], path[:last] + "/x/../" + path[last+1:], path[:last] + "//" + path[last+1:],
		strings.ToUpper(path), strings.Replace(path, "/api/", "/API/", 1), strings.Replace(path, "/api/v1", "/api/v1/..", 1), strings.Replace(path, "/api", "/healthz;/api", 1), strings.ReplaceAll(path, "/", `\`), "/%5c" + tail,
	}
}

func hexOf(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// TestTricksWithPaths asks for something under every spelling: whoever may not
// have it by its name gets it by none of them.
func TestTricksWithPaths(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var reached atomic.Int32
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		call(r.api, route{method: method, path: root + "/deep/treasure", may: permit.ChangeSettings, id: "treasure-" + method, tag: "test"},
			func(context.Context, *nothing) (done, error) { reached.Add(1); return done{Done: true}, nil })
	}
	for _, path := range append(tricked("/api/v1/deep/treasure"), "/api/v1/deep/treasure") {
		for _, token := range []string{"", "expired", "viewer", "admin", "worker"} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, "get", "POST ", http.MethodPut, http.MethodPatch, http.MethodOptions, http.MethodTrace, http.MethodConnect, "PROPFIND"} {
				got, sent := r.spelled(method, path, token, nil)
				if sent && got.Code/100 == 2 {
					t.Errorf("%s %s as %q: got %d %s, want it refused", method, path, token, got.Code, got.Body)
				}
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("got %d calls through, want none", n)
	}
	if got, _ := r.spelled(http.MethodPost, "/api/v1/deep/treasure", "superadmin", nil); got.Code != http.StatusOK || reached.Load() != 1 {
		t.Errorf("got %d %s, want the superadmin let in", got.Code, got.Body)
	}
}

// TestTricksWithHeaders: no header makes another call of a call, or another
// caller of a caller.
func TestTricksWithHeaders(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var reached atomic.Int32
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		call(r.api, route{method: method, path: root + "/deep/treasure", may: permit.ChangeSettings, id: "treasure-" + method, tag: "test"},
			func(context.Context, *nothing) (done, error) { reached.Add(1); return done{Done: true}, nil })
	}
	const path = "/api/v1/deep/treasure"
	tricks := []http.Header{
		{"X-Http-Method-Override": {"POST"}}, {"X-Http-Method": {"POST"}}, {"X-Method-Override": {"POST"}},
		{"X-Original-Url": {path}}, {"X-Rewrite-Url": {path}}, {"X-Forwarded-Prefix": {"/healthz"}}, {"X-Forwarded-Path": {path}}, {"X-Forwarded-Uri": {path}},
		{"X-Forwarded-For": {"127.0.0.1"}}, {"X-Real-Ip": {"127.0.0.1"}}, {"Forwarded": {"for=127.0.0.1"}}, {"X-Forwarded-User": {"admin"}}, {"X-Remote-User": {"admin"}},
		{"Authorization": {"Bearer viewer", "Bearer superadmin"}}, {"Authorization": {"Basic c3VwZXJhZG1pbjp4"}}, {"Authorization": {"Bearer viewer superadmin"}}, {"Authorization": {"Bearer viewer,superadmin"}},
		{"Capri-Passed": {"m2"}}, {"Connection": {"Authorization"}}, {"Origin": {"null"}}, {"Sec-Fetch-Site": {"none"}},
	}
	for _, at := range []string{path, "/healthz", "/api/v1/status", "/api/v1/status?_method=POST&method=POST"} {
		for _, head := range tricks {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				if got, _ := r.spelled(method, at, "viewer", head); at == path && got.Code/100 == 2 {
					t.Errorf("%s %s with %v: got %d %s, want it refused", method, at, head, got.Code, got.Body)
				}
				_, _ = r.spelled(method, at, "", head)
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("got %d calls through, want none", n)
	}
}

// spelled sends a path as it is spelled. What is no request at all, so that no
// server hands it on, is not sent.
func (r *rig) spelled(method, path, token string, head http.Header) (*httptest.ResponseRecorder, bool) {
	r.t.Helper()
	recorder := httptest.NewRecorder()
	target, err := url.ParseRequestURI(path)
	if err != nil || strings.ContainsAny(method, " ") {
		return recorder, false
	}
	request := (&http.Request{Method: method, URL: target, RequestURI: path, Host: "m1:8080", RemoteAddr: "192.0.2.1:1234", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody}).WithContext(r.t.Context())
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	maps.Copy(request.Header, head)
	r.handler.ServeHTTP(recorder, request)
	return recorder, true
}
