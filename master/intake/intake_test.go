package intake

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// rig is an intake over a world.
type rig struct {
	*storetest.World
	*Intake
	t       *testing.T
	mu      sync.Mutex
	leading bool
	endTerm context.CancelFunc
	ids     []int64
	keys    []store.ParentKey
	freed   int
	doubted []int64
}

func newRig(t *testing.T, w *storetest.World) *rig {
	t.Helper()
	r := &rig{World: w, t: t, leading: true}
	term, end := context.WithCancel(t.Context())
	t.Cleanup(end)
	r.endTerm = end
	r.Intake = New(Deps{
		DB: w.DB, Defs: store.NewDefinitions(w.DB, 100), Zone: time.UTC, Node: "m1", Log: slog.New(slog.DiscardHandler),
		Leader: func() (context.Context, string, bool) {
			r.mu.Lock()
			defer r.mu.Unlock()
			return term, "http://m1", r.leading
		},
		Notify: Notify{
			Finished: func(ids []int64, keys []store.ParentKey) {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.ids, r.keys = append(r.ids, ids...), append(r.keys, keys...)
			},
			Freed: func() {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.freed++
			},
			Doubted: func(ids []int64) {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.doubted = append(r.doubted, ids...)
			},
		},
	})
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("got %v, want no error", err)
	}
}

// say hands facts in and returns their verdicts.
func (r *rig) say(facts ...wire.Fact) []wire.FactVerdict {
	r.t.Helper()
	reply, err := r.Facts(r.t.Context(), wire.FactsRequest{Facts: facts})
	r.must(err)
	return reply.Verdicts
}

func of(kind wire.FactKind, id int64, attempt int) wire.Fact {
	return wire.Fact{Kind: kind, WorkID: id, Attempt: attempt, Host: storetest.Host, Incarnation: storetest.Incarnation}
}

func exit(id int64, attempt, code int) wire.Fact {
	f := of(wire.FactFinished, id, attempt)
	f.ExitCode = &code
	return f
}

func (r *rig) want(id int64, state batch.State, finish batch.Finish) store.Work {
	r.t.Helper()
	w := r.Work(id)
	if w.State != state || w.Finish != finish {
		r.t.Errorf("got %s/%s, want %s/%s", w.State, w.Finish, state, finish)
	}
	return w
}

func TestFactsTakeABatchToItsEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("a", func(d *task.Task) { d.Spec.Retry = task.Retry{Times: 1} })
		id, other := r.Batch(task, "20150518"), r.Batch(task, "20150519")
		r.must(r.Assign(storetest.Host, id, other))
		got := r.say(of(wire.FactStarted, id, 1), of(wire.FactStarted, other, 1), exit(id, 1, 3), of(wire.FactStarted, id, 1), exit(999, 1, 0), exit(other, 2, 0))
		want := []wire.FactVerdict{wire.VerdictOK, wire.VerdictOK, wire.VerdictOK, wire.VerdictStale, wire.VerdictStale, wire.VerdictStale}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v: each judged by what the one before left", got, want)
		}
		r.want(id, batch.Waiting, batch.None)
		r.want(other, batch.Running, batch.None)
		r.must(r.Assign(storetest.Host, id))
		r.say(of(wire.FactStarted, id, 2), exit(id, 2, 0))
		done := r.want(id, batch.Done, batch.Success)
		if done.Attempt != 2 || done.UserFailures != 1 {
			t.Errorf("got %+v, want attempt 2 after one failure", done)
		}
		if !slices.Equal(r.ids, []int64{id}) || r.keys[0] != (store.ParentKey{TaskID: task, WorkNo: "20150518"}) || r.freed != 2 {
			t.Errorf("got %v, %v, %d times freed, want the success told once and what is free twice", r.ids, r.keys, r.freed)
		}
		if again := r.say(exit(id, 2, 0)); again[0] != wire.VerdictStale {
			t.Errorf("got %s for a fact said twice, want stale", again[0])
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_user_code_log WHERE task_instance_code IN ('a/20150518.0#1', 'a/20150518.0#2')"); n != 2 {
			t.Errorf("got %d exit codes kept, want 2", n)
		}
	})
}

func TestStartedIsRefusedWhenSomethingCameBetween(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		parent, task := r.Define("parent"), r.Define("child")
		r.Succeed(r.Batch(parent, "20150518"))
		child := func(no string) int64 {
			return r.Batch(task, no, func(b *store.NewBatch) {
				b.Parents = []store.NewParent{{TaskID: parent, WorkNo: "20150518", State: store.DepMet}}
			})
		}
		held, orphan, sibling := r.Batch(task, "20150517"), child("20150518"), child("20150519")
		r.must(r.Assign(storetest.Host, held, orphan))
		r.Hold(store.HoldBatch, held)
		// The parent runs again without its children being told: only the start finds it out.
		r.Batch(parent, "20150518", func(b *store.NewBatch) { b.Type = 1 })
		r.Change("UPDATE capri_tparent_data SET state = 1")
		r.Change("UPDATE capri_task_work SET unmet = 0")
		got := r.say(of(wire.FactStarted, held, 1), of(wire.FactStarted, orphan, 1))
		if !slices.Equal(got, []wire.FactVerdict{wire.VerdictNo, wire.VerdictNo}) {
			t.Errorf("got %v, want no to both", got)
		}
		r.want(held, batch.Waiting, batch.None)
		for _, id := range []int64{orphan, sibling} {
			if w := r.want(id, batch.Waiting, batch.None); w.Unmet != 1 {
				t.Errorf("got %d unmet, want it and all who wait for that parent to wait again", w.Unmet)
			}
		}
	})
}

func TestUnreadyMakesEveryReaderWait(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("reader")
		input := func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "file:///in", Ready: "exists"}} }
		id, sibling := r.Batch(task, "20150518", input), r.Batch(task, "20150519", input)
		r.Decide("meet", func(ctx context.Context, l *store.LeaderTx) error {
			_, err := l.SetPaths(ctx, []store.PathState{{Path: "file:///in", Ready: "exists", Met: true}})
			return err
		})
		r.must(r.Assign(storetest.Host, id))
		f := of(wire.FactUnready, id, 1)
		f.Unmet = []wire.PathCheck{{Path: "file:///in", Ready: "exists"}}
		if got := r.say(f); got[0] != wire.VerdictOK {
			t.Errorf("got %s, want ok", got[0])
		}
		for _, id := range []int64{id, sibling} {
			if w := r.want(id, batch.Waiting, batch.None); w.Unmet != 1 {
				t.Errorf("got %d unmet, want 1", w.Unmet)
			}
		}
	})
}

func TestFactsOfManyWorkersTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("many", func(d *task.Task) { d.Spec.MaxRunning = 100 })
		var ids []int64
		for range 30 {
			ids = append(ids, r.Batch(task, "2015"+strings.Repeat("0", 3)+string(rune('A'+len(ids)))))
		}
		r.must(r.Assign(storetest.Host, ids...))
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() {
				for _, f := range []wire.Fact{of(wire.FactStarted, id, 1), exit(id, 1, 0)} {
					reply, err := r.Facts(t.Context(), wire.FactsRequest{Facts: []wire.Fact{f}})
					if err != nil || reply.Verdicts[0] != wire.VerdictOK {
						t.Errorf("got %v, %v, want ok", reply, err)
					}
				}
			})
		}
		all.Wait()
		for _, id := range ids {
			r.want(id, batch.Done, batch.Success)
		}
		if len(r.ids) != len(ids) {
			t.Errorf("got %d successes told, want %d", len(r.ids), len(ids))
		}
	})
}

func heartbeat(host, incarnation string) wire.Heartbeat {
	return wire.Heartbeat{Host: host, Incarnation: incarnation, Group: "default", CheckInterval: 30_000, Slots: 4, Labels: map[string]string{"disk": "ssd"}}
}

func TestBeat(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		reply, err := r.beatOf(heartbeat("w7", "i7"))
		if err != nil || reply.Stopped || reply.Leader != "http://m1" {
			t.Errorf("got %+v, %v, want a welcome that names the leader", reply, err)
		}
		if _, err := r.beatOf(heartbeat("w7", "i8")); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("got %v for a second live worker of the name, want a conflict", err)
		}
		if got := r.Text("SELECT incarnation FROM capri_schedul_cluster WHERE host = 'w7'"); got != "i7" {
			t.Errorf("got %s, want the first worker untouched", got)
		}
		r.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 30001, isStop = 1 WHERE host = 'w7'")
		if reply, err = r.beatOf(heartbeat("w7", "i8")); err != nil || !reply.Stopped {
			t.Errorf("got %+v, %v, want a successor of a silent worker taken, and told that it is stopped", reply, err)
		}
		for name, change := range map[string]func(*wire.Heartbeat){
			"WithoutHost":        func(h *wire.Heartbeat) { h.Host = "" },
			"WithoutIncarnation": func(h *wire.Heartbeat) { h.Incarnation = "" },
			"WithoutInterval":    func(h *wire.Heartbeat) { h.CheckInterval = 0 },
			"WithNegativeSlots":  func(h *wire.Heartbeat) { h.Slots = -1 },
			"WithTooManyLabels":  func(h *wire.Heartbeat) { h.Labels["long"] = strings.Repeat("x", 1000) },
		} {
			hb := heartbeat("w9", "i9")
			change(&hb)
			if _, err := r.beatOf(hb); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s: got %v, want it refused as invalid", name, err)
			}
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_schedul_cluster WHERE host IN ('w9', '')"); n != 0 {
			t.Errorf("got %d rows of refused heartbeats, want none", n)
		}
	})
}

// beatOf is the intake's Beat: the world has one of its own.
func (r *rig) beatOf(hb wire.Heartbeat) (wire.HeartbeatReply, error) {
	return r.Intake.Beat(r.t.Context(), hb)
}
