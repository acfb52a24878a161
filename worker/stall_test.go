package worker

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/run/runtest"
	"capricornus/worker/vitals"
)

func TestGettingNowhere(t *testing.T) {
	t.Parallel()
	at := func(minutes int) time.Time {
		return time.UnixMilli(1_700_000_000_000).Add(time.Duration(minutes) * time.Minute)
	}
	key := wire.Held{WorkID: 7, Attempt: 2}
	before := progress{spent: time.Minute, log: 500}
	for name, c := range map[string]struct {
		next   func(*progress)
		stands bool
	}{
		"NothingMoves":                  {func(*progress) {}, true},
		"HousekeepingIsNoProgress":      {func(p *progress) { p.spent += 600 * time.Millisecond }, true},
		"ProcessorTimeIsProgress":       {func(p *progress) { p.spent += 611 * time.Millisecond }, false},
		"ALineInTheLogIsProgress":       {func(p *progress) { p.log++ }, false},
		"ALogThatBeginsAnewIsProgress":  {func(p *progress) { p.log = 0 }, false},
		"ProcessesThatEndedAreProgress": {func(p *progress) { p.spent -= 10 * time.Millisecond }, false},
	} {
		var s standstills
		next := before
		c.next(&next)
		s.look(at(0), map[wire.Held]progress{key: before})
		s.look(at(1), map[wire.Held]progress{key: next})
		if got := len(s.due(at(5))) == 1; got != c.stands {
			t.Errorf("%s: got %v, want %v", name, got, c.stands)
		}
	}
	var s standstills
	for minute, want := range []time.Duration{0, 0, 0, 0, 0, 5 * time.Minute, 0, 0, 0, 0, 10 * time.Minute, 0} {
		s.look(at(minute), map[wire.Held]progress{key: before})
		if got := s.due(at(minute))[key]; got != want {
			t.Errorf("got %s told in minute %d, want %s: every five minutes, with the whole time", got, minute, want)
		}
	}
	if n := s.count(stallWorth); n != 1 {
		t.Errorf("got %d attempts that stand still, want 1", n)
	}
	s.look(at(12), nil)
	s.look(at(13), map[wire.Held]progress{key: before})
	if got := s.due(at(17)); len(got) != 0 || s.count(stallWorth) != 0 {
		t.Errorf("got %v of an attempt that was not in hand in between, want nothing", got)
	}
}

// TestAttemptsThatGetNowhereAreTold has three attempts: one that waits, one that
// writes a line now and then, one that is busy. Only the first gets nowhere.
func TestAttemptsThatGetNowhereAreTold(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.Sample = 100 * time.Millisecond
	w, _ := startWorker(t, cfg)
	// The door stays open for both, so that no script meets the end of what was said.
	const listens = `mkfifo door; exec 3<>door; while read -r said <&3; do [ "$said" = end ] && exit 0; echo "$said"; done`
	quiet, writer, busy := shell(1, listens), shell(2, listens), shell(3, "while [ ! -e go ]; do :; done")
	m.assign(quiet, writer, busy)
	say := func(a wire.Assignment, word string) {
		t.Helper()
		door := fmt.Sprintf("%s/attempts/%d-1/work/door", cfg.Root, a.WorkID)
		awaitFile(t, door)
		if err := os.WriteFile(door, []byte(word+"\n"), 0o600); err != nil { // waits until somebody reads
			t.Fatal(err)
		}
	}
	written := func(a wire.Assignment) int64 {
		size, err := w.root.Attempt(keyOf(a)).LogSize()
		if err != nil {
			t.Fatal(err)
		}
		return size
	}
	for _, a := range []wire.Assignment{quiet, writer} {
		say(a, "hello")
		awaitThat(t, "the first line", func() bool { return written(a) > 0 })
	}
	awaitThat(t, "a measurement of all", func() bool { return len(w.hand.spent()) == 3 })
	began := time.Now()
	w.lookStalled(began)
	first, size := w.hand.spent(), written(writer)
	say(writer, "here")
	awaitThat(t, "another line", func() bool { return written(writer) > size })
	awaitThat(t, "the busy one to be busy", func() bool { return w.hand.spent()[keyOf(busy)] > first[keyOf(busy)]+200*time.Millisecond })
	w.lookStalled(began.Add(10 * time.Second))
	if got := m.told(); len(got) != 0 {
		t.Errorf("got %+v of what has not stood still for long", got)
	}
	w.lookStalled(began.Add(stallWorth))
	awaitThat(t, "the notice", func() bool { return len(m.told()) > 0 })
	got := m.told()
	if n := got[0]; len(got) != 1 || n.Kind != noticeStalled || n.WorkID != 1 || n.Attempt != 1 || n.Object != "etl/20261120.0#1" || n.StillMillis != stallWorth.Milliseconds() {
		t.Errorf("got %+v, want one about the attempt that waits", got)
	}
	if text := got[0].Text; !strings.Contains(text, "w1") || !strings.Contains(text, "5m0s") {
		t.Errorf("got %q, want where and for how long", text)
	}
	if n := w.figures().Stalled; n != 1 {
		t.Errorf("got %d in the figures, want 1", n)
	}
	say(quiet, "end")
	say(writer, "end")
	release(t, cfg, busy.WorkID)
	for _, a := range []wire.Assignment{quiet, writer, busy} {
		if end := m.fact(t, wire.FactFinished, keyOf(a)); end.ExitCode == nil || *end.ExitCode != 0 {
			t.Errorf("got %+v, want it to have gone on to its end: nothing is ended for standing still", end)
		}
	}
}

// TestMastersHearAgainOfWhatGetsNowhere: what has been said to masters that were
// away, or did not think it long enough yet, is said again.
func TestMastersHearAgainOfWhatGetsNowhere(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := emptyMaster()
		host := runtest.New(func(ctx context.Context, _ run.Spec) int {
			<-ctx.Done()
			return 143
		})
		w, stop := workerInBubble(t, m, root, host)
		a := shell(1, "")
		m.assign(a)
		pass(10 * time.Minute)
		if got := m.told(); len(got) != 0 {
			t.Errorf("got %+v of an attempt that nobody has measured, want nothing", got)
		}
		measured := func(minutes int) {
			for range 2 * minutes {
				w.hand.get(keyOf(a)).sampled(vitals.Usage{Spent: time.Second})
				pass(30 * time.Second)
			}
		}
		measured(17)
		got := m.told()
		if len(got) != 3 || got[0].Occurrence != got[2].Occurrence || got[2].StillMillis-got[1].StillMillis != stallAgain.Milliseconds() {
			t.Errorf("got %+v, want it told three times as the same", got)
		}
		pass(10 * time.Minute) // nobody measures it any more
		measured(4)
		if n := len(m.told()); n != 3 {
			t.Errorf("got %d notices, want no more of what was not measured in between", n)
		}
		stop()
		host.Crash()
	})
}
