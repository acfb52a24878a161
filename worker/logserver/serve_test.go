package logserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"capricornus/common/wire"
)

// serving runs the server itself, with timeouts of a fraction of a second.
func serving(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.server.read, r.server.chunk = 100*time.Millisecond, 100*time.Millisecond
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.base = "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("got %v, want the server ended in order", err)
		}
	})
	return r
}

func TestAMasterThatWaitsIsNotTakenForAGoneOne(t *testing.T) {
	t.Parallel()
	r := serving(t)
	r.attempt(1, "one\n")
	if got := r.ask(wire.LogCall{Held: wire.Held{WorkID: 1}, Offset: 4, Wait: time.Second}); got.status != http.StatusOK || !got.describes(4, 4, 4) {
		t.Errorf("got %+v, want nothing new after a wait longer than the time for a call", got)
	}
}

func TestACallThatIsNeverMadeIsClosed(t *testing.T) {
	t.Parallel()
	r := serving(t)
	conn := r.dial("GET /logs/1-1 HTTP/1.1\r\nHost: w1\r\nContent-Length: 10\r\n\r\n")
	if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("got %v, want it closed", err)
	}
}

func TestAMasterThatTakesNothingIsClosed(t *testing.T) {
	t.Parallel()
	r := serving(t)
	r.attempt(1, strings.Repeat("x", 32<<20))
	target := wire.LogCall{Held: wire.Held{WorkID: 1, Attempt: 1}}.Target()
	left := make(chan struct{})
	listener := r.server.Handler()
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		defer close(left)
		listener.ServeHTTP(w, req)
	})}
	at, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(at) }()
	r.base = "http://" + at.Addr().String()
	conn := r.dial(fmt.Sprintf("GET %s HTTP/1.1\r\nHost: w1\r\nAuthorization: %s\r\n\r\n", target,
		wire.SignCall(wire.TokenHash(token), http.MethodGet, target, time.Now())))
	<-left // although nobody reads
	_ = conn.Close()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

func (r *rig) dial(text string) net.Conn {
	r.t.Helper()
	conn, err := new(net.Dialer).DialContext(r.t.Context(), "tcp", strings.TrimPrefix(r.base, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		r.t.Fatal(err)
	}
	return conn
}
