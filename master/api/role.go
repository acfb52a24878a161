package api

// role is what a credential may do. The zero value may nothing and, as what a
// route asks for, lets nobody in.
type role int

// The roles of people, each with the rights of those before it, and that of
// workers, which stands apart: it may use the worker protocol and nothing else,
// and nobody else may use that.
const (
	nobody role = iota
	viewer
	developer
	operator
	admin
	superadmin
	worker
)

func roleNames() []string {
	return []string{nobody: "nobody", viewer: "viewer", developer: "developer", operator: "operator", admin: "admin", superadmin: "superadmin", worker: "worker"}
}

// parseRole reads a stored role; what is not known may nothing.
func parseRole(text string) role {
	for r, name := range roleNames() {
		if name == text {
			return role(r)
		}
	}
	return nobody
}

// String returns the role's name.
func (r role) String() string {
	if r < nobody || r > worker {
		return "nobody"
	}
	return roleNames()[r]
}

// allows tells whether a route that asks for this role lets a caller in.
func (r role) allows(caller role) bool {
	switch r {
	case viewer, developer, operator, admin, superadmin:
		return caller >= r && caller <= superadmin
	case worker:
		return caller == worker
	case nobody:
		return false
	}
	return false
}
