package wire

// Ready is what /readyz?verbose answers: 200 when the master can serve, 503
// when it cannot.
type Ready struct {
	Ready   bool         `json:"ready"`
	Node    string       `json:"node"`
	Version string       `json:"version"`
	Checks  []ReadyCheck `json:"checks"`
}

// States of a check.
const (
	ReadyOK      = "ok"
	ReadyFailing = "failing"
)

// ReadyCheck is one condition of being ready.
type ReadyCheck struct {
	Name   string `json:"name"`   // database | leader | raft | stopping
	State  string `json:"state"`  // ok | failing
	Since  int64  `json:"since"`  // when it was first seen so, by this master
	Detail string `json:"detail"` // a figure, or what is wrong
}
