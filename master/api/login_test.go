package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

const goodPassword = "four words that differ"

// person makes a user with goodPassword that need not be changed.
func (r *rig) person(name, role, department string) {
	r.t.Helper()
	r.must(http.MethodPost, root+"/users", "superadmin",
		wire.UserRequest{Name: name, Role: role, Department: department, Password: goodPassword, KeepIt: true}, nil)
}

// enter logs in and returns the answer.
func (r *rig) enter(body wire.LoginRequest, cookie string) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.visit(http.MethodPost, pathLogin, cookie, body)
}

// visit makes one call as a browser does, with a cookie.
func (r *rig) visit(method, path, cookie string, body any) *httptest.ResponseRecorder {
	r.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	sent := httptest.NewRequestWithContext(r.t.Context(), method, path, bytes.NewReader(text))
	if cookie != "" {
		sent.AddCookie(&http.Cookie{Name: cookieSession, Value: cookie})
	}
	got := httptest.NewRecorder()
	r.handler.ServeHTTP(got, sent)
	return got
}

// session logs in as a browser and returns its cookie.
func (r *rig) session(name, cookie string) string {
	r.t.Helper()
	got := r.enter(wire.LoginRequest{Name: name, Password: goodPassword, Session: true}, cookie)
	if got.Code != http.StatusOK {
		r.t.Fatalf("login of %s: got %d %s, want 200", name, got.Code, got.Body)
	}
	return cookieOf(r.t, got).Value
}

func cookieOf(t testing.TB, got *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	for _, c := range got.Result().Cookies() {
		if c.Name == cookieSession {
			return c
		}
	}
	t.Fatalf("got %v, want a cookie", got.Header())
	return nil
}

// loginToken logs in as a program and returns its token.
func (r *rig) loginToken(name string) string {
	r.t.Helper()
	var reply wire.LoginReply
	r.must(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: name, Password: goodPassword, Client: "test"}, &reply)
	return reply.Token
}

func TestLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "developer", "data")
	var reply wire.LoginReply
	r.must(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: "ann", Password: goodPassword, Client: "laptop"}, &reply)
	if left := time.Until(time.UnixMilli(reply.ExpiresAt)); reply.User.Name != "ann" || left < 11*time.Hour || left > 13*time.Hour {
		t.Errorf("got %+v, want ann for 12 hours", reply)
	}
	var me wire.Me
	r.must(http.MethodGet, pathMe, reply.Token, nil, &me)
	if me.User.Department != "data" || me.Role != "developer" || me.By != "token" || me.Token != "login: laptop" || len(me.Actions) != 9 {
		t.Errorf("got %+v, want ann's own rights", me)
	}
	for _, a := range me.Actions {
		if want := a.Action == "view" || a.Action == "self.manage" || a.Action == "alert.raise"; a.Everywhere != want {
			t.Errorf("%s: got everywhere %v, want %v", a.Action, a.Everywhere, want)
		}
	}
	for _, seconds := range []int64{-1, 91 * 24 * 3600} {
		if p := r.problem(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: "ann", Password: goodPassword, ExpiresInSeconds: seconds}); p.Code != string(fault.Invalid) {
			t.Errorf("%d s: got %+v, want INVALID", seconds, p)
		}
	}
	if got := r.send(http.MethodGet, pathLogin, "", nil).Code; got != http.StatusUnauthorized {
		t.Errorf("GET: got %d, want 401: only POST is open", got)
	}
	if got := r.send(http.MethodPost, pathLogin+"/", "", nil).Code; got != http.StatusUnauthorized {
		t.Errorf("another path: got %d, want 401", got)
	}
}

// TestNobodyLearnsWhoThereIs: what an unknown name, a wrong password, a user
// without one and a disabled user are answered is the same.
func TestNobodyLearnsWhoThereIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "")
	r.person("off", "viewer", "")
	r.must(http.MethodPost, root+"/users", "superadmin", wire.UserRequest{Name: "program", Role: "viewer"}, nil)
	r.must(http.MethodPost, root+"/users/off", "superadmin", `{"enabled":false}`, nil)
	var want string
	for _, name := range []string{"ann", "ghost", "off", "program", "", "' OR 1=1", strings.Repeat("x", 200)} {
		password := "wrong " + goodPassword
		if name == "off" {
			password = goodPassword
		}
		for range freeTries - 1 {
			got := r.send(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: name, Password: password})
			if want == "" {
				want = got.Body.String()
			}
			if got.Code != http.StatusUnauthorized || got.Body.String() != want && stripped(got.Body.String()) != stripped(want) {
				t.Errorf("%q: got %d %s, want 401 %s", name, got.Code, got.Body, want)
			}
		}
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'login.refused' AND (object LIKE '%1=1%' OR detail LIKE '%wrong%')"); n != 0 {
		t.Errorf("got %d audit rows with what was typed, want none", n)
	}
}

// freeTries is how often a login may fail before it is slowed down.
const freeTries = 5

// stripped is a problem without what differs between calls.
func stripped(problem string) string {
	var p map[string]any
	if json.Unmarshal([]byte(problem), &p) != nil {
		return problem
	}
	delete(p, "requestId")
	delete(p, "instance")
	text, _ := json.Marshal(p)
	return string(text)
}

func TestFailedLoginsAreSlowedDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.person("ann", "viewer", "")
		try := func(name, password string) int {
			return r.send(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: name, Password: password}).Code
		}
		for _, name := range []string{"ann", "ghost"} {
			for i := range freeTries {
				if got := try(name, "wrong"); got != http.StatusUnauthorized {
					t.Fatalf("%s, try %d: got %d, want 401", name, i, got)
				}
			}
			p := r.problem(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: name, Password: goodPassword})
			if p.Code != string(fault.TooMany) || !strings.Contains(p.Hint, "1s") {
				t.Errorf("%s: got %+v, want TOO_MANY, and when", name, p)
			}
			pause := time.Second
			for pause < 15*time.Minute {
				<-time.After(pause)
				if got := try(name, "wrong"); got != http.StatusUnauthorized {
					t.Fatalf("%s after %s: got %d, want 401", name, pause, got)
				}
				pause = min(2*pause, 15*time.Minute)
				<-time.After(pause - time.Second)
				if got := try(name, goodPassword); got != http.StatusTooManyRequests {
					t.Fatalf("%s before %s: got %d, want 429", name, pause, got)
				}
				<-time.After(time.Second)
			}
			<-time.After(4 * 15 * time.Minute)
		}
		if got := try("ann", goodPassword); got != http.StatusOK {
			t.Errorf("got %d, want the right password taken when the pause is over", got)
		}
		if n := r.count("SELECT failedLogins FROM capri_user WHERE name = 'ann'"); n != 0 {
			t.Errorf("got %d failures, want them forgiven", n)
		}
	})
}

// TestManyNamesFromOneAddress: guessing one password for many users is slow, too.
func TestManyNamesFromOneAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	last := 0
	for i := range 40 {
		last = r.send(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: "user" + jsonNumber(int64(i)), Password: "wrong"}).Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("got %d, want 429", last)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.person("ann", "viewer", "")
		got := r.enter(wire.LoginRequest{Name: "ann", Password: goodPassword, Session: true}, "")
		c := cookieOf(t, got)
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure || strings.Contains(got.Body.String(), c.Value) {
			t.Errorf("got %+v, want a cookie that scripts and other sites do not get", c)
		}
		if n := r.count("SELECT COUNT(*) FROM capri_session WHERE hash = '" + c.Value + "'"); n != 0 {
			t.Error("got the secret in the database, want its hash only")
		}
		code := func(cookie string) int { return r.visit(http.MethodGet, pathMe, cookie, nil).Code }
		for range 11 { // rests 50 minutes each: an hour would be too long
			<-time.After(50 * time.Minute)
			if got := code(c.Value); got != http.StatusOK {
				t.Fatalf("got %d, want a session that is used to go on", got)
			}
		}
		<-time.After(3 * time.Hour)
		if got := code(c.Value); got != http.StatusUnauthorized {
			t.Errorf("after 12 hours: got %d, want 401", got)
		}
		idle := r.session("ann", "")
		<-time.After(61 * time.Minute)
		if got := code(idle); got != http.StatusUnauthorized {
			t.Errorf("after an idle hour: got %d, want 401", got)
		}
	})
}

func TestACookieThatSomebodySetIsNotKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "")
	r.person("eve", "viewer", "")
	planted := r.session("eve", "")
	fresh := r.session("ann", planted)
	if fresh == planted {
		t.Fatal("got the cookie that came along, want another")
	}
	if got := r.visit(http.MethodGet, pathMe, planted, nil).Code; got != http.StatusUnauthorized {
		t.Errorf("the planted one: got %d, want it ended", got)
	}
	if got := r.session("ann", "made-up"); got == "made-up" {
		t.Error("got a secret of the caller's choice")
	}
	sent := httptest.NewRequestWithContext(t.Context(), http.MethodPost, root+"/services/depend/run", strings.NewReader("{}"))
	sent.AddCookie(&http.Cookie{Name: cookieSession, Value: fresh})
	sent.Header.Set("Authorization", "Bearer operator")
	answer := httptest.NewRecorder()
	if r.handler.ServeHTTP(answer, sent); answer.Code != http.StatusOK {
		t.Errorf("with a header, too: got %d, want the header to count", answer.Code)
	}
	sent.Header.Set("Authorization", "Basic YTpi")
	answer = httptest.NewRecorder()
	if r.handler.ServeHTTP(answer, sent); answer.Code != http.StatusUnauthorized {
		t.Errorf("with another header: got %d, want 401, not the cookie's rights", answer.Code)
	}
}

func TestOtherSitesMayNotUseACookie(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "operator", "")
	cookie := r.session("ann", "")
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		sent := httptest.NewRequestWithContext(t.Context(), http.MethodPost, root+"/services/depend/run", strings.NewReader("{}"))
		sent.AddCookie(&http.Cookie{Name: cookieSession, Value: cookie})
		sent.Header.Set(name, value)
		got := httptest.NewRecorder()
		if r.handler.ServeHTTP(got, sent); got.Code != http.StatusForbidden || len(r.services.ran) != 0 {
			t.Errorf("%s: got %d, want 403", name, got.Code)
		}
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "")
	cookie, token := r.session("ann", ""), r.loginToken("ann")
	got := r.visit(http.MethodPost, pathLogout, cookie, struct{}{})
	if c := cookieOf(t, got); got.Code != http.StatusOK || c.Value != "" || c.MaxAge >= 0 {
		t.Errorf("got %d %+v, want the cookie taken away", got.Code, c)
	}
	if got := r.visit(http.MethodGet, pathMe, cookie, nil).Code; got != http.StatusUnauthorized {
		t.Errorf("the session: got %d, want 401", got)
	}
	r.must(http.MethodPost, pathLogout, token, struct{}{}, nil)
	if got := r.send(http.MethodGet, pathMe, token, nil).Code; got != http.StatusUnauthorized {
		t.Errorf("the token: got %d, want 401", got)
	}
	if p := r.problem(http.MethodPost, pathLogout, "worker", nil); p.Code != string(fault.Forbidden) {
		t.Errorf("a worker: got %+v, want FORBIDDEN", p)
	}
}

func TestPasswordsAreChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "")
	mine, other, token := r.session("ann", ""), r.session("ann", ""), r.loginToken("ann")
	const next = "another four words here"
	if got := r.visit(http.MethodPost, pathPassword, mine, wire.PasswordRequest{Old: "wrong", New: next}).Code; got != http.StatusForbidden {
		t.Errorf("wrong old password: got %d, want 403", got)
	}
	got := r.visit(http.MethodPost, pathPassword, mine, wire.PasswordRequest{Old: goodPassword, New: next})
	if got.Code != http.StatusOK {
		t.Fatalf("got %d %s, want 200", got.Code, got.Body)
	}
	fresh := cookieOf(t, got).Value
	for name, code := range map[string]int{
		"the old cookie":    r.visit(http.MethodGet, pathMe, mine, nil).Code,
		"another session":   r.visit(http.MethodGet, pathMe, other, nil).Code,
		"the login's token": r.send(http.MethodGet, pathMe, token, nil).Code,
	} {
		if code != http.StatusUnauthorized {
			t.Errorf("%s: got %d, want 401", name, code)
		}
	}
	if got := r.visit(http.MethodGet, pathMe, fresh, nil).Code; got != http.StatusOK {
		t.Errorf("the new cookie: got %d, want 200", got)
	}
	if got := r.send(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: "ann", Password: goodPassword}).Code; got != http.StatusUnauthorized {
		t.Errorf("the old password: got %d, want 401", got)
	}
}

func TestAPasswordThatMustBeChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "superadmin", "")
	api := r.newToken("ann", wire.TokenRequest{Name: "nightly"}, r.loginToken("ann"))
	r.must(http.MethodPost, root+"/users/ann/password", "superadmin", wire.PasswordSetRequest{Password: "given by an administrator"}, nil)
	var reply wire.LoginReply
	r.must(http.MethodPost, pathLogin, "", wire.LoginRequest{Name: "ann", Password: "given by an administrator"}, &reply)
	if !reply.User.MustChange {
		t.Error("got no word of it")
	}
	for pattern := range r.api.rights {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{task}", "x", "{run}", "20000101", "{name}", "x", "{host}", "x", "{node}", "x", "{id}", "1", "{user}", "x").Replace(path)
		if whileMustChange(pattern) {
			continue
		}
		if got := r.send(method, path, reply.Token, "{").Code; got != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403 until the password is changed", pattern, got)
		}
	}
	r.must(http.MethodGet, pathMe, reply.Token, nil, nil)
	r.must(http.MethodGet, root+"/tasks", api, nil, nil) // made on purpose, it goes on
	r.must(http.MethodPost, pathPassword, reply.Token, wire.PasswordRequest{Old: "given by an administrator", New: goodPassword}, nil)
	r.must(http.MethodGet, root+"/tasks", reply.Token, nil, nil)
}
