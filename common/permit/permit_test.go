package permit

import "testing"

func TestRolesAreDistinct(t *testing.T) {
	for _, needed := range []Role{Nobody, Worker, Role(-1), Role(99)} {
		for caller := Role(-1); caller <= 10; caller++ {
			if want := needed == Worker && caller == Worker; needed.Allows(caller) != want {
				t.Errorf("%s for %s (%d): got %v, want %v", needed, caller, caller, !want, want)
			}
		}
	}
	for caller := Role(-1); caller <= 10; caller++ {
		if want := caller >= Viewer && caller <= Superadmin; Viewer.Allows(caller) != want {
			t.Errorf("viewer for %s (%d): got %v, want %v", caller, caller, !want, want)
		}
	}
	for _, name := range []string{"", "nobody", "root", "Admin"} {
		if got := ParseRole(name); got != Nobody {
			t.Errorf("role %q: got %s, want nobody", name, got)
		}
	}
}

func TestATokenGivesNoMoreThanItsUser(t *testing.T) {
	cases := []struct{ user, token, want Role }{
		{Viewer, Superadmin, Viewer}, {Superadmin, Viewer, Viewer}, {Operator, Operator, Operator}, {Nobody, Admin, Nobody}, {Admin, Nobody, Nobody},
		{Superadmin, Worker, Worker}, {Admin, Worker, Worker}, {Operator, Worker, Nobody}, {Nobody, Worker, Nobody}, {Worker, Superadmin, Nobody}, {Worker, Worker, Nobody},
	}
	for _, c := range cases {
		if got := TokenRole(c.user, c.token); got != c.want {
			t.Errorf("a token of a %s for %s: got %s, want %s", c.user, c.token, got, c.want)
		}
	}
}

// TestTheTable holds what console.md §1.9 says of each role.
func TestTheTable(t *testing.T) {
	may := map[Role]string{}
	for _, role := range append(Roles(), Nobody, Worker) {
		for _, rule := range Table() {
			h := Holder{Role: role}
			switch {
			case h.Everywhere(rule.Action):
				may[role] += "x"
			case h.May(rule.Action):
				may[role] += "o"
			default:
				may[role] += "-"
			}
		}
	}
	want := map[Role]string{
		Nobody:     "---------------------------",
		Viewer:     "xox------------------------",
		Developer:  "xoxooooxo------------------",
		Operator:   "xxxxxxxxxxxxxxxxxx---------",
		Admin:      "xxxxxxxxxxxxxxxxxxxxxxx----",
		Superadmin: "xxxxxxxxxxxxxxxxxxxxxxxxxx-",
		Worker:     "--------------------------x",
	}
	for role, row := range want {
		if may[role] != row {
			t.Errorf("%s: got %s, want %s", role, may[role], row)
		}
	}
}

func TestScopesNarrow(t *testing.T) {
	h := Holder{Role: Superadmin, Scopes: []Scope{ScopeFacts}}
	for _, rule := range Table() {
		if want := rule.Scope == ScopeFacts; h.May(rule.Action) != want {
			t.Errorf("%s: got %v, want %v", rule.Action, !want, want)
		}
	}
	if (Holder{}).May(View) || (Holder{Role: Superadmin}).May("unheard-of") || (Holder{Role: Nobody}).May("unheard-of") {
		t.Error("got let in, want the zero holder and unknown actions refused")
	}
}
