package api

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/logs"
)

// A database that is away makes one line every ten seconds, not one a call.
func TestAnOutageIsToldNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
		var outage told
		for range 250 { // 25 seconds
			outage.tell(log, "away", []any{slog.String(logs.Route, "GET /status")})
			<-time.After(100 * time.Millisecond)
		}
		if n := strings.Count(out.String(), "level=WARN"); n != 3 || strings.Count(out.String(), "\n") != n {
			t.Errorf("got %d warnings in\n%s\nwant one every %s", n, out.String(), tellEvery)
		}
	})
}
