package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/trace"
	"capricornus/common/wire"
)

// relayMargin is what a call that is passed on gets besides its own time.
const relayMargin = 5 * time.Second

// relayed is a route that the leader alone can answer.
type relayed struct {
	timeout time.Duration
	limit   int64
}

// relayClient makes the calls that are passed on. It follows no redirects: the
// caller's token is for the leader alone.
func relayClient(net http.RoundTripper) *http.Client {
	if net == nil {
		net = &http.Transport{IdleConnTimeout: time.Minute} // no proxy: masters reach each other
	}
	return &http.Client{Transport: net, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// toPass names the leader that a call is to be passed on to. There is none for
// a call that has been passed on already: leadership has changed on its way.
// What is not passed on is answered here, if only by saying who leads.
func (a *api) toPass(r *http.Request, pattern string) (relayed, string, bool) {
	route, ok := a.relayed[pattern]
	if !ok || a.IsLeader() || r.Header.Get(wire.HeaderPassed) != "" {
		return route, "", false
	}
	node, _, known := a.Leader()
	return route, node, known && node != a.Node
}

// pass passes a call of somebody who may make it on to the leader, with the
// caller's own token, and hands the answer back.
func (a *api) pass(w http.ResponseWriter, r *http.Request, route relayed, node string) {
	ctx, cancel := context.WithTimeout(r.Context(), route.timeout+relayMargin)
	defer cancel()
	response, err := a.ask(ctx, w, r, route, node)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	defer response.Body.Close()
	for _, name := range []string{"Content-Type", "Retry-After", wire.HeaderReplayed} {
		if value := response.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	w.WriteHeader(response.StatusCode)
	if _, err := io.Copy(w, response.Body); err != nil {
		a.Log.Debug("answer of the leader broke off", logs.Node, node, logs.Error(err))
		panic(http.ErrAbortHandler) // the answer is half out: let the client see that it broke
	}
}

func (a *api) ask(ctx context.Context, w http.ResponseWriter, r *http.Request, route relayed, node string) (*http.Response, error) {
	body, err := readAll(w, r, route.limit)
	if err != nil {
		return nil, err
	}
	base, err := a.addressOf(ctx, node)
	if err != nil {
		return nil, err
	}
	to := url.URL{Scheme: base.Scheme, Host: base.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	request, err := http.NewRequestWithContext(ctx, r.Method, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make call of the leader: %w", err)
	}
	for _, name := range []string{"Authorization", "Content-Type", "Accept", wire.HeaderOnce} {
		if value := r.Header.Get(name); value != "" {
			request.Header.Set(name, value)
		}
	}
	if cookie, err := r.Cookie(cookieSession); err == nil && r.Header.Get("Authorization") == "" {
		request.AddCookie(&http.Cookie{Name: cookieSession, Value: cookie.Value}) //nolint:gosec // to the leader, not to a browser
	}
	request.Header.Set(wire.HeaderPassed, a.Node)
	request.Header.Set(headerRequest, requestID(ctx))
	trace.Pass(ctx, request.Header)
	response, err := a.leader.Do(request) //nolint:gosec // where to is what the leader has said of itself
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the leader %s does not answer", node).WithHint("look whether it was done, or try again in a moment")
	}
	return response, nil
}

// addressOf reads where a master has said that its API is reached.
func (a *api) addressOf(ctx context.Context, node string) (*url.URL, error) {
	var all []store.Master
	err := a.DB.View(ctx, func(t *store.ViewTx) (err error) {
		all, err = t.Masters(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, row := range all {
		if row.ID != node || row.Address == "" {
			continue
		}
		u, err := url.Parse(row.Address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fault.New(fault.Unavailable, "the leader %s is advertised as %q, which is no address", node, row.Address)
		}
		return u, nil
	}
	return nil, fault.New(fault.Unavailable, "the leader %s has not said yet where it is reached", node).WithHint("try again in a moment")
}
