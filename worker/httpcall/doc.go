// Package httpcall is what an attempt of an http task runs: it makes one call,
// writes what goes and comes to its output, leaves the answer in a file, and
// ends with a code that says what became of it. It runs as a process of its own
// in the attempt's directory, like any script, so that everything that holds for
// scripts holds for calls: they outlive the worker, are adopted, killed, timed
// out and logged by the same means.
//
// It trusts nobody: hosts, addresses and redirects are checked by
// common/outbound, what is read has limits, and a server's words go into the
// output only as text.
package httpcall

import "capricornus/common/wire"

// The exit codes of a call, for retry.exitCodes.
const (
	ExitSuccess  = 0
	ExitUnwanted = 1 // there is an answer, and it is no success
	ExitNoAnswer = 2 // a host that is not allowed, no connection, a timeout, an answer that broke off
)

const (
	// RequestName is the file with the request in an attempt's directory: the
	// place of the script.
	RequestName = "script"
	// AnswerName is the file beside it that takes the answer. It is there before.
	AnswerName = "result.json"
	// AnswerLimit bounds that file, in bytes.
	AnswerLimit = 60_000
)

// Failed begins the last line of the output of a call that is no success.
const Failed = "failed: "

// Request is a call and where calls may go.
type Request struct {
	Call  wire.HTTPCall `json:"call"`
	Hosts []string      `json:"hosts"` // as in common/outbound
}

// noAnswerError says why there is no answer, or no whole one.
type noAnswerError struct{ reason string }

func (e *noAnswerError) Error() string { return e.reason }
