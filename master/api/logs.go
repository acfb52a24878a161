package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
)

// Limits of one part of a log.
const (
	logDefault   = 1 << 20
	tailWindow   = 1 << 20 // lines at the end are looked for in so much
	chunkTimeout = 30 * time.Second
	partTimeout  = 2 * time.Minute // for a worker to send a part
	logType      = "text/plain; charset=utf-8"
)

type logQuery struct {
	Task    string `path:"task" maxLength:"100" doc:"name of the task"`
	Run     string `path:"run" maxLength:"40" doc:"work number, or workNumber.run; without a run the one that counts"`
	Attempt int    `query:"attempt" minimum:"1" doc:"number of the attempt; without it the newest"`
	Offset  int64  `query:"offset" minimum:"0" doc:"bytes from the start"`
	Limit   int64  `query:"limit" minimum:"1" maximum:"8388608" doc:"bytes at most; without it 1 MiB"`
	Tail    int    `query:"tail" minimum:"1" maximum:"10000" doc:"the last lines instead, of at most 1 MiB"`
}

type logAnswer struct {
	ContentType string `header:"Content-Type"`
	Size        string `header:"X-Log-Size" doc:"bytes of the whole log at this moment"`
	Attempt     string `header:"X-Log-Attempt" doc:"number of the attempt"`
	Done        string `header:"X-Log-Done" doc:"true: the attempt has ended, the log will not grow"`
	Partial     string `header:"X-Log-Partial" doc:"tail: the worker was out of reach, this is the end that the database keeps"`
	Length      string `header:"Content-Length"`
	Body        func(huma.Context)
}

// logSource is an attempt and where its log is.
type logSource struct {
	workID  int64
	attempt store.Instance
	address string // of the worker, as it announced it
}

// readLog passes on a part of a log from the worker that has it, without
// keeping it, or what the database has when the worker is out of reach.
func (a *api) readLog(ctx context.Context, q *logQuery) (*logAnswer, error) {
	source, err := a.findLog(ctx, q)
	if err != nil {
		return nil, err
	}
	answer, err := a.fromWorker(ctx, q, source)
	if err == nil {
		return answer, nil
	}
	if source.attempt.EndTime == 0 || (source.attempt.Tail == "" && source.attempt.LogBytes > 0) {
		return nil, err
	}
	a.Log.Debug("log served from its tail", slog.String(logs.Worker, source.attempt.Host), logs.Error(err))
	return fromTail(q, source), nil
}

func (a *api) findLog(ctx context.Context, q *logQuery) (logSource, error) {
	var source logSource
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := a.withBatch(ctx, refParams{Task: q.Task, Run: q.Run}, func(t *store.ViewTx, b *store.Batch) error {
		all, err := t.Instances(ctx, b.ID)
		if err != nil {
			return err
		}
		found, err := pickAttempt(all, q.Attempt, b.Ref().String())
		if err != nil {
			return err
		}
		source = logSource{workID: b.ID, attempt: found}
		host, err := t.HostByName(ctx, found.Host)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		source.address = host.Address
		return err
	})
	return source, err
}

// pickAttempt chooses the attempt that is asked for, or the newest.
func pickAttempt(all []store.Instance, number int, ref string) (store.Instance, error) {
	if len(all) == 0 {
		return store.Instance{}, fault.New(fault.NotFound, "%s has no log: no attempt of it has started", ref)
	}
	if number == 0 {
		return all[len(all)-1], nil
	}
	for _, i := range all {
		if i.Attempt == number {
			return i, nil
		}
	}
	return store.Instance{}, fault.New(fault.NotFound, "%s has no attempt %d", ref, number).WithHint("its newest is %d", all[len(all)-1].Attempt)
}

func (s logSource) answer(size int64) *logAnswer {
	return &logAnswer{
		ContentType: logType, Size: strconv.FormatInt(size, 10), Attempt: strconv.Itoa(s.attempt.Attempt),
		Done: strconv.FormatBool(s.attempt.EndTime != 0),
	}
}

// fromTail serves the end of a log as if it were all of it when somebody reads
// from the start, and at its place when somebody reads on from before.
func fromTail(q *logQuery, s logSource) *logAnswer {
	text, start := s.attempt.Tail, max(s.attempt.LogBytes-int64(len(s.attempt.Tail)), 0)
	size := start + int64(len(text))
	switch {
	case q.Tail > 0:
		text = string(lastLines([]byte(text), q.Tail))
	case q.Offset == 0:
		size = int64(len(text))
	case q.Offset < start:
		text, size = "", q.Offset
	default:
		text = text[min(q.Offset-start, int64(len(text))):]
	}
	if q.Tail == 0 && q.Limit > 0 && int64(len(text)) > q.Limit {
		text = text[:q.Limit]
	}
	out := s.answer(size)
	out.Partial = "tail"
	out.fill([]byte(text))
	return out
}

func (out *logAnswer) fill(text []byte) {
	out.Length = strconv.Itoa(len(text))
	out.Body = func(ctx huma.Context) { _, _ = ctx.BodyWriter().Write(text) }
}

// fromWorker opens the part at the worker. The body goes through a small buffer
// only, when huma asks for it.
func (a *api) fromWorker(ctx context.Context, q *logQuery, s logSource) (*logAnswer, error) {
	if q.Tail > 0 {
		return a.tailFromWorker(ctx, q.Tail, s)
	}
	limit := q.Limit
	if limit == 0 {
		limit = logDefault
	}
	ctx, cancel := context.WithTimeout(ctx, partTimeout)
	part, err := a.openLog(ctx, s, q.Offset, limit)
	if err != nil {
		cancel()
		return nil, err
	}
	out := s.answer(part.size)
	if part.length >= 0 {
		out.Length = strconv.FormatInt(min(part.length, limit), 10)
	}
	out.Body = func(ctx huma.Context) {
		defer cancel()
		defer part.body.Close()
		_, w := humago.Unwrap(ctx)
		_ = copySlowly(w, io.LimitReader(part.body, limit)) // with its length sent, the client sees when it is cut
	}
	return out, nil
}

// tailFromWorker finds the last lines: it asks for the size, then reads the end.
func (a *api) tailFromWorker(ctx context.Context, lines int, s logSource) (*logAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	probe, err := a.openLog(ctx, s, 0, 1)
	if err != nil {
		return nil, err
	}
	_ = probe.body.Close()
	offset := max(probe.size-tailWindow, 0)
	part, err := a.openLog(ctx, s, offset, tailWindow)
	if err != nil {
		return nil, err
	}
	defer part.body.Close()
	text, err := io.ReadAll(io.LimitReader(part.body, tailWindow))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "worker %s stopped sending the log", s.attempt.Host)
	}
	out := s.answer(offset + int64(len(text)))
	out.fill(lastLines(text, lines))
	return out, nil
}

// lastLines cuts text to its last n lines.
func lastLines(text []byte, n int) []byte {
	end := len(bytes.TrimSuffix(text, []byte("\n")))
	for i := end; ; n-- {
		if n == 0 {
			return text[i+1:]
		}
		if i = bytes.LastIndexByte(text[:i], '\n'); i < 0 {
			return text
		}
	}
}

// copySlowly copies with a deadline for each chunk instead of one for all.
func copySlowly(w http.ResponseWriter, r io.Reader) error {
	control := http.NewResponseController(w)
	buffer := make([]byte, 32<<10)
	for {
		n, err := r.Read(buffer)
		if n > 0 {
			_ = control.SetWriteDeadline(time.Now().Add(chunkTimeout))
			if _, err := w.Write(buffer[:n]); err != nil {
				return fmt.Errorf("send log: %w", err)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read log: %w", err)
		}
	}
}
