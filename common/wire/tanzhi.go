package wire

// The calls of the tanzhi scheduler (seed 004), at its paths. Programs that were
// written for it send and read these.
const (
	PathCreateJob       = "/createJob"
	PathListJobRecord   = "/listJobRecord"
	PathJobRecordResult = "/getJobRecordResult"
)

// TanzhiReply is the shape of every answer: code 0 and what was asked for.
type TanzhiReply[T any] struct {
	Code    int    `json:"code"` // 0: done
	Message string `json:"message"`
	Data    T      `json:"data"`
}

// CreateJobRequest makes a job.
type CreateJobRequest struct {
	Name    string     `json:"name"`
	Expr    string     `json:"expr"` // cron, with seconds first
	Command JobCommand `json:"command"`
}

// JobCommand is what a job does.
type JobCommand struct {
	Type   string `json:"type"`             // shell or http
	Method string `json:"method,omitempty"` // of a call; empty: GET
	Target string `json:"target"`           // the shell's command, or the URL
}

// CreatedJob is the task of a job.
type CreatedJob struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Task    string `json:"task"`    // the name it has as a task
	Created bool   `json:"created"` // false: the same job was there
}

// JobRecordRequest asks for a page of records.
type JobRecordRequest struct {
	Page int `json:"page"` // from 0
	Size int `json:"size"` // 1 to 500
}

// JobRecordPage is a page of records, newest first.
type JobRecordPage struct {
	List  []JobRecord `json:"list"`
	Total int         `json:"total"` // at most 10000: that many or more
	Page  int         `json:"page"`
	Size  int         `json:"size"`
}

// JobRecord is one run of a job that has ended. Times are RFC 3339; what did not
// take place has none.
type JobRecord struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	Type         string `json:"type"`
	Command      string `json:"command"`
	Result       string `json:"result"` // the end of the output, or status and body of the answer
	FailedCnt    int    `json:"failed_cnt"`
	CreateTime   string `json:"create_time"`
	StartedTime  string `json:"started_time,omitempty"`
	FinishedTime string `json:"finished_time,omitempty"`
}

// JobResultRequest asks for the result of one record.
type JobResultRequest struct {
	RecordID int64 `json:"recordId"`
}

// JobResult is what a record came to.
type JobResult struct {
	JobRecord

	Status   string `json:"status"`             // as JobRun names it: SUCCESS, FAILURE, TIMEOUT
	ExitCode *int   `json:"exitCode,omitempty"` // of a shell job's last attempt
	Code     int    `json:"statusCode,omitempty"`
	Body     string `json:"body,omitempty"` // of what an http job was answered
}
