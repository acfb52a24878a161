package wire

// LoginRequest is a name and a password. With Session the answer is a cookie,
// for browsers; without, it is a token, for programs and commands.
type LoginRequest struct {
	Name             string `json:"name"`
	Password         string `json:"password"`
	Session          bool   `json:"session,omitempty"`
	Client           string `json:"client,omitempty"`           // what the token is named after: a program, a machine
	ExpiresInSeconds int64  `json:"expiresInSeconds,omitempty"` // of the token; 0: 12 hours, at most 90 days
}

// LoginReply says who has logged in.
type LoginReply struct {
	Token     string `json:"token,omitempty"` // shown this once; empty when a cookie was asked for
	ExpiresAt int64  `json:"expiresAt"`
	User      User   `json:"user"`
}

// Me is who calls, and what that person or program may do.
type Me struct {
	User     User     `json:"user"`
	Role     string   `json:"role"`             // of this credential: never more than the user's
	Scopes   []string `json:"scopes,omitempty"` // empty: all that the role allows
	Projects []string `json:"projects"`         // those the user is a member of
	Actions  []MyDo   `json:"actions"`          // what this credential may do; the rest is refused
	By       string   `json:"by"`               // token | session
	Token    string   `json:"token,omitempty"`  // the token's name
	Host     string   `json:"host,omitempty"`   // the host a worker's token is bound to
	Expires  int64    `json:"expiresAt,omitempty"`
}

// MyDo is one action that the caller may do.
type MyDo struct {
	Action     string `json:"action"`
	Everywhere bool   `json:"everywhere"` // otherwise for one's own tasks, one's department's projects, and those one is a member of
}

// PasswordRequest changes one's own password.
type PasswordRequest struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// User is a person or a program that may act.
type User struct {
	Name        string `json:"name"`
	Title       string `json:"title,omitempty"`
	Department  string `json:"department,omitempty"`
	Role        string `json:"role"`
	Phone       string `json:"phone,omitempty"`
	Mail        string `json:"mail,omitempty"`
	Lang        string `json:"lang,omitempty"` // zh, en: what it is sent is written in; empty: as the cluster speaks
	Enabled     bool   `json:"enabled"`
	HasPassword bool   `json:"hasPassword,omitempty"` // programs have none
	MustChange  bool   `json:"mustChange,omitempty"`  // the password, before anything else
	External    bool   `json:"external,omitempty"`    // logs in at the identity provider
	LockedUntil int64  `json:"lockedUntil,omitempty"` // after too many wrong passwords
	LastLoginAt int64  `json:"lastLoginAt,omitempty"`
	PasswordAt  int64  `json:"passwordAt,omitempty"`
	CreatedAt   int64  `json:"createdAt"`
}

// UserList is a page of users, by name.
type UserList struct {
	Items []User `json:"items"`
	Next  string `json:"next,omitempty"`
}

// UserDetail is a user with what was given to it.
type UserDetail struct {
	User
	Accounts []string `json:"accounts"` // granted to run tasks as
	Projects []string `json:"projects"` // a member of
}

// UserRequest makes a user. Without a password it is a program, or a person
// who logs in at the identity provider only.
type UserRequest struct {
	Name       string `json:"name"`
	Title      string `json:"title,omitempty"`
	Department string `json:"department,omitempty"`
	Role       string `json:"role"`
	Phone      string `json:"phone,omitempty"`
	Mail       string `json:"mail,omitempty"`
	Lang       string `json:"lang,omitempty"` // zh or en; empty: as the cluster speaks
	Password   string `json:"password,omitempty"`
	KeepIt     bool   `json:"keepPassword,omitempty"` // the password need not be changed at the first login
	Reason     string `json:"reason,omitempty"`
}

// UserChange changes what is given of a user; an empty text empties.
type UserChange struct {
	Title      *string `json:"title,omitempty"`
	Department *string `json:"department,omitempty"`
	Role       *string `json:"role,omitempty"`
	Phone      *string `json:"phone,omitempty"`
	Mail       *string `json:"mail,omitempty"`
	Lang       *string `json:"lang,omitempty"` // zh or en; an empty text: as the cluster speaks
	Enabled    *bool   `json:"enabled,omitempty"`
	Reason     string  `json:"reason,omitempty"`
}

// MeChange changes what is given of the caller; an empty text empties. Title,
// department and role are changed by who manages users.
type MeChange struct {
	Phone  *string `json:"phone,omitempty"`
	Mail   *string `json:"mail,omitempty"`
	Lang   *string `json:"lang,omitempty"` // zh or en; an empty text: as the cluster speaks
	Reason string  `json:"reason,omitempty"`
}

// PasswordSetRequest sets somebody else's password.
type PasswordSetRequest struct {
	Password string `json:"password"`
	KeepIt   bool   `json:"keepPassword,omitempty"` // it need not be changed at the next login
	Reason   string `json:"reason,omitempty"`
}

// Department is what users and projects belong to.
type Department struct {
	Name     string `json:"name"`
	Users    int    `json:"users"`
	Projects int    `json:"projects"`
}

// DepartmentList is a page of departments, by name.
type DepartmentList struct {
	Items []Department `json:"items"`
	Next  string       `json:"next,omitempty"`
}

// NameRequest makes or renames something that has nothing but a name.
type NameRequest struct {
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"`
}

// Account is a user of the workers' system that tasks may run as.
type Account struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	CreatedAt   int64    `json:"createdAt"`
	Users       []string `json:"users"` // whom it is granted to
}

// AccountList is a page of accounts, by name.
type AccountList struct {
	Items []Account `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// AccountRequest makes an execution account known. It makes none on workers.
type AccountRequest struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Reason      string `json:"reason,omitempty"`
}

// Grant lets the tasks of a user run as an account.
type Grant struct {
	Account   string `json:"account"`
	User      string `json:"user"`
	GrantedBy string `json:"grantedBy"`
	GrantedAt int64  `json:"grantedAt"`
}

// GrantList is a page of grants, by account and user.
type GrantList struct {
	Items []Grant `json:"items"`
	Next  string  `json:"next,omitempty"`
}

// UserReasonRequest names the user that something is given to or taken from.
type UserReasonRequest struct {
	User   string `json:"user"`
	Reason string `json:"reason,omitempty"`
}
