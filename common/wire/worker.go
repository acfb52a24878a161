// Package wire holds the JSON bodies that travel between masters, workers,
// programs and the command line, and the typed client that speaks them.
// Instants are UTC milliseconds (field names end in At), sizes are bytes.
package wire

// Paths of the worker protocol.
const (
	PathHeartbeat = "/api/v1/worker/heartbeat"
	PathClaim     = "/api/v1/worker/claim"
	PathFacts     = "/api/v1/worker/facts"
)

// Heartbeat is what a worker says about its host, every few seconds.
// Incarnation identifies the worker's root directory: it is made when the root
// is first used and survives restarts; a wiped root has a new one.
type Heartbeat struct {
	Host          string            `json:"host"`
	Incarnation   string            `json:"incarnation"`
	Address       string            `json:"address"` // http://host:port that serves logs, nothing else
	Group         string            `json:"group"`
	Labels        map[string]string `json:"labels,omitempty"`
	Version       string            `json:"version"`
	Slots         int               `json:"slots"`
	LoadLimit     float64           `json:"loadLimit,omitempty"`   // load per core from which it takes nothing new; 0: none
	CheckInterval int64             `json:"checkInterval"`         // milliseconds after which silence means dead; longer than the heartbeat period
	LeaseMillis   int64             `json:"leaseMillis,omitempty"` // silence after which it ends attempts of fence tasks
	StartedAt     int64             `json:"startedAt"`
	SentAt        int64             `json:"sentAt,omitempty"` // by the worker's clock
	Vitals        Vitals            `json:"vitals"`
	Features      []string          `json:"features,omitempty"` // what this host can enforce, for `host show`
}

// Vitals are the measured figures of a host.
type Vitals struct {
	Memory     int64   `json:"memory"`     // total
	FreeMemory int64   `json:"freeMemory"` // available to new processes
	FreeDisk   int64   `json:"freeDisk"`   // on the file system of the worker's root
	Load       float64 `json:"load"`       // one-minute load average divided by cores
}

// HeartbeatReply answers a heartbeat.
type HeartbeatReply struct {
	Leader  string `json:"leader,omitempty"` // address of the leader, when known: claims go there
	Stopped bool   `json:"stopped"`          // isStop: nothing new will be assigned
}

// Claim asks for what is assigned to a host. The answer comes at once when
// there is something, otherwise when there is, or empty after Wait.
type Claim struct {
	Host        string `json:"host"`
	Incarnation string `json:"incarnation"`
	Holding     []Held `json:"holding,omitempty"` // what this worker already has in hand: not handed out again
	Killing     []Held `json:"killing,omitempty"` // kills this worker is carrying out: not ordered again
	Free        int    `json:"free"`              // how many more it can take
	First       bool   `json:"first,omitempty"`   // the first claim since the worker started: the answer carries Running
	WaitMillis  int64  `json:"waitMillis"`        // at most 30,000
}

// Held is one attempt a worker has in hand.
type Held struct {
	WorkID  int64 `json:"workId"`
	Attempt int   `json:"attempt"`
}

// ClaimReply carries assigned batches and commands.
type ClaimReply struct {
	Assignments []Assignment `json:"assignments"`
	Kills       []Kill       `json:"kills,omitempty"`
	// Running answers a first claim: every attempt the masters believe to be
	// running on this host and incarnation. The worker reports as unstarted
	// those it has no directory for. Later claims get, now and then, what they
	// should have named and did not.
	Running []Held `json:"running,omitempty"`
}

// Assignment is everything a worker needs to run one attempt.
type Assignment struct {
	WorkID       int64             `json:"workId"`
	Attempt      int               `json:"attempt"`
	Task         string            `json:"task"`
	WorkNo       string            `json:"workNo"`
	Run          int               `json:"run"`
	Account      string            `json:"account,omitempty"`
	Memory       int64             `json:"memory"`            // declared need
	Type         string            `json:"type"`              // shell python exec http
	Script       string            `json:"script,omitempty"`  // expanded
	Command      []string          `json:"command,omitempty"` // expanded
	Program      string            `json:"program,omitempty"` // package to fetch and unpack
	Env          map[string]string `json:"env"`               // the task's env and CAPRI_* values, expanded
	Inputs       []PathCheck       `json:"inputs,omitempty"`
	Outputs      []PathCheck       `json:"outputs,omitempty"`
	Success      string            `json:"success"`              // exit-code | output-path
	RunTimeout   int64             `json:"runTimeout,omitempty"` // milliseconds, 0 = none
	HTTP         *HTTPCall         `json:"http,omitempty"`       // type http: the call to make
	OnWorkerLost string            `json:"onWorkerLost"`         // wait | fence
	Request      string            `json:"request,omitempty"`    // id of the request that made the batch
	Trace        string            `json:"trace,omitempty"`      // W3C traceparent of the span that handed it out
}

// HTTPCall is what an attempt of an http task does, expanded.
type HTTPCall struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	Headers     map[string]string `json:"headers,omitempty"`
	HeaderFiles map[string]string `json:"headerFiles,omitempty"` // by header, the file that holds its value
	Body        string            `json:"body,omitempty"`
	Status      []int             `json:"status,omitempty"`  // successful ones; empty: 200 to 299
	When        string            `json:"when,omitempty"`    // an expression over status, headers, body and json that must hold besides
	Timeout     int64             `json:"timeout,omitempty"` // milliseconds for the whole call; 0: the run timeout alone
}

// HTTPAnswer is what an http task was answered: what an attempt keeps of it.
type HTTPAnswer struct {
	Status    int               `json:"status"`
	Headers   map[string]string `json:"headers"`             // names in lower case; without cookies
	Body      string            `json:"body"`                // the beginning of it
	Base64    bool              `json:"base64,omitempty"`    // Body is encoded: it is no text
	Bytes     int64             `json:"bytes"`               // of the body, as far as it was read
	Truncated bool              `json:"truncated,omitempty"` // there is more of the answer than this
	Millis    int64             `json:"millis"`              // from the call to the end of the answer
}

// PathCheck is a path and what makes it ready: _SUCCESS, exists or non-empty.
type PathCheck struct {
	Path  string `json:"path"`
	Ready string `json:"ready"`
}

// Kill asks the worker to end a running attempt.
type Kill struct {
	WorkID  int64  `json:"workId"`
	Attempt int    `json:"attempt"`
	Reason  string `json:"reason"`
	Over    bool   `json:"over,omitempty"` // the batch is elsewhere or has ended: nobody waits for a report
}

// FactKind names what a worker reports about an attempt.
type FactKind string

// The facts. A worker's life of one attempt is: started, then finished; or
// refused; or unready. lost is what it says after a restart about an attempt it
// has neither a process nor an exit file for; unstarted when it has not even a
// directory, so that the batch was claimed and never began.
const (
	FactStarted   FactKind = "started"
	FactRefused   FactKind = "refused" // no room: memory, load, disk, with the numbers
	FactUnready   FactKind = "unready" // an input path is gone
	FactFinished  FactKind = "finished"
	FactLost      FactKind = "lost"
	FactUnstarted FactKind = "unstarted"
	// FactCode is the exit code of an attempt whose outputs are still looked at:
	// the script has ended, the attempt is not judged yet.
	FactCode FactKind = "code"
	// FactUsage is what a running attempt has used at most so far.
	FactUsage FactKind = "usage"
)

// Fact is one report. Masters group facts into few transactions; each is
// accepted once, from the holder of (attempt, host).
type Fact struct {
	Kind        FactKind `json:"kind"`
	WorkID      int64    `json:"workId"`
	Attempt     int      `json:"attempt"`
	Host        string   `json:"host"`
	Incarnation string   `json:"incarnation"`
	At          int64    `json:"at"` // by the worker's clock, for display only

	Before []string    `json:"before,omitempty"` // started, success by output path: each output as it is now, "" when not ready
	Reason string      `json:"reason,omitempty"` // refused, unready, lost, and what ended a killed attempt
	Unmet  []PathCheck `json:"unmet,omitempty"`  // unready: the paths that were not ready, or that nobody could look at
	// Unknown goes with unready: a file system does not answer this worker, Reason
	// says which. Nothing is known about Unmet; without Unmet it is an output or
	// the program package that cannot be reached.
	Unknown bool `json:"unknown,omitempty"`

	Pid           int    `json:"pid,omitempty"`         // finished: of the session leader, for the record
	ExitCode      *int   `json:"exitCode,omitempty"`    // finished: what the script returned; nil when it left none
	ResultCode    int    `json:"resultCode,omitempty"`  // finished: the exit code, or 502 for a run timeout
	Killed        bool   `json:"killed,omitempty"`      // finished: ended on command
	TimedOut      bool   `json:"timedOut,omitempty"`    // finished: ended by the run timeout
	Over          bool   `json:"over,omitempty"`        // finished: ended because it went over a limit of the worker; Reason says which
	Infra         bool   `json:"infra,omitempty"`       // finished: could not run at all (download, account, mkdir)
	OutputReady   *bool  `json:"outputReady,omitempty"` // finished, success by output path: nil means could not look
	StartedAt     int64  `json:"startedAt,omitempty"`
	EndedAt       int64  `json:"endedAt,omitempty"`
	Tail          string `json:"tail,omitempty"` // last part of the output, valid UTF-8
	LogBytes      int64  `json:"logBytes,omitempty"`
	LogEnd        []byte `json:"logEnd,omitempty"` // a longer last part of the output, for when the worker is gone; only when Tail is not all of it
	Result        string `json:"result,omitempty"` // http: status, headers and body of the answer, as JSON
	PeakMemory    int64  `json:"peakMemory,omitempty"`
	PeakProcesses int    `json:"peakProcesses,omitempty"`
	CPUMillis     int64  `json:"cpuMillis,omitempty"`
}

// FactVerdict is what became of one fact.
type FactVerdict string

// The verdicts. Everything but Retry is final: the worker may forget the fact.
const (
	VerdictOK    FactVerdict = "ok"    // taken, or taken before
	VerdictStale FactVerdict = "stale" // the batch is somebody else's by now: drop it silently
	VerdictNo    FactVerdict = "no"    // started: a dependency, hold or kill is in the way; the batch has gone back
)

// FactsRequest carries one or more facts, in order.
type FactsRequest struct {
	Facts []Fact `json:"facts"`
}

// FactsReply answers each fact at the same index. It is sent after commit.
type FactsReply struct {
	Verdicts []FactVerdict `json:"verdicts"`
}

// RefusedForMemory is how the reason of a refusal begins when the host has too
// little free memory: masters count those apart (domain.md §9).
const RefusedForMemory = "free memory "

// ReassignedForLook is how the reason in the log of re-assignments begins when
// a worker gave a batch back because a file system did not answer it: that is
// no fault of the host.
const ReassignedForLook = "no answer from "

// PathNotices takes what workers have to tell about their host.
const PathNotices = "/api/v1/worker/notices"

// Notice is something that a worker noticed and that people should know: an
// attempt over a limit, a process that hangs. It is told once per Occurrence.
type Notice struct {
	Kind       string `json:"kind"`       // as in the alerts, such as attempt-over-memory
	Host       string `json:"host"`       //
	WorkID     int64  `json:"workId"`     // 0: about the host itself
	Attempt    int    `json:"attempt"`    //
	Object     string `json:"object"`     // the attempt's code, or the host
	Occurrence string `json:"occurrence"` // tells one event of the object from another
	Level      string `json:"level"`      // critical | important | notice
	Text       string `json:"text"`       // a sentence with numbers
	// StillMillis goes with attempt-stalled: for how long the attempt has made
	// no progress. Masters decide by it; such a notice is sent again and again.
	StillMillis int64 `json:"stillMillis,omitempty"`
}

// NoticesRequest carries notices; the answer comes after commit.
type NoticesRequest struct {
	Notices []Notice `json:"notices"`
}

// NoticesReply says how many were new.
type NoticesReply struct {
	New int `json:"new"`
}

// PathUserCodes takes what a user's script returned (seed A3-61).
const PathUserCodes = "/api/v1/user-codes"

// UserCode is what the script of a running attempt returned: 0 is success.
type UserCode struct {
	WorkID      int64  `json:"workId"`
	Attempt     int    `json:"attempt"`
	Host        string `json:"host"`
	Incarnation string `json:"incarnation"`
	Code        *int   `json:"code"`
}
