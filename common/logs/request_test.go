package logs_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"capricornus/common/logs"
)

func TestLinesCarryTheRequestOfTheirContext(t *testing.T) {
	var out bytes.Buffer
	logger := logs.New(&out, slog.LevelInfo).With(logs.Node, "m1")
	logger.InfoContext(logs.WithRequest(t.Context(), "abc-1"), "batch moved")
	logger.InfoContext(t.Context(), "nobody asked")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"request":"abc-1"`) || strings.Contains(lines[1], "request") {
		t.Errorf("got %q, want the request in the first line alone", lines)
	}
}

func TestGoodRequestID(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "0b.C_d-9": true, strings.Repeat("x", 64): true, logs.NewRequestID(): true,
		"": false, strings.Repeat("x", 65): false, "a b": false, "a\nb": false, "é": false, `a"b`: false, "a/b": false,
	} {
		if got := logs.GoodRequestID(id); got != want {
			t.Errorf("%q: got %v, want %v", id, got, want)
		}
	}
}
