package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
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

// headerRequest names the request; log lines and internal errors repeat it.
const headerRequest = "X-Request-Id"

type contextKey int

const (
	keyRequest contextKey = iota
	keyCaller
)

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(keyRequest).(string)
	return id
}

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
	return a.outermost(secure(origin.Handler(http.HandlerFunc(a.guard))))
}

// outermost names the request and recovers from panics, once.
func (a *api) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var id [8]byte
		_, _ = rand.Read(id[:]) // never fails
		name := hex.EncodeToString(id[:])
		w.Header().Set(headerRequest, name)
		r = r.WithContext(context.WithValue(r.Context(), keyRequest, name))
		out := &response{ResponseWriter: w}
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
			if out.begun {
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
		return
	}
	if takesNews(r) {
		a.takeNews(w, r)
		return
	}
	who, err := a.tokens.authenticate(r)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	who.source = sourceOf(r)
	if a.tooMany(w, r, who) {
		return
	}
	missing, pattern := a.mux.Handler(r)
	if pattern == "" {
		a.refuseRoute(w, r, missing)
		return
	}
	if action := a.rights[pattern]; !who.holder.May(action) {
		a.refuse(w, r, forbidden(permit.RuleOf(action), who.holder))
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

// response notes whether an answer has begun.
type response struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader passes the status on.
func (r *response) WriteHeader(status int) {
	r.begun = true
	r.ResponseWriter.WriteHeader(status)
}

// Write passes the body on.
func (r *response) Write(p []byte) (int, error) {
	r.begun = true
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
