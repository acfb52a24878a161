package worker

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"capricornus/common/logs"
	"capricornus/common/metrics"
	"capricornus/common/pause"
	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/vitals"
)

const (
	// hungEvery is how often processes that hang are ended (seed A3-44).
	hungEvery = time.Hour
	// hungLooks is how often the time a process may stand still is looked at.
	hungLooks = 6
	// hungIdle is the part of a processor's time, one in so much, that a process
	// may use and still count as standing still: a virtual machine does its housekeeping.
	hungIdle = 100

	noticeHung = "hdfs-hung"
)

// talker is a process of an attempt with a connection to HDFS.
type talker struct {
	vitals.Talker
	key wire.Held
}

type processKey struct {
	pid   int
	start uint64
}

// still is since when a process stands still.
type still struct {
	talker
	since, seen time.Time
}

// stillness remembers, from look to look, since when processes that talk to
// HDFS stand still. It is safe for concurrent use.
type stillness struct {
	mu    sync.Mutex
	known map[processKey]still
}

// look takes what is there now and forgets what is not.
func (s *stillness) look(now time.Time, found []talker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := make(map[processKey]still, len(found))
	for _, t := range found {
		key := processKey{t.Pid, t.Start}
		next := still{talker: t, since: now, seen: now}
		if before, there := s.known[key]; there && before.stands(next) {
			next.since = before.since
		}
		known[key] = next
	}
	s.known = known
}

// stands says that a process has got nowhere between two looks: it talks to the
// same address, has moved no byte and used next to no processor time.
func (s still) stands(next still) bool {
	idle := next.seen.Sub(s.seen)/hungIdle + 10*time.Millisecond // what is the finest that is counted
	return s.Remote == next.Remote && s.IO == next.IO && next.CPU-s.CPU <= idle
}

// hung lists what has stood still for so long.
func (s *stillness) hung(now time.Time, atLeast time.Duration) []still {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []still
	for _, t := range s.known {
		if now.Sub(t.since) >= atLeast {
			out = append(out, t)
		}
	}
	return out
}

// watchHung looks at the processes that talk to HDFS and ends those that hang,
// every hour from some minute on.
func (w *Worker) watchHung(ctx context.Context) error {
	if w.cfg.HDFSHung <= 0 || len(w.cfg.HDFSPorts) == 0 {
		return nil
	}
	looks := time.NewTicker(max(min(w.cfg.HDFSHung/hungLooks, time.Minute), time.Second))
	defer looks.Stop()
	next := time.Now().Add(rand.N(hungEvery)) //nolint:gosec // spreads the workers, hides nothing
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-looks.C:
			if now.Before(next) {
				w.lookHung(now)
				continue
			}
			w.CheckHung(ctx, now)
			next = now.Add(hungEvery)
		}
	}
}

// lookHung notes how far the processes have got that talk to HDFS.
func (w *Worker) lookHung(now time.Time) {
	found, err := w.talkers()
	if err != nil {
		w.log.Warn("processes that talk to HDFS cannot be looked at", logs.Error(err))
		return
	}
	w.stillness.look(now, found)
}

// talkers lists the processes of attempts in hand that talk to HDFS.
func (w *Worker) talkers() ([]talker, error) {
	attempts := make(map[string]wire.Held)
	name := ""
	for _, key := range w.hand.running() {
		spec := run.Spec{Incarnation: w.id.Incarnation, Assignment: wire.Assignment{WorkID: key.WorkID, Attempt: key.Attempt}}
		var tag string
		name, tag, _ = strings.Cut(spec.Tag(), "=")
		attempts[tag] = key
	}
	if len(attempts) == 0 {
		return nil, nil
	}
	connections, err := vitals.Connections(w.cfg.HDFSPorts)
	if err != nil || len(connections) == 0 {
		return nil, err
	}
	found, err := vitals.Processes{}.Talkers(name, connections)
	var out []talker
	for _, t := range found {
		if key, mine := attempts[t.Tag]; mine {
			out = append(out, talker{Talker: t, key: key})
		}
	}
	return out, err
}

// running lists the attempts in hand that have processes.
func (h *hand) running() []wire.Held {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []wire.Held
	for key, g := range h.held {
		if g.leader(0) != 0 {
			out = append(out, key)
		}
	}
	return out
}

// CheckHung ends the processes that have stood still on a connection to HDFS
// for longer than allowed, and tells people. It ends the process alone: its
// script sees a command fail. It may be called while Run lasts, and returns
// when those processes are gone, and how many they were.
func (w *Worker) CheckHung(ctx context.Context, now time.Time) int {
	w.lookHung(now)
	hung := w.stillness.hung(now, w.cfg.HDFSHung)
	var all sync.WaitGroup
	for _, h := range hung {
		all.Go(func() { w.endHung(ctx, h, now) })
	}
	all.Wait()
	return len(hung)
}

func (w *Worker) endHung(ctx context.Context, h still, now time.Time) {
	code := w.codeOf(h.key)
	err := end(ctx, h.Pid, h.Start, w.cfg.Grace)
	if err != nil {
		w.log.Error("process hangs on HDFS and cannot be ended", logs.Pid, h.Pid, logs.Batch, code, logs.Error(err))
		return
	}
	w.metrics.Hung(metrics.HungProcess)
	w.log.Warn("process hung on HDFS and is ended", slog.String(logs.Batch, code), slog.Int(logs.Pid, h.Pid),
		slog.String(logs.Address, h.Remote.String()), slog.String(logs.Reason, h.Command))
	w.notices.add(wire.Notice{
		Kind: noticeHung, Host: w.cfg.Host, WorkID: h.key.WorkID, Attempt: h.key.Attempt, Object: code,
		Occurrence: fmt.Sprintf("%d.%d", h.Pid, h.Start), Level: "important",
		Text: fmt.Sprintf("process %d (%s) of %s on %s talked to %s, has stood still for %s and was ended; its script goes on",
			h.Pid, h.Command, code, w.cfg.Host, h.Remote, now.Sub(h.since).Round(time.Second)),
	})
}

// codeOf is an attempt's name for people, as its directory knows it.
func (w *Worker) codeOf(key wire.Held) string {
	spec, err := run.Load(w.root.Attempt(key))
	if err != nil {
		return fmt.Sprintf("batch %d#%d", key.WorkID, key.Attempt)
	}
	return spec.Code()
}

// end ends one process, if it still is the one: TERM, and KILL when it is there
// after grace. Its handle is taken before the look, so no other process of that
// number is ever meant.
func end(ctx context.Context, pid int, start uint64, grace time.Duration) error {
	process, err := os.FindProcess(pid)
	if err != nil {
		return fmt.Errorf("end process %d: %w", pid, err)
	}
	defer func() { _ = process.Release() }()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if !lives(pid, start) {
			return nil
		}
		if err := process.Signal(signal); err != nil && lives(pid, start) {
			return fmt.Errorf("end process %d: %w", pid, err)
		}
		for until := time.Now().Add(grace); lives(pid, start) && time.Now().Before(until) && ctx.Err() == nil; {
			_ = pause.For(ctx, 50*time.Millisecond)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if lives(pid, start) {
		return fmt.Errorf("process %d is there after KILL", pid)
	}
	return nil
}

func lives(pid int, start uint64) bool {
	started, alive := vitals.Processes{}.Start(pid)
	return alive && started == start
}
