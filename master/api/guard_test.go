package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/intake"
)

func TestEveryErrorIsAProblem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, c := range codes() {
		r.services.err = fault.New(c.Code, "it is so").WithHint("do this")
		want := wire.Problem{Type: "/api/docs#" + anchor(c.Code), Title: http.StatusText(c.Status), Status: c.Status, Detail: "it is so", Code: string(c.Code), Hint: "do this"}
		got := r.problem(http.MethodPost, "/api/v1/services/depend/run", "operator", nil)
		want.RequestID = got.RequestID
		if !reflect.DeepEqual(got, want) || got.RequestID == "" {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestInternalErrorsTellNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	secret := errors.New("dial tcp 10.1.2.3: password hunter2")
	call(r.api, route{method: http.MethodGet, path: root + "/broken", may: permit.View, id: "broken", tag: "test"},
		func(context.Context, *nothing) (done, error) { return done{}, secret })
	call(r.api, route{method: http.MethodGet, path: root + "/panics", may: permit.View, id: "panics", tag: "test"},
		func(context.Context, *nothing) (done, error) { panic(secret) })
	for _, path := range []string{"/api/v1/broken", "/api/v1/panics"} {
		r.log.Reset()
		got := r.send(http.MethodGet, path, "viewer", nil)
		request := got.Header().Get(headerRequest)
		if got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "hunter2") || request == "" || !strings.Contains(got.Body.String(), request) {
			t.Errorf("%s: got %d %s, want 500 naming request %s and nothing else", path, got.Code, got.Body, request)
		}
		if line := r.log.String(); !strings.Contains(line, request) || !strings.Contains(line, "hunter2") || strings.Count(line, "\n") != 1 {
			t.Errorf("%s: got log %s, want one line with the request and the detail", path, line)
		}
	}
}

func TestWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodGet, "/api/v1/status", "viewer", nil, nil) // remembers the token
	if err := r.world.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for path, token := range map[string]string{"/api/v1/tasks": "viewer", "/api/v1/hosts": "operator", pathReady: ""} {
		p := r.problem(http.MethodGet, path, token, nil)
		if p.Code != string(fault.Unavailable) || !strings.Contains(p.Detail, "the database does not answer") {
			t.Errorf("%s: got %+v, want one sentence about the database", path, p)
		}
	}
	if got := r.send(http.MethodGet, pathHealth, "", nil); got.Code != http.StatusOK {
		t.Errorf("got %d, want a master without its database to be alive", got.Code)
	}
}

func TestNotReadyWithoutALeader(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.api.Leader = func() (string, string, bool) { return "", "", false }
	r.leading = false
	if p := r.problem(http.MethodGet, pathReady, "", nil); p.Code != string(fault.Unavailable) {
		t.Errorf("got %+v, want UNAVAILABLE", p)
	}
	if p := r.problem(http.MethodPost, "/api/v1/services/depend/run", "operator", nil); p.Code != string(fault.Unavailable) {
		t.Errorf("got %+v, want UNAVAILABLE", p)
	}
}

func TestOnlyTheLeaderAnswersClaims(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.beat("http://w1:9000")
	claim := wire.Claim{Host: "w1", Incarnation: "i1", Free: 4}
	var reply wire.ClaimReply
	r.must(http.MethodPost, wire.PathClaim, "worker", claim, &reply)
	r.leading = false
	r.api.Leader = func() (string, string, bool) { return "m2", leaderAddress, true }
	if p := r.problem(http.MethodPost, wire.PathClaim, "worker", claim); p.Status != http.StatusMisdirectedRequest || p.Hint != leaderAddress {
		t.Errorf("got %+v, want 421 naming %s", p, leaderAddress)
	}
}

func TestWorkersOfOtherVersionsMaySayMore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodPost, wire.PathClaim, "worker", `{"host":"w1","incarnation":"i1","free":1,"waitMillis":0,"new":true}`, nil)
	for body, code := range map[string]fault.Code{
		`{"host":""}`: fault.Invalid, `{"host":"a b"}`: fault.Invalid, `{"host":1}`: fault.Usage, `{`: fault.Usage, ``: fault.Usage, `{} {}`: fault.Usage,
	} {
		if p := r.problem(http.MethodPost, wire.PathClaim, "worker", body); p.Code != string(code) {
			t.Errorf("%s: got %+v, want %s", body, p, code)
		}
	}
	beat := wire.Heartbeat{Host: "w1", Incarnation: "i1", CheckInterval: 1, Address: "http://w1/../x"}
	if p := r.problem(http.MethodPost, wire.PathHeartbeat, "worker", beat); p.Code != string(fault.Invalid) {
		t.Errorf("got %+v, want the address refused", p)
	}
}

func TestBadParameters(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for path, want := range map[string]string{
		"/api/v1/batches?limit=501":                 "query.limit",
		"/api/v1/batches?limit=0":                   "query.limit",
		"/api/v1/batches?limit=many":                "query.limit",
		"/api/v1/batches?stat=done":                 "query.stat",
		"/api/v1/batches?state=finished":            "state \"finished\"",
		"/api/v1/batches?from=yesterday":            "yesterday",
		"/api/v1/batches?from=20300101&to=20290101": "empty",
		"/api/v1/batches?cursor=zzz":                "cursor",
		"/api/v1/tasks?cursor=***":                  "cursor",
		"/api/v1/tasks?period=yearly":               "yearly",
		"/api/v1/operations?cursor=LTE":             "cursor",
		"/api/v1/batches/a/x":                       "digits",
		"/api/v1/operations/zero":                   "path.id",
	} {
		if p := r.problem(http.MethodGet, path, "viewer", nil); p.Code != string(fault.Invalid) || !strings.Contains(p.Detail, want) {
			t.Errorf("%s: got %+v, want INVALID about %s", path, p, want)
		}
	}
	for _, path := range []string{
		"/api/v1/tasks/ghost", "/api/v1/tasks/a%2Fb", "/api/v1/tasks?project=ghost", "/api/v1/batches?task=ghost", "/api/v1/batches?project=ghost",
		"/api/v1/batches/ghost/20150518", "/api/v1/batches/ghost/20150518/why", "/api/v1/batches/ghost/20150518/logs", "/api/v1/operations/7",
	} {
		if p := r.problem(http.MethodGet, path, "viewer", nil); p.Code != string(fault.NotFound) || !strings.Contains(p.Detail, "there is no") {
			t.Errorf("%s: got %+v, want NOT_FOUND", path, p)
		}
	}
}

func TestBadBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for body, want := range map[string]string{
		``:                           "request body is required",
		`{"code":`:                   "ends too early",
		`{"code":"a","kay":"b"}`:     "unknown field \"kay\"",
		`{"code":7,"key":"b"}`:       "code must be a text, not number",
		`[]`:                         "must be an object, not array",
		`{"code":"a","key":"b"}true`: "goes on",
		`{"code":"a"}`:               "a key of 1 to",
	} {
		if p := r.problem(http.MethodPost, "/api/v1/third-parties", "operator", body); !strings.Contains(p.Detail, want) || p.Status >= 500 {
			t.Errorf("%s: got %+v, want %q", body, p, want)
		}
	}
	if p := r.problem(http.MethodPost, "/api/v1/third-parties", "operator", strings.Repeat(" ", bodyLimit+2)); p.Code != string(fault.TooLarge) {
		t.Errorf("got %+v, want TOO_LARGE", p)
	}
}

func TestAnnouncingTwiceIsOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, want := range []bool{true, false} {
		var got announced
		r.must(http.MethodPost, "/api/v1/third-parties", "operator", wire.ThirdPartyRequest{Code: "pay", Key: "20150518"}, &got)
		if got.New != want {
			t.Errorf("got new %v, want %v", got.New, want)
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'third.put' AND actor = 'admin'"); n != 2 || r.told.Load() != 1 {
		t.Errorf("got %d audit rows and %d wakes, want 2 and 1", n, r.told.Load())
	}
}

func TestAnswersAreGuarded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{"/", pathDocs, "/api/v1/status", "/nowhere"} {
		head := r.send(http.MethodGet, path, "viewer", nil).Header()
		if policy := head.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: got policy %q, want a strict one", path, policy)
		}
		if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Cache-Control") != "no-store" || head.Get(headerRequest) == "" {
			t.Errorf("%s: got %v, want the headers of every answer", path, head)
		}
	}
	page := r.send(http.MethodGet, pathDocs, "", nil).Body.String()
	if strings.Contains(page, "<script") || strings.Contains(page, "https://") || strings.Contains(page, "style=") {
		t.Error("got a page that loads or runs something, want plain HTML")
	}
}

func TestOtherSitesMayNotCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sent := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/services/depend/run", nil)
	sent.Header.Set("Authorization", "Bearer operator")
	sent.Header.Set("Sec-Fetch-Site", "cross-site")
	got := httptest.NewRecorder()
	r.handler.ServeHTTP(got, sent)
	var p wire.Problem
	if err := json.Unmarshal(got.Body.Bytes(), &p); err != nil || p.Code != string(fault.Forbidden) || len(r.services.ran) != 0 {
		t.Errorf("got %d %s, want FORBIDDEN", got.Code, got.Body)
	}
}

func TestTokensAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.token("short", "viewer", time.Now().Add(2*time.Second).UnixMilli())
		code := func(token string) int { return r.send(http.MethodGet, "/api/v1/status", token, nil).Code }
		if code("short") != http.StatusOK || code("viewer") != http.StatusOK {
			t.Fatal("got a token refused, want it taken")
		}
		if _, err := r.world.DB.Raw().ExecContext(t.Context(), "UPDATE capri_token SET revokedAt = 1 WHERE name = 'viewer'"); err != nil {
			t.Fatal(err)
		}
		<-time.After(2 * time.Second)
		if got := code("short"); got != http.StatusUnauthorized {
			t.Errorf("after its expiry: got %d, want 401", got)
		}
		<-time.After(tokenMemory)
		if got := code("viewer"); got != http.StatusUnauthorized {
			t.Errorf("revoked: got %d, want 401 when the memory is over", got)
		}
		if got := code(strings.Repeat("x", maxToken+1)); got != http.StatusUnauthorized {
			t.Errorf("got %d, want 401 for a token without end", got)
		}
	})
}

func TestSlowAnswersEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		call(r.api, route{method: http.MethodGet, path: root + "/slow", may: permit.View, id: "slow", tag: "test"},
			func(ctx context.Context, _ *nothing) (done, error) {
				<-ctx.Done()
				return done{}, ctx.Err()
			})
		began := time.Now()
		if p := r.problem(http.MethodGet, "/api/v1/slow", "viewer", nil); p.Code != string(fault.Timeout) || time.Since(began) != callTimeout {
			t.Errorf("got %+v after %s, want TIMEOUT after %s", p, time.Since(began), callTimeout)
		}
	})
}

func TestServerClosesSlowClients(t *testing.T) {
	t.Parallel()
	s := Server(http.NotFoundHandler())
	if s.ReadHeaderTimeout == 0 || s.WriteTimeout <= 2*intake.MaxWait || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		t.Errorf("got %+v, want every limit set and long polls possible", s)
	}
}

// TestLongCallsOutliveTheBodysDeadline holds that the deadline of a body is
// taken away when it has been read: passing during a long poll, it would look
// like the client's going.
func TestLongCallsOutliveTheBodysDeadline(t *testing.T) {
	t.Parallel()
	deadlines := make(chan time.Time, 8)
	r := newRig(t)
	server := httptest.NewUnstartedServer(r.handler)
	server.Listener = noted{server.Listener, deadlines}
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `{"code":"pay","key":"1"}`
	if _, err := conn.Write([]byte("POST /api/v1/third-parties HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer operator\r\nContent-Length: 24\r\n\r\n" + body)); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v, want 200", answer, err)
	}
	_ = answer.Body.Close()
	set, lifted := false, false
	for len(deadlines) > 0 {
		d := <-deadlines
		if left := time.Until(d); left > 30*time.Second && left <= bodyTimeout {
			set = true
		}
		lifted = lifted || set && d.IsZero()
	}
	if !set || !lifted {
		t.Errorf("got deadline set %v and lifted %v, want both", set, lifted)
	}
}

type noted struct {
	net.Listener
	deadlines chan time.Time
}

func (n noted) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	return notedConn{conn, n.deadlines}, err
}

type notedConn struct {
	net.Conn
	deadlines chan time.Time
}

func (c notedConn) SetReadDeadline(at time.Time) error {
	select {
	case c.deadlines <- at:
	default:
	}
	return c.Conn.SetReadDeadline(at)
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := New(Deps{DB: &store.DB{}})
	if err == nil || strings.Contains(err.Error(), "DB is missing") || !strings.Contains(err.Error(), "Intake is missing") || !strings.Contains(err.Error(), "Log is missing") {
		t.Errorf("got %v, want all that is missing named", err)
	}
}
