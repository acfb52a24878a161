package wire

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
)

// Headers with which a master describes the part of a log that it sends.
const (
	HeaderAttempt = "X-Log-Attempt" // number of the attempt
	HeaderHost    = "X-Log-Host"    // the worker it ran on
	HeaderSize    = "X-Log-Size"    // bytes of the whole log
	HeaderOffset  = "X-Log-Offset"  // where the part begins
	HeaderNext    = "X-Log-Next"    // where to go on behind it
	HeaderDone    = "X-Log-Done"    // true: the attempt has ended, the log does not grow any more
	HeaderPartial = "X-Log-Partial" // tail: the worker is out of reach, this is what the masters keep
	HeaderFrom    = "X-Log-From"    // where what the masters keep begins
)

// LogQuery chooses a part of the log of an attempt.
type LogQuery struct {
	Attempt int           // 0: the newest
	Offset  int64         // bytes from the start; negative: from the end
	Limit   int64         // bytes at most; 0: the master's own
	Tail    int           // the last lines instead; 0: from Offset
	Wait    time.Duration // for more than Offset, or the end of the attempt
}

// LogPart is a part of a log. Whoever has it closes Body.
type LogPart struct {
	Body    io.ReadCloser
	Attempt int
	Host    string
	Size    int64 // of the whole log at this moment
	Offset  int64 // where the part begins
	Next    int64 // where to go on
	Done    bool  // the attempt has ended: the log does not grow any more
	Kept    bool  // the worker is out of reach: this is of what the masters keep
	From    int64 // where that begins
}

// Logs opens a part of the log of an attempt.
func (c *Client) Logs(ctx context.Context, ref batch.Ref, query LogQuery) (*LogPart, error) {
	values := params("attempt", number(int64(query.Attempt)), "offset", number(query.Offset),
		"limit", number(query.Limit), "tail", number(int64(query.Tail)), "wait", number(int64(query.Wait/time.Second)))
	path := batchPath(ref, "/logs")
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	response, err := c.open(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	part, err := readPart(response.Header)
	if err != nil {
		_ = response.Body.Close()
		return nil, fault.Wrap(fault.Unavailable, err, "%s gave a log without saying which part of it", c.base())
	}
	part.Body = response.Body
	return part, nil
}

func readPart(head http.Header) (*LogPart, error) {
	var bad error
	integer := func(name string) int64 {
		n, err := strconv.ParseInt(head.Get(name), 10, 64)
		if err != nil {
			bad = err
		}
		return n
	}
	part := &LogPart{
		Attempt: int(integer(HeaderAttempt)), Host: head.Get(HeaderHost), Size: integer(HeaderSize),
		Offset: integer(HeaderOffset), Next: integer(HeaderNext), Done: head.Get(HeaderDone) == "true", Kept: head.Get(HeaderPartial) != "",
	}
	if part.Kept {
		part.From = integer(HeaderFrom)
	}
	return part, bad
}

// LogSearch says what to search the log of an attempt for.
type LogSearch struct {
	Attempt    int // 0: the newest
	Text       string
	Regexp     bool
	IgnoreCase bool
	From       int64 // offset to begin at
	Limit      int   // lines at most; 0: the master's own
}

// SearchLog searches the log of an attempt.
func (c *Client) SearchLog(ctx context.Context, ref batch.Ref, search LogSearch) (LogMatches, error) {
	values := params("attempt", number(int64(search.Attempt)), "q", search.Text, "from", number(search.From), "limit", number(int64(search.Limit)))
	if search.Regexp {
		values.Set("regexp", "true")
	}
	if search.IgnoreCase {
		values.Set("ignoreCase", "true")
	}
	var reply LogMatches
	err := c.get(ctx, batchPath(ref, "/logs/search"), values, &reply)
	return reply, err
}
