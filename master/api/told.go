package api

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// tellEvery is how often the same trouble is told aloud: while the database is
// away, every call fails for one reason.
const tellEvery = 10 * time.Second

// told remembers when trouble was last told. It is safe for concurrent use.
type told struct{ at atomic.Int64 }

// tell writes a line as a warning, or for the debugger's eyes if one was written
// lately.
func (t *told) tell(log *slog.Logger, text string, line []any) {
	now, last := time.Now(), t.at.Load()
	if now.Sub(time.Unix(0, last)) >= tellEvery && t.at.CompareAndSwap(last, now.UnixNano()) {
		log.Warn(text, line...) //nolint:sloglint // the callers' texts are constant
		return
	}
	log.Debug(text, line...) //nolint:sloglint // as above
}
