package why

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func TestHeldShowsEveryHold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		work := r.Batch(id, "20150518")
		ids := r.IDs(3)
		r.Operate("hold", func(ctx context.Context, o *store.OperateTx) error {
			for _, h := range []store.Hold{
				{ID: ids[0], Kind: store.HoldBatch, ObjectID: work, Actor: "ann", Reason: "wrong day", Source: store.SourcePerson},
				{ID: ids[1], Kind: store.HoldTask, ObjectID: id, Actor: "bob", Reason: "it storms", Source: store.SourceBreaker, Until: 4102444800000},
				{ID: ids[2], Kind: store.HoldProject, ObjectID: r.Project, Actor: "dq", Reason: "rule 7", Source: store.SourceQuality},
			} {
				if err := o.PutHold(ctx, h); err != nil {
					return err
				}
			}
			return nil
		})
		g := gateOf(r.ask("a/20150518"), batch.GateHeld)
		wantEvidence(t, g, "hold on the batch by ann since ", ", until released: wrong day",
			"tripped breaker on the task by bob since ", ", until 2100-01-01 00:00:00: it storms", "block by data quality on the project by dq since ", ": rule 7")
		if len(g.Evidence) != 3 || g.Since == 0 || g.Help == "" {
			t.Errorf("got %+v, want three holds, since when and what helps", g)
		}
	})
}

func TestDisabledSaysByWhom(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a")
		r.Batch(id, "20150518")
		off := r.Definition("a")
		off.Spec.Enabled = false
		r.Redefine(id, 2, off)
		r.Redefine(id, 3, off)
		g := gateOf(r.ask("a/20150518"), batch.GateDisabled)
		wantEvidence(t, g, "by version 2, saved by admin at ")
		if g.State != unmet || g.Help != "enable the task" {
			t.Errorf("got %+v, want it shut, and what helps", g)
		}
		r.Redefine(id, 4, r.Definition("a"))
		r.Change("UPDATE capri_task SET isEnabled = 0 WHERE id = ?", id)
		if g := gateOf(r.ask("a/20150518"), batch.GateDisabled); g.State != unmet || len(g.Evidence) != 0 || g.Since == 0 {
			t.Errorf("got %+v, want it shut by no version", g)
		}
		r.Change("UPDATE capri_task SET isDeleted = 1 WHERE id = ?", id)
		r.Change("UPDATE capri_task_version SET isDeleted = 1 WHERE taskId = ? AND version = 4", id)
		if g := gateOf(r.ask("a/20150518"), batch.GateDisabled); g.Sentence != "the task is deleted" || len(g.Evidence) != 1 {
			t.Errorf("got %+v, want that it is deleted, and by whom", g)
		}
	})
}

func TestLatestSaysWhoFroze(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a := r.Define("a")
		r.Batch(a, "20150518")
		r.Batch(a, "20150519", func(b *store.NewBatch) { b.ScheduleTime = time.Now().Add(time.Hour).UnixMilli() })
		if g := gateOf(r.ask("a/20150519"), batch.GateLatest); !strings.HasPrefix(g.Sentence, "is scheduled for ") || g.Help != "" {
			t.Errorf("got %+v, want only that it lies ahead", g)
		}
		r.Operate("freeze", func(ctx context.Context, o *store.OperateTx) error {
			return o.PutSetting(ctx, store.SettingLatestSchedule, "2001-02-03T04:05:06Z")
		})
		g := gateOf(r.ask("a/20150518"), batch.GateLatest)
		wantEvidence(t, g, "latest_schedule_time is 2001-02-03T04:05:06Z, set by admin at ")
		if !strings.Contains(g.Help, "super administrator") {
			t.Errorf("got help %q, want who can lift it", g.Help)
		}
	})
}

func TestQualityTellsWhatWasAskedAndAnswered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		up := r.Define("up")
		for _, policy := range []string{"wait", "pass", "alert"} {
			id := r.Define(policy, func(d *task.Task) {
				d.Spec.Quality = task.Quality{Enabled: true, OnSilence: policy, After: task.Duration(time.Hour)}
			})
			r.Batch(id, "20150518")
			r.Batch(id, "20150519", waitsFor(up))
		}
		gate := func(ref string) string {
			g := gateOf(r.ask(ref), batch.GateQuality)
			return g.Sentence + "\n" + strings.Join(g.Evidence, "\n")
		}
		want := func(ref string, texts ...string) {
			t.Helper()
			for _, text := range texts {
				if got := gate(ref); !strings.Contains(got, text) {
					t.Errorf("%s: got\n%s\nwant %s", ref, got, text)
				}
			}
		}
		want("wait/20150519", "asked once all dependencies are met")
		want("wait/20150518", "not asked yet")
		r.Change("UPDATE capri_task_work SET qualityTries = 2 WHERE workNo = '20150518'")
		want("wait/20150518", "2 calls of the service have failed")
		r.Change("UPDATE capri_task_work SET qualityState = 1, qualitySentAt = 1000 WHERE workNo = '20150518'")
		want("wait/20150518", "asked at 1970-01-01 00:00:01, no answer for ", "however long")
		want("pass/20150518", "it may run from 1970-01-01 01:00:01 on")
		want("alert/20150518", "people are told at 1970-01-01 01:00:01")
		r.Quality = false
		want("alert/20150518", "no data-quality service is configured")
		r.Change("UPDATE capri_task_work SET qualityState = 3 WHERE workNo = '20150518'")
		want("pass/20150518", "has answered that it must not run")
	})
}

func TestMaximumNamesWhoHoldsThePlaces(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a", func(d *task.Task) { d.Spec.MaxRunning = 2 })
		running, assigned := r.Batch(id, "20150516"), r.Batch(id, "20150517")
		r.Batch(id, "20150518")
		r.must(r.Assign(storetest.Host, running, assigned))
		r.must(r.Start(running))
		r.Decide("learn", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutTaskStats(ctx, []store.TaskStat{{TaskID: id, Runs: 9, P50Millis: 60_000, P95Millis: 90_000, LearnedAt: 1}})
		})
		g := gateOf(r.ask("a/20150518"), batch.GateMaximum)
		wantEvidence(t, g, "a/20150516.0 is running on w1 since ", ", expected until ", "a/20150517.0 is assigned on w1 since ")
		if len(g.Evidence) != 2 || g.Since < r.Work(assigned).AssignTime {
			t.Errorf("got %+v, want two holders, shut since the last of them", g)
		}
	})
}

func TestAccountRetryAndOperation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("a", func(d *task.Task) { d.Spec.Account = "etl" })
		work := r.Batch(id, "20150518", func(b *store.NewBatch) { b.OperationID = 77 })
		r.Change("UPDATE capri_user SET role = 'superadmin'")
		wantEvidence(t, gateOf(r.ask("a/20150518"), batch.GateAccount), "the task's owner is admin, the account etl", "may grant it: admin")
		r.Change(`INSERT INTO capri_operation (id, kind, state, author, reason, request, total, created, createdAt, endedAt)
VALUES (77, 'rerun', 'creating', 'ann', '', '{}', 9, 4, 1, 0)`)
		wantEvidence(t, gateOf(r.ask("a/20150518"), batch.GateOperation), "operation 77 (rerun by ann) has made 4 of 9")
		r.Change("UPDATE capri_task_work SET operationId = 0 WHERE id = ?", work)
		r.Change("DELETE FROM capri_operation")
		r.must(r.Assign(storetest.Host, work))
		r.must(r.Start(work))
		r.must(r.Retry(work))
		r.Change("UPDATE capri_task_work SET retryAt = ? WHERE id = ?", time.Now().Add(time.Hour).UnixMilli(), work)
		g := gateOf(r.ask("a/20150518"), batch.GateRetry)
		wantEvidence(t, g, "opens by itself at ", "attempt 1 on w1 from ", ": failed, exit code 1")
		if g.Since == 0 {
			t.Errorf("got %+v, want since when", g)
		}
	})
}

// TestSinceIsTheSchedulersOwn prefers what the scheduler has noted.
func TestSinceIsTheSchedulersOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t, storetest.NewWorld(t, storetest.Open(t, storetest.SQLite)))
	work := r.Batch(r.Define("a"), "20150518")
	r.Hold(store.HoldBatch, work)
	for _, code := range []string{"BATCH_HELD", "NO_WORKER"} {
		r.Change(fmt.Sprintf("UPDATE capri_task_work SET gate = '%s', gateSince = 4321", code))
		g := gateOf(r.ask("a/20150518"), batch.GateHeld)
		if (g.Since == 4321) != (code == "BATCH_HELD") {
			t.Errorf("got since %d with gate %s noted, want 4321 only for its own", g.Since, code)
		}
	}
}
