package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/permit"
)

// headerRequest names the request; log lines and errors repeat it.
const headerRequest = logs.HeaderRequest

type contextKey int

const (
	keyVisit contextKey = iota
	keyCaller
)

// requestID is the id of the request that a call belongs to; audit rows,
// operations and the batches they make keep it.
func requestID(ctx context.Context) string { return logs.RequestID(ctx) }

// callerOf returns who calls; outside of the guard that is nobody.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(keyCaller).(caller)
	return c
}

// handler is the whole mux with everything around it.
func (a *api) handler() http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, fault.New(fault.Forbidden, "a page of another site may not make this call"))
	}))
	return a.outermost(newCompressor().around(secure(origin.Handler(http.HandlerFunc(a.guard)))))
}

// outermost names the request, notes how it went and recovers from panics, once.
func (a *api) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &response{ResponseWriter: w}
		r, visit := a.arrive(out, r)
		name := visit.request
		defer a.leave(r, out, visit)
		body := &timedBody{ReadCloser: r.Body, control: http.NewResponseController(w)}
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = body
			defer body.leave()
		}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			a.Log.Error("handler panicked", slog.String(logs.Request, name), slog.String(logs.Path, r.URL.Path),
				slog.Any(logs.Err, p), slog.String(logs.Reason, string(debug.Stack())))
			if out.status != 0 {
				panic(http.ErrAbortHandler) // the answer is half out: let the client see that it broke
			}
			writeProblem(out, internal(name))
		}()
		next.ServeHTTP(out, r)
	})
}

// secure sets the headers that every answer has; pages loosen the policy.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// guard lets a call through to the mux when its route's role allows the caller.
func (a *api) guard(w http.ResponseWriter, r *http.Request) {
	if a.servePublic(w, r) {
		visitOf(r.Context()).know(r.Method+" "+r.URL.Path, "") // one of a handful
		return
	}
	if takesNews(r) {
		visitOf(r.Context()).know(r.Method+" "+r.URL.Path, "")
		a.takeNews(w, r)
		return
	}
	if a.serveOpen(w, r) {
		return
	}
	tanzhiToken(r)
	who, err := a.tokens.authenticate(r)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	who.source, who.request, who.secure = sourceOf(r), requestID(r.Context()), r.TLS != nil
	if a.tooMany(w, r, who) {
		return
	}
	missing, pattern := a.mux.Handler(r)
	visitOf(r.Context()).know(pattern, who.name)
	if pattern == "" {
		a.refuseRoute(w, r, missing)
		return
	}
	if err := a.allow(pattern, who); err != nil {
		a.refuse(w, r, err)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && a.isForeign(r.Context()) {
		a.refuse(w, r, foreign())
		return
	}
	if route, node, ok := a.toPass(r, pattern); ok {
		a.pass(w, r, route, node)
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), keyCaller, who))
	if wantsOnce(r, who) {
		a.serveOnce(w, r, pattern, who)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// allow refuses what a caller may not do.
func (a *api) allow(pattern string, who caller) error {
	action, holder := a.rights[pattern], who.holder
	if a.anyScope[pattern] {
		holder.Scopes = nil
	}
	if !holder.May(action) {
		return forbidden(permit.RuleOf(action), who.holder)
	}
	if who.mustChange && !whileMustChange(pattern) {
		return mustChangeFirst()
	}
	return nil
}

func forbidden(rule permit.Rule, have permit.Holder) error {
	switch {
	case rule.Least == permit.Nobody:
		return fault.New(fault.Forbidden, "nobody may make this call")
	case rule.Least == permit.Worker:
		return fault.New(fault.Forbidden, "only workers may make this call; this token's role is %s", have.Role)
	case have.Role == permit.Worker:
		return fault.New(fault.Forbidden, "a worker's token is for the worker protocol only")
	case rule.Least.Allows(have.Role):
		return fault.New(fault.Forbidden, "this call needs the scope %s, and this token has only %s", rule.Scope, have.ScopeNames())
	}
	return fault.New(fault.Forbidden, "this call needs the role %s, and this token's is %s", rule.Least, have.Role)
}

// refuseRoute answers a call that no route takes, with the mux's own verdict:
// another path, or another method.
func (a *api) refuseRoute(w http.ResponseWriter, r *http.Request, verdict http.Handler) {
	probe := &verdictProbe{head: http.Header{}}
	verdict.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		allow := probe.head.Get("Allow")
		w.Header().Set("Allow", allow)
		p := problemFor(fault.New(fault.Usage, "%s does not take %s", r.URL.Path, r.Method).WithHint("use %s", allow))
		p.Status = http.StatusMethodNotAllowed
		writeProblem(w, p)
		return
	}
	a.refuse(w, r, fault.New(fault.NotFound, "there is no %s", r.URL.Path).WithHint("/api/docs lists the calls"))
}

// refuse answers with an error from outside the routes.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := a.problem(r.Context(), r.Method+" "+r.URL.Path, err)
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeProblem(w, p)
}

func sourceOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// response notes whether an answer has begun, and with which status.
type response struct {
	http.ResponseWriter
	status int // 0: it has not begun
}

// WriteHeader passes the status on.
func (r *response) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write passes the body on.
func (r *response) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (r *response) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// verdictProbe keeps what the mux would say.
type verdictProbe struct {
	head   http.Header
	status int
}

// Header returns the collected head.
func (p *verdictProbe) Header() http.Header { return p.head }

// Write drops the body.
func (p *verdictProbe) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader keeps the status.
func (p *verdictProbe) WriteHeader(status int) { p.status = status }

// bodyTimeout is how long a client may take to send a body; what nobody reads
// is waited for less.
const (
	bodyTimeout  = time.Minute
	leaveTimeout = 2 * time.Second
)

// timedBody gives the reading of a body a deadline and takes it away again when
// the body is read: a deadline that passed during the call, a long poll for
// example, would look like the client's going.
type timedBody struct {
	io.ReadCloser
	control    *http.ResponseController
	begun, end bool
}

// Read reads under the deadline.
func (b *timedBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		_ = b.control.SetReadDeadline(time.Now().Add(bodyTimeout))
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil && !b.end {
		b.end = true
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

func (b *timedBody) leave() {
	if !b.end {
		_ = b.control.SetReadDeadline(time.Now().Add(leaveTimeout))
	}
}
