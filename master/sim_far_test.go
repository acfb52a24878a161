package master_test

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/master/watch"
)

// farName is the file system with servers of its own that a simulated cluster
// has; what is on it lies in this host's directories.
const farName = "hdfs://far"

// far is that file system: it answers, refuses or hangs, and tells everybody
// when that changes, as the real one does.
type far struct {
	mu      sync.Mutex
	since   time.Time // away since; zero: it answers
	tries   int
	asked   bool
	back    chan struct{} // closed as it answers again; nil: it does not hang
	changed []func()
	closed  int
}

// farDeadline is how long a call of a file system that hangs takes.
const farDeadline = 10 * time.Second

// leave makes it not answer any more: calls are refused or, the first ones, hang.
func (f *far) leave(hang bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.since, f.tries = time.Now(), 0
	if hang {
		f.back = make(chan struct{})
	}
}

// returns makes it answer again.
func (f *far) returns() {
	f.mu.Lock()
	if f.back != nil {
		close(f.back)
	}
	f.since, f.back = time.Time{}, nil
	f.mu.Unlock()
	f.tell()
}

func (f *far) tell() {
	f.mu.Lock()
	told := f.changed
	f.mu.Unlock()
	for _, tell := range told {
		tell()
	}
}

// away tells whether it does not answer; the first to find that out tells all.
func (f *far) away(ctx context.Context) error {
	f.mu.Lock()
	f.asked = true
	back, first, away := f.back, f.tries == 0, !f.since.IsZero()
	if away {
		f.tries++
	}
	f.mu.Unlock()
	if !away {
		return nil
	}
	if first && back != nil {
		select {
		case <-back:
			return nil
		case <-time.After(farDeadline):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if first {
		f.tell()
	}
	return &datapath.Outage{Name: farName, Cause: "connection refused"}
}

// Look finds a directory with _SUCCESS, which is all that simulated tasks need.
func (f *far) Look(ctx context.Context, at *url.URL, _ string) (datapath.Identity, error) {
	if err := f.away(ctx); err != nil {
		return datapath.Absent, err
	}
	info, err := os.Stat(filepath.Join(at.Path, "_SUCCESS"))
	if err != nil {
		return datapath.Absent, nil //nolint:nilerr // nothing else can be wrong with it
	}
	return datapath.Identity(info.ModTime().String()), nil
}

func (f *far) ReadyMany(ctx context.Context, questions []datapath.Question) iter.Seq[[]datapath.Answer] {
	return func(yield func([]datapath.Answer) bool) {
		for _, q := range questions {
			identity, err := f.Look(ctx, q.At, q.Ready)
			if !yield([]datapath.Answer{{Question: q, Met: identity != datapath.Absent, Err: err}}) {
				return
			}
		}
	}
}

func (f *far) Open(context.Context, *url.URL) (*datapath.File, error) {
	return nil, errors.New("nobody opens files here")
}

func (f *far) Health() []datapath.Health {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []datapath.Health{{Name: farName, Known: f.asked, Down: f.tries > 0 && !f.since.IsZero(), Since: f.since, Tries: f.tries, Err: "connection refused"}}
}

func (f *far) Probe(ctx context.Context) { _ = f.away(ctx) }

func (f *far) OnChange(told func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changed = append(f.changed, told)
}

func (f *far) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
	return nil
}

// closings counts how often somebody has let go of it.
func (f *far) closings() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// onDisk is where on this host a path lies.
func onDisk(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "file://"), farName)
}

// drawFar lets the far file system be away.
func (s *story) drawFar(at, to time.Time) {
	hangs := s.w.chance(2)
	s.add(at, func() {
		if len(s.farAway) == 0 || !s.farAway[len(s.farAway)-1].to.IsZero() {
			s.farAway = append(s.farAway, span{from: time.Now()})
			s.far.leave(hangs)
		}
	}, "the far file system leaves, hangs %v", hangs)
	s.add(to, func() {
		if last := len(s.farAway) - 1; last >= 0 && s.farAway[last].to.IsZero() {
			s.farAway[last].to = time.Now()
			s.far.returns()
		}
	}, "the far file system returns")
}

// judgeFar: nothing was found ready on a file system while it was away. A look
// that had its answer before may be written a moment later.
func (s *story) judgeFar() {
	s.t.Helper()
	for _, away := range s.farAway {
		for _, found := range s.column(`SELECT d.path FROM capri_task_data d WHERE d.type = 1 AND d.state = 1 AND d.path LIKE 'hdfs:%'
AND d.lastCheckedAt > ? AND d.lastCheckedAt < ? ORDER BY d.path`, away.from.Add(time.Second).UnixMilli(), away.to.UnixMilli()) {
			s.t.Errorf("got %s found ready while its file system was away, from %s to %s", found, away.from, away.to)
		}
	}
	if n := s.number("SELECT COUNT(*) FROM capri_alert WHERE kind = 'depend-check-failed'"); n != 0 {
		s.t.Errorf("got %d alerts about single paths, want none: %s", n, s.written("SELECT text FROM capri_alert WHERE kind = 'depend-check-failed'"))
	}
	if n := s.number("SELECT COUNT(*) FROM capri_task_data d JOIN capri_task_work w ON w.id = d.taskWorkId WHERE w.state = 0 AND d.state = 0 AND d.lastError LIKE '%does not answer%'"); n != 0 {
		s.t.Errorf("got %d paths noted as unknown long after, want none", n)
	}
}

// TestSimAFileSystemThatIsAway lets a file system refuse, or hang, for half an
// hour in which inputs arrive on it: nothing that needs it starts or fails,
// nothing else is held up, and all catches up within seconds.
func TestSimAFileSystemThatIsAway(t *testing.T) {
	t.Parallel()
	for name, hangs := range map[string]bool{"Refuses": false, "Hangs": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			simulate(t, setup{}, func(t *testing.T, c *cluster) {
				c.startMaster("m2")
				c.addWorker("w1")
				c.define(
					"near", "period: hour",
					"child", "period: hour, parents: [{task: near}]",
					"reads", `period: hour, inputs: [{path: "`+farName+c.dir+`/in/{{ work_no }}"}]`,
				)
				arrives := func(hour string) { c.must(succeed(farName + c.dir + "/in/" + hour)) }
				told := func(level string, want int) {
					t.Helper()
					if n := c.number("SELECT COUNT(*) FROM capri_alert WHERE kind = ? AND object = ? AND level = ?", watch.KindHDFS, farName, level); n != want {
						t.Errorf("at %s got %d alerts %s, want %d", time.Now().In(c.zone).Format(time.DateTime), n, level, want)
					}
				}
				arrives("2026112006")
				c.at("2026-11-20 06:40:00")
				c.is("success", "reads/2026112006")

				c.far.leave(hangs)
				c.at("2026-11-20 06:41:00")
				told("important", 1) // although nobody waits for it
				told("critical", 0)
				arrives("2026112007")
				c.at("2026-11-20 07:01:05")
				c.is("running", "near/2026112007")
				c.is("waiting", "reads/2026112007")
				c.at("2026-11-20 07:03:00")
				c.is("success", "near/2026112007", "child/2026112007")
				c.is("waiting", "reads/2026112007")
				c.because(batch.GateData, "reads/2026112007")
				told("critical", 1)
				c.depose()
				c.elect("m2")
				c.at("2026-11-20 07:10:00")
				c.is("waiting", "reads/2026112007")
				told("critical", 1) // the next leader tells nothing anew
				told("notice", 0)

				c.far.returns()
				c.pass(5 * time.Second)
				c.is("running", "reads/2026112007")
				told("notice", 1)
				c.pass(10 * time.Minute)
				c.is("success", "reads/2026112007")
				told("important", 1)
				told("critical", 1)
				told("notice", 1)
				if n := c.number("SELECT COUNT(*) FROM capri_alert WHERE kind <> ?", watch.KindHDFS); n != 0 {
					t.Errorf("got %d other alerts, want none", n)
				}
				c.sound()
			})
		})
	}
}

// TestSimDependenciesByHandArePathsToo: who runs the dependency check by hand
// means all of them, and need not know that paths are looked at elsewhere.
func TestSimDependenciesByHandArePathsToo(t *testing.T) {
	t.Parallel()
	for _, service := range []string{"depend", "paths"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			simulate(t, setup{stretch: 120}, func(t *testing.T, c *cluster) { // a tick an hour
				c.addWorker("w1")
				c.define("reads", `period: hour, inputs: [{path: "file://`+c.dir+`/in/{{ work_no }}"}]`)
				c.at("2026-11-20 06:40:00")
				c.must(succeed(c.dir + "/in/2026112006"))
				c.pass(time.Minute)
				c.is("waiting", "reads/2026112006")
				c.must(c.admin.RunService(t.Context(), service))
				c.pass(time.Second)
				c.is("running", "reads/2026112006")
				c.sound()
			})
		})
	}
}
