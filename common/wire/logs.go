package wire

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"capricornus/common/logtext"
)

// PathLogs is where a worker serves the log of an attempt: see LogCall. Calls
// are signed, see SignCall.
const PathLogs = "/logs/"

// Headers with which a worker describes the part of a log that it sends: the
// size of the whole, where the part begins, where to go on behind it, and
// whether the attempt is settled, so that the log does not grow any more.
const (
	HeaderLogSize    = "Capri-Log-Size"
	HeaderLogOffset  = "Capri-Log-Offset"
	HeaderLogNext    = "Capri-Log-Next"
	HeaderLogSettled = "Capri-Log-Settled"
)

// MaxLogWait is how long a worker waits at most for a log to grow.
const MaxLogWait = 30 * time.Second

// Bounds of the lines that one search of a log returns.
const (
	SomeLogMatches = 100 // without a limit
	MaxLogMatches  = 1000
)

// LogCall is what a master asks a worker about the log of one attempt: a part,
// or with Search where something stands in it.
type LogCall struct {
	Held
	Offset int64         // the first byte; negative: counted from the end
	Limit  int64         // bytes, or matches, at most; 0: the rest of the log, SomeLogMatches
	Tail   int           // the last lines instead; 0: from Offset
	Wait   time.Duration // for the log to have another size than Offset, or to be settled

	Search     string
	Regexp     bool
	IgnoreCase bool
}

// Target is the path and query of the call.
func (c LogCall) Target() string {
	values := params("offset", number(c.Offset), "limit", number(c.Limit), "tail", number(int64(c.Tail)),
		"wait", number(c.Wait.Milliseconds()), "search", c.Search)
	if c.Regexp {
		values.Set("regexp", "true")
	}
	if c.IgnoreCase {
		values.Set("ignoreCase", "true")
	}
	target := PathLogs + strconv.FormatInt(c.WorkID, 10) + "-" + strconv.Itoa(c.Attempt)
	if len(values) == 0 {
		return target
	}
	return target + "?" + values.Encode()
}

// ParseLogQuery reads what Target wrote behind the path; ok is false when it
// is not that.
func ParseLogQuery(values url.Values) (call LogCall, ok bool) {
	ok = true
	integer := func(name string, least int64) int64 {
		text := values.Get(name)
		if text == "" {
			return 0
		}
		n, err := strconv.ParseInt(text, 10, 64)
		ok = ok && err == nil && n >= least
		return n
	}
	flag := func(name string) bool {
		text := values.Get(name)
		ok = ok && (text == "" || text == "true" || text == "false")
		return text == "true"
	}
	const any64 = -1 << 63
	call = LogCall{
		Offset: integer("offset", any64), Limit: integer("limit", 0), Tail: int(integer("tail", 0)),
		Search: values.Get("search"), Regexp: flag("regexp"), IgnoreCase: flag("ignoreCase"),
	}
	wait := integer("wait", 0)
	ok = ok && wait <= MaxLogWait.Milliseconds()
	call.Wait = time.Duration(wait) * time.Millisecond
	return call, ok
}

// LogMatch is a line of a log in which something was found.
type LogMatch struct {
	Offset int64  `json:"offset" doc:"where the line begins, or what is shown of a long one"`
	Line   string `json:"line" doc:"at most 1 KiB of it, as valid UTF-8"`
}

// LogFound is what a worker answers a search.
type LogFound struct {
	Items    []LogMatch `json:"items"`
	Next     int64      `json:"next"`     // where to go on
	Complete bool       `json:"complete"` // everything up to the end of the log was looked at
}

// LogMatches is what a master answers a search.
type LogMatches struct {
	Items    []LogMatch `json:"items"`
	Next     int64      `json:"next" doc:"where to go on"`
	Complete bool       `json:"complete" doc:"everything up to the end of the log was looked at"`
	Attempt  int        `json:"attempt"`
	Host     string     `json:"host" doc:"the worker it ran on"`
	Size     int64      `json:"size,omitempty" doc:"of the whole log, when the worker is out of reach"`
	Partial  string     `json:"partial,omitempty" doc:"tail: the worker is out of reach, what the masters keep was searched"`
	From     int64      `json:"from,omitempty" doc:"where what the masters keep begins"`
}

// SearchLog searches a log as a call says; pattern is what it looks for.
func SearchLog(ctx context.Context, text logtext.Text, pattern *logtext.Pattern, call LogCall) (LogFound, error) {
	limit := int(call.Limit)
	if limit == 0 {
		limit = SomeLogMatches
	}
	found, err := text.Search(ctx, pattern, call.Offset, limit)
	out := LogFound{Items: make([]LogMatch, len(found.Matches)), Next: found.Next, Complete: found.Complete}
	for i, m := range found.Matches {
		out.Items[i] = LogMatch(m)
	}
	return out, err
}
