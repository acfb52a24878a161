package worker

import (
	"os"
	"strings"
	"testing"
)

func TestLogsThatGrowAreShortened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	const limit = 1000
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	size := func(name string) int64 {
		t.Helper()
		info, err := os.Stat(dir + "/" + name)
		must(err)
		return info.Size()
	}
	must(shorten(root, "keeper.log", limit)) // there is none
	writer, err := root.OpenFile("keeper.log", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	must(err)
	defer writer.Close()
	write := func(text string) {
		_, err := writer.WriteString(text)
		must(err)
	}
	write(strings.Repeat("a", limit))
	must(shorten(root, "keeper.log", limit))
	if got := size("keeper.log"); got != limit {
		t.Errorf("got %d bytes, want a log within its limit left alone", got)
	}
	for range 3 {
		write(strings.Repeat("b", 2*limit) + "end\n")
		must(shorten(root, "keeper.log", limit))
		if got := size("keeper.log") + size("keeper.log.1"); got != limit {
			t.Errorf("got %d bytes, want the last %d", got, limit)
		}
	}
	kept, err := os.ReadFile(dir + "/keeper.log.1")
	must(err)
	if !strings.HasSuffix(string(kept), "bend\n") {
		t.Errorf("got %q, want the last that was written", kept[len(kept)-10:])
	}
	write("goes on")
	if text, err := os.ReadFile(dir + "/keeper.log"); err != nil || string(text) != "goes on" {
		t.Errorf("got %q, %v, want what comes later at the beginning", text, err)
	}
	outside := dir + "-outside"
	must(os.WriteFile(outside, make([]byte, 2*limit), 0o600))
	defer func() { must(os.Remove(outside)) }()
	must(os.Symlink(outside, dir+"/link"))
	if err := shorten(root, "link", limit); err == nil {
		t.Error("got a link that leads out of the root followed, want it refused")
	}
	if info, err := os.Stat(outside); err != nil || info.Size() != 2*limit {
		t.Errorf("got %v, %v, want what it leads to untouched", info, err)
	}
}
