package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"capricornus/common/logs"
	"capricornus/common/trace"
	"capricornus/common/wire"
)

// unknownRoute stands for every call that no route takes, so that strangers'
// paths make no new series of figures.
const unknownRoute = "other"

// visit is one call from its arrival to the end of its answer.
type visit struct {
	request string
	route   string // the pattern that took it
	caller  string // empty: nobody has proved who they are
	began   time.Time
	span    *trace.Span
}

// visitOf returns the visit that a context belongs to; outside of one it is
// nobody's.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(keyVisit).(*visit); ok {
		return v
	}
	return &visit{}
}

// know notes what became clear on the way in.
func (v *visit) know(route, caller string) {
	if route != "" {
		v.route = route
	}
	v.caller = caller
}

// arrive names the request: as the caller does, if that is a good name.
func (a *api) arrive(w http.ResponseWriter, r *http.Request) (*http.Request, *visit) {
	v := &visit{request: r.Header.Get(headerRequest), route: unknownRoute, began: time.Now()}
	if !logs.GoodRequestID(v.request) {
		v.request = logs.NewRequestID()
	}
	w.Header().Set(headerRequest, v.request)
	ctx := logs.WithRequest(r.Context(), v.request)
	ctx, v.span = a.Trace.Start(trace.Under(ctx, r.Header.Get(trace.Header)), trace.Server, "call", "request.id", v.request)
	return r.WithContext(context.WithValue(ctx, keyVisit, v)), v
}

// leave writes the line of the access log and the figures of a call. Neither
// the query, which may hold secrets of others, nor a body is in the line.
func (a *api) leave(r *http.Request, out *response, v *visit) {
	status, took := out.status, time.Since(v.began)
	if status == 0 {
		status = http.StatusOK // an answer without a body
	}
	a.Metrics.Call(v.route, status, took)
	v.trace(status)
	level := accessLevel(r.Method, v.route)
	if !a.Log.Enabled(r.Context(), level) {
		return
	}
	method, route, cut := strings.Cut(v.route, " ")
	if !cut {
		method, route = r.Method, v.route
	}
	a.Log.LogAttrs(context.WithoutCancel(r.Context()), level, "call", slog.String(logs.Method, method), slog.String(logs.Route, route), slog.Int(logs.Status, status),
		slog.Duration(logs.Took, took), slog.String(logs.User, v.caller), slog.String(logs.Source, sourceOf(r)))
}

// trace ends the call's span: it has failed when it is the master's fault.
func (v *visit) trace(status int) {
	v.span.Name(v.route)
	v.span.Set("http.response.status_code", strconv.Itoa(status))
	v.span.Set("http.route", v.route)
	if status >= http.StatusInternalServerError {
		v.span.End(errors.New(http.StatusText(status)))
		return
	}
	v.span.End(nil)
}

// accessLevel: what somebody changes is worth a line in every log; looking,
// probing and the constant talk of workers are for those who look for trouble.
func accessLevel(method, route string) slog.Level {
	_, path, _ := strings.Cut(route, " ")
	if method == http.MethodGet || method == http.MethodHead || strings.HasPrefix(path, workerRoot) || path == wire.PathUserCodes || path == wire.PathNews {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// workerRoot is where the worker protocol is.
const workerRoot = root + "/worker/"
