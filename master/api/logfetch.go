package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/wire"
)

// headWait is how long a worker may take to answer, beyond the time it is asked
// to wait: it may have to look through a long log first.
const headWait = 10 * time.Second

// logPart is an open part of a log, without the byte at to. Whoever has it
// closes it.
type logPart struct {
	size           int64 // of the whole log
	from, to, next int64
	settled        bool  // the log does not grow any more
	kept           bool  // the worker is out of reach: this is of what the database keeps
	keptFrom       int64 // where that begins
	body           io.Reader
	close          func()
}

func (p *logPart) length() int64 { return p.to - p.from }

// Read implements io.Reader.
func (p *logPart) Read(buffer []byte) (int, error) { return p.body.Read(buffer) }

// logClient calls workers: at the address they announced, through no proxy, and
// nowhere else. Logs are read now and then, so no connection is kept.
func logClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			TLSHandshakeTimeout: 2 * time.Second,
			DisableKeepAlives:   true,
			DisableCompression:  true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// openPart opens a part of a log at the worker, or of what the database keeps
// when the attempt has ended and the worker does not give it.
func (a *api) openPart(ctx context.Context, s logSource, call wire.LogCall) (*logPart, error) {
	part, err := a.fromWorker(ctx, s, call)
	if err == nil || !s.ended() {
		return part, err
	}
	text, errKept := a.keptText(ctx, s)
	if errKept != nil {
		return nil, errors.Join(err, errKept)
	}
	if text == nil {
		return nil, err
	}
	a.Log.Debug("log served from what is kept", slog.String(logs.Worker, s.attempt.Host), logs.Error(err))
	return text.part(ctx, call)
}

// fromWorker asks the worker for a part of a log.
func (a *api) fromWorker(ctx context.Context, s logSource, call wire.LogCall) (*logPart, error) {
	response, stop, err := a.askWorker(ctx, s, call) //nolint:bodyclose // stop does
	if err != nil {
		return nil, err
	}
	part, err := readHead(response, call)
	if err != nil {
		stop()
		return nil, fault.Wrap(fault.Unavailable, err, "worker %s answered something else than a log", s.attempt.Host)
	}
	part.settled = part.settled || s.ended()
	part.body, part.close = &patient{body: response.Body, timer: time.AfterFunc(chunkTimeout, stop)}, stop
	return part, nil
}

// askWorker makes a call about a log; stop ends it. The call is signed with the
// hash of the token that the worker was last heard of with.
func (a *api) askWorker(ctx context.Context, s logSource, call wire.LogCall) (response *http.Response, stop func(), err error) {
	host := s.attempt.Host
	if s.address == "" {
		return nil, nil, fault.New(fault.Unavailable, "worker %s, which has the log, has told no address", host)
	}
	base, err := workerAddress(s.address)
	if err != nil {
		return nil, nil, err
	}
	key, known := a.hosts.of(host)
	if !known {
		return nil, nil, a.unheard(host)
	}
	call.Held = wire.Held{WorkID: s.workID, Attempt: s.attempt.Attempt}
	target := call.Target()
	ctx, cancel := context.WithCancel(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base.String()+target, nil)
	if err != nil {
		cancel()
		return nil, nil, fmt.Errorf("make call of worker %s: %w", host, err)
	}
	request.Header.Set("Authorization", wire.SignCall(key, http.MethodGet, target, a.DB.Now()))
	late := time.AfterFunc(call.Wait+headWait, cancel)
	defer late.Stop()
	response, err = a.worker.Do(request)
	if err != nil {
		cancel()
		return nil, nil, fault.Wrap(fault.Unavailable, err, "worker %s, which has the log, does not answer", host)
	}
	stop = func() {
		cancel()
		_ = response.Body.Close()
	}
	if err := refused(response, host); err != nil {
		stop()
		return nil, nil, err
	}
	return response, stop, nil
}

func refused(response *http.Response, host string) error {
	switch response.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusNotFound:
		return fault.New(fault.NotFound, "worker %s has the log no more, or not yet", host)
	case http.StatusUnauthorized:
		return fault.New(fault.Unavailable, "worker %s does not accept this master's signature", host).WithHint("compare the clocks of master and worker")
	case http.StatusTooManyRequests:
		return fault.New(fault.Unavailable, "worker %s is busy with other searches", host).WithHint("try again in a moment")
	}
	return fault.New(fault.Unavailable, "worker %s answered %s instead of a log", host, response.Status)
}

// readHead reads which part of the log it is.
func readHead(response *http.Response, call wire.LogCall) (*logPart, error) {
	var bad error
	integer := func(name string) int64 {
		n, err := strconv.ParseInt(response.Header.Get(name), 10, 64)
		if err != nil {
			bad = err
		}
		return n
	}
	p := &logPart{
		size: integer(wire.HeaderLogSize), from: integer(wire.HeaderLogOffset), next: integer(wire.HeaderLogNext),
		settled: response.Header.Get(wire.HeaderLogSettled) == "true",
	}
	p.to = p.from + response.ContentLength
	good := response.ContentLength >= 0 && p.from >= 0 && p.from <= p.to && p.to <= p.next && p.next <= p.size &&
		(call.Limit == 0 || p.length() <= call.Limit)
	if bad == nil && !good {
		bad = errors.New("the offsets make no sense")
	}
	return p, bad
}

// patient reads from a worker as long as something comes.
type patient struct {
	body  io.ReadCloser
	timer *time.Timer // ends the call
}

// Read implements io.Reader.
func (p *patient) Read(buffer []byte) (int, error) {
	p.timer.Reset(chunkTimeout)
	defer p.timer.Stop() // while the client takes it, nobody waits for the worker
	n, err := p.body.Read(buffer)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read log: %w", err)
	}
	return n, err
}

// unheard says that a master cannot ask a worker it has not heard of.
func (a *api) unheard(host string) error {
	f := fault.New(fault.Unavailable, "this master has not heard of worker %s since it started, so it cannot ask for the log yet", host)
	if _, address, known := a.Leader(); known && !a.IsLeader() {
		return f.WithHint("ask the leader at %s", address)
	}
	return f.WithHint("try again after the worker's next heartbeat, within seconds")
}
