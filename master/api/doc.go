// Package api is the REST interface of a master for people, programs and
// workers: it decodes a call, asks whether the caller may make it, calls the
// package that knows, and encodes the answer. It decides nothing about batches.
//
// One middleware stands around the whole mux and denies by default:
//
//	request id, panics → security headers → cross-origin check → who and may they → mux
//
// A route may be called by those its role in the table of routes names; a
// route that is not in the table by nobody. Without a token there are five
// public paths, matched exactly.
//
// Every error is a problem+json body with a stable code. A *fault.Error is
// shown as it is; anything else is "internal" to the caller, who is given the
// request id that the log line with the detail carries.
//
// A handler is safe for concurrent use.
package api
