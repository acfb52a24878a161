package plan

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/gate"
	"capricornus/master/intake"
	"capricornus/master/place"
)

// commander is a planner with the duties and workers that its commands reach.
type commander struct {
	*rig
	gate   *gate.Gate
	placer *place.Placer
	intake *intake.Intake

	told   sync.Mutex // what follows, while commands are given side by side
	killed []string
	freed  int
}

func newCommander(t *testing.T, w *storetest.World) *commander {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	defs := store.NewDefinitions(w.DB, 1000)
	r := &commander{rig: newRig(t, w)}
	r.gate = gate.New(w.DB, datapath.New(datapath.Options{}), func() {}, log)
	r.placer = place.New(w.DB, defs, func() []string { return nil }, place.Notify{Assigned: func([]string) {}, Quality: func([]int64) {}}, log)
	r.intake = intake.New(intake.Deps{
		DB: w.DB, Defs: defs, Zone: time.UTC, Node: "m1", Log: log,
		Leader: func() (context.Context, string, bool) { return t.Context(), "", true },
		Notify: intake.Notify{Finished: r.gate.Finished, Freed: func() {}},
	})
	r.notify.Killed = func(hosts []string) {
		r.told.Lock()
		defer r.told.Unlock()
		r.killed = append(r.killed, hosts...)
	}
	r.notify.Finished = r.gate.Finished
	r.notify.Freed = func() {
		r.told.Lock()
		defer r.told.Unlock()
		r.freed++
	}
	return r
}

func ref(text string) batch.Ref {
	r, err := batch.ParseRef(text)
	if err != nil {
		panic(err)
	}
	return r
}

// command gives one that must be obeyed.
func (r *commander) command(name string, c Command) wire.CommandReply {
	r.t.Helper()
	got, err := r.Command(r.t.Context(), ann(), ref(name), c)
	r.must(err)
	return got
}

// refused gives a command that must be refused, and changes nothing by it.
func (r *commander) refused(what, name string, by Caller, c Command, code fault.Code, says string) {
	r.t.Helper()
	before := r.Text("SELECT COALESCE(GROUP_CONCAT(action), '') FROM capri_audit_log")
	_, err := r.Command(r.t.Context(), by, ref(name), c)
	if fault.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		r.t.Errorf("%s: got %v, want %s that says %q", what, err, code, says)
	}
	if after := r.Text("SELECT COALESCE(GROUP_CONCAT(action), '') FROM capri_audit_log"); after != before {
		r.t.Errorf("%s: got audit rows %s after %s, want none for what was refused", what, after, before)
	}
}

func (r *commander) audits(action string) int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_audit_log WHERE action = ? AND actor = 'ann' AND source = 'here'", action)
}

// says gives the verdict on a fact of the worker's about a batch as it is.
func (r *commander) says(id int64, kind wire.FactKind, exit *int) wire.FactVerdict {
	r.t.Helper()
	w := r.Work(id)
	got, err := r.intake.Facts(r.t.Context(), wire.FactsRequest{Facts: []wire.Fact{{
		Kind: kind, WorkID: id, Attempt: w.Attempt, Host: storetest.Host, Incarnation: storetest.Incarnation, ExitCode: exit,
	}}})
	r.must(err)
	return got.Verdicts[0]
}

// assign is one pass of the duty that assigns and takes back.
func (r *commander) assign() {
	r.t.Helper()
	_, err := r.placer.Assign(r.t.Context(), r.Lead, time.UnixMilli(0))
	r.must(err)
}

// depend is one pass of each duty that looks at dependencies.
func (r *commander) depend() {
	r.t.Helper()
	_, err := r.gate.Depend(r.t.Context(), r.Lead)
	r.must(err)
	_, err = r.gate.Paths(r.t.Context(), r.Lead)
	r.must(err)
}

func (r *commander) wantState(what string, id int64, state batch.State, finish batch.Finish) store.Work {
	r.t.Helper()
	w := r.Work(id)
	if w.State != state || w.Finish != finish {
		r.t.Errorf("%s: got %s/%s, want %s/%s", what, w.State, w.Finish, state, finish)
	}
	return w
}

func kill() Command  { return Command{Kind: KindKill, Reason: "wrong input"} }
func hold() Command  { return Command{Kind: KindHold, Reason: "look first"} }
func letGo() Command { return Command{Kind: KindRelease} }
func markAs(f batch.Finish) Command {
	return Command{Kind: KindMark, Result: f, Reason: "checked by hand"}
}

func TestKillOfWhatWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		a := r.Define("a")
		id := r.Batch(a, "20150518")
		r.Hold(store.HoldBatch, id)
		if got := r.command("a/20150518", kill()); !got.Changed || got.Code != CodeKillNow || got.Object != "a/20150518.0" {
			t.Errorf("got %+v, want it killed", got)
		}
		dead := r.wantState("killed", id, batch.Done, batch.Killed)
		if dead.KillBy != "ann" || dead.KillAt == 0 || dead.KillReason != "wrong input" || dead.EndTime == 0 || dead.Message != "killed by ann: wrong input" || dead.Gate != "" {
			t.Errorf("got %+v, want who, when and why", dead)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_hold WHERE releasedAt = 0"); n != 0 {
			t.Errorf("got %d holds left on what never runs, want none", n)
		}
		if got := r.Text("SELECT detail FROM capri_audit_log WHERE action = 'batch.kill'"); got != `{"reason":"wrong input","changed":true,"before":"waiting/none","after":"done/killed"}` {
			t.Errorf("got audit %s, want the reason, before and after", got)
		}
		if got := r.Text("SELECT actorId FROM capri_batch_event WHERE workId = ? AND move = 'kill' AND detail = 'wrong input'", id); got != "ann" {
			t.Errorf("got %s in the journal, want ann", got)
		}
		if got := r.command("a/20150518.0", kill()); got.Changed || got.Code != CodeSame {
			t.Errorf("got %+v, want nothing changed the second time", got)
		}
		if n := r.audits("batch.kill"); n != 2 {
			t.Errorf("got %d audit rows, want one for each call", n)
		}
		good := r.Batch(a, "20150519")
		r.Succeed(good)
		r.refused("ended", "a/20150519", ann(), kill(), fault.Conflict, "a/20150519.0 has ended already (success)")
		r.refused("no such batch", "a/20150601", ann(), kill(), fault.NotFound, "a/20150601")
		r.refused("no reason", "a/20150519", ann(), Command{Kind: KindKill}, fault.Invalid, "reason")
		if len(r.killed) != 0 || r.freed != 0 {
			t.Errorf("got hosts %v told and assign woken %d times, want neither: nothing was on a worker", r.killed, r.freed)
		}
	})
}

func TestKillOfWhatIsAssignedBeatsItsStart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		r.assign()
		r.wantState("assigned", id, batch.Assigned, batch.None)
		r.command("a/20150518", kill())
		r.wantState("killed", id, batch.Done, batch.Killed)
		if v := r.says(id, wire.FactStarted, nil); v != wire.VerdictStale {
			t.Errorf("got %s for a start after the kill, want stale", v)
		}
		r.assign()
		r.wantState("for good", id, batch.Done, batch.Killed)
		if r.freed != 1 || len(r.killed) != 0 {
			t.Errorf("got assign woken %d times, %v told, want the slot given on and no order to the worker", r.freed, r.killed)
		}
	})
}

// Who comes first, the kill or the start, decides what the kill is.
func TestKillAndStartInTheSameMoment(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		many := r.Define("a", spec(func(s *task.Spec) { s.MaxRunning = 100 }))
		for i := range 12 {
			no := fmt.Sprint(20150501 + i)
			id := r.Batch(many, no)
			r.must(r.Assign(storetest.Host, id))
			var verdict wire.FactVerdict
			var said wire.CommandReply
			var wg sync.WaitGroup
			wg.Go(func() { verdict = r.says(id, wire.FactStarted, nil) })
			wg.Go(func() { said, _ = r.Command(t.Context(), ann(), ref("a/"+no), kill()) })
			wg.Wait()
			got := r.Work(id)
			switch {
			case verdict == wire.VerdictOK && said.Code == CodeKillOrder && got.State == batch.Running && got.KillAt > 0:
				if v := r.says(id, wire.FactLost, nil); v != wire.VerdictOK {
					t.Errorf("got %s for the end, want ok", v)
				}
			case verdict == wire.VerdictStale && said.Code == CodeKillNow:
			default:
				t.Fatalf("got start %s, kill %+v and %s, want one of them first and the other to know", verdict, said, got.State)
			}
			r.wantState("after both", id, batch.Done, batch.Killed)
		}
	})
}

func TestKillOfWhatRunsIsAnOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		id := r.Batch(r.Define("a", spec(func(s *task.Spec) { s.Retry.Times = 3 })), "20150518")
		r.must(r.Assign(storetest.Host, id))
		r.says(id, wire.FactStarted, nil)
		if got := r.command("a/20150518", kill()); got.Code != CodeKillOrder || !strings.Contains(got.Next, "batch wait a/20150518.0") {
			t.Errorf("got %+v, want an order", got)
		}
		ordered := r.wantState("ordered", id, batch.Running, batch.None)
		if ordered.KillBy != "ann" || ordered.KillAt == 0 || ordered.EndTime != 0 || !slices.Equal(r.killed, []string{storetest.Host}) {
			t.Errorf("got %+v and %v told, want the intent alone and its worker told", ordered, r.killed)
		}
		if got := r.command("a/20150518", Command{Kind: KindKill, Reason: "again"}); got.Changed || got.Code != CodeEnding {
			t.Errorf("got %+v, want the first order to stand", got)
		}
		r.refused("mark", "a/20150518", ann(), markAs(batch.Success), fault.Conflict, "is running")
		exit := 143
		r.says(id, wire.FactFinished, &exit)
		if dead := r.wantState("ended by its worker, retries left or not", id, batch.Done, batch.Killed); dead.KillReason != "wrong input" {
			t.Errorf("got %+v, want the first reason", dead)
		}
	})
}

func TestWhoMayCommand(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newCommander(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		stranger := Caller{Actor: store.Actor{Kind: "person", ID: "eve"}, Source: "here", Department: 4711}
		r.refused("a stranger", "a/20150518", stranger, kill(), fault.Forbidden, "admin")
		r.wantState("untouched", id, batch.Waiting, batch.None)
		object := Object{Kind: store.HoldTask, Name: "a", Source: store.SourcePerson}
		if _, err := r.HoldObject(t.Context(), stranger, object, hold()); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("got %v, want FORBIDDEN", err)
		}
		department := int64(r.Figure("SELECT departmentId FROM capri_project WHERE name = 'web'"))
		for name, by := range map[string]Caller{
			"owner":     {Actor: store.Actor{Kind: "person", ID: "admin"}},
			"colleague": {Actor: store.Actor{Kind: "person", ID: "cid"}, Department: department},
			"on duty":   {Actor: store.Actor{Kind: "person", ID: "dan"}, Everywhere: true},
		} {
			if _, err := r.Command(t.Context(), by, ref("a/20150518"), hold()); err != nil {
				t.Errorf("%s: got %v, want no error", name, err)
			}
		}
	})
}
