package wire

// CommandRequest is what a command on one thing carries besides its name: the
// reason, for a mark the result, for a hold its end.
type CommandRequest struct {
	Reason string `json:"reason,omitempty"`
	Result string `json:"result,omitempty"` // mark: success | failed | skipped
	Until  int64  `json:"until,omitempty"`  // hold: when it ends by itself; 0: when released
}

// ReasonRequest says why an operation is cancelled or resumed.
type ReasonRequest struct {
	Reason string `json:"reason,omitempty"`
}

// CommandReply says what a command on one thing has done.
type CommandReply struct {
	Object  string `json:"object"`  // task/workNo.run, or the name of a task or project
	Changed bool   `json:"changed"` // false: it was so already
	Code    string `json:"code"`
	Message string `json:"message"`        // one sentence: how it is now
	Next    string `json:"next,omitempty"` // what to do, or to know, next
}

// BreakerRequest trips or resets the breaker of a task or of a project.
type BreakerRequest struct {
	Task    string `json:"task,omitempty"`
	Project string `json:"project,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Until   int64  `json:"until,omitempty"` // trip: when it closes by itself; 0: when reset
}

// Hold is something that keeps batches from being assigned: a person's hold, a
// tripped breaker, a quality block.
type Hold struct {
	ID     int64  `json:"id"`
	Kind   string `json:"kind"`   // batch task project
	Object string `json:"object"` // task/workNo.run, or the name of the task or project
	Source string `json:"source"` // person breaker quality
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
	Since  int64  `json:"since"`
	Until  int64  `json:"until,omitempty"`
}

// HoldList is a page of holds, oldest first.
type HoldList struct {
	Items []Hold `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Project is a group of tasks.
type Project struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	Owner string `json:"owner"`
	Tasks int    `json:"tasks"`           // that are not deleted
	Holds []Hold `json:"holds,omitempty"` // on the project itself
}

// ProjectList is a page of projects by name.
type ProjectList struct {
	Items []Project `json:"items"`
	Next  string    `json:"next,omitempty"`
}
