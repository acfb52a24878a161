package api

import (
	"net/http"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func TestPeopleChangeHowTheyAreReached(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("ann", "viewer", "data")
	token := r.loginToken("ann")
	const mail, phone = "ann@example.com", "+86 138 0000 0000"
	for _, step := range []struct{ body, mail, phone, lang string }{
		{`{"mail":"` + mail + `","phone":"` + phone + `","lang":"zh","reason":"new number"}`, mail, phone, "zh"},
		{`{"phone":""}`, mail, "", "zh"},
		{`{"lang":""}`, mail, "", ""},
	} {
		var got wire.User
		var me wire.Me
		r.must(http.MethodPost, pathMe, token, step.body, &got)
		r.must(http.MethodGet, pathMe, token, nil, &me)
		for _, u := range []wire.User{got, me.User} {
			if u.Name != "ann" || u.Mail != step.mail || u.Phone != step.phone || u.Lang != step.lang || u.Role != "viewer" || u.Department != "data" {
				t.Errorf("%s: got %+v, want %s, %s, %s and the rest as it was", step.body, u, step.mail, step.phone, step.lang)
			}
		}
	}
	r.wantRows("self.set", `"reason":"new number"`)
	r.wantRows("self.set", `"after":{"department":"data","role":"viewer","phone":"`+phone+`","mail":"`+mail+`","lang":"zh"`)
	for body, want := range map[string]fault.Code{
		`{"mail":"nowhere"}`:          fault.Invalid,
		`{"lang":"fr"}`:               fault.Invalid,
		`{"phone":"1\u00002"}`:        fault.Invalid,
		`{"role":"superadmin"}`:       fault.Usage,
		`{"department":"sales"}`:      fault.Usage,
		`{"title":"Her Excellency"}`:  fault.Usage,
		`{"name":"bob","lang":"zh"}`:  fault.Usage,
		`{"enabled":true,"lang":"z"}`: fault.Usage,
	} {
		if p := r.problem(http.MethodPost, pathMe, token, body); p.Code != string(want) {
			t.Errorf("%s: got %+v, want %s", body, p, want)
		}
	}
	if p := r.problem(http.MethodPost, root+"/users/ann", token, `{"lang":"en"}`); p.Code != string(fault.Forbidden) {
		t.Errorf("the administrators' call: got %+v, want FORBIDDEN", p)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action = 'self.set'"); n != 3 {
		t.Errorf("got %d audit rows, want one for each change", n)
	}
	reader := r.newToken("ann", wire.TokenRequest{Name: "reads", Scopes: []string{"read"}}, token)
	if p := r.problem(http.MethodPost, pathMe, reader, `{"lang":"en"}`); p.Code != string(fault.Forbidden) {
		t.Errorf("a token that reads: got %+v, want FORBIDDEN", p)
	}
}

func TestAPasswordThatMustBeChangedComesFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(http.MethodPost, root+"/users", "superadmin", wire.UserRequest{Name: "ann", Role: "viewer", Password: goodPassword}, nil)
	if p := r.problem(http.MethodPost, pathMe, r.loginToken("ann"), `{"mail":"else@example.com"}`); p.Code != string(fault.Forbidden) {
		t.Errorf("got %+v, want FORBIDDEN until the password is changed", p)
	}
}
