package httpcall

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"capricornus/common/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// attempt is a directory as an attempt's, and what a call in it left.
type attempt struct {
	code   int
	log    string
	answer *wire.HTTPAnswer
}

func call(ctx context.Context, t *testing.T, r Request) attempt {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{RequestName: text, AnswerName: nil} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	out := attempt{code: Run(ctx, filepath.Join(dir, RequestName), net.DefaultResolver, &log)}
	out.log = log.String()
	left, err := os.ReadFile(filepath.Join(dir, AnswerName))
	if err != nil || len(left) > AnswerLimit {
		t.Fatalf("got %d bytes of an answer, %v, want at most %d", len(left), err, AnswerLimit)
	}
	if len(left) > 0 {
		out.answer = &wire.HTTPAnswer{}
		if err := json.Unmarshal(left, out.answer); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (a attempt) want(t *testing.T, code int, parts ...string) {
	t.Helper()
	if a.code != code {
		t.Errorf("got exit code %d, want %d:\n%s", a.code, code, a.log)
	}
	for _, part := range parts {
		if !strings.Contains(a.log, part) {
			t.Errorf("got log\n%s\nwant %q in it", a.log, part)
		}
	}
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func get(url string) Request {
	return Request{Call: wire.HTTPCall{Method: http.MethodGet, URL: url, Timeout: 60_000}, Hosts: []string{"127.0.0.1"}}
}

func TestACallIsMadeAsDescribed(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte("Bearer canary\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got *http.Request
	var body bytes.Buffer
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = body.ReadFrom(r.Body)
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "canary"})
		w.Header().Set("X-State", "queued")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, `{"id": 7}`)
	})
	r := get(url + "/jobs?day=20261120")
	r.Call.Method, r.Call.Body = http.MethodPost, `{"day": 1}`
	r.Call.Headers = map[string]string{"Content-Type": "application/json"}
	r.Call.HeaderFiles = map[string]string{"Authorization": secret}
	a := call(t.Context(), t, r)
	a.want(t, ExitSuccess, "POST "+url+"/jobs?day=20261120\nHTTP/1.1 202 Accepted\n", "\nx-state: queued\n\n{\"id\": 7}\nsuccess\n")
	if got.URL.RawQuery != "day=20261120" || got.Header.Get("Content-Type") != "application/json" || body.String() != `{"day": 1}` ||
		got.Header.Get("Authorization") != "Bearer canary" || got.Header.Get("User-Agent") != "capricornus" {
		t.Errorf("got %s %+v with %q, want what was described", got.URL, got.Header, body.String())
	}
	if a.answer.Status != http.StatusAccepted || a.answer.Body != `{"id": 7}` || a.answer.Bytes != 9 || a.answer.Headers["x-state"] != "queued" || a.answer.Truncated {
		t.Errorf("got %+v, want the answer", a.answer)
	}
	if _, kept := a.answer.Headers["set-cookie"]; kept || strings.Contains(a.log, "canary") {
		t.Errorf("got a secret in %+v or\n%s", a.answer, a.log)
	}
}

func TestSuccess(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		wanted []int
		when   string
		code   int
		last   string
	}{
		"AnyOf200":              {204, "", nil, "", ExitSuccess, "success"},
		"NotAFailure":           {500, "broken", nil, "", ExitUnwanted, "failed: status 500 is not one of 200 to 299"},
		"NotAStatusElsewhere":   {201, "", []int{200, 202}, "", ExitUnwanted, "failed: status 201 is not one of 200, 202"},
		"AWantedStatus":         {404, "", []int{404}, "", ExitSuccess, "success"},
		"ByTheBody":             {200, `{"state":"done","rows":3}`, nil, `json.state == "done" && json.rows > 0`, ExitSuccess, "success"},
		"NotYet":                {200, `{"state":"running"}`, nil, `json.state == "done"`, ExitUnwanted, `failed: json.state is "running": the condition json.state == "done" does not hold`},
		"TheStatusComesFirst":   {500, `{"state":"done"}`, nil, `json.state == "done"`, ExitUnwanted, "failed: status 500"},
		"NoJSON":                {200, `<html>`, nil, `json.state == "done"`, ExitUnwanted, "the body is not JSON"},
		"TwoValuesAreNotOne":    {200, `{"state":"done"} {}`, nil, `json.state == "done"`, ExitUnwanted, "the body is not JSON"},
		"ByHeaders":             {200, "", nil, `headers["x-rows"] == "5"`, ExitSuccess, "success"},
		"AConditionThatIsNone":  {200, "", nil, `)`, ExitUnwanted, "cannot be read"},
		"ARedirectWithoutAGoal": {304, "", nil, "", ExitUnwanted, "status 304"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := get(serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Rows", "5")
				w.WriteHeader(test.status)
				if test.body != "" {
					fmt.Fprint(w, test.body)
				}
			}))
			r.Call.Status, r.Call.When = test.wanted, test.when
			a := call(t.Context(), t, r)
			a.want(t, test.code)
			lines := strings.Split(strings.TrimSpace(a.log), "\n")
			if last := lines[len(lines)-1]; !strings.Contains(last, test.last) {
				t.Errorf("got last line %q, want %q", last, test.last)
			}
			if a.answer == nil || a.answer.Status != test.status {
				t.Errorf("got %+v, want the answer kept", a.answer)
			}
		})
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("got a call elsewhere, want none") })
	hung := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, http.StatusFound) })
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hung:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "half of it")
	})
	url := serve(t, mux.ServeHTTP)
	t.Cleanup(func() { close(hung) })
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refused.Close()
	tests := map[string]struct {
		change func(*Request)
		last   string
	}{
		"AHostThatIsNotAllowed": {func(r *Request) { r.Hosts = []string{"api.example.com"} }, "is not among the hosts that may be called; the worker's http_hosts says which"},
		"NoHostAtAll":           {func(r *Request) { r.Hosts = nil }, "is not among the hosts"},
		"ARedirectElsewhere":    {func(r *Request) { r.Call.URL += "/away" }, "a redirect is followed at the same host only"},
		"RedirectsInACircle":    {func(r *Request) { r.Call.URL += "/round" }, "more than 5 redirects"},
		"NoConnection":          {func(r *Request) { r.Call.URL = "http://" + refused.Addr().String() }, "connection refused"},
		"ATimeout":              {func(r *Request) { r.Call.URL, r.Call.Timeout = url+"/slow", 50 }, "there was no whole answer within 50ms"},
		"AnAnswerThatBreaksOff": {func(r *Request) { r.Call.URL += "/half" }, "the answer broke off: unexpected EOF"},
		"AFileThatIsMissing":    {func(r *Request) { r.Call.HeaderFiles = map[string]string{"A": "/not/here"} }, "the value of the header A: open /not/here: no such file"},
		"AFileThatIsNone":       {func(r *Request) { r.Call.HeaderFiles = map[string]string{"A": "/dev/null"} }, "no regular file"},
		"AHeaderOfTwoLines":     {func(r *Request) { r.Call.Headers = map[string]string{"A": "b\r\nC: d"} }, "invalid header field value"},
		"ATLSServerItIsNot":     {func(r *Request) { r.Call.URL = strings.Replace(r.Call.URL, "http:", "https:", 1) }, "HTTP response to HTTPS client"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := get(url)
			test.change(&r)
			a := call(t.Context(), t, r)
			a.want(t, ExitNoAnswer, "failed: ", test.last)
			if strings.Contains(a.log, "success") {
				t.Errorf("got\n%s\nwant no success", a.log)
			}
		})
	}
}

func TestASignalEndsACall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	call(ctx, t, get(url)).want(t, ExitNoAnswer, "the call was ended before its answer came")
}

func TestCertificatesAreChecked(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("got a call, want none") }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	call(t.Context(), t, get(server.URL)).want(t, ExitNoAnswer, "certificate")
}

func TestARequestThatCannotBeRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), RequestName)
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	if code := Run(t.Context(), file, net.DefaultResolver, &log); code != ExitNoAnswer || !strings.Contains(log.String(), "cannot be read") {
		t.Errorf("got %d with %q, want that it cannot be read", code, log.String())
	}
}

func TestWhatIsKeptOfAnAnswer(t *testing.T) {
	tests := map[string]struct {
		body      string
		truncated bool
		least     int
	}{
		"Short":           {"short", false, 5},
		"Long":            {strings.Repeat("x", 100_000), true, 32 << 10},
		"LongCharacters":  {strings.Repeat("批次", 10_000), true, 32<<10 - 3},
		"ToBeEscaped":     {strings.Repeat("\x01", 40_000), true, 8 << 10},
		"Binary":          {strings.Repeat("\xff", 40_000), true, 32 << 10},
		"LongerThanAll":   {strings.Repeat("y", bodyLimit+1), true, 32 << 10},
		"JustAsLongAsAll": {strings.Repeat("y", bodyLimit), true, 32 << 10},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, test.body) })
			a := call(t.Context(), t, get(url))
			a.want(t, ExitSuccess)
			kept := a.answer.Body
			if a.answer.Base64 {
				raw, err := base64.StdEncoding.DecodeString(kept)
				if err != nil {
					t.Fatal(err)
				}
				kept = string(raw)
			}
			if !strings.HasPrefix(test.body, kept) || len(kept) < test.least || a.answer.Truncated != test.truncated || a.answer.Bytes != int64(min(len(test.body), bodyLimit)) {
				t.Errorf("got %d bytes of %d, truncated %v, want at least %d, truncated %v", len(kept), a.answer.Bytes, a.answer.Truncated, test.least, test.truncated)
			}
			if more := strings.Contains(a.log, "the answer goes on"); more != (len(test.body) > bodyLimit) {
				t.Errorf("got a note of a longer answer: %v", more)
			}
		})
	}
}

func TestAConditionOnAnAnswerThatIsTooLong(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("y", bodyLimit+1)) })
	r := get(url)
	r.Call.When = `status == 200`
	call(t.Context(), t, r).want(t, ExitUnwanted, "too long for a condition")
}

func TestHeadersOfAServerAreText(t *testing.T) {
	got := flat(http.Header{"X-A": {"one", "t\x1b[31mwo"}, "Set-Cookie": {"x"}, "X-B": {"\xff"}})
	if len(got) != 2 || got["x-a"] != "one, t [31mwo" || got["x-b"] != "\uFFFD" {
		t.Errorf("got %q, want text", got)
	}
}

func TestHeadersThatAreLong(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 30 {
			w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1000))
		}
	})
	a := call(t.Context(), t, get(url))
	a.want(t, ExitSuccess)
	if !a.answer.Truncated || len(a.answer.Headers) > 10 {
		t.Errorf("got %d headers, want some and a note", len(a.answer.Headers))
	}
}

func TestAConditionIsGivenUpOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		err := withinTime(func() error {
			<-release
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "took longer than 10s") {
			t.Errorf("got %v, want that it took too long", err)
		}
	})
}
