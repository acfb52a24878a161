package wire

// PlanRequest asks what a rerun, a cold start or a bulk command would do.
//
// A cold start wants Period, From and To, and at most one of Project and Tasks.
// A rerun wants Tasks, all of one period, From and To. The commands kill, hold,
// release and mark choose existing batches by at least one of Refs, Tasks,
// Project, Operation, Host and State: of those the runs that count, unfinished
// ones unless it is a mark. From and To bound their work numbers, and want Tasks
// of one period, or Period.
type PlanRequest struct {
	Kind    string   `json:"kind"` // coldstart rerun kill hold release mark
	Period  string   `json:"period,omitempty"`
	From    string   `json:"from,omitempty"` // work numbers, both ends included
	To      string   `json:"to,omitempty"`
	Project string   `json:"project,omitempty"`
	Tasks   []string `json:"tasks,omitempty"`
	Mode    string   `json:"mode,omitempty"`    // coldstart: all (default) | missing; rerun: also failed
	Cascade string   `json:"cascade,omitempty"` // rerun: none (default) | data | logic | all
	// Exclude is what a rerun or a cold start leaves out, with what only it leads to.
	Exclude []string `json:"exclude,omitempty" doc:"rerun and coldstart: tasks, and single batches as task/workNo, that are left out, with what only they lead to"`

	Refs      []string `json:"refs,omitempty"`      // commands: task/workNo[.run]
	State     string   `json:"state,omitempty"`     // commands: waiting assigned running done, or a result
	Host      string   `json:"host,omitempty"`      // commands: assigned to or running on it
	Operation int64    `json:"operation,omitempty"` // commands: batches of this operation
	Result    string   `json:"result,omitempty"`    // mark: success | failed | skipped
	Until     int64    `json:"until,omitempty"`     // hold: when it ends by itself; 0: when released
	Reason    string   `json:"reason,omitempty"`
}

// Plan lists every batch with its decision. Fingerprint must be given to apply.
type Plan struct {
	ID          int64      `json:"id"`
	Fingerprint string     `json:"fingerprint"`
	Kind        string     `json:"kind"`
	ExpiresAt   int64      `json:"expiresAt"`
	Counts      PlanCounts `json:"counts"`
	Items       []PlanItem `json:"items"`
	Warnings    []string   `json:"warnings,omitempty"`
}

// PlanCounts sums a plan up.
type PlanCounts struct {
	Create int `json:"create"`
	Change int `json:"change"` // by a command
	Skip   int `json:"skip"`
	Block  int `json:"block"`
}

// PlanItem is one batch of a plan.
type PlanItem struct {
	Task        string   `json:"task"`
	WorkNo      string   `json:"workNo"`
	Run         int      `json:"run"`
	ScheduledAt int64    `json:"scheduledAt"`
	BizStart    int64    `json:"bizStart"`
	BizEnd      int64    `json:"bizEnd"`
	Decision    string   `json:"decision"` // create change skip block
	Code        string   `json:"code"`
	Sentence    string   `json:"sentence,omitempty"`
	Existing    string   `json:"existing,omitempty"` // state of the batch that is there
	Level       int      `json:"level,omitempty"`    // of the cascade, 0 for what was asked for
	Via         []string `json:"via,omitempty"`      // by which dependencies the cascade came: "data ods_access_h"
	Warnings    []string `json:"warnings,omitempty"` // a code and a sentence each: WARN_DEF_CHANGED, WARN_PARTIAL, WARN_PARENT_NOT_OK
	Expected    int64    `json:"expected,omitempty"` // milliseconds it usually takes, 0: unknown
}

// ApplyPlanRequest applies a plan that was seen.
type ApplyPlanRequest struct {
	Fingerprint string `json:"fingerprint"`
}

// Operation is one rerun, cold start or bulk command.
type Operation struct {
	ID        int64  `json:"id"`
	Kind      string `json:"kind"`
	State     string `json:"state"` // creating running done cancelled
	Author    string `json:"author"`
	Reason    string `json:"reason,omitempty"`
	CreatedAt int64  `json:"createdAt"`
	EndedAt   int64  `json:"endedAt,omitempty"`
	Total     int    `json:"total"`   // batches to make, or to change
	Created   int    `json:"created"` // made, or changed, so far
	Done      int    `json:"done"`    // of those made: successful
	Failed    int    `json:"failed"`  // of those made: ended otherwise; of a command: could not be changed any more
	Skipped   int    `json:"skipped"`
	Blocked   int    `json:"blocked"`
	RequestID string `json:"requestId,omitempty"` // of the call that ordered it
	// Request is what was asked for; not in lists.
	Request *PlanRequest `json:"request,omitempty"`
}

// OperationItem is one batch of an operation.
type OperationItem struct {
	N        int    `json:"n"`
	Task     string `json:"task"`
	WorkNo   string `json:"workNo"`
	Run      int    `json:"run"`
	Decision string `json:"decision"` // as in the plan, or fail: changed since, so left alone
	Code     string `json:"code"`
	Ref      string `json:"ref,omitempty"` // of the batch made or changed
	State    string `json:"state,omitempty"`
	Result   string `json:"result,omitempty"`
}

// OperationItemList is a page of an operation's items, in the order of the plan.
type OperationItemList struct {
	Items []OperationItem `json:"items"`
	Next  string          `json:"next,omitempty"`
}

// OperationList is a page of operations.
type OperationList struct {
	Items []Operation `json:"items"`
	Next  string      `json:"next,omitempty"`
}
