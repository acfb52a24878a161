package why

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"go.uber.org/goleak"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is an explainer over a world.
type rig struct {
	*storetest.World
	*Explainer
	t *testing.T
}

func newRig(t *testing.T, w *storetest.World) *rig {
	t.Helper()
	r := &rig{World: w, t: t, Explainer: New(Config{DB: w.DB, Defs: store.NewDefinitions(w.DB, 1000), Zone: time.UTC, Quality: true})}
	r.ran("assign", 0, "")
	r.ran("depend", 0, "")
	r.ran("paths", 0, "")
	return r
}

// ran records that a service ran some time ago.
func (r *rig) ran(service string, ago time.Duration, failed string) {
	r.t.Helper()
	r.Decide("record a run", func(ctx context.Context, l *store.LeaderTx) error {
		at := l.Now() - ago.Milliseconds()
		return l.PutServiceRun(ctx, store.ServiceRun{Name: service, StartedAt: at, EndedAt: at, Error: failed})
	})
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("got %v, want no error", err)
	}
}

func (r *rig) ask(ref string) wire.Why {
	r.t.Helper()
	parsed, err := batch.ParseRef(ref)
	r.must(err)
	zh, err := r.Explain(r.t.Context(), parsed, Chinese)
	r.must(err)
	r.complete(ref, zh)
	for _, text := range sentences(zh) {
		if !strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
			r.t.Errorf("%s: got %q, want it in Chinese", ref, text)
		}
	}
	got, err := r.Explain(r.t.Context(), parsed, English)
	r.must(err)
	r.complete(ref, got)
	return got
}

// complete wants an answer that says something wherever something is in the way.
func (r *rig) complete(ref string, w wire.Why) {
	r.t.Helper()
	if w.Summary == "" || w.Verdict == "" || w.AsOf == 0 || w.Gates == nil {
		r.t.Errorf("%s: got %+v, want an answer", ref, w)
	}
	for _, g := range w.Gates {
		if g.Sentence == "" || g.State == unmet && (g.Since <= 0 || g.Since > w.AsOf) && w.Verdict != "not-generated" {
			r.t.Errorf("%s: got %+v, want a sentence and since when", ref, g)
		}
	}
	for _, root := range w.Roots {
		if root.Sentence == "" || root.Batch == "" || root.Code == "" || root.Since <= 0 {
			r.t.Errorf("%s: got %+v, want a root that says all", ref, root)
		}
	}
}

// sentences are what an answer says in its language.
func sentences(w wire.Why) []string {
	out := append([]string{w.Summary}, w.Facts...)
	for _, g := range w.Gates {
		out = append(append(out, g.Sentence), g.Evidence...)
		if g.Help != "" {
			out = append(out, g.Help)
		}
	}
	for _, root := range w.Roots {
		out = append(out, root.Sentence)
	}
	for _, phase := range w.Spent {
		out = append(out, phase.Label)
	}
	for _, timeout := range w.Timeouts {
		out = append(out, timeout.Label)
	}
	return out
}

// gateOf returns one gate of an answer.
func gateOf(w wire.Why, code batch.GateCode) wire.WhyGate {
	for _, g := range w.Gates {
		if g.Code == string(code) {
			return g
		}
	}
	return wire.WhyGate{}
}

// shut lists the gates that are not met.
func shut(w wire.Why) string {
	var out []string
	for _, g := range w.Gates {
		if g.State == unmet {
			out = append(out, g.Code)
		}
	}
	return strings.Join(out, " ")
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("a"), "20150518", func(b *store.NewBatch) { b.DependDeadline, b.OutputDeadline = 5, 6 })
		r.Change("UPDATE capri_task_work SET outputTimeoutAt = 7 WHERE id = ?", id)
		got := r.ask("a/20150518")
		if got.Verdict != "waiting" || shut(got) != "" || !strings.Contains(got.Summary, "next moment") {
			t.Errorf("got %+v, want nothing in its way", got)
		}
		want := []wire.WhyTimeout{{Kind: "depend", Label: "dependency timeout", DueAt: 5}, {Kind: "output", Label: "output timeout", DueAt: 6, PassedAt: 7}}
		if !slices.Equal(got.Timeouts, want) {
			t.Errorf("got %+v, want both deadlines and the mark", got.Timeouts)
		}
		r.must(r.Assign(storetest.Host, id))
		if got := r.ask("a/20150518.0"); got.Verdict != "assigned" || shut(got) != CodeAssigned || !strings.Contains(got.Summary, "assigned to w1") {
			t.Errorf("got %+v, want it assigned to w1", got)
		}
		r.must(r.Start(id))
		if got := r.ask("a/20150518"); got.Verdict != "running" || !strings.Contains(got.Summary, "running on w1") || !strings.Contains(got.Summary, "attempt 1") {
			t.Errorf("got %+v, want it running on w1", got)
		}
		r.Change("UPDATE capri_task_work SET memory = 104857600, peakMemory = 136314880 WHERE id = ?", id)
		if got := r.ask("a/20150518"); !slices.Contains(got.Facts, "130 MiB of memory used, 100 MiB declared") {
			t.Errorf("got %q, want the memory it uses beside what is declared", got.Facts)
		}
		r.must(r.Finish(0, id))
		if got := r.ask("a/20150518"); got.Verdict != "done" || !strings.Contains(got.Summary, "succeeded at") || len(got.Facts) != 1 {
			t.Errorf("got %+v, want its end and its attempt", got)
		}
	})
}

func TestAssignedSaysWhatItsWorkerMakesOfIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		r.must(r.Assign(storetest.Host, id))
		r.Change("UPDATE capri_task_work SET refusedAt = 5, refusedReason = 'no memory', killAt = 6, killBy = 'bob', killReason = 'wrong day' WHERE id = ?", id)
		r.Change("UPDATE capri_schedul_cluster SET lastCheckTime = 1000")
		r.Decide("log", func(ctx context.Context, l *store.LeaderTx) error {
			return l.InsertReassignments(ctx, []store.Reassignment{{WorkID: id, Attempt: 9, OldHost: "w0", Reason: "w0 is silent"}})
		})
		g := gateOf(r.ask("a/20150518"), CodeAssigned)
		for _, want := range []string{
			"w1 refused it at 1970-01-01 00:00:00: no memory", "attempt 9 was taken from w0: w0 is silent", "bob ordered it killed",
			"w1: silent since 1970-01-01 00:00:01", "given to another worker at",
		} {
			if !strings.Contains(strings.Join(g.Evidence, "\n"), want) {
				t.Errorf("got %q, want %s", g.Evidence, want)
			}
		}
		r.Change("UPDATE capri_schedul_cluster SET deadAt = 5, deadBy = 'eve', deadReason = 'burnt'")
		if g := gateOf(r.ask("a/20150518"), CodeAssigned); !strings.Contains(strings.Join(g.Evidence, "\n"), "w1: declared dead by eve") {
			t.Errorf("got %q, want who declared the worker dead", g.Evidence)
		}
		r.Change("UPDATE capri_task_work SET refusedAt = 0, killAt = 0 WHERE id = ?", id)
	})
}

func TestEveryShutGateIsShown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		later := time.Now().Add(time.Hour).UnixMilli()
		up := r.Define("up")
		id := r.Define("a", func(d *task.Task) { d.Spec.Account, d.Spec.MaxRunning, d.Spec.Quality.Enabled = "etl", 0, true })
		r.Batch(id, "20150518", func(b *store.NewBatch) {
			b.OperationID, b.ScheduleTime, b.EarliestAt = 77, later, later
			b.Inputs = []store.NewPath{{Path: "file:///in", Ready: "exists"}}
			b.Thirds = []store.NewThird{{Code: "pay", Key: "1"}, {Code: "pay", Key: "2", Met: true}}
			b.Parents = []store.NewParent{{TaskID: up, WorkNo: "20150518"}, {TaskID: up, WorkNo: "20150517", State: store.DepNotApplicable}}
		})
		r.Change(`INSERT INTO capri_operation (id, kind, state, author, reason, request, total, created, createdAt, endedAt)
VALUES (77, 'coldstart', 'creating', 'ann', '', '{}', 0, 0, 1, 0)`)
		r.Hold(store.HoldProject, r.Project)
		r.Change("UPDATE capri_task SET isEnabled = 0 WHERE id = ?", id)
		r.Change("UPDATE capri_task_work SET retryAt = ? WHERE taskId = ?", later, id)
		got := r.ask("a/20150518")
		want := "DATA_PATH THIRD_PARTY PARENT_BATCH OPERATION_PENDING LATEST_SCHED_TIME TASK_DISABLED BATCH_HELD DQ_GATE EARLIEST_TIME RETRY_WAIT CONCURRENCY ACCOUNT"
		if shut(got) != want {
			t.Errorf("got %s, want every gate in order: %s", shut(got), want)
		}
		if g := gateOf(got, batch.GateWorker); g.State != notEvaluated {
			t.Errorf("got %+v, want the worker asked last", g)
		}
		if g := gateOf(got, batch.GateThird); g.Sentence != "1 of 2 third-party announcements have arrived" || g.Since == 0 || len(g.Evidence) != 1 {
			t.Errorf("got %+v, want what has arrived and what has not", g)
		}
		if g := gateOf(got, batch.GateParent); g.Sentence != "0 of 1 parent batches are successful" || !strings.Contains(g.Evidence[0], "up/20150518 does not exist yet") {
			t.Errorf("got %+v, want the parent named, and those not applicable left out", g)
		}
		if g := gateOf(got, batch.GateHeld); g.Sentence != "the project is held by ann: the disk is changed" || g.Help == "" {
			t.Errorf("got %+v, want whose hold it is and what would help", g)
		}
		if g := gateOf(got, batch.GateData); g.CheckedAt == 0 || g.CheckedBy != "paths@m1" {
			t.Errorf("got %+v, want when it was checked, and by whom", g)
		}
		if g := gateOf(got, batch.GateEarliest); len(g.Evidence) != 1 || !strings.HasPrefix(g.Evidence[0], "opens by itself at ") {
			t.Errorf("got %+v, want when it opens", g)
		}
		r.Change("UPDATE capri_task_work SET operationId = 0 WHERE taskId = ?", id)
		r.Change("DELETE FROM capri_operation")
	})
}
