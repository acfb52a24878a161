package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// TestHostileCalls sends nonsense to every call that the document lists, to one
// parameter or one field at a time, with a token that may do everything: nothing
// may break, nothing of the inside may show, and what is refused changes nothing.
// `make fuzz-api` does it for longer, with values made from the document.
func TestHostileCalls(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodPost, "/api/v1/tasks/apply", "superadmin", wire.ApplyRequest{Files: []wire.File{{Name: "tasks.yaml", Text: taskFiles}}}, nil)
	r.coldStart("hour", "2000010101", "2000010103", "ods_access_h")
	r.beat("http://127.0.0.1:1")
	exit := 0
	r.run(r.batchID("ods_access_h/2000010101"), &wire.Fact{Kind: wire.FactFinished, ExitCode: &exit})
	h := newHostile(t, r)
	for _, path := range slices.Sorted(maps.Keys(r.api.huma.OpenAPI().Paths)) {
		item := r.api.huma.OpenAPI().Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op != nil {
				h.operation(op)
			}
		}
	}
	if h.sent < 1000 {
		t.Errorf("got %d calls, want at least 1000: is the document empty?", h.sent)
	}
}

// hostileTexts are values for parameters in the path, the query and heads.
func hostileTexts() []string {
	return []string{
		"", "' OR '1'='1", "1; DROP TABLE x --", "../../../etc/passwd", "..", ".", "/", "%2e%2e%2f", "\x00", "a\x00b", strings.Repeat("a", 5000), "-1", "0",
		"9223372036854775808", "1e400", "NaN", "0x10", "\xff\xfe", "\u202e💥", "<script>alert(1)</script>", "{{ 7 * 7 }}", "$(id)", "a,b\r\nX-Evil: 1", "2000-13-45", "2000010199", "[]",
	}
}

// hostileFields are values for fields of a body.
func hostileFields() []string {
	return []string{
		`null`, `true`, `-1`, `0`, `1.5`, `1e308`, `9223372036854775808`, `""`, `"' OR '1'='1"`, `"../../../etc/passwd"`, `"a\u0000b"`, `"\ud800"`, "\"\xff\xfe\"", `"{{ 7 * 7 }}"`,
		`"` + strings.Repeat("a", 100_000) + `"`, `[]`, `{}`, `[null]`, `[""]`, `{"a": {"b": [[[[1]]]]}}`, `["x", 1, {}]`,
	}
}

// hostileBodies are whole bodies.
func hostileBodies() []string {
	return []string{
		"", "null", "[]", `"x"`, "7", "{", "}", "{}{}", `{"no_such_field": 1}`, `{"reason": "a", "reason": 5}`, "\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00", "\x00", "a=1&b=2",
		"<?xml version=\"1.0\"?><a/>", strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000), "{" + strings.Repeat(" ", 1<<20) + "}",
	}
}

// hostile sends calls to one rig and looks what they did.
type hostile struct {
	t     *testing.T
	r     *rig
	state *storetest.Digest
	sent  int
}

func newHostile(t *testing.T, r *rig) *hostile {
	t.Helper()
	return &hostile{t: t, r: r, state: storetest.NewDigest(t, r.world.DB, aside()...)}
}

// aside are tables that a refused call may write: who called when, and numbers
// that were given out.
func aside() []string {
	return []string{"capri_sequence", "capri_session", "capri_token", "capri_idempotency"}
}

// decent values take a call past the checks of its other parameters.
func decent(name string) string {
	known := map[string]string{
		"task": "ods_access_h", "run": "2000010101", "name": "ods_access_h", "host": storetest.Host, "id": "1", "node": "m1", "from": "2000010101", "to": "2000010102",
		"project": "weblog", "version": "1", "group": "default", "user": "admin", "account": "etl", "q": "access", "period": "hour",
		"department": "data", "day": "20991231", "primary": "admin",
	}
	if v, ok := known[name]; ok {
		return v
	}
	return "1"
}

func (h *hostile) operation(op *huma.Operation) {
	body := h.decentBody(op)
	for _, p := range op.Parameters {
		for _, value := range hostileTexts() {
			if p.In == "path" || p.In == "query" || p.In == "header" {
				h.call(op, map[string]string{p.Name: value}, body)
			}
		}
	}
	if op.RequestBody == nil {
		return
	}
	for _, whole := range hostileBodies() {
		h.call(op, nil, whole)
	}
	for name := range fieldsOf(body) {
		for _, value := range hostileFields() {
			fields := fieldsOf(body)
			fields[name] = "\x01"
			text, _ := json.Marshal(fields)
			h.call(op, nil, strings.Replace(string(text), `"\u0001"`, value, 1))
		}
	}
}

func fieldsOf(body string) map[string]any {
	fields := map[string]any{}
	_ = json.Unmarshal([]byte(body), &fields)
	return fields
}

// decentBody makes a body of the kinds that the document names.
func (h *hostile) decentBody(op *huma.Operation) string {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return ""
	}
	text, err := json.Marshal(h.example("", op.RequestBody.Content["application/json"].Schema, 0))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func (h *hostile) example(name string, s *huma.Schema, depth int) any {
	if s.Ref != "" {
		s = h.r.api.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	switch {
	case depth > 4:
		return nil
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type == huma.TypeObject:
		out := map[string]any{}
		for field, of := range s.Properties {
			out[field] = h.example(field, of, depth+1)
		}
		return out
	case s.Type == huma.TypeArray:
		return []any{h.example(name, s.Items, depth+1)}
	case s.Type == huma.TypeString:
		return decent(name)
	case s.Type == huma.TypeBoolean:
		return false
	}
	return 1
}

// call makes one call with decent values but those given.
func (h *hostile) call(op *huma.Operation, values map[string]string, body string) {
	target := op.Path
	query := url.Values{}
	head := http.Header{}
	for _, p := range op.Parameters {
		value, given := values[p.Name]
		switch {
		case p.In == "path" && given:
			target = strings.ReplaceAll(target, "{"+p.Name+"}", url.PathEscape(value))
		case p.In == "path":
			target = strings.ReplaceAll(target, "{"+p.Name+"}", decent(p.Name))
		case given && p.In == "query":
			query.Set(p.Name, value)
		case given:
			head.Set(p.Name, value)
		case p.Required:
			query.Set(p.Name, decent(p.Name))
		}
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	what := fmt.Sprintf("%s %s %q", op.Method, clipped(target), clipped(body))
	before := h.state.Sum()
	got := h.send(op, target, head, body)
	h.sent++
	h.judge(what, target+body, got)
	if got.Code >= 400 && h.state.Sum() != before && op.OperationID != "login" { // a failed login is counted and written down
		h.t.Errorf("%s: got %d, and the database changed", what, got.Code)
	}
}

func clipped(text string) string { return text[:min(len(text), 300)] }

// ending lets streams end with their first event.
type ending struct {
	*httptest.ResponseRecorder
	end context.CancelFunc
}

// Write ends a stream of events.
func (e ending) Write(p []byte) (int, error) {
	if strings.HasPrefix(e.Header().Get("Content-Type"), "text/event-stream") {
		e.end()
	}
	return e.ResponseRecorder.Write(p)
}

// Flush ends a stream of events.
func (e ending) Flush() {
	if strings.HasPrefix(e.Header().Get("Content-Type"), "text/event-stream") {
		e.end()
	}
}

func (h *hostile) send(op *huma.Operation, target string, head http.Header, body string) *httptest.ResponseRecorder {
	ctx, end := context.WithCancel(h.t.Context())
	defer end()
	request := httptest.NewRequestWithContext(ctx, op.Method, "/", strings.NewReader(body))
	parsed, err := url.ParseRequestURI(target)
	if err != nil {
		h.t.Fatal(err)
	}
	request.URL = parsed
	request.Header = head
	token := "superadmin"
	if op.Extensions["x-capri-role"] == "worker" {
		token = "worker"
	}
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	h.r.handler.ServeHTTP(ending{recorder, end}, request)
	return recorder
}

// inside is what no caller may see of the inside.
var inside = regexp.MustCompile(`(?i)capri_[a-z]+_|sqlite|\bmysql\b|SELECT .* FROM|\bSQL\b|goroutine|runtime error|\.go:\d|constraint failed|driver:|reflect\.|no such column`)

func (h *hostile) judge(what, sent string, got *httptest.ResponseRecorder) {
	answer := got.Body.String()
	if got.Code >= 500 {
		lines := strings.Split(strings.TrimSpace(h.r.log.String()), "\n")
		h.t.Errorf("%s: got %d %s, want no 5xx\n%s", what, got.Code, clipped(answer), clipped(lines[len(lines)-1]))
		return
	}
	for _, found := range inside.FindAllString(answer, -1) {
		if !strings.Contains(sent, found) {
			h.t.Errorf("%s: got %d %s, which shows %q", what, got.Code, clipped(answer), found)
		}
	}
	if got.Code < 400 {
		return
	}
	var p wire.Problem
	if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil || got.Header().Get("Content-Type") != problemType || p.Status != got.Code || p.Code == "" || p.Detail == "" {
		h.t.Errorf("%s: got %d %s, want a problem", what, got.Code, clipped(answer))
	}
}
