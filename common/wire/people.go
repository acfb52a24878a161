package wire

// ApplyRequest carries task files as text. The server parses them again: it
// trusts no client's reading.
type ApplyRequest struct {
	Files  []File `json:"files"`
	DryRun bool   `json:"dryRun,omitempty"`
	Note   string `json:"note,omitempty"`
	// ExpectedVersions are those of the tasks as the caller has read them, 0 for
	// one that was not there: when one is another by now, nothing is saved.
	ExpectedVersions map[string]int `json:"expectedVersions,omitempty"`
}

// File is one file's name, for findings, and its text.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// ApplyReply says what became of each document. With findings of severity
// error nothing was changed.
type ApplyReply struct {
	Items    []ApplyItem `json:"items"`
	Findings []Finding   `json:"findings,omitempty"`
	Applied  bool        `json:"applied"`
}

// ApplyItem is one document's fate: created, changed or unchanged.
type ApplyItem struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Action  string `json:"action"`
	Version int    `json:"version,omitempty"`
}

// Finding is one thing lint has to say.
type Finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Severity string `json:"severity"` // error | warning
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// TaskSummary is a row of the task list.
type TaskSummary struct {
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`
	Project  string `json:"project"`
	Owner    string `json:"owner"`
	Period   string `json:"period"`
	Cron     string `json:"cron,omitempty"`
	Enabled  bool   `json:"enabled"`
	Priority int    `json:"priority"`
	Version  int    `json:"version"`
	NextAt   int64  `json:"nextAt,omitempty"` // next base time
	// NextRunTime is when it runs next at the earliest: the next base time, or the
	// earliest start after it. TriggerStatus is how it stands in the words of
	// dot-job: 0 not started (switched off), 1 pending, 2 running, 3 abnormal.
	NextRunTime   int64 `json:"nextRunTime,omitempty"`
	TriggerStatus int   `json:"triggerStatus"`
}

// TaskList is a page of tasks; Next is the cursor of the following page.
type TaskList struct {
	Items []TaskSummary `json:"items"`
	Next  string        `json:"next,omitempty"`
}

// Batch is one batch as people see it.
type Batch struct {
	ID              int64  `json:"id"`
	Ref             string `json:"ref"` // task/workNo.run
	Task            string `json:"task"`
	Project         string `json:"project"`
	WorkNo          string `json:"workNo"`
	Run             int    `json:"run"`
	Period          string `json:"period"`
	State           string `json:"state"`
	Finish          string `json:"finish"`
	JobRun          string `json:"jobRun"` // PENDING RUNNING SUCCESS FAILURE TIMEOUT
	Origin          string `json:"origin"`
	ScheduledAt     int64  `json:"scheduledAt"`
	BizStart        int64  `json:"bizStart"`
	BizEnd          int64  `json:"bizEnd"`
	CreatedAt       int64  `json:"createdAt"`
	AssignedAt      int64  `json:"assignedAt,omitempty"`
	StartedAt       int64  `json:"startedAt,omitempty"`
	EndedAt         int64  `json:"endedAt,omitempty"`
	DependTimeoutAt int64  `json:"dependTimeoutAt,omitempty"`
	OutputTimeoutAt int64  `json:"outputTimeoutAt,omitempty"`
	RetryAt         int64  `json:"retryAt,omitempty"`
	Host            string `json:"host,omitempty"`
	Attempt         int    `json:"attempt"`
	Unmet           int    `json:"unmet"`
	Priority        int    `json:"priority"`
	Gate            string `json:"gate,omitempty"`
	GateSince       int64  `json:"gateSince,omitempty"`
	Message         string `json:"message,omitempty"`
	OperationID     int64  `json:"operationId,omitempty"`
	TaskVersion     int    `json:"taskVersion"`
}

// BatchList is a page of batches, newest schedule time first.
type BatchList struct {
	Items []Batch `json:"items"`
	Next  string  `json:"next,omitempty"`
}

// BatchDetail is a batch with its attempts and dependencies.
type BatchDetail struct {
	Batch
	Attempts []Attempt `json:"attempts"`
	Depends  []Depend  `json:"depends"`
	// RequestID is of the call that made it, or that ordered the operation which did.
	RequestID string  `json:"requestId,omitempty"`
	Memory    int64   `json:"memory"`          // what it was given on its worker, in bytes; 0: nothing is declared
	Moved     []Moved `json:"moved,omitempty"` // how it was taken from workers, oldest first
}

// Moved is one assignment that was taken back before the attempt began.
type Moved struct {
	Attempt int    `json:"attempt"`
	From    string `json:"from"`
	To      string `json:"to,omitempty"` // "" when nobody else fitted
	At      int64  `json:"at"`
	Reason  string `json:"reason"`
}

// Attempt is one execution of a batch.
type Attempt struct {
	Attempt    int    `json:"attempt"`
	Code       string `json:"code"` // task/workNo.run#attempt
	Host       string `json:"host"`
	StartedAt  int64  `json:"startedAt"`
	EndedAt    int64  `json:"endedAt,omitempty"`
	ExitCode   *int   `json:"exitCode,omitempty"`
	ResultCode int    `json:"resultCode"`
	Outcome    string `json:"outcome,omitempty"` // success failed killed lost timeout
	Reason     string `json:"reason,omitempty"`
	Tail       string `json:"tail,omitempty"`
	LogBytes   int64  `json:"logBytes"`
	PeakMemory int64  `json:"peakMemory"`

	PeakProcesses int   `json:"peakProcesses,omitempty"`
	CPUMillis     int64 `json:"cpuMillis,omitempty"`

	Answer *HTTPAnswer `json:"answer,omitempty"` // what an http task was answered
}

// Depend is one dependency row of a batch.
type Depend struct {
	Kind          string `json:"kind"` // data third-party parent output
	What          string `json:"what"` // path, code/key, or task/workNo
	Ready         string `json:"ready,omitempty"`
	State         string `json:"state"` // unmet met not-applicable
	UnmetSince    int64  `json:"unmetSince,omitempty"`
	LastCheckedAt int64  `json:"lastCheckedAt,omitempty"`
	LastError     string `json:"lastError,omitempty"`
}

// Event is one row of a batch's journal.
type Event struct {
	Seq     int    `json:"seq"`
	From    string `json:"from"` // "" for the first
	To      string `json:"to"`
	Move    string `json:"move"`
	Attempt int    `json:"attempt"`
	Actor   string `json:"actor"`
	Epoch   int64  `json:"epoch,omitempty"`
	At      int64  `json:"at"`
	Detail  string `json:"detail,omitempty"`
}

// EventList is the whole journal of a batch, or of a task's page.
type EventList struct {
	Items []Event `json:"items"`
}

// ExecuteReply names the batch that an execution made.
type ExecuteReply struct {
	Ref string `json:"ref"`
	ID  int64  `json:"id"`
}

// ThirdPartyRequest announces that external data has arrived.
type ThirdPartyRequest struct {
	Code string `json:"code"`
	Key  string `json:"key"`
}

// Host is a worker as people see it.
type Host struct {
	Host          string            `json:"host"`
	Group         string            `json:"group"`
	Labels        map[string]string `json:"labels,omitempty"`
	Alive         bool              `json:"alive"`
	Stopped       bool              `json:"stopped"`
	StopReason    string            `json:"stopReason,omitempty"`
	StopAt        int64             `json:"stopAt,omitempty"`
	StopUntil     int64             `json:"stopUntil,omitempty"`
	StopBy        string            `json:"stopBy,omitempty"`   // empty although it is off: a statement in the database
	Draining      bool              `json:"draining,omitempty"` // off, and meant to become empty
	GroupOff      bool              `json:"groupOff,omitempty"` // its group is switched off: nothing new either
	DeadAt        int64             `json:"deadAt,omitempty"`   // when somebody declared it dead; it has not been heard of since
	DeadBy        string            `json:"deadBy,omitempty"`
	DeadReason    string            `json:"deadReason,omitempty"`
	LastCheckAt   int64             `json:"lastCheckAt"`
	CheckInterval int64             `json:"checkInterval"`
	StartedAt     int64             `json:"startedAt"`
	Slots         int               `json:"slots"`
	Running       int               `json:"running"`
	Assigned      int               `json:"assigned"`
	Reserved      int64             `json:"reserved"`
	Vitals        Vitals            `json:"vitals"`
	Version       string            `json:"version"`
	Address       string            `json:"address"`
	Incarnation   string            `json:"incarnation"`
}

// HostList lists the workers.
type HostList struct {
	Items []Host `json:"items"`
}

// Service is one duty of the masters.
type Service struct {
	Name        string `json:"name"`
	StartedAt   int64  `json:"startedAt,omitempty"`
	EndedAt     int64  `json:"endedAt,omitempty"`
	SucceededAt int64  `json:"succeededAt,omitempty"` // when the last pass ended that had no error
	Every       int64  `json:"every,omitempty"`       // milliseconds between two passes; 0: at certain hours
	Rows        int    `json:"rows"`
	Error       string `json:"error,omitempty"`
	Epoch       int64  `json:"epoch"`
}

// ServiceList lists the duties.
type ServiceList struct {
	Items []Service `json:"items"`
}

// Status answers /readyz and `version`: who serves, who leads.
type Status struct {
	Version string `json:"version"`
	Node    string `json:"node"`
	Leader  string `json:"leader,omitempty"`
	Epoch   int64  `json:"epoch,omitempty"`
	Zone    string `json:"zone"`
}

// Problem is an error body (application/problem+json).
type Problem struct {
	Type   string `json:"type,omitempty"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`
	Hint   string `json:"hint,omitempty"`
	// RequestID is what the master's log has its lines about this call under.
	RequestID string `json:"requestId,omitempty"`
	// Difference lists what has changed since a plan was made, or since the tasks
	// to be saved were read, one line each.
	Difference []string `json:"difference,omitempty"`
}
