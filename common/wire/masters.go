package wire

// Cluster describes the masters, the database and the duties, as any master
// sees them.
type Cluster struct {
	Version  string    `json:"version"` // of the master that answers
	Node     string    `json:"node"`    // the master that answers
	ID       string    `json:"id,omitempty"`
	Leader   string    `json:"leader,omitempty"` // empty: nobody leads a term
	Epoch    int64     `json:"epoch,omitempty"`
	Since    int64     `json:"since,omitempty"`    // when that term began, UTC milliseconds
	RaftTerm int64     `json:"raftTerm,omitempty"` // as the answering master knows it
	Quorum   int       `json:"quorum"`             // members that must be there
	Masters  []Member  `json:"masters"`
	Database Database  `json:"database"`
	Services []Service `json:"services"`
	Canary   *Canary   `json:"canary,omitempty"` // none: nothing is watched
}

// Canary is how the task stands that does nothing but go all the way through
// the platform.
type Canary struct {
	Task  string `json:"task"`
	DueAt int64  `json:"dueAt,omitempty"` // the first base time since its last success, UTC milliseconds; 0: none has come yet
	Level string `json:"level,omitempty"` // important | critical: it is late; empty: it is not
	Text  string `json:"text,omitempty"`  // with DueAt: where its batch stands
}

// What a member of the cluster is, as others see it.
const (
	MemberLeader   = "leader"   // leads a term
	MemberClaiming = "claiming" // raft follows it, the database has not given it a term
	MemberFollower = "follower"
	MemberSilent   = "silent"  // has not been heard of for a while
	MemberUnknown  = "unknown" // a member that never was heard of
	MemberGone     = "gone"    // heard of, and no member
)

// Member is one master.
type Member struct {
	Node           string `json:"node"`
	State          string `json:"state"`
	Address        string `json:"address,omitempty"` // URL of its API
	Raft           string `json:"raft,omitempty"`    // host:port of its raft port
	Version        string `json:"version,omitempty"`
	LastSeen       int64  `json:"lastSeen,omitempty"`
	StartedAt      int64  `json:"startedAt,omitempty"`
	RaftTerm       int64  `json:"raftTerm,omitempty"`
	Applied        int64  `json:"applied,omitempty"`
	Lag            int64  `json:"lag"`                      // entries of raft's log it has yet to apply
	ClockOffset    int64  `json:"clockOffset"`              // milliseconds the database's clock is ahead of its own
	DatabaseMicros int64  `json:"databaseMicros,omitempty"` // its last round trip to the database
	Refused        string `json:"refused,omitempty"`        // why its last claim got no term
}

// Database is the cluster's memory, as the answering master sees it.
type Database struct {
	Engine  string `json:"engine"`
	Version string `json:"version"`
	Schema  int64  `json:"schema"`
	Micros  int64  `json:"micros"`          // a round trip
	Error   string `json:"error,omitempty"` // it does not answer
}

// JoinRequest takes a master into the cluster.
type JoinRequest struct {
	Node   string `json:"node"`
	Raft   string `json:"raft"` // host:port of its raft port
	Reason string `json:"reason"`
}

// MemberRequest is about one master: a transfer to it, or its removal.
type MemberRequest struct {
	Node   string `json:"node,omitempty"` // of a transfer: empty, the most up to date one
	Reason string `json:"reason"`
}

// ClusterReply says how the members stand after a change.
type ClusterReply struct {
	Changed bool     `json:"changed"` // false: it was so already
	Leader  string   `json:"leader,omitempty"`
	Masters []string `json:"masters"`
}

// PathNews is where masters tell the leader what has happened.
const PathNews = "/api/v1/master/news"

// HeaderPassed says which master has passed a call on to the leader: it is
// passed on once.
const HeaderPassed = "X-Capri-Passed" //nolint:gosec // the name of a header

// The headers of calls that are to be done once, however often they are sent.
const (
	HeaderOnce     = "Idempotency-Key"
	HeaderReplayed = "Idempotency-Replayed" // of an answer: it is the first call's, nothing was done again
)

// News is what has happened at a master that may release something: the leader
// looks at it at once instead of at its next tick. Losing it costs a tick.
type News struct {
	Duties    []string    `json:"duties,omitempty"`    // to be run, over all there is
	Hosts     []string    `json:"hosts,omitempty"`     // workers to be woken from their claims
	Returned  []string    `json:"returned,omitempty"`  // workers heard of again after a silence
	Made      []int64     `json:"made,omitempty"`      // new batches
	Finished  []int64     `json:"finished,omitempty"`  // batches that have succeeded
	Parents   []ParentKey `json:"parents,omitempty"`   // work numbers that have succeeded
	Doubted   []int64     `json:"doubted,omitempty"`   // batches whose inputs a worker could not look at
	Met       []int64     `json:"met,omitempty"`       // batches about which the data-quality service is to be asked
	Announced bool        `json:"announced,omitempty"` // third parties have announced something
}

// ParentKey is one work number of a task.
type ParentKey struct {
	Task   int64  `json:"task"`
	WorkNo string `json:"workNo"`
}
