package logserver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"capricornus/common/logtext"
	"capricornus/common/wire"
	"capricornus/worker/workdir"
)

const (
	lookAgain   = 100 * time.Millisecond // at a log that somebody waits for
	chunkBytes  = 64 << 10
	tailTimeout = 5 * time.Second // to look for the beginning of the last lines
)

// part sends a part of a log, when it is time for it.
func (s *Server) part(w http.ResponseWriter, r *http.Request, attempt *workdir.Attempt, call wire.LogCall) {
	settled, err := awaitLog(r.Context(), attempt, call)
	if err != nil {
		unreadable(w)
		return
	}
	log, err := attempt.ReadLog()
	if err != nil {
		unreadable(w)
		return
	}
	defer log.Close()
	text, part, err := choose(r.Context(), log, call)
	if err != nil {
		unreadable(w)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", decimal(part.To-part.From))
	header.Set(wire.HeaderLogSize, decimal(text.Size))
	header.Set(wire.HeaderLogOffset, decimal(part.From))
	header.Set(wire.HeaderLogNext, decimal(part.Next))
	header.Set(wire.HeaderLogSettled, strconv.FormatBool(settled))
	if err := s.send(w, log, text, part); err != nil {
		panic(http.ErrAbortHandler) // the master sees that it was cut
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func unreadable(w http.ResponseWriter) {
	http.Error(w, "the log cannot be read", http.StatusInternalServerError)
}

// choose says which bytes are meant.
func choose(ctx context.Context, log *workdir.Log, call wire.LogCall) (logtext.Text, logtext.Part, error) {
	text, err := log.Text()
	if err != nil {
		return text, logtext.Part{}, err
	}
	offset, limit := call.Offset, call.Limit
	if limit == 0 {
		limit = math.MaxInt64
	}
	if call.Tail > 0 {
		ctx, cancel := context.WithTimeout(ctx, tailTimeout)
		defer cancel()
		if offset, err = text.LastLines(ctx, call.Tail); err != nil {
			return text, logtext.Part{}, err
		}
	}
	return text, text.Part(offset, limit), nil
}

// awaitAttempt waits for an attempt whose start the masters know already and
// whose directory is still to be made.
func awaitAttempt(ctx context.Context, attempt *workdir.Attempt, wait time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		exists, err := attempt.Exists()
		if exists || err != nil {
			return exists, err
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-ticker.C:
		}
	}
}

// awaitLog returns when the log is not as long as the caller knows it to be,
// when it is settled, or when the caller has waited long enough. That it is
// settled is looked at first: what is read afterwards is then all there is.
func awaitLog(ctx context.Context, attempt *workdir.Attempt, call wire.LogCall) (settled bool, err error) {
	settled, err = attempt.Reported()
	if call.Wait <= 0 {
		return settled, err
	}
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	over := time.NewTimer(call.Wait)
	defer over.Stop()
	for {
		size, errSize := attempt.LogSize()
		if err = errors.Join(err, errSize); err != nil || settled || size != call.Offset {
			return settled, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-over.C:
			return false, nil
		case <-ticker.C:
		}
		settled, err = attempt.Reported()
	}
}

// send copies a part, with a deadline for each chunk instead of one for all.
func (s *Server) send(w http.ResponseWriter, log *workdir.Log, text logtext.Text, part logtext.Part) error {
	control := http.NewResponseController(w)
	chunk := make([]byte, min(chunkBytes, part.To-part.From))
	for at := part.From; at < part.To; {
		n, err := text.At.ReadAt(chunk[:min(int64(len(chunk)), part.To-at)], at)
		if n == 0 {
			return fmt.Errorf("read log: %w", err) // it was cut meanwhile
		}
		gap, err := log.Gap() // after the reading: a gap is noted before it is made
		if err != nil {
			return err
		}
		if at < gap.To && at+int64(n) > gap.From {
			return errors.New("this part of the log was dropped meanwhile")
		}
		_ = control.SetWriteDeadline(time.Now().Add(s.chunk))
		if _, err := w.Write(chunk[:n]); err != nil {
			return fmt.Errorf("send log: %w", err)
		}
		at += int64(n)
	}
	return nil
}
