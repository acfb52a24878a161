package api

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// newToken makes a token and returns its secret.
func (r *rig) newToken(user string, request wire.TokenRequest, by string) string {
	r.t.Helper()
	request.User = user
	var reply wire.TokenReply
	r.must(http.MethodPost, root+"/tokens", by, request, &reply)
	return reply.Secret
}

func TestPasswordsThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for password, want := range map[string]string{
		"short": "fewer than 12", strings.Repeat("y1", 200): "at most 256", "annabella1234": "user's name",
		"Password1234": "tried first", "aaaaaaaaaaaaaaaa": "tried first", "correct horse battery staple": "tried first",
	} {
		p := r.problem(http.MethodPost, root+"/users", "superadmin", wire.UserRequest{Name: "annabella", Role: "viewer", Password: password})
		if p.Code != string(fault.Invalid) || !strings.Contains(p.Detail, want) || strings.Contains(p.Detail+p.Hint, password) {
			t.Errorf("%q: got %+v, want %q", password, p, want)
		}
	}
}

func TestUsersThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := wire.UserRequest{Name: "ann", Role: "viewer"}
	for want, change := range map[string]func(*wire.UserRequest){
		"no name for a user":    func(u *wire.UserRequest) { u.Name = "Ann Smith" },
		"no role":               func(u *wire.UserRequest) { u.Role = "worker" },
		"no department":         func(u *wire.UserRequest) { u.Department = "nowhere" },
		"no mail address":       func(u *wire.UserRequest) { u.Mail = "ann, bob@x" },
		"at most 40 are kept":   func(u *wire.UserRequest) { u.Phone = strings.Repeat("1", 41) },
		"are not shown":         func(u *wire.UserRequest) { u.Title = "a\nb" },
		"a user \"admin\" alre": func(u *wire.UserRequest) { u.Name = "admin" },
	} {
		bad := good
		change(&bad)
		if p := r.problem(http.MethodPost, root+"/users", "superadmin", bad); !strings.Contains(p.Detail, want) {
			t.Errorf("got %+v, want %q", p, want)
		}
	}
	if p := r.problem(http.MethodPost, root+"/users/ghost", "superadmin", `{"role":"viewer"}`); p.Code != string(fault.NotFound) {
		t.Errorf("got %+v, want NOT_FOUND", p)
	}
}

func TestTheLastSuperadminStays(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, change := range []string{`{"enabled":false}`, `{"role":"admin"}`} {
		if p := r.problem(http.MethodPost, root+"/users/admin", "superadmin", change); p.Code != string(fault.Conflict) || p.Hint == "" {
			t.Errorf("%s: got %+v, want CONFLICT with a hint", change, p)
		}
	}
	r.person("ann", "superadmin", "")
	ann := r.loginToken("ann")
	r.must(http.MethodPost, root+"/users/admin", "superadmin", `{"role":"admin"}`, nil)
	if p := r.problem(http.MethodPost, root+"/users/ann", ann, `{"enabled":false}`); p.Code != string(fault.Conflict) {
		t.Errorf("got %+v, want CONFLICT", p)
	}
	// The token with the role superadmin is an administrator's by now.
	if p := r.problem(http.MethodPost, root+"/users/ann", "superadmin", `{"title":"x"}`); p.Code != string(fault.Forbidden) {
		t.Errorf("a token of a demoted user: got %+v, want FORBIDDEN", p)
	}
	r.must(http.MethodGet, root+"/audit", "superadmin", nil, nil) // an administrator's right
}

func TestADisabledUserIsOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "")
	cookie, token := r.session("ann", ""), r.loginToken("ann")
	kept := r.newToken("ann", wire.TokenRequest{Name: "nightly"}, "superadmin")
	r.must(http.MethodPost, root+"/users/ann", "superadmin", `{"enabled":false,"reason":"left"}`, nil)
	for name, code := range map[string]int{
		"session": r.visit(http.MethodGet, pathMe, cookie, nil).Code, "login": r.send(http.MethodGet, pathMe, token, nil).Code, "token": r.send(http.MethodGet, pathMe, kept, nil).Code,
	} {
		if code != http.StatusUnauthorized {
			t.Errorf("%s: got %d, want 401", name, code)
		}
	}
	r.must(http.MethodPost, root+"/users/ann", "superadmin", `{"enabled":true}`, nil)
	if got := r.visit(http.MethodGet, pathMe, cookie, nil).Code; got != http.StatusUnauthorized {
		t.Errorf("enabled again: got %d for the old session, want it ended", got)
	}
	r.must(http.MethodGet, pathMe, kept, nil, nil)
}

func TestWhatIsShownOfUsers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodPost, root+"/users", "superadmin", wire.UserRequest{Name: "ann", Role: "viewer", Phone: "123", Mail: "ann@example.com", Password: goodPassword, KeepIt: true}, nil)
	r.person("bob", "viewer", "data")
	bob := r.loginToken("bob")
	var seen, whole, own wire.UserDetail
	r.must(http.MethodGet, root+"/users/ann", bob, nil, &seen)
	r.must(http.MethodGet, root+"/users/ann", "superadmin", nil, &whole)
	r.must(http.MethodGet, root+"/users/bob", bob, nil, &own)
	if seen.Phone+seen.Mail != "" || whole.Phone != "123" || !whole.HasPassword || own.LastLoginAt == 0 {
		t.Errorf("got %+v, %+v and %+v, want phone and logins for who manages users, and one's own", seen, whole, own)
	}
	var list wire.UserList
	var names []string
	for cursor := "first"; cursor != ""; cursor = list.Next {
		path := root + "/users?limit=1"
		if cursor != "first" {
			path += "&cursor=" + cursor
		}
		list = wire.UserList{}
		r.must(http.MethodGet, path, bob, nil, &list)
		for _, u := range list.Items {
			names = append(names, u.Name)
		}
		if len(names) > 10 {
			break
		}
	}
	if got := strings.Join(names, " "); got != "admin ann bob" {
		t.Errorf("got %s, want each user once", got)
	}
}

func TestDepartments(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodPost, root+"/departments", "superadmin", wire.NameRequest{Name: "sales"}, nil)
	for _, name := range []string{"sales", "data", "Two Words"} {
		if p := r.problem(http.MethodPost, root+"/departments", "superadmin", wire.NameRequest{Name: name}); p.Status != http.StatusConflict && p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %+v, want it refused", name, p)
		}
	}
	r.must(http.MethodPost, root+"/departments/sales/rename", "superadmin", wire.NameRequest{Name: "shop"}, nil)
	r.person("ann", "viewer", "shop")
	for _, name := range []string{"shop", "data"} { // data has the project web
		if p := r.problem(http.MethodPost, root+"/departments/"+name+"/delete", "superadmin", `{}`); p.Code != string(fault.Conflict) {
			t.Errorf("%s: got %+v, want CONFLICT", name, p)
		}
	}
	r.must(http.MethodPost, root+"/users/ann", "superadmin", `{"department":""}`, nil)
	r.must(http.MethodPost, root+"/departments/shop/delete", "superadmin", `{}`, nil)
	var list wire.DepartmentList
	r.must(http.MethodGet, root+"/departments", "viewer", nil, &list)
	if len(list.Items) != 1 || list.Items[0] != (wire.Department{Name: "data", Projects: 1}) {
		t.Errorf("got %+v, want data alone", list)
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "developer", "")
	r.must(http.MethodPost, root+"/accounts", "admin", wire.AccountRequest{Name: "etl", Description: "loads"}, nil)
	for _, name := range []string{"etl", "root", "a b"} {
		if p := r.problem(http.MethodPost, root+"/accounts", "admin", wire.AccountRequest{Name: name}); p.Status < 400 {
			t.Errorf("%s: got %+v, want it refused", name, p)
		}
	}
	for path, user := range map[string]string{"/accounts/ghost/grant": "ann", "/accounts/etl/grant": "ghost", "/accounts/etl/revoke": "ann"} {
		if p := r.problem(http.MethodPost, root+path, "admin", wire.UserReasonRequest{User: user}); p.Code != string(fault.NotFound) {
			t.Errorf("%s: got %+v, want NOT_FOUND", path, p)
		}
	}
	var grant wire.Grant
	r.must(http.MethodPost, root+"/accounts/etl/grant", "admin", wire.UserReasonRequest{User: "ann", Reason: "loads"}, &grant)
	var accounts wire.AccountList
	var grants wire.GrantList
	r.must(http.MethodGet, root+"/accounts", "viewer", nil, &accounts)
	r.must(http.MethodGet, root+"/grants?user=ann", "viewer", nil, &grants)
	if grant.GrantedBy != "admin" || len(accounts.Items) != 1 || accounts.Items[0].Users[0] != "ann" || len(grants.Items) != 1 || grants.Items[0] != grant {
		t.Errorf("got %+v, %+v, %+v, want one grant", grant, accounts, grants)
	}
	if p := r.problem(http.MethodPost, root+"/accounts/etl/delete", "admin", `{}`); p.Code != string(fault.Conflict) {
		t.Errorf("got %+v, want CONFLICT", p)
	}
	r.must(http.MethodPost, root+"/accounts/etl/revoke", "admin", wire.UserReasonRequest{User: "ann"}, nil)
	r.must(http.MethodPost, root+"/accounts/etl/delete", "admin", `{}`, nil)
}

func TestALanguageOfAUser(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "")
	for _, step := range []struct{ body, want string }{{`{"lang":"zh"}`, "zh"}, {`{"title":"Ann"}`, "zh"}, {`{"lang":""}`, ""}} {
		r.must(http.MethodPost, root+"/users/ann", "superadmin", step.body, nil)
		var shown wire.UserDetail
		r.must(http.MethodGet, root+"/users/ann", "viewer", nil, &shown)
		if shown.Lang != step.want {
			t.Errorf("%s: got %q, want %q", step.body, shown.Lang, step.want)
		}
	}
	r.wantRows("user.set", `"before":{"role":"viewer","enabled":true,"password":"set"},"after":{"role":"viewer","lang":"zh"`)
	if p := r.problem(http.MethodPost, root+"/users/ann", "superadmin", `{"lang":"fr"}`); p.Code != string(fault.Invalid) || p.Hint == "" {
		t.Errorf("got %+v, want INVALID with what there is", p)
	}
}
