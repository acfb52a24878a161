// Package permit says who may do what: the roles, and one table of actions.
// Everything that lets a call through or refuses it asks this table; docs and
// console show it. It is pure.
package permit

// Role is what a credential may do. The zero value may nothing and, as what an
// action asks for, lets nobody in.
type Role int

// The roles of people, each with the rights of those before it, and that of
// workers, which stands apart: it may use the worker protocol and nothing else,
// and nobody else may use that.
const (
	Nobody Role = iota
	Viewer
	Developer
	Operator
	Admin
	Superadmin
	Worker
)

// Roles are those of people, the least first.
func Roles() []Role { return []Role{Viewer, Developer, Operator, Admin, Superadmin} }

func roleNames() []string {
	return []string{Nobody: "nobody", Viewer: "viewer", Developer: "developer", Operator: "operator", Admin: "admin", Superadmin: "superadmin", Worker: "worker"}
}

// ParseRole reads a stored role; what is not known may nothing.
func ParseRole(text string) Role {
	for r, name := range roleNames() {
		if name == text {
			return Role(r)
		}
	}
	return Nobody
}

// String returns the role's name.
func (r Role) String() string {
	if r < Nobody || r > Worker {
		return "nobody"
	}
	return roleNames()[r]
}

// Allows tells whether something that asks for this role lets a caller in.
func (r Role) Allows(caller Role) bool {
	switch r {
	case Viewer, Developer, Operator, Admin, Superadmin:
		return caller >= r && caller <= Superadmin
	case Worker:
		return caller == Worker
	case Nobody:
		return false
	}
	return false
}

// TokenRole is what a token amounts to: no more than its user may. The tokens of
// workers belong to whoever has made them, an administrator.
func TokenRole(user, token Role) Role {
	if token == Worker {
		if Admin.Allows(user) {
			return Worker
		}
		return Nobody
	}
	if user == Worker {
		return Nobody
	}
	return min(user, token)
}
