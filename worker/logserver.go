package worker

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/workdir"
)

// maxLogRange is the most that one read of a log returns.
const maxLogRange = 1 << 20

// serveLogs serves logs to the masters until ctx ends, and nothing else.
func (w *Worker) serveLogs(ctx context.Context, listener net.Listener) error {
	if listener == nil {
		return nil
	}
	server := &http.Server{
		Handler:           w.logHandler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    8 << 10,
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

func (w *Worker) logHandler() http.Handler {
	mux := http.NewServeMux()
	hash := wire.TokenHash(w.cfg.Token)
	mux.HandleFunc("GET "+wire.PathLogs+"{dir}", func(rw http.ResponseWriter, r *http.Request) {
		err := wire.VerifyCall(r.Header.Get("Authorization"), hash, r.Method, r.URL.RequestURI(), time.Now())
		if err != nil {
			http.Error(rw, err.Error(), http.StatusUnauthorized)
			return
		}
		w.serveLog(rw, r)
	})
	return mux
}

func (w *Worker) serveLog(rw http.ResponseWriter, r *http.Request) {
	key, valid := workdir.ParseName(r.PathValue("dir"))
	offset, errOffset := number(r, "offset", 0)
	limit, errLimit := number(r, "limit", maxLogRange)
	if !valid || errOffset != nil || errLimit != nil || limit < 0 {
		http.Error(rw, "write "+wire.PathLogs+"<workId>-<attempt>?offset=<bytes>&limit=<bytes>", http.StatusBadRequest)
		return
	}
	attempt := w.root.Attempt(key)
	if exists, err := attempt.Exists(); err != nil || !exists {
		http.Error(rw, "there is no such attempt on this host", http.StatusNotFound)
		return
	}
	text, size, err := attempt.LogRange(offset, min(limit, maxLogRange))
	if err != nil {
		http.Error(rw, "the log cannot be read", http.StatusInternalServerError)
		return
	}
	header := rw.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set(wire.HeaderLogSize, strconv.FormatInt(size, 10))
	// A reader that went away is its own affair.
	_, _ = rw.Write(text) //nolint:gosec // plain text, never sniffed: see the headers
}

func number(r *http.Request, name string, absent int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return absent, nil
	}
	return strconv.ParseInt(text, 10, 64)
}
