package logserver

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"capricornus/common/logtext"
	"capricornus/common/wire"
	"capricornus/worker/workdir"
)

// searchTimeout is how long one search looks; the caller goes on from where it
// came to.
const searchTimeout = 5 * time.Second

// search answers where something stands in a log.
func (s *Server) search(w http.ResponseWriter, r *http.Request, attempt *workdir.Attempt, call wire.LogCall) {
	pattern, err := logtext.Compile(call.Search, logtext.How{Regexp: call.Regexp, IgnoreCase: call.IgnoreCase})
	if err != nil || call.Limit > wire.MaxLogMatches {
		http.Error(w, "this cannot be searched for", http.StatusBadRequest)
		return
	}
	select {
	case s.searches <- struct{}{}:
		defer func() { <-s.searches }()
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "other searches are going on", http.StatusTooManyRequests)
		return
	}
	found, err := look(r.Context(), attempt, call, pattern)
	if err != nil {
		unreadable(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(found) // a master that went away is its own affair
}

func look(ctx context.Context, attempt *workdir.Attempt, call wire.LogCall, pattern *logtext.Pattern) (wire.LogFound, error) {
	log, err := attempt.ReadLog()
	if err != nil {
		return wire.LogFound{}, err
	}
	defer log.Close()
	text, err := log.Text()
	if err != nil {
		return wire.LogFound{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, searchTimeout)
	defer cancel()
	return wire.SearchLog(ctx, text, pattern, call)
}
