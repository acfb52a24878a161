package api

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"capricornus/common/fault"
	"capricornus/common/logtext"
	"capricornus/common/pause"
	"capricornus/common/wire"
)

// Bounds of following a log by events.
const (
	followPart  = 1 << 20         // bytes asked for at a time
	followWait  = 5 * time.Second // for the log to grow; then a comment shows that the stream lives
	followPause = 2 * time.Second // before a worker that did not answer is asked again
	followChunk = 32 << 10        // bytes in one event

	maxFollowers = 500 // at one master
)

// logEvent is the data of one event: text, or with the event "end" the end.
type logEvent struct {
	Attempt int    `json:"attempt"`
	Offset  int64  `json:"offset"` // where text begins; with the end: the size of the log
	Text    string `json:"text,omitempty"`
	Partial string `json:"partial,omitempty"` // tail: the worker is out of reach, this is of what the masters keep
}

// followLog sends a log as events while it grows, until the attempt has ended.
func (a *api) followLog(ctx context.Context, q *logQuery) (*logAnswer, error) {
	call := wire.LogCall{Offset: q.Offset, Tail: q.Tail, Limit: followPart}
	if q.Last != "" {
		attempt, offset, ok := parseEventID(q.Last)
		if !ok {
			return nil, fault.New(fault.Usage, "the Last-Event-ID %q is not that of an event of a log", q.Last).WithHint("it reads attempt:offset")
		}
		q.Attempt, call.Offset, call.Tail = attempt, offset, 0
	}
	source, err := a.findLog(ctx, q.params())
	if err != nil {
		return nil, err
	}
	part, err := a.openPart(ctx, source, call)
	if fault.CodeOf(err) == fault.NotFound && !source.ended() {
		part, err = &logPart{body: strings.NewReader(""), close: func() {}}, nil // it has hardly begun
	}
	if err != nil {
		return nil, err
	}
	select {
	case a.follow <- struct{}{}:
	default:
		part.close()
		return nil, fault.New(fault.Unavailable, "this master sends %d logs as events already", maxFollowers).WithHint("read in parts, with wait, or ask another master")
	}
	out := part.describe(source)
	out.ContentType = eventType
	q.Attempt = source.attempt.Attempt // the one that was the newest then
	f := &follower{api: a, params: q.params(), source: source, at: part.from}
	out.Body = func(hc huma.Context) {
		defer func() { <-a.follow }()
		_, w := humago.Unwrap(hc)
		f.sse = newSSE(w)
		f.run(ctx, part)
	}
	return out, nil
}

// parseEventID reads attempt:offset. The attempt is in it because the newest may
// be another one when a client comes back.
func parseEventID(id string) (attempt int, offset int64, ok bool) {
	first, second, found := strings.Cut(id, ":")
	attempt, errAttempt := strconv.Atoi(first)
	offset, errOffset := strconv.ParseInt(second, 10, 64)
	return attempt, offset, found && errAttempt == nil && errOffset == nil && attempt > 0 && offset >= 0
}

// follower sends one log to one client.
type follower struct {
	sse

	api    *api
	params logParams
	source logSource
	at     int64  // what was read up to
	held   []byte // of that, the beginning of a rune: the rest of it is still to come
}

// run returns when the attempt has ended or the client is gone.
func (f *follower) run(ctx context.Context, part *logPart) {
	_ = f.begin()
	for part != nil {
		whole, err := f.pass(part)
		part.close()
		if err != nil {
			return
		}
		if whole && part.settled && part.next >= part.size {
			_ = f.end(part)
			return
		}
		part = f.next(ctx)
	}
}

// pass sends a part as events. whole is false when the worker broke off.
func (f *follower) pass(part *logPart) (whole bool, err error) {
	if part.from != f.at {
		f.at, f.held = part.from, nil // what is between is not there any more
	}
	buffer := make([]byte, followChunk)
	for {
		kept := copy(buffer, f.held)
		n, errRead := io.ReadFull(part, buffer[kept:])
		f.at += int64(n)
		text := buffer[:kept+n]
		cut := logtext.WholeRunes(text)
		if part.settled && f.at >= part.size {
			cut = len(text)
		}
		if err := f.text(part, f.at-int64(len(text)), text[:cut]); err != nil {
			return false, err
		}
		f.held = append(f.held[:0], text[cut:]...)
		if errRead == nil {
			continue
		}
		if f.at != part.to {
			return false, nil
		}
		f.at = part.next
		return true, nil
	}
}

// next waits for more, or for the end. Nil means that the client is gone.
func (f *follower) next(ctx context.Context) *logPart {
	for {
		part, err := f.api.openPart(ctx, f.source, wire.LogCall{Offset: f.at, Limit: followPart, Wait: followWait})
		if err == nil && (part.settled || part.from != f.at || part.length() > 0) {
			return part
		}
		if err == nil {
			part.close()
		} else {
			_ = pause.For(ctx, followPause)
		}
		if ctx.Err() != nil || f.write(": waiting\n\n") != nil {
			return nil
		}
		if source, err := f.api.findLog(ctx, f.params); err == nil {
			f.source = source
		}
	}
}

// text sends what was read, if anything.
func (f *follower) text(part *logPart, offset int64, text []byte) error {
	if len(text) == 0 {
		return nil
	}
	event := logEvent{Attempt: f.params.Attempt, Offset: offset, Text: string(text)}
	if part.kept {
		event.Partial = "tail"
	}
	return f.send("", offset+int64(len(text)), event)
}

func (f *follower) end(part *logPart) error {
	return f.send("end", part.size, logEvent{Attempt: f.params.Attempt, Offset: part.size})
}

// send sends one event. Its id says where to go on behind it.
func (f *follower) send(kind string, next int64, data logEvent) error {
	return f.event(kind, fmt.Sprintf("%d:%d", data.Attempt, next), data)
}
