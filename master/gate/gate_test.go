package gate

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/master/duty"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a gate over a world, with a directory for data.
type rig struct {
	*storetest.World
	*Gate
	t      *testing.T
	dir    string
	opened int
}

func newRig(t *testing.T, w *storetest.World) *rig {
	t.Helper()
	r := &rig{World: w, t: t, dir: t.TempDir()}
	r.Gate = New(w.DB, datapath.New(datapath.Options{}), func() { r.opened++ }, slog.New(slog.DiscardHandler))
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("got %v, want no error", err)
	}
}

// hinted is a pass between two ticks: it looks at what it was told only.
func (r *rig) hinted() int {
	r.t.Helper()
	r.needs.lastFull, r.looks.lastFull = time.Now(), time.Now()
	return r.pass()
}

// full is a pass at a tick.
func (r *rig) full() int {
	r.t.Helper()
	r.needs.lastFull, r.looks.lastFull = time.Time{}, time.Time{}
	return r.pass()
}

// pass runs both duties.
func (r *rig) pass() int {
	r.t.Helper()
	rows := 0
	for _, duty := range []func(context.Context, *store.Lead) (duty.Pass, error){r.Depend, r.Paths} {
		r.opened = 0
		got, err := duty(r.t.Context(), r.Lead)
		r.must(err)
		if (r.opened > 0) != (got.Rows > 0) {
			r.t.Errorf("got %d released and told %d times, want it told exactly when something was released", got.Rows, r.opened)
		}
		rows += got.Rows
	}
	return rows
}

func (r *rig) wantUnmet(what string, id int64, want int) {
	r.t.Helper()
	if got := r.Work(id).Unmet; got != want {
		r.t.Errorf("%s: got %d unmet, want %d", what, got, want)
	}
}

// path is the URL of something in the directory of this test.
func (r *rig) path(name string) string { return "file://" + filepath.Join(r.dir, name) }

func (r *rig) touch(name string) {
	r.t.Helper()
	at := filepath.Join(r.dir, name)
	r.must(os.MkdirAll(filepath.Dir(at), 0o750))
	r.must(os.WriteFile(at, []byte("x"), 0o600))
}

func waitsFor(parents ...store.NewParent) func(*store.NewBatch) {
	return func(b *store.NewBatch) { b.Parents = parents }
}

func reads(paths ...store.NewPath) func(*store.NewBatch) {
	return func(b *store.NewBatch) { b.Inputs = paths }
}

func key(task int64, no string) []store.ParentKey {
	return []store.ParentKey{{TaskID: task, WorkNo: no}}
}

func TestParents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		up, other, down := r.Define("up"), r.Define("other"), r.Define("down")
		first, second := r.Batch(up, "20150518"), r.Batch(other, "20150518")
		child := r.Batch(down, "20150518", waitsFor(
			store.NewParent{TaskID: up, WorkNo: "20150518"}, store.NewParent{TaskID: other, WorkNo: "20150518"},
			store.NewParent{TaskID: up, WorkNo: "20150517", State: store.DepNotApplicable}))
		if r.full() != 0 {
			t.Error("got something released before a parent has ended, want nothing")
		}
		r.Succeed(first)
		if r.hinted() != 0 {
			t.Error("got something released without a hint, want nothing before the tick")
		}
		r.Finished([]int64{first}, key(up, "20150518"))
		r.hinted()
		r.wantUnmet("one parent of two", child, 1)
		r.must(r.Assign(storetest.Host, second))
		r.must(r.Start(second))
		r.must(r.Finish(1, second))
		r.Finished([]int64{second}, key(other, "20150518"))
		r.full()
		r.wantUnmet("the other has failed", child, 1)
		again := r.Batch(other, "20150518", func(b *store.NewBatch) { b.Type = 1 })
		r.Succeed(again)
		if r.full() != 1 {
			t.Error("got nothing released by the full pass, want the child: a lost hint costs one tick")
		}
		r.wantUnmet("both have succeeded", child, 0)
	})
}

func TestThirds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("pays"), "20150518", func(b *store.NewBatch) {
			b.Thirds = []store.NewThird{{Code: "pay", Key: "20150517"}, {Code: "pay", Key: "20150518"}}
		})
		r.full()
		r.wantUnmet("nothing announced", id, 2)
		r.Change("INSERT INTO capri_third_depend_data (code, dataNo, announcedAt, announcedBy) VALUES ('pay', '20150517', 5, 'dba')")
		r.full()
		r.wantUnmet("a row in the table is an announcement", id, 1)
		r.Operate("announce", func(ctx context.Context, o *store.OperateTx) error {
			_, err := o.Announce(ctx, store.ThirdKey{Code: "pay", DataNo: "20150518"})
			return err
		})
		r.wantUnmet("announced", id, 0)
	})
}

func TestPaths(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("reader"), "20150518", reads(
			store.NewPath{Path: r.path("daily"), Ready: datapath.ReadySuccess},
			store.NewPath{Path: r.path("flag"), Ready: datapath.ReadyExists},
			store.NewPath{Path: r.path("rows"), Ready: datapath.ReadyNonEmpty}))
		r.touch("daily/part-0")
		r.full()
		r.wantUnmet("a directory without _SUCCESS", id, 3)
		r.touch("daily/_SUCCESS")
		r.touch("flag")
		r.full()
		r.wantUnmet("one path is left", id, 1)
		r.touch("rows")
		r.full()
		r.wantUnmet("all are there", id, 0)
	})
}

func TestPathsByHint(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.touch("there")
		path := store.NewPath{Path: r.path("there"), Ready: datapath.ReadyExists}
		made := r.Batch(r.Define("made"), "20150518", reads(path, store.NewPath{Path: r.path("not"), Ready: datapath.ReadyExists}))
		r.Made([]int64{made})
		if r.hinted() != 1 {
			t.Error("got nothing released for a new batch whose path is there, want it")
		}
		r.wantUnmet("new", made, 1)
		writer := r.Batch(r.Define("writer"), "20150518", func(b *store.NewBatch) {
			b.Outputs = []store.NewPath{{Path: r.path("not"), Ready: datapath.ReadyExists}}
		})
		r.Succeed(writer)
		r.touch("not")
		r.Finished([]int64{writer}, nil)
		r.hinted()
		r.wantUnmet("what it waits for was written", made, 0)
	})
}

func TestLast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		up, down := r.Define("up"), r.Define("down")
		at := func(ms int64) func(*store.NewBatch) { return func(b *store.NewBatch) { b.ScheduleTime = ms } }
		old, newest := r.Batch(up, "20150517", at(1)), r.Batch(up, "20150518", at(2))
		child := r.Batch(down, "20150518", waitsFor(store.NewParent{TaskID: up, Last: true}))
		r.Succeed(old)
		r.Finished([]int64{old}, key(up, "20150517"))
		r.full()
		r.wantUnmet("an older batch does not count", child, 1)
		r.Succeed(newest)
		r.Finished([]int64{newest}, key(up, "20150518"))
		r.hinted()
		r.wantUnmet("the newest has succeeded", child, 0)
		sibling := r.Batch(down, "20150519", waitsFor(store.NewParent{TaskID: up, Last: true}))
		r.Made([]int64{sibling})
		r.hinted()
		r.wantUnmet("met already when it was made", sibling, 0)
	})
}

func TestAPathThatCannotBeLookedAtAlarmsOnceADay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		blind := "hdfs://nowhere/data" // no source for it
		r.touch("there")
		id := r.Batch(r.Define("reader"), "20150518", reads(
			store.NewPath{Path: blind, Ready: datapath.ReadyExists}, store.NewPath{Path: r.path("there"), Ready: datapath.ReadyExists}))
		r.full()
		r.full()
		r.wantUnmet("the other path is met all the same", id, 1)
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_data WHERE path = ? AND state = 0 AND lastError <> '' AND lastCheckedAt > 0", blind); n != 1 {
			t.Errorf("got %d rows with the error, want it noted", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = 'depend-check-failed' AND level = 'critical' AND object = ?", blind); n != 1 {
			t.Errorf("got %d alerts, want one a day", n)
		}
	})
}

func TestHintsOfAFailedPassAreKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.touch("there")
		up := r.Define("up")
		parent := r.Batch(up, "20150518")
		child := r.Batch(r.Define("down"), "20150518", waitsFor(store.NewParent{TaskID: up, WorkNo: "20150518"}),
			reads(store.NewPath{Path: r.path("there"), Ready: datapath.ReadyExists}))
		r.Succeed(parent)
		epoch, err := r.DB.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m1"})
		r.must(err)
		r.Finished([]int64{parent}, key(up, "20150518"))
		r.Made([]int64{child})
		r.needs.lastFull, r.looks.lastFull = time.Now(), time.Now()
		for name, duty := range map[string]func(context.Context, *store.Lead) (duty.Pass, error){"depend": r.Depend, "paths": r.Paths} {
			if _, err := duty(t.Context(), r.Lead); err == nil {
				t.Errorf("%s: got no error in a term that is over, want one", name)
			}
		}
		r.Lead = r.DB.Lead(epoch, "m1")
		r.hinted()
		r.wantUnmet("the hints were kept", child, 0)
	})
}

func TestHints(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_700_000_000, 0)
	g := New(nil, nil, nil, nil)
	for name, b := range map[string]*inbox{"depend": &g.needs, "paths": &g.looks} {
		full := func(what string, after time.Duration, asked, want bool) {
			t.Helper()
			if h := b.take(start.Add(after), asked); h.all != want || h.made != nil {
				t.Errorf("%s, %s: got a full pass %v and %d new batches, want %v and none", name, what, h.all, len(h.made), want)
			}
		}
		full("at first", 0, false, true)
		full("before the tick", Every-1, false, false)
		b.put(hints{all: true})
		full("when somebody asks for it", Every-1, false, true)
		full("less than a tick after the last", 2*Every-2, false, false)
		full("at a tick or by hand, whenever that is", 2*Every-2, true, true)
	}
	g.Made(make([]int64, madeLimit))
	g.Made([]int64{1})
	for name, b := range map[string]*inbox{"depend": &g.needs, "paths": &g.looks} {
		if h := b.take(start.Add(2*Every), false); !h.all || h.made != nil {
			t.Errorf("%s: got %d single batches, want so many to be everything", name, len(h.made))
		}
	}
	g.Made(nil)
	for name, b := range map[string]*inbox{"depend": &g.needs, "paths": &g.looks} {
		if h := b.take(start.Add(2*Every), false); !h.all {
			t.Errorf("%s: got no full pass for new batches that nobody names, want one", name)
		}
	}
}

// TestWhoIsToldOfWhat: a hint about paths makes no pass over parents a full one,
// nor the other way round.
func TestWhoIsToldOfWhat(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hint         func(*Gate)
		needs, looks bool
	}{
		"ATermBegins":              {(*Gate).Begin, true, true},
		"AnAnnouncement":           {(*Gate).Announced, true, false},
		"AFileSystemIsBack":        {(*Gate).LookAtPaths, false, true},
		"ABatchHasSucceeded":       {func(g *Gate) { g.Finished([]int64{1}, key(1, "1")) }, false, false},
		"NewBatchesNobodyHasNamed": {func(g *Gate) { g.Made(nil) }, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, now := New(nil, nil, nil, nil), time.Now()
			g.needs.lastFull, g.looks.lastFull = now, now
			test.hint(g)
			if needs, looks := g.needs.take(now, false), g.looks.take(now, false); needs.all != test.needs || looks.all != test.looks {
				t.Errorf("got full passes over needs %v and over paths %v, want %v and %v", needs.all, looks.all, test.needs, test.looks)
			}
		})
	}
}
