package workdir

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"

	"capricornus/common/wire"
)

func TestDroppedKeepsTheBeginningAndTheEnd(t *testing.T) {
	const keep, block = 1 << 20, 4096
	for _, size := range []int64{keep + 1, keep + block, 2 * keep, 3*keep + 17, 100 * keep} {
		cut := dropped(size, keep, block)
		if cut.from != keep/4 || cut.from%block+cut.to%block != 0 || cut.to > size {
			t.Errorf("size %d: got %+v, want whole blocks from a quarter of what is kept", size, cut)
		}
		if left := cut.from + size - cut.to; left > keep || left < keep*7/8 {
			t.Errorf("size %d: got %d bytes left, want nearly %d", size, left, keep)
		}
	}
}

func diskUsage(t *testing.T, name string) int64 {
	t.Helper()
	var stat syscall.Stat_t
	if err := syscall.Stat(name, &stat); err != nil {
		t.Fatal(err)
	}
	return stat.Blocks * 512
}

// part is what the log says from one offset to another.
func part(t *testing.T, a *Attempt, from, to int64) string {
	t.Helper()
	text, _, err := a.LogRange(from, to-from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTrimLogDropsTheMiddleAndChangesNoOffset(t *testing.T) {
	r := openRoot(t)
	a := create(t, r, 1)
	log, err := a.OpenLog()
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	const keep = 256 << 10
	line := []byte(strings.Repeat("x", 4095) + "\n")
	var written int64
	for round := range 3 {
		for range 100 + 100*round {
			if _, err := log.Write(line); err != nil {
				t.Fatal(err)
			}
			written += int64(len(line))
		}
		last := []byte("the last line\n")
		if _, err := log.Write(last); err != nil {
			t.Fatal(err)
		}
		written += int64(len(last))
		if err := a.TrimLog(keep); err != nil {
			t.Fatal(err)
		}
		if size, err := a.LogSize(); size != written || err != nil {
			t.Errorf("got size %d, %v, want %d", size, err, written)
		}
		if used := diskUsage(t, a.Path()+"/log"); used > keep+8192 {
			t.Errorf("got %d bytes on disk, want at most %d and the marker", used, keep)
		}
		from, to, err := a.LogGap()
		if err != nil || from <= keep/4 || to <= from {
			t.Fatalf("got gap %d to %d, %v", from, to, err)
		}
		before := part(t, a, 0, from)
		if !strings.HasPrefix(before, string(line)) || !strings.HasSuffix(before, " of this log were dropped to keep it below 256 KiB]\n") {
			t.Errorf("got %q at the gap, want the marker", before[len(before)-100:])
		}
		if after := part(t, a, to, written); bytes.ContainsRune([]byte(after), 0) || !strings.HasSuffix(after, string(last)) {
			t.Error("got no text behind the gap")
		}
		if strings.ContainsRune(before, 0) {
			t.Error("got zeroes before the gap")
		}
	}
}

func TestTrimLogLeavesShortLogsAlone(t *testing.T) {
	r := openRoot(t)
	a := create(t, r, 1)
	if err := a.TrimLog(100); err != nil {
		t.Errorf("no log: got %v", err)
	}
	if err := os.WriteFile(a.Path()+"/log", bytes.Repeat([]byte("y"), 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, keep := range []int64{0, 5000, 4999} { // less than a block cannot be given back
		if err := a.TrimLog(keep); err != nil {
			t.Errorf("keep %d: got %v", keep, err)
		}
	}
	if from, to, err := a.LogGap(); from != 0 || to != 0 || err != nil {
		t.Errorf("got gap %d to %d, %v, want none", from, to, err)
	}
}

func TestLogGapRefusesWhatIsNone(t *testing.T) {
	r := openRoot(t)
	a := r.Attempt(wire.Held{WorkID: 1, Attempt: 1})
	if from, to, err := a.LogGap(); from != 0 || to != 0 || err != nil {
		t.Errorf("no file: got %d, %d, %v", from, to, err)
	}
	a = create(t, r, 1)
	for _, text := range []string{"", "1", "9 3\n", "-1 3\n", "x y\n"} {
		if err := a.Write("log.gap", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.LogGap(); err == nil {
			t.Errorf("%q: got no error", text)
		}
	}
}
