package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// people is a master that knows ann, bob, and what was given to them.
func people(t *testing.T) *fakeMaster {
	t.Helper()
	seen := ms(t, "2015-05-20T08:00:00")
	ann := wire.User{Name: "ann", Title: "Ann Li", Department: "dw", Role: "admin", Enabled: true, HasPassword: true, LastLoginAt: seen, CreatedAt: seen}
	bob := wire.User{Name: "bob", Role: "developer", Enabled: true, HasPassword: true, LockedUntil: noon().UnixMilli() + 60_000}
	eve := wire.User{Name: "eve", Role: "viewer"}
	token := wire.Token{ID: 17, Name: "loader", User: "bob", Role: "developer", Scopes: []string{"facts"}, CreatedAt: seen, CreatedBy: "ann", ExpiresAt: noon().UnixMilli() + 60_000}
	return newMaster(t, map[string]any{
		"GET /me": wire.Me{User: ann, Role: "admin"},
		"GET /users": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			page := wire.UserList{Items: []wire.User{ann, bob}, Next: "bob"}
			if r.URL.Query().Get("cursor") == "bob" {
				page = wire.UserList{Items: []wire.User{eve}}
			}
			answerJSON(w, page)
		}),
		"GET /users/ann":                           wire.UserDetail{User: ann, Accounts: []string{"etl"}, Projects: []string{"weblog"}},
		"POST /users":                              bob,
		"POST /users/bob":                          bob,
		"POST /users/bob/password":                 struct{}{},
		"POST /me/password":                        struct{}{},
		"GET /sessions":                            wire.SessionList{Items: []wire.Session{{ID: 4, User: "bob", CreatedAt: seen, SeenAt: seen, ExpiresAt: noon().UnixMilli(), Source: "10.0.0.9", Agent: "Firefox"}}},
		"POST /sessions/4/revoke":                  struct{}{},
		"GET /departments":                         wire.DepartmentList{Items: []wire.Department{{Name: "dw", Users: 2, Projects: 1}}},
		"POST /departments":                        wire.Department{Name: "dw"},
		"POST /departments/dw/rename":              wire.Department{Name: "warehouse"},
		"POST /departments/dw/delete":              struct{}{},
		"GET /accounts":                            wire.AccountList{Items: []wire.Account{{Name: "etl", Description: "loads", Users: []string{"ann", "bob"}}, {Name: "report"}}},
		"POST /accounts":                           wire.Account{Name: "etl"},
		"POST /accounts/etl/delete":                struct{}{},
		"POST /accounts/etl/grant":                 wire.Grant{Account: "etl", User: "bob"},
		"POST /accounts/etl/revoke":                struct{}{},
		"GET /tokens":                              wire.TokenList{Items: []wire.Token{token, {ID: 9, Name: "w3", User: "ann", Role: "worker", Host: "w3", RevokedAt: seen, RevokedBy: "ann"}}},
		"POST /tokens":                             wire.TokenReply{Token: token, Secret: "capri_open_sesame"},
		"POST /tokens/17/revoke":                   struct{}{},
		"GET /projects/weblog/members":             wire.ProjectMemberList{Items: []wire.ProjectMember{{User: "bob", AddedBy: "ann", AddedAt: seen}}},
		"POST /projects/weblog/members":            wire.ProjectMember{User: "bob"},
		"POST /projects/weblog/members/bob/remove": struct{}{},
		"GET /audit": wire.AuditList{Items: []wire.AuditEntry{
			{ID: 3, At: seen, Actor: "ann", Action: "host.off", Object: "w3", Source: "10.0.0.9", Detail: map[string]any{"reason": "new disk"}},
			{ID: 2, At: seen, Actor: "ann", Action: "user.change", Object: "bob", Detail: map[string]any{"before": map[string]any{"role": "viewer", "title": "Bob"}, "after": map[string]any{"role": "developer", "title": "Bob"}}},
		}},
		"GET /permissions": wire.PermissionList{Items: []wire.Permission{{Action: "task.edit", Least: "developer", Own: true, Scope: "tasks", Text: "create tasks"}}},
	})
}

func TestListsOfWhoMayWhat(t *testing.T) {
	for name, args := range map[string]string{
		"user-list": "user list", "user-get": "user get ann", "user-sessions": "user sessions bob", "department-list": "department list",
		"account-list": "account list", "token-list": "token list --all --revoked", "member-list": "project member list weblog",
		"audit-list": "audit list --actor ann", "permission-list": "permission list",
	} {
		m := people(t)
		got := at(m).run(t, strings.Fields(args)...)
		if got.code != exitDone || got.err != "" {
			t.Errorf("%s: got %+v, want %d", args, got, exitDone)
		}
		golden(t, name, got.out)
		if got := at(m).run(t, append(strings.Fields(args), "-o", "json")...); got.code != exitDone || !strings.HasPrefix(got.out, "{\n") {
			t.Errorf("%s -o json: got %+v, want an object", args, got)
		}
	}
	if got := at(people(t)).run(t, "user", "list", "--limit", "2", "-o", "name"); got.out != "ann\nbob\n" || !strings.Contains(got.err, "there are more") {
		t.Errorf("got %+v, want two and a note", got)
	}
	m := people(t)
	at(m).run(t, "token", "list", "--user", "bob")
	if !m.asked("GET /tokens?limit=500&user=bob") {
		t.Errorf("got %q, want bob's asked for", m.calls)
	}
}

func TestWhatIsGivenAndTaken(t *testing.T) {
	cases := map[string]struct{ args, stdin, call, body, says string }{
		"AddAPerson":       {"user add bob --role developer --department dw", "first\n", "POST /users", `{"name":"bob","department":"dw","role":"developer","password":"first"}`, "user bob is added, developer\n  capri login ADDR --user bob"},
		"AddAProgram":      {"user add bob --role developer --no-password", "", "POST /users", `{"name":"bob","role":"developer"}`, "user bob is added"},
		"Promote":          {"user set bob --role operator --phone  --reason duty", "", "POST /users/bob", "", ""},
		"Enable":           {"user enable bob", "", "POST /users/bob", `{"enabled":true}`, "can log in again"},
		"Disable":          {"user disable bob --reason left --yes", "", "POST /users/bob", `{"enabled":false,"reason":"left"}`, "bob is shut out; its tasks go on"},
		"ResetAPassword":   {"user passwd bob", "next\n", "POST /users/bob/password", `{"password":"next"}`, "must be changed at the next login"},
		"OwnPassword":      {"user passwd", "old\nnew\n", "POST /me/password", `{"old":"old","new":"new"}`, "your password is changed"},
		"OwnByName":        {"user passwd ann", "old\nnew\n", "POST /me/password", `{"old":"old","new":"new"}`, "your password is changed"},
		"EndASession":      {"user sessions --revoke 4 --reason lost --yes", "", "POST /sessions/4/revoke", `{"reason":"lost"}`, "session 4 is ended"},
		"AddADepartment":   {"department add dw", "", "POST /departments", `{"name":"dw"}`, "puts users into it"},
		"Rename":           {"department rename dw warehouse", "", "POST /departments/dw/rename", `{"name":"warehouse"}`, "is called warehouse now"},
		"DeleteDepartment": {"department delete dw --reason merged --yes", "", "POST /departments/dw/delete", `{"reason":"merged"}`, "is deleted"},
		"AddAnAccount":     {"account add etl --description loads", "", "POST /accounts", `{"name":"etl","description":"loads"}`, "capri account grant etl USER"},
		"DeleteAnAccount":  {"account delete etl --reason unused --yes", "", "POST /accounts/etl/delete", `{"reason":"unused"}`, "is deleted"},
		"Grant":            {"account grant etl bob", "", "POST /accounts/etl/grant", `{"user":"bob"}`, "the tasks of bob may run as etl now"},
		"Revoke":           {"account revoke etl bob --reason moved --yes", "", "POST /accounts/etl/revoke", `{"user":"bob","reason":"moved"}`, "bob may not use etl any more"},
		"RevokeAToken":     {"token revoke 17 --reason leaked --yes", "", "POST /tokens/17/revoke", `{"reason":"leaked"}`, "token 17 is revoked"},
		"AddAMember":       {"project member add weblog bob", "", "POST /projects/weblog/members", `{"user":"bob"}`, "may edit and run the tasks of weblog"},
		"RemoveAMember":    {"project member remove weblog bob --reason moved --yes", "", "POST /projects/weblog/members/bob/remove", `{"reason":"moved"}`, "is no member of weblog any more"},
	}
	delete(cases, "Promote")
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := people(t)
			s := at(m)
			s.stdin = c.stdin
			got := s.run(t, strings.Fields(c.args)...)
			if got.code != exitDone || got.out != "" || !strings.Contains(got.err, c.says) || m.body(c.call) != c.body {
				t.Errorf("got %+v and %s, want %q and %s", got, m.body(c.call), c.says, c.body)
			}
		})
	}
	m := people(t)
	if got := at(m).run(t, "user", "set", "bob", "--lang", "zh"); got.code != exitDone || m.body("POST /users/bob") != `{"lang":"zh"}` || got.err != "user bob is changed; what it is sent is in Chinese\n" {
		t.Errorf("got %+v and %s, want the language set", got, m.body("POST /users/bob"))
	}
	if got := at(m).run(t, "user", "set", "bob", "--role", "operator", "--phone", "", "--reason", "duty"); got.code != exitDone || m.body("POST /users/bob") != `{"role":"operator","phone":"","reason":"duty"}` {
		t.Errorf("got %+v and %s, want the role set and the phone emptied", got, m.body("POST /users/bob"))
	}
	m = newMaster(t, map[string]any{"POST /me": wire.User{Name: "ann"}})
	if got := at(m).run(t, "user", "set", "--mail", "ann@example.com", "--lang", "en"); got.code != exitDone || m.body("POST /me") != `{"mail":"ann@example.com","lang":"en"}` || got.err != "user ann is changed; what it is sent is in English\n" {
		t.Errorf("got %+v and %s, want oneself changed", got, m.body("POST /me"))
	}
	if got := at(m).run(t, "user", "set", "--role", "admin"); got.code != exitUsage || !strings.Contains(got.err, "not one's own to change") {
		t.Errorf("got %+v, want %d: a role is not one's own", got, exitUsage)
	}
}

func TestWhatIsTakenIsAskedFor(t *testing.T) {
	for args, question := range map[string]string{
		"user disable bob --reason r":                 "Shut bob out? [y/N]",
		"user sessions --revoke 4 --reason r":         "End session 4? [y/N]",
		"department delete dw --reason r":             "Delete department dw? [y/N]",
		"account delete etl --reason r":               "Delete account etl? [y/N]",
		"account revoke etl bob --reason r":           "Take etl away from bob?",
		"token revoke 17 --reason r":                  "Revoke token 17? [y/N]",
		"project member remove weblog bob --reason r": "Take bob out of project weblog? [y/N]",
	} {
		m := people(t)
		s := at(m)
		s.terminal, s.stdin = true, "n\n"
		got := s.run(t, strings.Fields(args)...)
		if got.code != exitFailed || !strings.Contains(got.err, question) || strings.Contains(strings.Join(m.calls, " "), "POST") {
			t.Errorf("%s: got %+v and %q, want %q and a no taken", args, got, m.calls, question)
		}
		if got := at(people(t)).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, "give --yes") {
			t.Errorf("%s: got %+v, want --yes where nobody can be asked", args, got)
		}
		if got := at(people(t)).run(t, append(strings.Fields(strings.TrimSuffix(args, " --reason r")), "--yes")...); got.code != exitUsage || !strings.Contains(got.err, "--reason is wanted") {
			t.Errorf("%s: got %+v, want a reason", args, got)
		}
	}
}

func TestTheSecretOfATokenIsSaidOnce(t *testing.T) {
	m := people(t)
	got := at(m).run(t, "token", "add", "loader", "--user", "bob", "--scope", "facts,read", "--for", "1h")
	if got.out != "capri_open_sesame\n" || strings.Contains(got.err, "sesame") || !strings.Contains(got.err, "capri token revoke 17") {
		t.Errorf("got %+v, want the secret on stdout and the talk on stderr", got)
	}
	if want := `{"name":"loader","user":"bob","scopes":["facts","read"],"expiresInSeconds":3600}`; m.body("POST /tokens") != want {
		t.Errorf("got %s, want %s", m.body("POST /tokens"), want)
	}
	file := filepath.Join(t.TempDir(), "loader.token")
	got = at(m).run(t, "token", "add", "loader", "--file", file)
	text, err := os.ReadFile(file)
	info, _ := os.Stat(file)
	if err != nil || string(text) != "capri_open_sesame\n" || info.Mode().Perm() != 0o600 || got.out != "" || strings.Contains(got.err, "sesame") {
		t.Errorf("got %+v, %q, %v, want the secret in the file alone", got, text, err)
	}
	calls := len(m.calls)
	if got := at(m).run(t, "token", "add", "loader", "--file", file); got.code != exitConflict || len(m.calls) != calls {
		t.Errorf("got %+v, want a file that is there left alone and nothing made", got)
	}
	if got := at(m).run(t, "token", "add", "loader", "-o", "name"); got.code != exitUsage || !strings.Contains(got.err, "would lose the secret") {
		t.Errorf("got %+v, want no secret lost", got)
	}
	if got := at(m).run(t, "token", "add", "loader", "-o", "name", "--file", file+"2"); got.out != "17\n" {
		t.Errorf("got %+v, want its id", got)
	}
	refusing := newMaster(t, map[string]any{"POST /tokens": problem(fault.Forbidden, http.StatusForbidden, "you may not")})
	if got := at(refusing).run(t, "token", "add", "x", "--file", file+"3"); got.code != exitNotAllowed {
		t.Errorf("got %+v, want %d", got, exitNotAllowed)
	}
	if _, err := os.Stat(file + "3"); err == nil {
		t.Error("got a file without a secret, want none")
	}
}

func TestPasswordsAreWrittenTwice(t *testing.T) {
	m := people(t)
	s := at(m)
	s.terminal, s.hidden = true, []string{"one", "two"}
	if got := s.run(t, "user", "passwd", "bob"); got.code != exitFailed || !strings.Contains(got.err, "are not the same: nothing was changed") || m.body("POST /users/bob/password") != "" {
		t.Errorf("got %+v, want a slip noticed", got)
	}
	s.hidden = []string{"one", "one"}
	if got := s.run(t, "user", "passwd", "bob"); got.code != exitDone || m.body("POST /users/bob/password") != `{"password":"one"}` {
		t.Errorf("got %+v and %s, want it set", got, m.body("POST /users/bob/password"))
	}
}
