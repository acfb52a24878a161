// Package logserver serves the logs of attempts to masters that sign their
// calls, in constant memory, and nothing else.
package logserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/workdir"
)

// Bounds of one call.
const (
	headTimeout  = 5 * time.Second
	readTimeout  = 10 * time.Second // for a call that is not signed, or not yet known to be
	chunkTimeout = 30 * time.Second // for a master to take a piece of a body
	writeTimeout = time.Minute      // for the head; prolonged with each piece of a body
	idleTimeout  = 2 * time.Minute
	maxHead      = 8 << 10
	maxSearches  = 4 // at a time: each keeps a disk and a core busy
)

// Server serves the logs below one worker's root.
type Server struct {
	root     *workdir.Root
	key      string        // hash of the worker's token, with which calls are signed
	searches chan struct{} // a place for each
	read     time.Duration // readTimeout, less in tests
	chunk    time.Duration // chunkTimeout, less in tests
}

// New makes a server for the worker with this token.
func New(root *workdir.Root, token string) *Server {
	return &Server{
		root: root, key: wire.TokenHash(token), searches: make(chan struct{}, maxSearches),
		read: readTimeout, chunk: chunkTimeout,
	}
}

// Serve serves until ctx ends; what is being sent then is broken off.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headTimeout,
		ReadTimeout:       s.read,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHead,
	}
	closed := make(chan error, 1)
	go func() {
		<-ctx.Done()
		closed <- server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}

// Handler checks the signature of each call before it does anything.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathLogs+"{dir}", func(w http.ResponseWriter, r *http.Request) {
		err := wire.VerifyCall(r.Header.Get("Authorization"), s.key, r.Method, r.URL.RequestURI(), time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		s.serve(w, r)
	})
	return mux
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	key, valid := workdir.ParseName(r.PathValue("dir"))
	call, understood := wire.ParseLogQuery(r.URL.Query())
	if !valid || !understood {
		http.Error(w, "write "+wire.PathLogs+"<workId>-<attempt>?offset=<bytes>&limit=<bytes>", http.StatusBadRequest)
		return
	}
	attempt := s.root.Attempt(key)
	began := time.Now()
	if exists, err := awaitAttempt(r.Context(), attempt, call.Wait); err != nil || !exists {
		http.Error(w, "there is no such attempt on this host", http.StatusNotFound)
		return
	}
	if call.Wait > 0 {
		call.Wait = max(call.Wait-time.Since(began), time.Millisecond)
	}
	if call.Search != "" {
		s.search(w, r, attempt, call)
		return
	}
	s.part(w, r, attempt, call)
}
