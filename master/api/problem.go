package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const problemType = "application/problem+json"

// problem is the error body; huma takes it as an answer with a status.
type problem struct {
	wire.Problem
}

// GetStatus is for huma.
func (p *problem) GetStatus() int { return p.Status }

// Error returns the sentence.
func (p *problem) Error() string { return p.Detail }

// ContentType is for huma.
func (p *problem) ContentType(string) string { return problemType }

// under says which request the problem belongs to.
func (p *problem) under(request string) *problem {
	p.RequestID = request
	return p
}

// codes lists every code with its status, in the order of the page that
// explains them.
func codes() []struct {
	Code   fault.Code
	Status int
} {
	return []struct {
		Code   fault.Code
		Status int
	}{
		{fault.Usage, http.StatusBadRequest},
		{fault.Invalid, http.StatusUnprocessableEntity},
		{fault.NotFound, http.StatusNotFound},
		{fault.Unauthed, http.StatusUnauthorized},
		{fault.Forbidden, http.StatusForbidden},
		{fault.Conflict, http.StatusConflict},
		{fault.PlanStale, http.StatusConflict},
		{fault.TooLarge, http.StatusRequestEntityTooLarge},
		{fault.NotLeader, http.StatusMisdirectedRequest},
		{fault.Unavailable, http.StatusServiceUnavailable},
		{fault.TooMany, http.StatusTooManyRequests},
		{fault.Timeout, http.StatusGatewayTimeout},
		{fault.Internal, http.StatusInternalServerError},
	}
}

func statusOf(code fault.Code) int {
	for _, c := range codes() {
		if c.Code == code {
			return c.Status
		}
	}
	return http.StatusInternalServerError
}

func codeOf(status int) fault.Code {
	for _, c := range codes() {
		if c.Status == status {
			return c.Code
		}
	}
	switch status {
	case http.StatusRequestTimeout:
		return fault.Timeout
	case http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusUnsupportedMediaType:
		return fault.Usage
	}
	return fault.Internal
}

// anchor is where the page explains a code.
func anchor(code fault.Code) string {
	return strings.ReplaceAll(strings.ToLower(string(code)), "_", "-")
}

func newProblem(code fault.Code, status int, detail string) *problem {
	return &problem{wire.Problem{
		Type: pathDocs + "#" + anchor(code), Title: http.StatusText(status), Status: status, Detail: detail, Code: string(code),
	}}
}

func problemFor(f *fault.Error) *problem {
	p := newProblem(f.Code, statusOf(f.Code), f.Message)
	p.Hint = f.Hint
	p.Difference = f.Difference
	return p
}

// internal tells the caller nothing but where the detail is.
func internal(request string) *problem {
	return newProblem(fault.Internal, http.StatusInternalServerError,
		fmt.Sprintf("something went wrong inside; the master's log has the detail under request %s", request)).under(request)
}

// problem turns an error into what the caller sees.
func (a *api) problem(ctx context.Context, route string, err error) *problem {
	return a.problemOf(ctx, route, err).under(requestID(ctx))
}

// problemOf finds the problem of an error, and writes a log line for what the
// caller cannot do anything about.
func (a *api) problemOf(ctx context.Context, route string, err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	line := []any{slog.String(logs.Request, requestID(ctx)), slog.String(logs.Route, route), slog.String(logs.User, callerOf(ctx).name), logs.Error(err)}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		if f.Code == fault.Internal {
			a.Log.Error("request failed", line...)
		}
		return problemFor(f)
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return newProblem(fault.Unavailable, http.StatusServiceUnavailable, "this master stopped before it had an answer; look whether it was done, and say it again if it was not")
	}
	if sentence := databaseSentence(err); sentence != "" {
		a.outage.tell(a.Log, "request failed at the database", line)
		return newProblem(fault.Unavailable, http.StatusServiceUnavailable, sentence)
	}
	if !a.databaseAnswers(ctx) {
		a.outage.tell(a.Log, "request failed without the database", line)
		return newProblem(fault.Unavailable, http.StatusServiceUnavailable, "the database does not answer; try again in a moment")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		a.Log.Warn("request took too long", line...)
		return newProblem(fault.Timeout, http.StatusGatewayTimeout, "the answer took too long; ask for less, or try again")
	}
	a.Log.Error("request failed", line...)
	return internal(requestID(ctx))
}

// databaseAnswers asks the database itself: which of its errors mean that it is
// gone differs between drivers.
func (a *api) databaseAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return a.DB.Ping(ctx) == nil
}

// asProblem gives huma's own errors, about parameters and bodies, our shape.
func asProblem(ctx huma.Context, _ string, body any) (any, error) {
	theirs, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	var detail strings.Builder
	detail.WriteString(theirs.Detail)
	for i, e := range theirs.Errors {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		detail.WriteString(separator)
		if e.Location != "" {
			detail.WriteString(e.Location + " ")
		}
		detail.WriteString(e.Message)
	}
	return newProblem(codeOf(theirs.Status), theirs.Status, detail.String()).under(requestID(ctx.Context())), nil
}

func writeProblem(w http.ResponseWriter, p *problem) {
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// databaseSentence says what a caller is to do after an error of the database
// that is about no request in particular; empty: it is another error.
func databaseSentence(err error) string {
	switch {
	case errors.Is(err, store.ErrUnclear):
		return "the database's answer was lost, so nobody knows whether this was done; look, and say it again if it was not"
	case errors.Is(err, store.ErrReadOnly):
		return "the database is read only at the moment, so nothing was changed; try again when it takes writes"
	}
	return ""
}
