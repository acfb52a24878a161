package wire

// Kinds of reports.
const (
	ReportHourly = "hourly"
	ReportDaily  = "daily"
)

// Names of the scores of a report, in the order people read them.
const (
	ScoreExpected   = "expected"   // batches whose base time lies in the time of the report
	ScoreGenerated  = "generated"  // of those, the ones that are there
	ScoreMissing    = "missing"    // of those, the ones that are not
	ScoreWaiting    = "waiting"    // batches that wait when the report is made
	ScoreRunning    = "running"    // batches on a worker when the report is made
	ScoreOK         = "ok"         // batches that ended well in the time of the report
	ScoreFailed     = "failed"     // batches that failed or were lost in it
	ScoreDependLate = "dependLate" // batches marked in it, for their inputs
	ScoreOutputLate = "outputLate" // batches marked in it, for their end
	ScoreReruns     = "reruns"     // further runs that were made in it
)

// Classes of causes of failed batches.
const (
	CauseExitCode       = "exit-code"
	CauseMemory         = "memory"
	CausePath           = "path"
	CauseAccount        = "account"
	CauseTimeout        = "timeout"
	CauseLost           = "lost"
	CauseInfrastructure = "infrastructure"
)

// Report is how an hour or a day has gone (console.md §3.5). Instants are UTC
// milliseconds. It is written in no language: what is said in sentences is there in both.
type Report struct {
	Kind   string `json:"kind"`   // hourly or daily
	From   int64  `json:"from"`   // the time it is about …
	At     int64  `json:"at"`     // … and its end, which names it
	MadeAt int64  `json:"madeAt"` // what waits, runs and stands is as of then
	Zone   string `json:"zone"`   // of the cluster
	Green  bool   `json:"green"`  // nothing is wrong
	// Normal is the share, in thousandths, of batches that ended well among these
	// and those that failed, were marked late or are missing.
	Normal      int                `json:"normalPermille"`
	Scores      []ReportScore      `json:"scores"`
	Failures    []ReportFailure    `json:"failures"`             // with the most batches behind them first
	Unlisted    int                `json:"unlisted,omitempty"`   // failures that are not listed
	FirstGone   []string           `json:"firstGone,omitempty"`  // some of the missing batches
	Waits       []ReportWait       `json:"waits"`                // the longest first
	Departments []ReportDepartment `json:"departments,omitzero"` // daily
	BigTasks    []ReportRun        `json:"bigTasks,omitzero"`    // daily: runs longer than long_run_minutes
	Corrections []ReportCorrection `json:"corrections,omitzero"` // daily: expected durations that were corrected
	Growth      []ReportGrowth     `json:"growth,omitzero"`      // daily: tasks that took longer than a week before, the most first
	LongMinutes int                `json:"longMinutes,omitempty"`
	Services    []ReportService    `json:"services"` // what is not as it should be first
	Fleet       ReportFleet        `json:"fleet"`
	Alerts      ReportAlerts       `json:"alerts"`
	Forecast    ReportForecast     `json:"forecast"`
	Changes     []ReportChange     `json:"changes"`
}

// ReportScore is one figure beside that of a day and a week before; what is not
// known is left out.
type ReportScore struct {
	Name      string `json:"name"`
	Now       *int64 `json:"now,omitempty"`
	Yesterday *int64 `json:"yesterday,omitempty"`
	LastWeek  *int64 `json:"lastWeek,omitempty"`
}

// ReportFailure is a batch that failed or was lost.
type ReportFailure struct {
	Batch      string `json:"batch"`
	Title      string `json:"title,omitempty"`
	Project    string `json:"project"`
	Owner      string `json:"owner"`
	Department string `json:"department,omitempty"`
	Host       string `json:"host,omitempty"`
	Attempt    int    `json:"attempt"`
	EndedAt    int64  `json:"endedAt"`
	ExitCode   int    `json:"exitCode"`
	Cause      string `json:"cause"`  // its class
	Reason     string `json:"reason"` // plain
	Impact     int    `json:"impact"` // batches that wait for it, directly or not
	Cut        bool   `json:"cut,omitempty"`
}

// ReportWords is a sentence in both languages.
type ReportWords struct {
	En string `json:"en"`
	Zh string `json:"zh"`
}

// ReportWait is a batch that waits.
type ReportWait struct {
	Batch string      `json:"batch"`
	Title string      `json:"title,omitempty"`
	Owner string      `json:"owner"`
	Since int64       `json:"since"`
	Root  string      `json:"root,omitempty"` // the batch that is the root cause
	Why   ReportWords `json:"why"`
}

// ReportService is the last run of a duty of the leader.
type ReportService struct {
	Name    string `json:"name"`
	EndedAt int64  `json:"endedAt,omitempty"` // 0: it has not run yet
	Millis  int64  `json:"millis"`            // how long it took
	Limit   int64  `json:"limitMillis"`       // how long it may take
	OK      bool   `json:"ok"`
	Error   string `json:"error,omitempty"`
}

// States of workers in a report.
const (
	WorkerOn     = "on"
	WorkerOff    = "off"
	WorkerSilent = "silent"
	WorkerDead   = "dead"
)

// ReportFleet is the workers.
type ReportFleet struct {
	On      int            `json:"on"`
	Off     int            `json:"off"`
	Silent  int            `json:"silent"`
	Dead    int            `json:"dead"`
	Slots   int            `json:"slots"` // of those that are on
	Taken   int            `json:"taken"`
	Moved   int            `json:"moved"`             // batches taken away from a worker
	Workers []ReportWorker `json:"workers"`           // the most troubled first
	More    int            `json:"more,omitempty"`    // workers that are not listed
	LongOff int            `json:"longOff,omitempty"` // switched off for more than a day
}

// ReportWorker is a worker.
type ReportWorker struct {
	Host      string  `json:"host"`
	State     string  `json:"state"` // on, off, silent or dead
	Load      float64 `json:"load"`  // per core
	LoadLimit float64 `json:"loadLimit,omitempty"`
	Memory    int     `json:"memoryPercent"` // used
	Slots     int     `json:"slots"`
	Taken     int     `json:"taken"`
	Moved     int     `json:"moved,omitempty"` // batches taken away from it
	OffSince  int64   `json:"offSince,omitempty"`
	OffBy     string  `json:"offBy,omitempty"`
	OffReason string  `json:"offReason,omitempty"`
}

// ReportAlerts counts what people were to be told.
type ReportAlerts struct {
	Total       int           `json:"total"`
	Undelivered int           `json:"undelivered"`
	Kinds       []ReportAlert `json:"kinds"` // by level and kind, the gravest first
}

// ReportAlert counts alerts of a level and kind.
type ReportAlert struct {
	Level       string `json:"level"`
	Kind        string `json:"kind"`
	Count       int    `json:"count"`
	Undelivered int    `json:"undelivered"`
}

// ReportForecast is what the next hours bring.
type ReportForecast struct {
	From   int64        `json:"from"`
	To     int64        `json:"to"`
	Due    int          `json:"due"`   // batches
	Slots  int          `json:"slots"` // there
	Peak   int          `json:"peak"`  // slots wanted at the most
	PeakAt int64        `json:"peakAt,omitempty"`
	Steps  []ReportStep `json:"steps"`
}

// ReportStep is one of the equal steps of a forecast.
type ReportStep struct {
	At     int64 `json:"at"`
	Due    int   `json:"due"`
	Wanted int   `json:"wanted"` // slots, at the most
}

// ReportChange is what a person did, as often as it was done.
type ReportChange struct {
	Actor  string `json:"actor"`
	Action string `json:"action"`
	Object string `json:"object"` // one of them
	Count  int    `json:"count"`
}

// ReportDepartment is how the batches of a department's tasks have gone, by the
// base time of the batches.
type ReportDepartment struct {
	Department string `json:"department"`
	Batches    int    `json:"batches"`
	OK         int    `json:"ok"`
	Failed     int    `json:"failed"`
	DependLate int    `json:"dependLate"`
	OutputLate int    `json:"outputLate"`
}

// ReportRun is a run that took long.
type ReportRun struct {
	Batch  string `json:"batch"`
	Title  string `json:"title,omitempty"`
	Owner  string `json:"owner"`
	Millis int64  `json:"millis"`
	Usual  int64  `json:"usualMillis,omitempty"` // the median of recent runs
	Finish string `json:"finish"`
}

// ReportGrowth is a task whose successful runs took longer together than those
// of the same day a week before.
type ReportGrowth struct {
	Task    string `json:"task"`
	Owner   string `json:"owner"`
	Runs    int    `json:"runs"`
	Millis  int64  `json:"millis"`
	WasRuns int    `json:"lastWeekRuns"`
	Was     int64  `json:"lastWeekMillis"`
}

// ReportCorrection is an expected duration that was far off and was corrected.
type ReportCorrection struct {
	Task string `json:"task"`
	Text string `json:"text"` // plain
	Was  int64  `json:"wasSeconds,omitempty"`
	Now  int64  `json:"nowSeconds,omitempty"` // 0: see text
}

// StoredReport is a report in a list.
type StoredReport struct {
	Kind   string `json:"kind"`
	At     int64  `json:"at"`
	Green  bool   `json:"green"`
	MadeAt int64  `json:"madeAt"`
	SentAt int64  `json:"sentAt,omitempty"` // 0: it was not sent
	// Headline is the sentence that the report begins with.
	Headline string `json:"headline"`
}

// ReportList is a page of reports, newest first.
type ReportList struct {
	Items []StoredReport `json:"items"`
	Next  string         `json:"next,omitempty"`
}

// ReportReader is somebody who gets a report by mail.
type ReportReader struct {
	User      string `json:"user"`
	Always    bool   `json:"always"`  // also when nothing is wrong
	HasMail   bool   `json:"hasMail"` // false: there is no address, and nothing is sent
	ChangedAt int64  `json:"changedAt"`
}

// ReportReaders lists who gets a report by mail, by name.
type ReportReaders struct {
	Items []ReportReader `json:"items"`
}

// ReportReaderRequest subscribes somebody to a report.
type ReportReaderRequest struct {
	Always bool `json:"always"` // also when nothing is wrong
}

// ReportReaderReply says how somebody now stands to a report.
type ReportReaderReply struct {
	Kind    string `json:"kind"`
	User    string `json:"user"`
	Reads   bool   `json:"reads"`
	Always  bool   `json:"always"`
	HasMail bool   `json:"hasMail"` // false: there is no address, and nothing can be sent
	Changed bool   `json:"changed"` // false: it was so before
}
