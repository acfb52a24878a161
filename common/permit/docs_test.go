package permit

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/permissions.md")

const page = "../../docs/permissions.md"

// TestPermissionsAreListed holds that docs/permissions.md is the table.
func TestPermissionsAreListed(t *testing.T) {
	t.Parallel()
	want := permissionsPage()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("%s is not the table of the code (%v): run this test with -update", page, err)
	}
}

func permissionsPage() string {
	var b strings.Builder
	b.WriteString(`# Who may do what

This page is generated from ` + "`common/permit`" + `, the one table that the API, the command line and the console go by
(` + "`go test ./common/permit -update`" + `). What is not in it is denied.

Roles, each with the rights of those before it: viewer, developer, operator, admin, superadmin. The role worker stands apart:
it has the worker protocol and nothing else, and nobody else has that.

● everywhere · ○ for what is one's own: tasks one owns, projects of one's department, projects one is a member of · – not at all.
A token can be narrowed to scopes; it then has only the rows of those scopes.

| action | what | viewer | developer | operator | admin | superadmin | scope |
|---|---|---|---|---|---|---|---|
`)
	for _, r := range Table() {
		if r.Least == Worker {
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s |", r.Action, r.Text)
		for _, role := range Roles() {
			fmt.Fprintf(&b, " %s |", mark(Holder{Role: role}, r.Action))
		}
		fmt.Fprintf(&b, " `%s` |\n", r.Scope)
	}
	b.WriteString("\nA token is never more than its user is at that moment: whoever loses a role loses it in all tokens within seconds.\n")
	b.WriteString("[0021](decisions/0021-who-may-do-what.md) says why it is so; [api.md](api.md#credentials) how one proves who one is.\n")
	return b.String()
}

func mark(h Holder, a Action) string {
	switch {
	case h.Everywhere(a):
		return "●"
	case h.May(a):
		return "○"
	}
	return "–"
}
