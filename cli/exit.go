package cli

import (
	"context"
	"errors"
	"fmt"

	"capricornus/common/fault"
)

// The exit codes, a contract with scripts (interfaces.md).
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitNotAllowed  = 4
	exitConflict    = 5
	exitPartly      = 6
	exitNoMaster    = 7
	exitTimeout     = 8
	exitInvalid     = 9
	exitBatchFailed = 20
)

// outcome ends a command with an exit code that is no fault of the call. An
// empty text says nothing more than what was printed already.
type outcome struct {
	code int
	text string
}

// Error returns the text.
func (o *outcome) Error() string { return o.text }

// exitCode maps an error to the exit code.
func exitCode(err error) int {
	if o, ok := errors.AsType[*outcome](err); ok {
		return o.code
	}
	switch fault.CodeOf(err) {
	case fault.Usage:
		return exitUsage
	case fault.NotFound:
		return exitNotFound
	case fault.Unauthed, fault.Forbidden, fault.TooMany:
		return exitNotAllowed
	case fault.Conflict, fault.PlanStale:
		return exitConflict
	case fault.NotLeader, fault.Unavailable:
		return exitNoMaster
	case fault.Timeout:
		return exitTimeout
	case fault.Invalid, fault.TooLarge:
		return exitInvalid
	case fault.Internal:
		return exitFailed
	}
	return exitFailed
}

// asUsage makes an error of the argument parser one that is about usage.
func asUsage(err error) error {
	if _, known := errors.AsType[*fault.Error](err); known {
		return err
	}
	return fault.Wrap(fault.Usage, err, "%s", err).WithHint("--help explains")
}

// complain tells a person what went wrong: a sentence, then what would be right.
func (a *app) complain(err error) {
	if errors.Is(err, context.Canceled) {
		a.say("capri: interrupted")
		return
	}
	message, hint := err.Error(), ""
	var difference []string
	if f, ok := errors.AsType[*fault.Error](err); ok {
		message, hint, difference = f.Message, f.Hint, f.Difference
	}
	if message == "" {
		return
	}
	a.say("capri: %s", printable(message))
	for _, line := range difference {
		a.say("  %s", oneLine(line))
	}
	if hint != "" {
		a.say("  %s", printable(hint))
	}
	if words := a.provenance(err); words != "" {
		a.say("  %s", printable(words))
	}
}

// fileFault says why a file of the user's cannot be read.
func fileFault(code fault.Code, err error, path string) error {
	return fault.Wrap(code, err, "%s cannot be read: %s", path, reasonOf(err))
}

// reasonOf is the last part of an error about a file, without the operation
// and the path that the sentence names already.
func reasonOf(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return fmt.Sprint(err)
}
