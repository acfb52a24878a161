package channel_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"capricornus/master/notice/channel"
	"capricornus/master/notice/rule"
)

func linesOf(t *testing.T, path string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	for line := range bytes.Lines(data) {
		var one map[string]any
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, one)
	}
	return out
}

func TestAFileTakesALineForEachMessage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	file := channel.NewFile(path)
	var senders sync.WaitGroup
	for range 20 {
		senders.Go(func() {
			if _, err := file.As(rule.Mail).Send(t.Context(), letter()); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	receipt, err := file.Send(t.Context(), short())
	if err != nil || receipt != "written to "+path {
		t.Errorf("got %q, %v", receipt, err)
	}
	lines := linesOf(t, path)
	if len(lines) != 21 {
		t.Fatalf("got %d lines, want 21", len(lines))
	}
	mail, sms := lines[0], lines[20]
	if mail["channel"] != "mail" || mail["subject"] != letter().Text.Subject || mail["html"] != letter().Text.HTML || mail["key"] != "msg-4711" || mail["at"] == "" {
		t.Errorf("got %v", mail)
	}
	if _, has := sms["channel"]; has || sms["text"] != short().Text.Plain || sms["address"] != short().Address {
		t.Errorf("got %v", sms)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file of its owner alone", info.Mode(), err)
	}
}

func TestAFullFileIsSetAside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	file := channel.NewFile(path)
	e := letter()
	e.Text.Plain = strings.Repeat("x", 4<<20)
	for range 7 {
		if _, err := file.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if now, before := len(linesOf(t, path)), len(linesOf(t, path+".1")); now != 1 || before != 2 {
		t.Errorf("got %d lines and %d before, want 1 and 2", now, before)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 2 {
		t.Errorf("got %v, %v, want two files", files, err)
	}
}

func TestAFileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	refused(t, channel.NewFile(filepath.Join(t.TempDir(), "none", "alerts.jsonl")), letter(), false, "cannot be written: no such file or directory")
}
