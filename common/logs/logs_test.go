package logs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/logs"
)

func TestNewWritesJSONWhenNotATerminal(t *testing.T) {
	var out bytes.Buffer
	logger := logs.New(&out, slog.LevelInfo)
	logger.Debug("batch moved", logs.Batch, "a/20150518.0")
	logger.Info("term began", logs.Term, 7, logs.Node, "m1")

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("got %q, want one JSON line: %v", out.String(), err)
	}
	if line["msg"] != "term began" || line[logs.Term] != 7.0 || line[logs.Node] != "m1" {
		t.Errorf("got %v, want msg, term and node", line)
	}
}

func TestErrorShowsTheCauseOfAFault(t *testing.T) {
	cause := errors.New("dial tcp: refused")
	err := fmt.Errorf("apply: %w", fault.Wrap(fault.Unavailable, cause, "no database"))
	got := logs.Error(err).Value.String()
	if want := "apply: no database: dial tcp: refused"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := logs.Error(errors.New("plain")).Value.String(); got != "plain" {
		t.Errorf("got %q, want %q", got, "plain")
	}
	if got := logs.Error(nil); got.Key != logs.Err {
		t.Errorf("got key %q, want %q", got.Key, logs.Err)
	}
}

func TestLevel(t *testing.T) {
	want := map[string]slog.Level{
		"debug": slog.LevelDebug, "": slog.LevelInfo, "INFO": slog.LevelInfo,
		"warn": slog.LevelWarn, "error": slog.LevelError,
	}
	for name, level := range want {
		if got, err := logs.Level(name); err != nil || got != level {
			t.Errorf("Level(%q): got %v, %v, want %v", name, got, err, level)
		}
	}
	if _, err := logs.Level("loud"); err == nil {
		t.Error("Level(loud): got no error, want one")
	}
}

func TestOnlyTerminalsAreTerminals(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if logs.IsTerminal(file) || logs.IsTerminal(&bytes.Buffer{}) || logs.IsTerminal(nil) {
		t.Error("got a terminal, want none")
	}
	logs.Discard().Error("nobody hears this")
}
