package wire

// ProjectMember is a user who may edit and run the tasks of a project as if
// they were of the own department.
type ProjectMember struct {
	User    string `json:"user"`
	Title   string `json:"title,omitempty"`
	AddedBy string `json:"addedBy"`
	AddedAt int64  `json:"addedAt"`
}

// ProjectMemberList is a page of members, by name.
type ProjectMemberList struct {
	Items []ProjectMember `json:"items"`
	Next  string          `json:"next,omitempty"`
}

// Token is a credential without its secret, which nobody can read again.
type Token struct {
	ID         int64    `json:"id"`
	Name       string   `json:"name"`
	User       string   `json:"user"`
	Role       string   `json:"role"` // at most; a user who may less has less
	Scopes     []string `json:"scopes,omitempty"`
	Host       string   `json:"host,omitempty"` // a worker's: of this host only
	CreatedAt  int64    `json:"createdAt"`
	CreatedBy  string   `json:"createdBy"`
	ExpiresAt  int64    `json:"expiresAt,omitempty"` // 0: never
	RevokedAt  int64    `json:"revokedAt,omitempty"`
	RevokedBy  string   `json:"revokedBy,omitempty"`
	LastUsedAt int64    `json:"lastUsedAt,omitempty"` // to a minute or so
}

// TokenList is a page of tokens, newest first.
type TokenList struct {
	Items []Token `json:"items"`
	Next  string  `json:"next,omitempty"`
}

// TokenRequest makes a token.
type TokenRequest struct {
	Name             string   `json:"name"`
	User             string   `json:"user,omitempty"` // empty: one's own
	Role             string   `json:"role,omitempty"` // empty: the user's; worker: for workers
	Scopes           []string `json:"scopes,omitempty"`
	ExpiresInSeconds int64    `json:"expiresInSeconds,omitempty"` // 0: never
	Host             string   `json:"host,omitempty"`             // role worker: only this host may use it
	Reason           string   `json:"reason,omitempty"`
}

// TokenReply is a new token; its secret is shown this once.
type TokenReply struct {
	Token
	Secret string `json:"secret"`
}

// TokenQuery chooses tokens: one's own, those of a user, or all.
type TokenQuery struct {
	User    string
	All     bool
	Revoked bool // those that are revoked or expired, too
	Cursor  string
	Limit   int // 0: the master's own
}

// Session is one login of a browser.
type Session struct {
	ID        int64  `json:"id"`
	User      string `json:"user"`
	CreatedAt int64  `json:"createdAt"`
	SeenAt    int64  `json:"seenAt"`
	ExpiresAt int64  `json:"expiresAt"`
	Source    string `json:"source"`
	Agent     string `json:"agent,omitempty"`
	Current   bool   `json:"current,omitempty"` // the one of this call
}

// SessionList is a page of sessions, newest first.
type SessionList struct {
	Items []Session `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// SessionQuery chooses sessions: one's own, those of a user, or all.
type SessionQuery struct {
	User   string
	All    bool
	Cursor string
	Limit  int // 0: the master's own
}

// AuditEntry is one row of who did what to what from where.
type AuditEntry struct {
	ID        int64  `json:"id"`
	At        int64  `json:"at"`
	Actor     string `json:"actor"`
	Action    string `json:"action"`
	Object    string `json:"object"`
	Source    string `json:"source,omitempty"`
	RequestID string `json:"requestId,omitempty"`
	Detail    any    `json:"detail,omitempty"` // before, after, reason
}

// AuditList is a page of the audit log, newest first.
type AuditList struct {
	Items []AuditEntry `json:"items"`
	Next  string       `json:"next,omitempty"`
}

// AuditQuery chooses rows of the audit log.
type AuditQuery struct {
	Actor  string
	Action string // begins with
	Object string
	From   string // an instant, RFC 3339 or a date of the cluster's zone
	To     string
	Cursor string
	Limit  int // 0: the master's own
}

// PermissionList is who may do what.
type PermissionList struct {
	Roles []string     `json:"roles"` // of people, the least first
	Items []Permission `json:"items"`
}

// Permission is one action, and who may do it.
type Permission struct {
	Action string `json:"action"`
	Least  string `json:"least"` // the least role that may
	Own    bool   `json:"own"`   // below operator: for what is one's own, one's department's, or in a project one is a member of
	Scope  string `json:"scope"` // what a narrowed token needs
	Text   string `json:"text"`
	TextZh string `json:"textZh"`
}
