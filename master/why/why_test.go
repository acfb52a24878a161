package why

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/batch"
	"capricornus/common/fault"
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
	term := time.Now().Add(-time.Hour)
	return &rig{World: w, t: t, Explainer: New(w.DB, store.NewDefinitions(w.DB, 1000), time.UTC, func() time.Time { return term })}
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
	got, err := r.Explain(r.t.Context(), parsed)
	r.must(err)
	if got.Summary == "" || got.Verdict == "" || got.AsOf == 0 || got.Gates == nil {
		r.t.Errorf("%s: got %+v, want an answer", ref, got)
	}
	return got
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
		id := r.Batch(r.Define("a"), "20150518")
		if got := r.ask("a/20150518"); got.Verdict != "waiting" || shut(got) != "" || !strings.Contains(got.Summary, "next moment") {
			t.Errorf("got %+v, want nothing in its way", got)
		}
		r.must(r.Assign(storetest.Host, id))
		if got := r.ask("a/20150518.0"); got.Verdict != "assigned" || shut(got) != "ASSIGNED_NOT_PICKED" || !strings.Contains(got.Summary, "assigned to w1") {
			t.Errorf("got %+v, want it assigned to w1", got)
		}
		r.Change("UPDATE capri_task_work SET refusedAt = 5, refusedReason = 'no memory' WHERE id = ?", id)
		r.Decide("log", func(ctx context.Context, l *store.LeaderTx) error {
			return l.InsertReassignments(ctx, []store.Reassignment{{WorkID: id, Attempt: 9, OldHost: "w0", Reason: "w0 is silent"}})
		})
		evidence := strings.Join(r.ask("a/20150518").Gates[0].Evidence, "\n")
		if !strings.Contains(evidence, "w1 refused it: no memory") || !strings.Contains(evidence, "taken from w0: w0 is silent") {
			t.Errorf("got %s, want the refusal and the history", evidence)
		}
		r.Change("UPDATE capri_task_work SET refusedAt = 0 WHERE id = ?", id)
		r.must(r.Start(id))
		if got := r.ask("a/20150518"); got.Verdict != "running" || !strings.Contains(got.Summary, "running on w1") || !strings.Contains(got.Summary, "attempt 1") {
			t.Errorf("got %+v, want it running on w1", got)
		}
		r.must(r.Finish(0, id))
		got := r.ask("a/20150518")
		if got.Verdict != "done" || !strings.Contains(got.Summary, "success") || len(got.Spent) != 3 {
			t.Errorf("got %+v, want its end and where its time went", got)
		}
		for i, phase := range []string{"waiting", "assigned", "running"} {
			if got.Spent[i].Phase != phase || got.Spent[i].Millis < 0 {
				t.Errorf("got %+v, want %s at place %d", got.Spent, phase, i)
			}
		}
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
		if g := gateOf(got, batch.GateEarliest); len(g.Evidence) != 1 || !strings.HasPrefix(g.Evidence[0], "opens by itself at ") {
			t.Errorf("got %+v, want when it opens", g)
		}
		r.Change("UPDATE capri_task_work SET operationId = 0 WHERE taskId = ?", id)
		r.Change("DELETE FROM capri_operation")
	})
}

func TestTheWorkerGateSaysWho(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		last := func() wire.WhyGate {
			got := r.ask("a/20150518")
			return got.Gates[len(got.Gates)-1]
		}
		if g := last(); g.State != met || g.Sentence != "worker w1 has room" {
			t.Errorf("got %+v, want w1", g)
		}
		r.Change("UPDATE capri_task_work SET attempt = 1 WHERE id = ?", id)
		r.Decide("log", func(ctx context.Context, l *store.LeaderTx) error {
			return l.InsertReassignments(ctx, []store.Reassignment{{WorkID: id, Attempt: 1, OldHost: "w1", Reason: "refused"}})
		})
		if g := last(); g.State != unmet || !strings.Contains(g.Sentence, "asked again after 5m0s") {
			t.Errorf("got %+v, want that only excluded workers fit", g)
		}
		r.Change("UPDATE capri_task_work SET attempt = 0 WHERE id = ?", id)
		r.Change("DELETE FROM capri_reschedule_log")
		r.Change("UPDATE capri_schedul_cluster SET slots = 0")
		if g := last(); g.Code != string(batch.GateQueue) || g.State != unmet {
			t.Errorf("got %+v, want it in the queue", g)
		}
		r.Change("UPDATE capri_schedul_cluster SET slots = 4, isStop = 1")
		if g := last(); g.Sentence != "no worker fits" || !strings.Contains(g.Evidence[0], "1 alive > 0 switched on") || g.Help == "" {
			t.Errorf("got %+v, want the funnel as evidence", g)
		}
		r.Change("DELETE FROM capri_schedul_cluster")
		if g := last(); g.Evidence[0] != "no worker has ever reported" {
			t.Errorf("got %+v, want that there is none", g)
		}
		r.Beat(storetest.Host, 100)
	})
}

func TestMissingBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		past := time.Now().UTC().AddDate(0, 0, -3).Format("20060102")
		old := r.Define("old")
		r.Define("off", func(d *task.Task) { d.Spec.Enabled = false })
		r.Define("bounded", func(d *task.Task) { d.Spec.Valid.To = "2015-01-01" })
		r.Define("hand", func(d *task.Task) { d.Spec.Period = "manual" })
		r.must(r.DB.Backdate(t.Context(), 10*24*time.Hour))
		r.Define("young")
		r.Decide("note", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutGenerateFailures(ctx, []store.GenerateFailure{{TaskID: old, WorkNo: "20150518", SlotBase: 1, Tries: 4, Error: "its parent x does not exist"}})
		})
		cases := map[string]string{
			"old/20990101":           "is generated at 2099-01-01 00:01:00",
			"old/20150518":           "generation failed 4 times: its parent x does not exist",
			"off/" + past:            "the task is disabled",
			"bounded/" + past:        "its business interval lies outside the task's validity",
			"hand/20150518120000000": "a manual task has batches only when somebody runs it",
			"young/" + past:          "the task did not exist yet at",
			"old/" + past:            "was not generated",
		}
		for ref, want := range cases {
			got := r.ask(ref)
			if got.Verdict != "not-generated" || !strings.HasPrefix(got.Summary, want) || shut(got) != "NOT_GENERATED" {
				t.Errorf("%s: got %s, want %s", ref, got.Summary, want)
			}
		}
		r.Batch(old, past)
		for ref, want := range map[batch.Ref]fault.Code{
			{Task: "nobody", WorkNo: "20150518", Run: batch.AnyRun}: fault.NotFound,
			{Task: "old", WorkNo: past, Run: 3}:                     fault.NotFound,
			{Task: "old", WorkNo: "2015", Run: batch.AnyRun}:        fault.Invalid,
		} {
			if _, err := r.Explain(t.Context(), ref); fault.CodeOf(err) != want {
				t.Errorf("%s: got %v, want %s", ref, err, want)
			}
		}
	})
}
