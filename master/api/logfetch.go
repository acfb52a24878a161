package api

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// logPart is an open answer of a worker.
type logPart struct {
	size   int64 // of the whole log
	length int64 // of this part, -1 when not said
	body   io.ReadCloser
}

// logClient calls workers: at the address they announced, through no proxy, and
// nowhere else. Logs are read now and then, so no connection is kept.
func logClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			TLSHandshakeTimeout:   2 * time.Second,
			ResponseHeaderTimeout: 5 * time.Second,
			DisableKeepAlives:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// openLog asks the worker for a part of a log. The call is signed with the hash
// of the token that the worker was last heard of with.
func (a *api) openLog(ctx context.Context, s logSource, offset, limit int64) (*logPart, error) {
	host := s.attempt.Host
	if s.address == "" {
		return nil, fault.New(fault.Unavailable, "worker %s, which has the log, has told no address", host)
	}
	base, err := workerAddress(s.address)
	if err != nil {
		return nil, err
	}
	key, known := a.hosts.of(host)
	if !known {
		return nil, a.unheard(host)
	}
	target := wire.PathLogs + strconv.FormatInt(s.workID, 10) + "-" + strconv.Itoa(s.attempt.Attempt) +
		"?offset=" + strconv.FormatInt(offset, 10) + "&limit=" + strconv.FormatInt(limit, 10)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base.String()+target, nil)
	if err != nil {
		return nil, fmt.Errorf("make call of worker %s: %w", host, err)
	}
	request.Header.Set("Authorization", wire.SignCall(key, http.MethodGet, target, time.Now()))
	response, err := a.worker.Do(request)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "worker %s, which has the log, does not answer", host)
	}
	return readHead(response, host)
}

func readHead(response *http.Response, host string) (*logPart, error) {
	size, err := strconv.ParseInt(response.Header.Get(wire.HeaderLogSize), 10, 64)
	switch {
	case response.StatusCode == http.StatusOK && err == nil && size >= 0:
		return &logPart{size: size, length: response.ContentLength, body: response.Body}, nil
	case response.StatusCode == http.StatusNotFound:
		err = fault.New(fault.NotFound, "worker %s has the log no more, or not yet", host)
	case response.StatusCode == http.StatusUnauthorized:
		err = fault.New(fault.Unavailable, "worker %s does not accept this master's signature", host).WithHint("compare the clocks of master and worker")
	default:
		err = fault.New(fault.Unavailable, "worker %s answered %s instead of a log", host, response.Status)
	}
	_ = response.Body.Close()
	return nil, err
}

// unheard says that a master cannot ask a worker it has not heard of.
func (a *api) unheard(host string) error {
	f := fault.New(fault.Unavailable, "this master has not heard of worker %s since it started, so it cannot ask for the log yet", host)
	if _, address, known := a.Leader(); known && !a.IsLeader() {
		return f.WithHint("ask the leader at %s", address)
	}
	return f.WithHint("try again after the worker's next heartbeat, within seconds")
}
