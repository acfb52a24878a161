package why

import (
	"context"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func TestMissingBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		slot := func(daysAgo int) string { return time.Now().UTC().AddDate(0, 0, -daysAgo).Format("20060102") }
		past := slot(3)
		old := r.Define("old")
		switched := r.Define("switched", func(d *task.Task) { d.Spec.Enabled = false })
		r.Define("off", func(d *task.Task) { d.Spec.Enabled = false })
		r.Define("bounded", func(d *task.Task) { d.Spec.Valid.To = "2015-01-01" })
		r.Define("hand", func(d *task.Task) { d.Spec.Period = "manual" })
		r.Define("nightly", func(d *task.Task) { d.Spec.Period, d.Spec.Cron = "cron", "0 3 * * *" })
		r.must(r.DB.Backdate(t.Context(), 200*24*time.Hour))
		r.Redefine(switched, 2, r.Definition("switched"))
		r.Define("young")
		r.Decide("note", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutGenerateFailures(ctx, []store.GenerateFailure{{TaskID: old, WorkNo: "20150518", SlotBase: 1, Tries: 4, Error: "its parent x does not exist"}})
		})
		want := func(ref, text string) {
			t.Helper()
			got := r.ask(ref)
			if got.Verdict != "not-generated" || !strings.HasPrefix(got.Summary, text) || shut(got) != CodeMissing {
				t.Errorf("%s: got %s, want %s", ref, got.Summary, text)
			}
		}
		want("old/20990101", "is generated at 2099-01-01 00:01:00")
		want("off/20990101", "the task is disabled")
		want("bounded/20990101", "its business interval lies outside the task's validity")
		want("old/20150518", "generation failed 4 times: its parent x does not exist")
		want("off/"+past, "the task was disabled at "+time.Now().UTC().AddDate(0, 0, -3).Format(time.DateOnly)+" 00:01:00, by version 1, saved by admin at ")
		want("switched/"+past, "the task was disabled at ")
		want("bounded/"+past, "its business interval lies outside the task's validity")
		want("hand/20150518120000000", "a manual task has batches only when somebody runs it")
		want("young/"+past, "the task did not exist yet at")
		want("nightly/"+past+"040000", "the expression 0 3 * * * does not fire at this time")
		want("nightly/"+past+"030000", "generation has never run; no master leads now; the last one was m1")
		r.ran("generate", 0, "")
		want("old/"+past, "generation has not come to it: it is at ? and ran last at ")
		r.ran("generate", 0, "the database is full")
		want("old/"+past, "generation fails: its last run ended at ")
		r.Decide("mark", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutMarks(ctx, map[string]int64{"day": l.Now(), "cron:1": 1})
		})
		want("old/"+past, "generation has passed this time, it is at ")
		want("old/"+slot(100), "it is older than generation makes up for, 62 days")
		r.Batch(old, past)
		for ref, code := range map[batch.Ref]fault.Code{
			{Task: "nobody", WorkNo: "20150518", Run: batch.AnyRun}: fault.NotFound,
			{Task: "old", WorkNo: past, Run: 3}:                     fault.NotFound,
			{Task: "old", WorkNo: "2015", Run: batch.AnyRun}:        fault.Invalid,
		} {
			if _, err := r.Explain(t.Context(), ref, English); fault.CodeOf(err) != code {
				t.Errorf("%s: got %v, want %s", ref, err, code)
			}
		}
	})
}

// TestMissingByAnOperation tells what operations decided about a work number.
func TestMissingByAnOperation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		r.must(r.DB.Backdate(t.Context(), 20*24*time.Hour))
		past := time.Now().UTC().AddDate(0, 0, -3).Format("20060102")
		next := r.IDs(2)
		put := func(operation int64, decision, code string) {
			r.Operate("apply", func(ctx context.Context, o *store.OperateTx) error {
				return o.PutOperation(ctx, store.Operation{ID: operation, Kind: "coldstart", State: store.OperationCreating, Author: "ann", Request: "{}", Total: 1},
					[]store.OperationItem{{N: 1, TaskID: id, TaskVersion: 1, WorkNo: past, Decision: decision, Code: code}}, 0)
			})
		}
		put(next[0], "skip", "SKIP_UNFINISHED")
		got := r.ask("a/" + past)
		if !strings.HasPrefix(got.Summary, "SKIP_UNFINISHED in operation ") {
			t.Errorf("got %s, want the operation that skipped it", got.Summary)
		}
		wantEvidence(t, got.Gates[0], "(coldstart by ann) decided: skip SKIP_UNFINISHED")
		put(next[1], "create", "CREATE_NEW")
		got = r.ask("a/" + past)
		if !strings.HasPrefix(got.Summary, "is being made by operation ") || len(got.Gates[0].Evidence) != 2 {
			t.Errorf("got %+v, want that it is being made", got)
		}
		r.Change("DELETE FROM capri_operation_item")
		r.Change("DELETE FROM capri_operation")
	})
}
