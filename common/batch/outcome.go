package batch

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// ResultTimeout is the result code of a run timeout (seed A1-04).
const ResultTimeout = 502

// NoCode is the result code of an attempt that left none.
const NoCode = -1

// InfraLimit is how many infrastructure failures of one batch are retried
// (exactly.md 16). They never use up the user's retries.
const InfraLimit = 3

// MaxRetryDelay caps the back-off between two attempts.
const MaxRetryDelay = time.Hour

// Results of an attempt, as they stand in its row.
const (
	ResultSuccess   = "success"
	ResultFailed    = "failed"
	ResultKilled    = "killed"
	ResultLost      = "lost"
	ResultTimedOut  = "timeout"
	ResultUnstarted = "unstarted" // claimed, but it never began
	successByOutput = "output-path"
)

// Ended is all that is known of an ended attempt.
type Ended struct {
	ExitCode    *int   // what the script returned; nil when it left none
	ResultCode  int    // what the worker reported beside it; 0 means nothing beside it
	Killed      bool   // ended on a person's command, or one had been given when it ended
	TimedOut    bool   // ended by the run timeout
	Over        bool   // ended for going over a limit of its worker
	Infra       bool   // could not run at all: download, account, directory
	Lost        bool   // there is neither a process nor an exit file
	MayRun      bool   // lost, and its processes may still be there: nothing may follow by itself
	OutputReady *bool  // success by output path: nil means nobody could look
	Reason      string // in the reporter's words; may be empty
}

// Policy is what the task says about success and retries.
type Policy struct {
	Success   string // exit-code | output-path
	Times     int
	Interval  time.Duration
	Backoff   float64 // factor per further try; below 1 counts as 1
	ExitCodes []int   // retry only these; empty: every failure
}

// Tries counts the failed attempts of a batch, by whose fault they were.
type Tries struct {
	User, Infra int
}

// Outcome is what follows: Done with a result, or Waiting for the next attempt
// at RetryAt. With Waiting, Finish is None and a timeout mark the batch may
// carry stays as it is. Result, ResultCode and Reason are the attempt's own.
type Outcome struct {
	To         State
	Finish     Finish
	RetryAt    time.Time
	Tries      Tries
	Result     string
	ResultCode int
	Reason     string
}

// After decides what follows an ended attempt. Success needs evidence: exit
// code 0, or outputs seen ready, as the policy says; not knowing is never
// success. A kill beats a retry (exactly.md 15–17, 19; domain.md §7).
func After(e Ended, p Policy, t Tries, now time.Time) Outcome {
	if e.Killed {
		return ended(e, t, Killed, ResultKilled, "killed")
	}
	if e.TimedOut {
		e.ResultCode = ResultTimeout
		return userFailure(e, p, t, now)
	}
	if e.Over {
		return userFailure(e, p, t, now)
	}
	if e.Infra {
		return infraFailure(e, p, t, now)
	}
	if p.Success == successByOutput {
		return byOutput(e, p, t, now)
	}
	if e.Lost || e.ExitCode == nil {
		return lostAttempt(e, p, t, now)
	}
	if *e.ExitCode == 0 {
		return ended(e, t, Success, ResultSuccess, "exit code 0")
	}
	return userFailure(e, p, t, now)
}

// byOutput judges by the outputs; the exit code is recorded, not obeyed.
func byOutput(e Ended, p Policy, t Tries, now time.Time) Outcome {
	if e.OutputReady != nil && *e.OutputReady {
		return ended(e, t, Success, ResultSuccess, "every output is ready")
	}
	if e.Lost || (e.ExitCode == nil && e.OutputReady != nil) {
		return lostAttempt(e, p, t, now)
	}
	if e.OutputReady == nil {
		e.Reason = reasonOr(e.Reason, "the outputs could not be looked at")
		return infraFailure(e, p, t, now)
	}
	e.Reason = reasonOr(e.Reason, fmt.Sprintf("exit code %d, but not every output is ready", *e.ExitCode))
	return userFailure(e, p, t, now)
}

func userFailure(e Ended, p Policy, t Tries, now time.Time) Outcome {
	t.User++
	result, reason := ResultFailed, fmt.Sprintf("exit code %d", codeOf(e))
	if e.TimedOut {
		result, reason = ResultTimedOut, "run timeout"
	}
	if t.User > p.Times || !retryable(e, p) {
		return ended(e, t, Failed, result, reason)
	}
	return again(e, t, result, reason, now.Add(delay(p, t.User)))
}

func infraFailure(e Ended, p Policy, t Tries, now time.Time) Outcome {
	const reason = "the attempt could not run"
	t.Infra++
	if t.Infra > InfraLimit {
		return ended(e, t, Failed, ResultFailed, reason)
	}
	return again(e, t, ResultFailed, reason, now.Add(delay(p, t.Infra)))
}

func lostAttempt(e Ended, p Policy, t Tries, now time.Time) Outcome {
	const reason = "no process and no exit code are left of the attempt"
	t.Infra++
	if t.Infra > InfraLimit || e.MayRun {
		return ended(e, t, Lost, ResultLost, reason)
	}
	return again(e, t, ResultLost, reason, now.Add(delay(p, t.Infra)))
}

func retryable(e Ended, p Policy) bool {
	if e.TimedOut || len(p.ExitCodes) == 0 {
		return true
	}
	return e.ExitCode != nil && slices.Contains(p.ExitCodes, *e.ExitCode)
}

// delay is interval * backoff^(n-1) before try n+1, at most MaxRetryDelay.
func delay(p Policy, n int) time.Duration {
	interval := max(p.Interval, 0)
	factor := p.Backoff
	if !(factor > 1) { // also NaN
		factor = 1
	}
	wait := float64(interval) * math.Pow(factor, float64(n-1))
	if !(wait < float64(MaxRetryDelay)) {
		if interval == 0 {
			return 0
		}
		return MaxRetryDelay
	}
	return time.Duration(wait)
}

func ended(e Ended, t Tries, f Finish, result, reason string) Outcome {
	return Outcome{
		To: Done, Finish: f, Tries: t,
		Result: result, ResultCode: codeOf(e), Reason: reasonOr(e.Reason, reason),
	}
}

func again(e Ended, t Tries, result, reason string, at time.Time) Outcome {
	return Outcome{
		To: Waiting, Finish: None, RetryAt: at, Tries: t,
		Result: result, ResultCode: codeOf(e), Reason: reasonOr(e.Reason, reason),
	}
}

func codeOf(e Ended) int {
	if e.ResultCode != 0 {
		return e.ResultCode
	}
	if e.ExitCode != nil {
		return *e.ExitCode
	}
	return NoCode
}

func reasonOr(reason, fallback string) string {
	if reason != "" {
		return reason
	}
	return fallback
}

// The names of the JobRun view (seed A0-02).
const (
	RunPending = "PENDING"
	RunRunning = "RUNNING"
	RunSuccess = "SUCCESS"
	RunFailure = "FAILURE"
	RunTimeout = "TIMEOUT"
)

// JobRun is the JobRun view of a batch (data-model.md). resultCode is that of
// its last attempt; a timed-out attempt shows once the batch has failed by it.
// A skipped batch produced nothing, which the view can only call a failure.
func JobRun(state State, finish Finish, resultCode int) string {
	if finish == DependTimeout || finish == OutputTimeout {
		return RunTimeout
	}
	switch state {
	case Waiting, Assigned:
		return RunPending
	case Running:
		return RunRunning
	case Nothing, Done:
	}
	if finish == Success {
		return RunSuccess
	}
	if finish == Failed && resultCode == ResultTimeout {
		return RunTimeout
	}
	return RunFailure
}
