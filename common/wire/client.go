package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/trace"
)

// Root of the REST interface for people and programs.
const apiRoot = "/api/v1"

// answerTimeout bounds the wait for the head of an answer. Applying the
// largest set of task files takes a few seconds.
const answerTimeout = 90 * time.Second

// Client makes the calls of people and programs to a master. Every error it
// returns for something a person can act on is a *fault.Error with the code the
// master gave, or fault.Unavailable when no master answered. It is safe for
// concurrent use.
type Client struct {
	Base   string       // http://host:port
	Others []string     // of the same cluster: asked in turn when nobody listens at Base
	Token  string       // bearer token; empty: none is sent
	HTTP   *http.Client // nil: NewHTTP(nil)
	// Request is the id that all calls are made under, one for a command; empty:
	// masters make one for each call.
	Request string

	at atomic.Int32 // whom the next call is made to: 0 Base, n the n-th of Others
}

// base is the master that calls are made to.
func (c *Client) base() string {
	if at := c.at.Load(); at > 0 {
		return c.Others[at-1]
	}
	return c.Base
}

// NewHTTP returns the HTTP client that calls to a master are made with; secure
// says whom it trusts over https, nil: whom the system trusts. It follows no
// redirects: a master has none, and the token is for it alone.
func NewHTTP(secure *tls.Config) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSClientConfig:       secure,
			TLSHandshakeTimeout:   5 * time.Second,
			ResponseHeaderTimeout: answerTimeout,
			IdleConnTimeout:       30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// get fetches path, which is already escaped, and decodes the answer.
func (c *Client) get(ctx context.Context, path string, query url.Values, reply any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.exchange(ctx, http.MethodGet, path, nil, reply)
}

// post sends body as JSON and decodes the answer, unless reply is nil.
func (c *Client) post(ctx context.Context, path string, body, reply any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode call of %s: %w", path, err)
	}
	return c.exchange(ctx, http.MethodPost, path, text, reply)
}

func (c *Client) exchange(ctx context.Context, method, path string, body []byte, reply any) error {
	text, err := c.roundTrip(ctx, method, path, body)
	if err != nil || reply == nil {
		return err
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return fault.Wrap(fault.Unavailable, err, "%s gave an answer that is not understood", c.base()).
			WithHint("is a Capricornus master of this version listening there?")
	}
	return nil
}

// roundTrip makes one call and returns the body of a good answer.
func (c *Client) roundTrip(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	response, err := c.open(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return c.whole(ctx, response)
}

// open makes one call and returns a good answer, whose body is still to be
// read.
func (c *Client) open(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	p := newPersistence(c.onceFor(method))
	response, err := c.deliver(ctx, method, path, body, p.once)
	for err == nil && p.again(ctx, response) {
		_ = response.Body.Close()
		response, err = c.deliver(ctx, method, path, body, p.once)
	}
	if _, told := errors.AsType[*fault.Error](err); told {
		return nil, err
	}
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if response.StatusCode/100 == 2 {
		return response, nil
	}
	defer response.Body.Close()
	text, err := c.whole(ctx, response)
	if err != nil {
		return nil, err
	}
	return nil, c.refusal(response, text)
}

// deliver says a call to the present master. What did not get there, because
// nobody listens, is said to the next one; so is what broke off in the middle,
// if it changes nothing or can be told from a call that was done.
func (c *Client) deliver(ctx context.Context, method, path string, body []byte, once string) (*http.Response, error) {
	response, err := c.send(ctx, method, path, body, once)
	repeatable := once != "" || method == http.MethodGet
	for range c.Others {
		again := undelivered(err) || repeatable && brokenOff(err)
		if ctx.Err() != nil || !again {
			break
		}
		c.at.Store((c.at.Load() + 1) % int32(len(c.Others)+1)) //nolint:gosec // a handful
		response, err = c.send(ctx, method, path, body, once)
	}
	return response, err
}

// send makes one call to the present master.
func (c *Client) send(ctx context.Context, method, path string, body []byte, once string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base()+apiRoot+path, bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "%q is not the address of a master", c.base()).
			WithHint("write http://host:port")
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if once != "" {
		request.Header.Set(HeaderOnce, once)
	}
	trace.Pass(ctx, request.Header)
	if c.Request != "" {
		request.Header.Set(logs.HeaderRequest, c.Request)
	}
	return c.http().Do(request)
}

// undelivered says that a call got to nobody: no connection could be made.
func undelivered(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}

// whole reads a body of bounded size.
func (c *Client) whole(ctx context.Context, response *http.Response) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReply+1))
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	if len(text) > maxReply {
		return nil, fault.New(fault.TooLarge, "the answer of %s is larger than %d MB", c.base(), maxReply>>20).
			WithHint("ask for less, with a limit or a filter")
	}
	return text, nil
}

func (c *Client) http() *http.Client {
	if c.HTTP == nil {
		return NewHTTP(nil)
	}
	return c.HTTP
}

// unreachable says that no master answered; when the caller gave up itself, it
// says that instead.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("call %s: %w", c.base(), ctx.Err())
	}
	if found := c.insecure(err); found != nil {
		return found
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fault.Wrap(fault.Unavailable, err, "no answer from the master at %s in time", c.base())
	}
	return fault.Wrap(fault.Unavailable, err, "no master reachable at %s", strings.Join(append([]string{c.Base}, c.Others...), ", "))
}

// refusal turns an answer other than 2xx into the fault it carries. Where there
// is none, something else than a master answered, and the status must do.
func (c *Client) refusal(response *http.Response, body []byte) error {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if strings.HasSuffix(kind, "json") {
		if found, ok := readProblem(body); ok {
			return found
		}
	}
	if strings.Contains(string(body), "HTTP request to an HTTPS server") {
		return fault.New(fault.Unavailable, "the master at %s speaks TLS", c.base()).
			WithHint("write %s", strings.Replace(c.base(), "http://", "https://", 1))
	}
	return fault.New(statusCode(response.StatusCode, fault.Internal), "%s answered %s", c.base(), response.Status).
		WithHint("is a Capricornus master listening there?")
}
