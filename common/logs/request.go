package logs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
)

// HeaderRequest is the HTTP header that names a request, in calls and answers.
const HeaderRequest = "X-Request-Id"

const maxRequestID = 64

type requestKey struct{}

// WithRequest returns a context whose log lines carry the id of a request.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID is the id of the request that a context belongs to, empty for none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// NewRequestID makes an id.
func NewRequestID() string {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// GoodRequestID says that an id that somebody else made may stand in logs and
// in the database as it is: 1 to 64 of letters, digits, dot, dash and underscore.
func GoodRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for _, c := range []byte(id) {
		good := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
		if !good {
			return false
		}
	}
	return true
}

// carrying adds the id of the request to every line written with its context.
type carrying struct{ slog.Handler }

// Handle implements slog.Handler.
func (c carrying) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r.AddAttrs(slog.String(Request, id))
	}
	return c.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (c carrying) WithAttrs(attrs []slog.Attr) slog.Handler {
	return carrying{c.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (c carrying) WithGroup(name string) slog.Handler { return carrying{c.Handler.WithGroup(name)} }

// Carrying returns a logger over a handler whose lines carry what their context
// says: the id of the request.
func Carrying(h slog.Handler) *slog.Logger { return slog.New(carrying{h}) }
