package api

import (
	"mime"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/wire"
)

const scriptText = `<script>alert(1)</script><img src=x onerror=alert(2)>'"&amp;javascript:alert(3)`

// TestTextOfPeopleIsServedInert stores what a browser would run, wherever people
// may write text, and looks at every answer that may show it: none is a page.
func TestTextOfPeopleIsServedInert(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	quoted := strings.ReplaceAll(scriptText, "'", "''")
	r.apply("apiVersion: capri/v1\nkind: Project\nmetadata: {name: inert, title: '" + quoted + "'}\n---\napiVersion: capri/v1\nkind: Task\n" +
		"metadata: {name: inert_d, title: '" + quoted + "', project: inert, owner: admin}\n" +
		"spec:\n  period: day\n  valid: {from: 2015-05-01}\n  env: {X: '" + quoted + "'}\n  run: {type: shell, script: '" + quoted + "'}\n")
	r.beat("http://w1:9000")
	r.coldStart("day", "20150518", "20150518", "inert_d")
	r.must(http.MethodPost, "/api/v1/batches/inert_d/20150518/hold", "operator", wire.CommandRequest{Reason: scriptText}, nil)
	r.must(http.MethodPost, "/api/v1/tasks/inert_d/hold", "operator", wire.CommandRequest{Reason: scriptText}, nil)
	r.must(http.MethodPost, "/api/v1/hosts/w1/off", "operator", wire.SwitchRequest{Reason: scriptText}, nil)
	r.must(http.MethodPost, "/api/v1/third-parties", "operator", wire.ThirdPartyRequest{Code: "pay", Key: scriptText}, nil)
	shown := 0
	for pattern := range r.api.rights {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet || strings.HasSuffix(path, "/events") && !strings.Contains(path, "{run}") {
			continue
		}
		path = strings.NewReplacer("{task}", "inert_d", "{run}", "20150518", "{host}", "w1", "{project}", "inert", "{id}", "1", "{version}", "1").Replace(path)
		for _, name := range []string{"inert_d", "inert"} {
			at := strings.ReplaceAll(path, "{name}", name)
			got := r.send(http.MethodGet, at, "superadmin", nil)
			kind, _, err := mime.ParseMediaType(got.Header().Get("Content-Type"))
			inert := kind == "application/json" || kind == problemType || kind == "text/plain" || kind == "text/event-stream" || kind == "application/yaml"
			if got.Code != http.StatusNotModified && (err != nil || !inert) || got.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: got %d %v, want text that no browser runs", at, got.Code, got.Header())
			}
			if strings.Contains(got.Body.String(), "alert(1)") {
				shown++
			}
		}
	}
	for _, bad := range []string{"/api/v1/tasks/" + strings.ReplaceAll("<script>", "<", "%3C"), "/%3Cscript%3Ealert(1)%3C/script%3E"} {
		if got := r.send(http.MethodGet, bad, "viewer", nil); got.Header().Get("Content-Type") != problemType {
			t.Errorf("%s: got %s, want a problem", bad, got.Header().Get("Content-Type"))
		}
	}
	if shown < 5 {
		t.Errorf("got the text shown by %d calls, want those that show it looked at", shown)
	}
}
