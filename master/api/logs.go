package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Limits of one part of a log.
const (
	logDefault   = 1 << 20
	chunkTimeout = 30 * time.Second // to send or to get a piece of it
	logType      = "text/plain; charset=utf-8"
	eventType    = "text/event-stream"
)

// logParams names an attempt.
type logParams struct {
	Task, Run string
	Attempt   int // 0: the newest
}

type logQuery struct {
	Task    string `path:"task" maxLength:"100" doc:"name of the task"`
	Run     string `path:"run" maxLength:"40" doc:"work number, or workNumber.run; without a run the one that counts"`
	Attempt int    `query:"attempt" minimum:"1" doc:"number of the attempt; without it the newest"`
	Offset  int64  `query:"offset" minimum:"-1000000000000000" maximum:"1000000000000000" doc:"bytes from the start; negative: from the end"`
	Limit   int64  `query:"limit" minimum:"1" doc:"bytes at most, however many; without it 1 MiB"`
	Tail    int    `query:"tail" minimum:"1" maximum:"10000" doc:"the last lines instead"`
	Wait    int    `query:"wait" minimum:"1" maximum:"30" doc:"seconds to wait for the log to grow beyond offset, or for the attempt to end"`
	Follow  bool   `query:"follow" doc:"true: a stream of events until the attempt ends, also for Accept: text/event-stream"`
	Accept  string `header:"Accept" maxLength:"1000"`
	Last    string `header:"Last-Event-ID" maxLength:"200" doc:"id of the last event that was seen, to go on behind it"`
}

func (q *logQuery) params() logParams { return logParams{q.Task, q.Run, q.Attempt} }

type logAnswer struct {
	ContentType string `header:"Content-Type"`
	Attempt     string `header:"X-Log-Attempt" doc:"number of the attempt"`
	Host        string `header:"X-Log-Host" doc:"the worker it ran on"`
	Size        string `header:"X-Log-Size" doc:"bytes of the whole log at this moment"`
	Offset      string `header:"X-Log-Offset" doc:"where this part begins: later than asked for when what is before is not there any more"`
	Next        string `header:"X-Log-Next" doc:"where to go on"`
	Done        string `header:"X-Log-Done" doc:"true: the attempt has ended, the log does not grow any more"`
	Partial     string `header:"X-Log-Partial" doc:"tail: the worker is out of reach, this is of the end that the masters keep"`
	From        string `header:"X-Log-From" doc:"where the end that the masters keep begins"`
	Length      string `header:"Content-Length"`
	Body        func(huma.Context)
}

func (a *api) logRoutes() {
	const path = root + "/batches/{task}/{run}/logs"
	raw(a, route{method: http.MethodGet, path: path, may: permit.ReadLogs, id: "read-log", tag: tagBatches, timeout: endless,
		summary: "A part of what an attempt wrote, as text, or all that it writes, as events"}, a.readLog)
	call(a, route{method: http.MethodGet, path: path + "/search", may: permit.ReadLogs, id: "search-log", tag: tagBatches, timeout: endless,
		summary: "Lines of what an attempt wrote in which something is found"}, a.searchLog)
}

// readLog passes on a part of a log from the worker that has it, without
// keeping it, or what the database has when the worker is out of reach.
func (a *api) readLog(ctx context.Context, q *logQuery) (*logAnswer, error) {
	if q.Follow || strings.Contains(q.Accept, eventType) {
		return a.followLog(ctx, q)
	}
	source, err := a.findLog(ctx, q.params())
	if err != nil {
		return nil, err
	}
	call := wire.LogCall{Offset: q.Offset, Limit: q.Limit, Tail: q.Tail, Wait: time.Duration(q.Wait) * time.Second}
	if source.ended() {
		call.Wait = 0
	}
	if call.Limit == 0 && call.Tail == 0 {
		call.Limit = logDefault
	}
	part, err := a.openPart(ctx, source, call)
	if err != nil {
		return nil, err
	}
	out := part.describe(source)
	out.Length = strconv.FormatInt(part.length(), 10)
	out.Body = func(ctx huma.Context) {
		defer part.close()
		_, w := humago.Unwrap(ctx)
		_ = copySlowly(w, part) // with its length sent, the client sees when it is cut
	}
	return out, nil
}

// logSource is an attempt and where its log is.
type logSource struct {
	workID  int64
	attempt store.Instance
	address string // of the worker, as it announced it
}

func (s logSource) ended() bool { return s.attempt.EndTime != 0 }

func (a *api) findLog(ctx context.Context, p logParams) (logSource, error) {
	var source logSource
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := a.withBatch(ctx, refParams{Task: p.Task, Run: p.Run}, func(t *store.ViewTx, b *store.Batch) error {
		if err := mayReadLog(ctx, t, b.TaskID); err != nil {
			return err
		}
		all, err := t.Instances(ctx, b.ID)
		if err != nil {
			return err
		}
		found, err := pickAttempt(all, p.Attempt, b.Ref().String())
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

// describe makes the head of an answer with a part of a log.
func (p *logPart) describe(s logSource) *logAnswer {
	out := &logAnswer{
		ContentType: logType, Attempt: strconv.Itoa(s.attempt.Attempt), Host: s.attempt.Host, Size: strconv.FormatInt(p.size, 10),
		Offset: strconv.FormatInt(p.from, 10), Next: strconv.FormatInt(p.next, 10), Done: strconv.FormatBool(p.settled),
	}
	if p.kept {
		out.Partial, out.From = "tail", strconv.FormatInt(p.keptFrom, 10)
	}
	return out
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
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
