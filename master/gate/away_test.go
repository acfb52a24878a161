package gate

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"sync"
	"testing"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// faraway is a file system with servers of its own, as far as the gate knows:
// each path answers as its function says, and is not ready without one.
type faraway struct {
	mu      sync.Mutex
	answers map[string]func(ctx context.Context) (bool, error)
	asked   map[string]int
}

func newFaraway() *faraway {
	return &faraway{answers: map[string]func(context.Context) (bool, error){}, asked: map[string]int{}}
}

func (f *faraway) says(path string, met bool, err error) {
	f.does(path, func(context.Context) (bool, error) { return met, err })
}

func (f *faraway) does(path string, answer func(context.Context) (bool, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[path] = answer
}

// times tells how often a path was asked for, and begins to count anew.
func (f *faraway) times(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.asked[path]
	f.asked[path] = 0
	return n
}

func (f *faraway) answer(ctx context.Context, q datapath.Question) datapath.Answer {
	f.mu.Lock()
	f.asked[q.Path]++
	how := f.answers[q.Path]
	f.mu.Unlock()
	a := datapath.Answer{Question: q}
	if how != nil {
		a.Met, a.Err = how(ctx)
	}
	return a
}

// ReadyMany answers every question by itself, those that hang too.
func (f *faraway) ReadyMany(ctx context.Context, questions []datapath.Question) iter.Seq[[]datapath.Answer] {
	return func(yield func([]datapath.Answer) bool) {
		for _, q := range questions {
			if !yield([]datapath.Answer{f.answer(ctx, q)}) {
				return
			}
		}
	}
}

func (f *faraway) Look(ctx context.Context, at *url.URL, ready string) (datapath.Identity, error) {
	a := f.answer(ctx, datapath.Question{Check: datapath.Check{Path: at.String(), Ready: ready}})
	if a.Err != nil || !a.Met {
		return datapath.Absent, a.Err
	}
	return "there", nil
}

func (f *faraway) Open(context.Context, *url.URL) (*datapath.File, error) {
	return nil, errors.New("nobody opens files here")
}
func (f *faraway) Health() []datapath.Health { return nil }
func (f *faraway) Probe(context.Context)     {}
func (f *faraway) OnChange(func())           {}
func (f *faraway) Close() error              { return nil }

func refused() error { return &datapath.Outage{Name: "hdfs://c", Cause: "connection refused"} }

const away = "hdfs://c does not answer: connection refused"

// hdfs is a path that is looked at on the faraway file system.
func hdfs(name string) store.NewPath {
	return store.NewPath{Path: "hdfs://c/" + name, Ready: datapath.ReadyExists}
}

func newFarRig(t *testing.T, w *storetest.World) (*rig, *faraway) {
	t.Helper()
	r, far := newRig(t, w), newFaraway()
	r.paths = datapath.New(datapath.Options{HDFS: far})
	return r, far
}

func (r *rig) wantNoted(what, path, want string) {
	r.t.Helper()
	if got := r.Text("SELECT lastError FROM capri_task_data WHERE path = ?", path); got != want {
		r.t.Errorf("%s: got note %q, want %q", what, got, want)
	}
}

func TestAnOutageReleasesNothingAndAlarmsNobodyPathByPath(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r, far := newFarRig(t, w)
		r.touch("there")
		for _, name := range []string{"a", "b"} {
			far.says("hdfs://c/"+name, true, refused())
		}
		local := r.Batch(r.Define("local"), "20150518", reads(store.NewPath{Path: r.path("there"), Ready: datapath.ReadyExists}))
		remote := r.Batch(r.Define("remote"), "20150518", reads(hdfs("a"), hdfs("b")))
		r.Begin()
		if _, known := r.Away(); known {
			t.Error("got something known before a full pass of the term, want nothing")
		}
		r.full()
		r.wantUnmet("the local one", local, 0)
		r.wantUnmet("the other", remote, 2)
		r.wantNoted("away", "hdfs://c/a", away)
		if n := far.times("hdfs://c/a"); n != 1 {
			t.Errorf("got %d looks, want one: asking again at once helps nobody", n)
		}
		r.Change("UPDATE capri_task_data SET lastCheckedAt = 5 WHERE path = 'hdfs://c/a'")
		r.full()
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_data WHERE path = 'hdfs://c/a' AND lastCheckedAt = 5"); n != 1 {
			t.Error("got the row written by a pass that found the same, want it left alone")
		}
		if got, known := r.Away(); !known || len(got) != 1 || got["hdfs://c"].Paths != 2 || got["hdfs://c"].Passes != 2 || got["hdfs://c"].Cause != "connection refused" {
			t.Errorf("got %+v, want two paths on hdfs://c in two passes", got)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert"); n != 0 {
			t.Errorf("got %d alerts about paths, want none: the monitor tells of the file system", n)
		}
		far.says("hdfs://c/a", false, nil)
		far.says("hdfs://c/b", true, nil)
		r.full()
		r.wantNoted("could be looked at", "hdfs://c/a", "")
		r.wantUnmet("one is ready", remote, 1)
		if got, known := r.Away(); !known || len(got) != 0 {
			t.Errorf("got %+v, want nothing away", got)
		}
	})
}

func TestNewReadersOfWhatIsAwayAreNotedToo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r, far := newFarRig(t, w)
		far.says("hdfs://c/a", true, refused())
		r.Batch(r.Define("first"), "20150518", reads(hdfs("a")))
		r.full()
		late := r.Batch(r.Define("late"), "20150518", reads(hdfs("a")))
		r.Made([]int64{late})
		r.hinted()
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_data WHERE lastError = ?", away); n != 2 {
			t.Errorf("got %d readers noted, want both", n)
		}
	})
}

// TestWhatHangsHoldsUpNothingElse: batches that need nothing of it go on while
// the pass still waits for a file system that hangs.
func TestWhatHangsHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r, far := newFarRig(t, w)
		answers, opened := make(chan struct{}), make(chan struct{}, 10)
		r.Gate.opened = func() { opened <- struct{}{} }
		far.does("hdfs://c/hangs", func(ctx context.Context) (bool, error) {
			select {
			case <-answers:
				return true, nil
			case <-ctx.Done():
				return false, context.Cause(ctx)
			}
		})
		r.touch("there")
		quick := r.Batch(r.Define("quick"), "20150518", reads(store.NewPath{Path: r.path("there"), Ready: datapath.ReadyExists}))
		slow := r.Batch(r.Define("slow"), "20150518", reads(hdfs("hangs")))
		up := r.Define("up")
		parent := r.Batch(up, "20150518")
		child := r.Batch(r.Define("child"), "20150518", waitsFor(store.NewParent{TaskID: up, WorkNo: "20150518"}))
		ended := make(chan error, 1)
		go func() {
			_, err := r.Paths(t.Context(), r.Lead)
			ended <- err
		}()
		<-opened
		r.wantUnmet("what does not hang", quick, 0)
		r.Succeed(parent)
		r.Finished([]int64{parent}, key(up, "20150518"))
		_, err := r.Depend(t.Context(), r.Lead)
		r.must(err)
		r.wantUnmet("a child", child, 0)
		r.wantUnmet("what hangs", slow, 1)
		close(answers)
		r.must(<-ended)
		r.wantUnmet("what hung", slow, 0)
	})
}

func TestAPassThatEndsWhileItHangsIsTriedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r, far := newFarRig(t, w)
		hangs := make(chan struct{})
		far.does("hdfs://c/a", func(ctx context.Context) (bool, error) {
			close(hangs)
			<-ctx.Done()
			return false, context.Cause(ctx)
		})
		id := r.Batch(r.Define("reader"), "20150518", reads(hdfs("a")))
		r.Made([]int64{id})
		r.looks.lastFull = time.Now()
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			<-hangs
			stop()
		}()
		if _, err := r.Paths(ctx, r.Lead); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the pass ended", err)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_data WHERE lastError <> ''") + r.Figure("SELECT COUNT(*) FROM capri_alert"); n != 0 {
			t.Errorf("got %d notes and alerts, want none: the path was not looked at", n)
		}
		far.says("hdfs://c/a", true, nil)
		r.hinted()
		r.wantUnmet("tried again", id, 0)
	})
}

func TestErrorsAboutAPathAreLookedIntoFourTimes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r, far := newFarRig(t, w)
		denied, tries := errors.New("permission denied"), 0
		far.says("hdfs://c/denied", false, denied)
		far.does("hdfs://c/passes", func(context.Context) (bool, error) {
			if tries++; tries < datapath.Tries {
				return false, denied
			}
			return true, nil
		})
		id := r.Batch(r.Define("reader"), "20150518", reads(hdfs("denied"), hdfs("passes")))
		r.full()
		r.wantUnmet("one was ready at last", id, 1)
		if n := far.times("hdfs://c/denied"); n != datapath.Tries {
			t.Errorf("got %d looks, want %d", n, datapath.Tries)
		}
		r.wantNoted("denied", "hdfs://c/denied", "look at hdfs://c/denied: permission denied")
		r.full()
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = 'depend-check-failed' AND level = 'critical' AND object = 'hdfs://c/denied'"); n != 1 ||
			r.Figure("SELECT COUNT(*) FROM capri_alert") != 1 {
			t.Errorf("got %d alerts about what is denied, want one and no other", n)
		}
		far.says("hdfs://c/denied", false, nil)
		r.full()
		r.wantNoted("not denied any more", "hdfs://c/denied", "")
	})
}

func TestOutageOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"Named":              {fmt.Errorf("look at it: %w", refused()), away},
		"LocalFilesThatHang": {fmt.Errorf("7 earlier looks still hang: %w", datapath.ErrTimeout), "file:// does not answer: no answer within the deadline"},
		"AboutThePath":       {errors.New("permission denied"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if out, is := outageOf(&datapath.Result{Check: datapath.Check{Path: "file:///mnt/a"}, Err: test.err}); is {
				got = out.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAwayLastsAsLongAsPassesMeetIt(t *testing.T) {
	t.Parallel()
	g, began := New(nil, nil, nil, nil), time.Unix(1_700_000_000, 0)
	later := began.Add(time.Minute)
	g.noteAway(map[string]Away{"a": {Paths: 3}}, began)
	g.noteAway(map[string]Away{"a": {Paths: 2}, "b": {Paths: 1}}, later)
	want := map[string]Away{"a": {Paths: 2, Since: began, Passes: 2}, "b": {Paths: 1, Since: later, Passes: 1}}
	if got, known := g.Away(); !known || !maps.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	g.noteAway(nil, later)
	if got, known := g.Away(); !known || len(got) != 0 {
		t.Errorf("got %+v, want nothing any more", got)
	}
}

func TestALeaderTellsOfAPathOnceADay(t *testing.T) {
	t.Parallel()
	g := New(nil, nil, nil, nil)
	both := func() []datapath.Result {
		return []datapath.Result{{Check: datapath.Check{Path: "hdfs://c/a"}}, {Check: datapath.Check{Path: "hdfs://c/b"}}}
	}
	g.noteTold(g.untold(both(), "2026-11-20")[:1])
	if left := g.untold(both(), "2026-11-20"); len(left) != 1 || left[0].Path != "hdfs://c/b" {
		t.Errorf("got %v left to tell of, want the one that could not be told of", left)
	}
	if left := g.untold(both(), "2026-11-21"); len(left) != 2 {
		t.Errorf("got %v left to tell of on the next day, want both", left)
	}
}
