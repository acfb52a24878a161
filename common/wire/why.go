package wire

// Why explains a batch: every gate in order for one that waits, the time spent
// in each for one that ended.
type Why struct {
	Batch      string       `json:"batch"`
	Verdict    string       `json:"verdict"` // waiting assigned running done not-generated
	Summary    string       `json:"summary"` // one sentence
	AsOf       int64        `json:"asOf"`
	Facts      []string     `json:"facts,omitempty"`      // what else is known: its attempts, who ended it and why
	ExpectedAt int64        `json:"expectedAt,omitempty"` // when a running one should end, by what its task has taken lately
	Gates      []WhyGate    `json:"gates"`
	Roots      []WhyRoot    `json:"roots,omitempty"`
	Spent      []WhySpent   `json:"spent,omitempty"`
	Timeouts   []WhyTimeout `json:"timeouts,omitempty"`
	Cut        bool         `json:"truncated,omitempty"` // the walk to the roots met its limits
}

// WhyGate is one gate: met, unmet or not evaluated.
type WhyGate struct {
	Code      string   `json:"code"`
	State     string   `json:"state"` // met unmet not-evaluated
	Sentence  string   `json:"sentence"`
	Since     int64    `json:"since,omitempty"`
	CheckedAt int64    `json:"checkedAt,omitempty"`
	CheckedBy string   `json:"checkedBy,omitempty"` // the service, and the master it ran on
	Evidence  []string `json:"evidence,omitempty"`
	Help      string   `json:"help,omitempty"` // what would help
}

// WhyRoot is a root cause found by walking unmet dependencies.
type WhyRoot struct {
	Batch    string `json:"batch"`
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
	Since    int64  `json:"since,omitempty"`
}

// WhySpent is how long a batch stayed in one phase. What was waited for at the
// same time begins at the same time.
type WhySpent struct {
	Phase  string `json:"phase"` // code of a gate, or SCHEDULING, ASSIGNED, RUNNING
	Label  string `json:"label"`
	From   int64  `json:"from"` // milliseconds after the batch was made, as a picture of it begins
	Millis int64  `json:"millis"`
}

// WhyTimeout is a deadline of a batch.
type WhyTimeout struct {
	Kind     string `json:"kind"` // depend output
	Label    string `json:"label"`
	DueAt    int64  `json:"dueAt"`
	PassedAt int64  `json:"passedAt,omitempty"` // when it was marked as passed
}
