package election

import (
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// errorRepeat is how long an error of raft that was told once stays quiet: a
// peer that is down fails several calls a second.
const errorRepeat = time.Minute

// bridge gives raft a logger that ends in ours.
func bridge(logger *slog.Logger) hclog.Logger {
	out := hclog.NewInterceptLogger(&hclog.LoggerOptions{Output: io.Discard, Level: hclog.Off})
	out.RegisterSink(&sink{logger: logger, told: map[string]time.Time{}})
	return out
}

type sink struct {
	logger *slog.Logger
	mu     sync.Mutex
	told   map[string]time.Time // message → when it was last told aloud
}

var _ hclog.SinkAdapter = (*sink)(nil)

// Accept writes raft's chatter at Debug and its errors, which raft survives by
// trying again, at Warn and not more often than once a minute each.
func (s *sink) Accept(_ string, level hclog.Level, msg string, args ...any) {
	if level >= hclog.Error && s.isNews(msg) {
		s.logger.Warn("raft: "+msg, args...) //nolint:sloglint // what raft says, which is constant itself
		return
	}
	s.logger.Debug("raft: "+msg, args...) //nolint:sloglint // as above
}

func (s *sink) isNews(msg string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if last, ok := s.told[msg]; ok && now.Sub(last) < errorRepeat {
		return false
	}
	s.told[msg] = now
	return true
}
