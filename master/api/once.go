package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Limits of idempotency keys.
const (
	onceKeep  = 24 * time.Hour
	onceLease = 10 * time.Second // after which a call that began and did not end is taken over
	onceWrite = 5 * time.Second  // to keep an answer
	onceBytes = 4 << 20          // of an answer that is kept
	maxOnce   = 200              // bytes of a key
)

// unkept stands for the type of an answer that is not kept, and never will be.
const unkept = "-"

// onceRoute is what idempotency keys have to know of a route.
type onceRoute struct {
	limit  int64 // bytes of the body
	secret bool  // the answer is not kept
}

// wantsOnce tells whether a call is to be done once, however often it is sent.
// The protocol of workers has its own ways.
func wantsOnce(r *http.Request, who caller) bool {
	return r.Method == http.MethodPost && len(r.Header.Values(wire.HeaderOnce)) > 0 && who.holder.Role != permit.Worker
}

// serveOnce makes a call with an idempotency key, or gives the answer that the
// same call has had. Keys are per caller.
func (a *api) serveOnce(w http.ResponseWriter, r *http.Request, pattern string, who caller) {
	route := a.once[pattern]
	call, body, err := readOnce(w, r, route, who)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	row, begun, err := a.DB.BeginOnce(r.Context(), who.actor(), call, onceKeep, onceLease)
	switch {
	case err != nil:
		a.refuse(w, r, err)
	case !begun:
		a.replay(w, r, row, call)
	default:
		a.makeOnce(w, r, row, body, route)
	}
}

// readOnce reads what is asked, whole: the same key stands for the same call.
func readOnce(w http.ResponseWriter, r *http.Request, route onceRoute, who caller) (store.OnceCall, []byte, error) {
	values := r.Header.Values(wire.HeaderOnce)
	if len(values) != 1 || !goodOnce(values[0]) {
		return store.OnceCall{}, nil, fault.New(fault.Usage, "the header %s must be there once and have 1 to %d printable ASCII characters", wire.HeaderOnce, maxOnce)
	}
	body, err := readAll(w, r, route.limit)
	if err != nil {
		return store.OnceCall{}, nil, err
	}
	return store.OnceCall{
		KeyHash:     hashOf(who.name, values[0]),
		RequestHash: hashOf(values[0], r.Method, r.URL.Path, r.URL.RawQuery, string(body)), // with the key: a password in the body is not guessed from it
		Actor:       who.name,
	}, body, nil
}

func goodOnce(key string) bool {
	odd := func(c rune) bool { return c < ' ' || c > '~' }
	return key != "" && len(key) <= maxOnce && !strings.ContainsFunc(key, odd)
}

// hashOf is one hash of several texts, each apart from the next.
func hashOf(parts ...string) string {
	sum := sha256.New()
	for _, p := range parts {
		one := sha256.Sum256([]byte(p))
		sum.Write(one[:])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// replay answers a call that was made before, or is being made.
func (a *api) replay(w http.ResponseWriter, r *http.Request, row, call store.OnceCall) {
	switch {
	case row.RequestHash != call.RequestHash:
		a.refuse(w, r, fault.New(fault.Invalid, "this %s was used for another call; a key stands for one call", wire.HeaderOnce).
			WithHint("send a new key with a new call"))
	case row.Status == store.OnceBegun, a.answering(row):
		w.Header().Set("Retry-After", "1")
		a.refuse(w, r, fault.New(fault.Conflict, "the call with this %s is under way", wire.HeaderOnce).
			WithHint("send it again in a moment, with the same key"))
	case row.Status == store.OnceDone:
		w.Header().Set(wire.HeaderReplayed, "true")
		a.refuse(w, r, fault.New(fault.Conflict, "the call with this %s was done, once, begun at %s; its answer was not kept", wire.HeaderOnce,
			time.UnixMilli(row.CreatedAt).In(a.Zone).Format(time.RFC3339)).WithHint("look at what it was about; nothing was done again"))
	default:
		w.Header().Set(wire.HeaderReplayed, "true")
		w.Header().Set("Content-Type", row.ContentType)
		w.WriteHeader(row.Status)
		_, _ = w.Write(row.Body) // the client may be gone
	}
}

// answering tells that a call is done and its answer is about to be kept.
func (a *api) answering(row store.OnceCall) bool {
	age := time.Duration(a.DB.Now().UnixMilli()-row.CreatedAt) * time.Millisecond
	return row.Status == store.OnceDone && row.ContentType != unkept && age < onceLease
}

// makeOnce makes the call, keeps its answer and only then gives it: whoever got
// none finds it by the same key.
func (a *api) makeOnce(w http.ResponseWriter, r *http.Request, row store.OnceCall, body []byte, route onceRoute) {
	out := &heldAnswer{head: w.Header()}
	ended := false
	defer func() {
		if !ended { // it panicked, and outermost answers
			a.endOnce(r, row, &heldAnswer{status: http.StatusInternalServerError}, route)
		}
	}()
	r.Body = io.NopCloser(bytes.NewReader(body))
	a.mux.ServeHTTP(out, r.WithContext(store.WithOnce(r.Context(), row)))
	ended = true
	a.endOnce(r, row, out, route)
	w.WriteHeader(out.statusCode())
	_, _ = w.Write(out.body.Bytes())
}

// endOnce keeps the answer. What could not be done is forgotten, so that the
// same key may try again; when it was done after all, its row says so.
func (a *api) endOnce(r *http.Request, row store.OnceCall, out *heldAnswer, route onceRoute) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), onceWrite)
	defer cancel()
	by := callerOf(r.Context()).actor()
	status := out.statusCode()
	if status >= http.StatusInternalServerError || status == http.StatusMisdirectedRequest {
		a.noteOnce(r, a.DB.DropOnce(ctx, by, row))
		return
	}
	row.Status, row.ContentType, row.Body = status, out.head.Get("Content-Type"), out.body.Bytes()
	if hides := route.secret && status < http.StatusBadRequest; hides || len(row.Body) > onceBytes {
		row.Status, row.ContentType, row.Body = store.OnceDone, unkept, []byte{}
	}
	a.noteOnce(r, a.DB.EndOnce(ctx, by, row))
}

func (a *api) noteOnce(r *http.Request, err error) {
	if err != nil {
		a.Log.Warn("the answer for an idempotency key was not kept", slog.String(logs.Request, requestID(r.Context())), slog.String(logs.Path, r.URL.Path), logs.Error(err))
	}
}

// heldAnswer holds an answer back.
type heldAnswer struct {
	head   http.Header
	status int
	body   bytes.Buffer
}

// Header returns the head of the answer.
func (h *heldAnswer) Header() http.Header {
	if h.head == nil {
		h.head = http.Header{}
	}
	return h.head
}

// Write keeps the body.
func (h *heldAnswer) Write(p []byte) (int, error) { return h.body.Write(p) }

// WriteHeader keeps the status.
func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *heldAnswer) statusCode() int {
	if h.status == 0 {
		return http.StatusOK
	}
	return h.status
}
