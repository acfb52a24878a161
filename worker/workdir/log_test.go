package workdir

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestLogEndIsThatOfTheSizeThatWasReported(t *testing.T) {
	t.Parallel()
	r := openRoot(t)
	a := create(t, r, 1)
	if end := r.LogEnd(a.Key(), 0); len(end) != 0 {
		t.Errorf("got %q, want nothing of a log that is not there", end)
	}
	text := []byte(strings.Repeat("0123456789abcde\n", 10_000))
	if err := a.Write("log", append(text, "written later"...), 0o600); err != nil {
		t.Fatal(err)
	}
	size := int64(len(text))
	if end := r.LogEnd(a.Key(), size); !bytes.Equal(end, text[size-keptLog:]) {
		t.Errorf("got %d bytes, want the last 64 KiB of what was reported", len(end))
	}
	if end := r.LogEnd(a.Key(), 10); string(end) != "0123456789" {
		t.Errorf("got %q, want all of a short one", end)
	}
	if err := a.Write("log.gap", []byte("100 159000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if end := r.LogEnd(a.Key(), size); !bytes.Equal(end, text[159_000:]) {
		t.Errorf("got %d bytes, want nothing that was dropped", len(end))
	}
	if err := os.Truncate(a.Path()+"/log", 50); err != nil {
		t.Fatal(err)
	}
	if end := r.LogEnd(a.Key(), size); end != nil {
		t.Errorf("got %q, want nothing of a log that was cut", end)
	}
	if err := os.Remove(a.Path() + "/log"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", a.Path()+"/log"); err != nil {
		t.Fatal(err)
	}
	if end := r.LogEnd(a.Key(), 5); end != nil {
		t.Errorf("got %q, want no link followed", end)
	}
}
