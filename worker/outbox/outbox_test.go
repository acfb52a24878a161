package outbox

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/logs"
	"capricornus/common/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// masters answers as a test says and counts what it took.
type masters struct {
	mu      sync.Mutex
	failing bool
	verdict wire.FactVerdict
	calls   int
	taken   []int64
}

func (m *masters) Facts(_ context.Context, facts []wire.Fact) ([]wire.FactVerdict, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.failing {
		return nil, errors.New("no master answers")
	}
	verdicts := make([]wire.FactVerdict, len(facts))
	for i, fact := range facts {
		verdicts[i] = m.verdict
		m.taken = append(m.taken, fact.WorkID)
	}
	return verdicts, nil
}

func (m *masters) set(failing bool, verdict wire.FactVerdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing, m.verdict = failing, verdict
}

func rootOf(t *testing.T, path string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

// runBox runs a box until stop; done collects the ids of settled facts.
func runBox(t *testing.T, root *os.Root, m *masters) (b *Box, stop func()) {
	t.Helper()
	b, err := Open(root, "outbox/test", m, func(wire.Fact, wire.FactVerdict) {}, logs.Discard())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	return b, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("box ended with %v", err)
		}
	}
}

func end(workID int64) wire.Fact {
	return wire.Fact{Kind: wire.FactFinished, WorkID: workID, Attempt: 1, EndedAt: workID}
}

func TestResultsSurviveRestartAndOutage(t *testing.T) {
	path := t.TempDir()
	root := rootOf(t, path)
	synctest.Test(t, func(t *testing.T) {
		m := &masters{failing: true, verdict: wire.VerdictOK}
		b, stop := runBox(t, root, m)
		for id := range int64(3) {
			if err := b.Put(t.Context(), end(id+1)); err != nil {
				t.Fatal(err)
			}
		}
		pass(time.Hour)
		if !b.Holds(wire.Held{WorkID: 2, Attempt: 1}) || b.Len() != 3 {
			t.Errorf("got %d facts, want 3 in the box", b.Len())
		}
		m.mu.Lock()
		if m.calls > 3600 || m.calls < 100 {
			t.Errorf("got %d calls in an hour, want tries with a back-off", m.calls)
		}
		m.mu.Unlock()
		stop()
		if left, err := Pending(root, "outbox/test"); len(left) != 3 || err != nil {
			t.Errorf("got %d facts on disk, %v, want 3", len(left), err)
		}
		m.set(false, wire.VerdictOK)
		b, stop = runBox(t, root, m)
		<-b.Idle()
		stop()
		slices.Sort(m.taken)
		if !slices.Equal(m.taken, []int64{1, 2, 3}) {
			t.Errorf("got facts %v, want each once", m.taken)
		}
		if left, err := Pending(root, "outbox/test"); len(left) != 0 || err != nil {
			t.Errorf("got %d facts on disk, %v, want none", len(left), err)
		}
	})
}

func pass(length time.Duration) { <-time.After(length) }

func TestAFactStaysUntilItsVerdictIsFinal(t *testing.T) {
	for verdict, want := range map[wire.FactVerdict]int{
		wire.VerdictOK: 0, wire.VerdictStale: 0, wire.VerdictNo: 0, "retry": 1, "": 1,
	} {
		root := rootOf(t, t.TempDir())
		synctest.Test(t, func(t *testing.T) {
			b, stop := runBox(t, root, &masters{verdict: verdict})
			if err := b.Put(t.Context(), end(1)); err != nil {
				t.Fatal(err)
			}
			pass(time.Minute)
			if got := b.Len(); got != want {
				t.Errorf("%q: got %d facts left, want %d", verdict, got, want)
			}
			stop()
		})
	}
}

func TestAskWaitsForTheVerdictAndGivesUpWithItsContext(t *testing.T) {
	root := rootOf(t, t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		m := &masters{failing: true, verdict: wire.VerdictNo}
		b, stop := runBox(t, root, m)
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := b.Ask(short, end(1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		m.set(false, wire.VerdictNo)
		if verdict, err := b.Ask(t.Context(), end(2)); verdict != wire.VerdictNo || err != nil {
			t.Errorf("got %q, %v, want no", verdict, err)
		}
		if slices.Contains(m.taken, 1) {
			t.Error("got the fact that was given up, want it forgotten")
		}
		stop()
	})
}

func TestAskEndsWithTheBox(t *testing.T) {
	root := rootOf(t, t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		b, stop := runBox(t, root, &masters{failing: true})
		go func() {
			pass(time.Second)
			stop()
		}()
		if _, err := b.Ask(t.Context(), end(1)); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v, want %v", err, ErrClosed)
		}
		synctest.Wait()
	})
}

func TestATornLineSpoilsOnlyItself(t *testing.T) {
	path := t.TempDir()
	root := rootOf(t, path)
	if err := root.Mkdir("outbox", 0o700); err != nil {
		t.Fatal(err)
	}
	text := `{"put":{"kind":"finished","workId":1,"attempt":1}}` + "\n" + `{"put":{"kind":"fini` + "\n" +
		`{"put":{"kind":"finished","workId":2,"attempt":1}}` + "\n" + `{"remove":"1-1"}` + "\n\x00\x00\n" +
		`{"put":{"kind":"finished","workId":3,"att`
	if err := root.WriteFile("outbox/test", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	left, err := Pending(root, "outbox/test")
	if err != nil || len(left) != 1 || left[0].WorkID != 2 {
		t.Errorf("got %+v, %v, want the second fact", left, err)
	}
}

func TestTheFileDoesNotGrowForEver(t *testing.T) {
	root := rootOf(t, t.TempDir())
	j, _, err := openJournal(root, "outbox/test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.close() }()
	big := strings.Repeat("x", 1<<20)
	for id := range int64(20) {
		fact := end(id + 1)
		fact.Tail = big
		if err := j.put([]wire.Fact{fact}); err != nil {
			t.Fatal(err)
		}
		if id > 0 { // one always stays open
			if err := j.remove([]string{factID(end(id))}); err != nil {
				t.Fatal(err)
			}
		}
	}
	info, err := root.Stat("outbox/test")
	if err != nil || info.Size() > compactAfter+3<<20 {
		t.Errorf("got %d bytes, %v, want about %d", info.Size(), err, compactAfter)
	}
	if left, err := Pending(root, "outbox/test"); len(left) != 1 || left[0].WorkID != 20 || err != nil {
		t.Errorf("got %d facts, %v, want the last one", len(left), err)
	}
}

func FuzzPending(f *testing.F) {
	f.Add([]byte(`{"put":{"workId":1,"attempt":1}}` + "\n" + `{"remove":"1-1"}`))
	root, err := os.OpenRoot(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	defer root.Close()
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := root.WriteFile("fuzz", text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Pending(root, "fuzz"); err != nil {
			t.Errorf("got %v, want any content to be read", err)
		}
	})
}
