package worker

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/common/wire"
)

const (
	// stallLooks is how often attempts are looked at for progress.
	stallLooks = time.Minute
	// stallWorth is from when on an attempt without progress is told of, and
	// stallAgain how often: the masters decide when it is too long for its task
	// and tell people once (domain.md §9, seed A3-39).
	stallWorth = 5 * time.Minute
	stallAgain = 5 * time.Minute
	// stallIdle is the part of a processor's time, one in so much, that an
	// attempt may use and still count as standing still.
	stallIdle = 100

	noticeStalled = "attempt-stalled"
)

// progress is how far an attempt has got, as far as a worker can see.
type progress struct {
	spent time.Duration // of processor time, by its living processes and their ended children
	log   int64         // bytes it has written
}

// standstill is since when an attempt has made no progress.
type standstill struct {
	progress
	since, seen time.Time
	told        time.Time // last; zero: never
}

// standstills remembers, from look to look, since when attempts stand still. It
// is safe for concurrent use; the zero value is ready.
type standstills struct {
	mu    sync.Mutex
	known map[wire.Held]standstill
}

// look takes how far attempts have got and forgets those that are not named.
func (s *standstills) look(now time.Time, found map[wire.Held]progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := make(map[wire.Held]standstill, len(found))
	for key, p := range found {
		next := standstill{progress: p, since: now, seen: now}
		if before, there := s.known[key]; there && before.stands(next) {
			next.since, next.told = before.since, before.told
		}
		known[key] = next
	}
	s.known = known
}

// stands says that an attempt has got nowhere between two looks: it has written
// nothing and used next to no processor time. Less time than before means that
// processes have ended, which is progress, too.
func (s standstill) stands(next standstill) bool {
	idle := next.seen.Sub(s.seen)/stallIdle + 10*time.Millisecond // what is the finest that is counted
	used := next.spent - s.spent
	return next.log == s.log && used >= 0 && used <= idle
}

// due lists the attempts that are to be told of now, and notes that they are,
// with how long each has stood still.
func (s *standstills) due(now time.Time) map[wire.Held]time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[wire.Held]time.Duration{}
	for key, k := range s.known {
		still := now.Sub(k.since)
		if still < stallWorth || now.Sub(k.told) < stallAgain {
			continue
		}
		k.told = now
		s.known[key] = k
		out[key] = still
	}
	return out
}

// count is how many attempts had stood still for so long at the last look.
func (s *standstills) count(atLeast time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, k := range s.known {
		if k.seen.Sub(k.since) >= atLeast {
			n++
		}
	}
	return n
}

// watchStalls looks for attempts that run and get nowhere.
func (w *Worker) watchStalls(ctx context.Context) error {
	looks := time.NewTicker(stallLooks)
	defer looks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-looks.C:
			w.lookStalled(now)
		}
	}
}

// lookStalled notes how far attempts have got and tells the masters of those
// that have stood still for some time. It ends nothing: a script that waits for
// another cluster's answer looks the same from here.
func (w *Worker) lookStalled(now time.Time) {
	found := map[wire.Held]progress{}
	for key, spent := range w.hand.spent() {
		size, err := w.root.Attempt(key).LogSize()
		if err != nil {
			w.log.Warn("log of an attempt cannot be looked at", logs.Path, w.root.Attempt(key).Path(), logs.Error(err))
			continue
		}
		found[key] = progress{spent: spent, log: size}
	}
	w.stalled.look(now, found)
	due := w.stalled.due(now)
	for _, key := range slices.SortedFunc(maps.Keys(due), byWork) {
		code, still := w.codeOf(key), due[key].Round(time.Second)
		w.notices.add(wire.Notice{
			Kind: noticeStalled, Host: w.cfg.Host, WorkID: key.WorkID, Attempt: key.Attempt, Object: code,
			Occurrence: "once", Level: "important", StillMillis: still.Milliseconds(),
			Text: fmt.Sprintf("%s on %s has written nothing and used next to no processor time for %s", code, w.cfg.Host, still),
		})
	}
}

// spent lists what the attempts in hand have used of processors so far; those
// that nobody has measured lately are left out: nothing is known of them.
func (h *hand) spent() map[wire.Held]time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[wire.Held]time.Duration{}
	for key, g := range h.held {
		g.mu.Lock()
		if g.process != nil && time.Since(g.spentAt) < stallLooks {
			out[key] = g.spent
		}
		g.mu.Unlock()
	}
	return out
}

func byWork(a, b wire.Held) int {
	return cmp.Or(cmp.Compare(a.WorkID, b.WorkID), cmp.Compare(a.Attempt, b.Attempt))
}
