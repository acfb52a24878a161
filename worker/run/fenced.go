package run

import (
	"cmp"
	"strings"
)

const (
	fencedName  = "fenced"
	fencedLimit = 1000
)

// NoteFenced leaves in the attempt's directory that it is ended because the
// lease is over, for whoever reports the end: not the one who brings it about
// when that is the keeper of a worker that is stopped or hangs. A note that is
// there stays: somebody may be reading it.
func NoteFenced(dir Dir, reason string) error {
	if _, err := dir.Read(fencedName, fencedLimit); err == nil {
		return nil
	}
	return dir.Write(fencedName, []byte(reason+"\n"), 0o600)
}

// fenced completes an ending by what NoteFenced left. What succeeded before it
// could be ended has succeeded, and a kill on command stays one.
func (e Ending) fenced(dir Dir) Ending {
	if e.Killed || e.Over || e.Code != nil && *e.Code == 0 {
		return e
	}
	text, err := dir.Read(fencedName, fencedLimit)
	if err != nil {
		return e
	}
	e.Fenced, e.TimedOut = true, false
	if note := strings.TrimSpace(string(text)); note != "" || e.Reason == "" {
		e.Reason = cmp.Or(note, "the lease is over")
	}
	return e
}
