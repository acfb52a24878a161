package channel

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"capricornus/common/config"
)

// longestReply is how much of an answer is read.
const longestReply = 64 << 10

// caller calls one HTTP service. The administrators wrote its URL: it may be
// inside their own network, and no list of hosts is asked.
type caller struct {
	what    string // "sms gateway"
	timeout time.Duration
	client  *http.Client
	hide    hider
	judge   rules
}

// newCaller makes a client that follows no redirects, keeps no connection and
// goes by the proxies of the environment.
func newCaller(what string, timeout time.Duration, judge rules, hide hider) *caller {
	dialer := &net.Dialer{Timeout: timeout}
	return &caller{
		what: what, timeout: timeout, judge: judge, hide: hide,
		client: &http.Client{
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
				TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
				MaxResponseHeaderBytes: longestReply, DisableKeepAlives: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// reply is what a service answered.
type reply struct {
	status int
	header http.Header
	body   []byte
	cut    bool // there was more
}

// call makes one call and judges its answer.
func (c *caller) call(ctx context.Context, method string, to config.GatewayCall) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, to.URL, strings.NewReader(to.Body))
	if err != nil { // it would show the URL
		return "", permanent("the URL of the %s cannot be called", c.what)
	}
	if method != http.MethodGet {
		request.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	request.Header.Set("User-Agent", "capricornus")
	for name, value := range to.Headers {
		request.Header.Set(name, value)
	}
	who := c.what + " " + request.URL.Host
	answer, err := c.exchange(request)
	if err != nil {
		return "", c.trouble(ctx, who, err)
	}
	return c.judge.of(who, answer, c.hide)
}

func (c *caller) exchange(request *http.Request) (reply, error) {
	response, err := c.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }() // it is read, or given up
	body, err := io.ReadAll(io.LimitReader(response.Body, longestReply+1))
	if err != nil {
		return reply{}, err
	}
	out := reply{status: response.StatusCode, header: response.Header, body: body[:min(len(body), longestReply)], cut: len(body) > longestReply}
	return out, nil
}

// trouble makes a fault of a call without an answer. The library's own message
// holds the URL.
func (c *caller) trouble(ctx context.Context, who string, err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	slow, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return late("calling the %s was broken off", who)
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), isNet && slow.Timeout():
		return late("%s did not answer within %s", who, c.timeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return passing("%s ended the connection without a full answer", who)
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return passing("%s cannot be reached: %s", who, c.hide.line(dial.Err.Error()))
	}
	return passing("%s cannot be called: %s", who, c.hide.line(err.Error()))
}
