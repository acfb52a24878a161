// Package fault holds the errors a person may see: a stable code, one safe
// sentence, and a hint of what would be right. Everything else that reaches
// an edge is shown as "internal" and logged in full.
package fault

import (
	"errors"
	"fmt"
)

// Code is the stable name of a kind of error. It travels in problem+json
// bodies and decides the exit code of the command line.
type Code string

// The codes.
const (
	Usage       Code = "USAGE"        // the call itself is malformed
	Invalid     Code = "INVALID"      // the input was read and is wrong (lint)
	NotFound    Code = "NOT_FOUND"    // the named thing does not exist
	Unauthed    Code = "UNAUTHORIZED" // no valid credential
	Forbidden   Code = "FORBIDDEN"    // the credential does not allow this
	Conflict    Code = "CONFLICT"     // something else is in the way, for example an unfinished batch
	PlanStale   Code = "PLAN_STALE"   // the world changed since the plan was made
	TooLarge    Code = "TOO_LARGE"    // over a documented limit
	NotLeader   Code = "NOT_LEADER"   // another master leads; Hint names it
	Unavailable Code = "UNAVAILABLE"  // no leader, no database, try again
	TooMany     Code = "TOO_MANY"     // too many calls, or failed logins, for a while
	Timeout     Code = "TIMEOUT"      // the wait ended before the condition held
	Internal    Code = "INTERNAL"     // a bug or a broken dependency; the log has the detail
)

// Error is an error with a message that is safe and useful to show.
type Error struct {
	Code    Code
	Message string // one sentence: what is wrong, where
	Hint    string // what would be right; may be empty
	// Difference lists what has changed since the caller looked, one line each.
	Difference []string
	Err        error // the cause, for the log only; may be nil
}

// New makes an Error with a formatted message.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error that keeps its cause for the log.
func Wrap(code Code, err error, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Err: err}
}

// WithHint returns the same error with a hint of what would be right.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Error returns the message and, when there is one, the hint.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " (" + e.Hint + ")"
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first Error in the chain, or Internal.
func CodeOf(err error) Code {
	if f, ok := errors.AsType[*Error](err); ok {
		return f.Code
	}
	return Internal
}
