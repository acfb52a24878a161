package guard

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// due makes a batch whose timeouts were due some time ago; 0 is none.
func due(depend, output time.Duration) func(*store.NewBatch) {
	at := func(ago time.Duration) int64 {
		if ago == 0 {
			return 0
		}
		return time.Now().Add(-ago).UnixMilli()
	}
	return func(b *store.NewBatch) { b.DependDeadline, b.OutputDeadline = at(depend), at(output) }
}

func waits(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "file:///never", Ready: "exists"}} }

func TestTimeoutsAreMarkedAndAlarmedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("etl")
		both := r.Batch(task, "20150518", waits, due(time.Minute, time.Second))
		depend := r.Batch(task, "20150519", waits, due(time.Minute, -time.Hour))
		output := r.Batch(task, "20150520", waits, due(-time.Hour, time.Minute))
		ready := r.Batch(task, "20150521", due(time.Minute, 0))
		young := r.Batch(task, "20150522", waits, due(-time.Hour, -time.Hour))
		running, failed, done := r.Batch(task, "20150523", due(0, time.Minute)), r.Batch(task, "20150524", due(0, time.Minute)), r.Batch(task, "20150525", due(0, time.Minute))
		r.Succeed(done)
		r.run(running, failed)
		if err := r.Finish(1, failed); err != nil {
			t.Fatal(err)
		}
		if n := r.timeout(); n != 6 {
			t.Errorf("got %d marks, want 6", n)
		}
		marked := r.want(both, batch.Waiting, batch.OutputTimeout)
		if marked.DependTimeoutAt == 0 || marked.OutputTimeoutAt == 0 || marked.Seq != 3 {
			t.Errorf("got %+v, want both marks by two moves", marked)
		}
		r.want(depend, batch.Waiting, batch.DependTimeout)
		r.want(output, batch.Waiting, batch.OutputTimeout)
		r.want(ready, batch.Waiting, batch.None)
		r.want(young, batch.Waiting, batch.None)
		r.want(running, batch.Running, batch.OutputTimeout)
		r.want(failed, batch.Done, batch.Failed)
		r.want(done, batch.Done, batch.Success)
		if d, o := r.alerts(store.AlertDependTimeout), r.alerts(store.AlertOutputTimeout); d != 2 || o != 4 {
			t.Errorf("got %d and %d alerts, want 2 and 4", d, o)
		}
		at := time.UnixMilli(r.Work(failed).OutputDeadline).UTC().Format(time.DateTime)
		r.wantAlert(store.AlertOutputTimeout, "etl/20150524.0", store.LevelTask, "1 etl/20150524.0: not successful by "+at+"; it has ended: failed")
		at = time.UnixMilli(r.Work(depend).DependDeadline).UTC().Format(time.DateTime)
		r.wantAlert(store.AlertDependTimeout, "etl/20150519.0", store.LevelTask, "1 etl/20150519.0: its dependencies were not met by "+at+"; 1 are missing")
		r.guard = r.newGuard()
		r.Lead = r.nextTerm(2)
		if n := r.timeout(); n != 0 {
			t.Errorf("got %d marks by the next leader, want none again", n)
		}
	})
}

func TestAMarkedBatchGoesOnAndMaySucceed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("etl")
		late, retried := r.Batch(task, "20150518", due(0, time.Minute)), r.Batch(task, "20150519", due(0, time.Minute))
		r.timeout()
		r.run(late, retried)
		r.want(late, batch.Running, batch.OutputTimeout)
		if err := errors.Join(r.Finish(0, late), r.Retry(retried)); err != nil {
			t.Fatal(err)
		}
		if got := r.want(late, batch.Done, batch.Success); got.OutputTimeoutAt == 0 {
			t.Error("got no time of the mark, want the fact kept")
		}
		if got := r.want(retried, batch.Waiting, batch.OutputTimeout); batch.JobRun(got.State, got.Finish, 0) != batch.RunTimeout {
			t.Errorf("got %s in the JobRun view, want TIMEOUT", batch.JobRun(got.State, got.Finish, 0))
		}
	})
}

func TestNoDependencyTimeoutOnceAnAttemptHasBegun(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("etl")
		begun, assigned, unstarted := r.Batch(task, "20150518", due(time.Minute, 0)), r.Batch(task, "20150519", due(time.Minute, 0)), r.Batch(task, "20150520", due(time.Minute, 0))
		r.run(begun, unstarted)
		if err := errors.Join(r.Retry(begun, unstarted), r.Assign(storetest.Host, assigned)); err != nil {
			t.Fatal(err)
		}
		r.Change("UPDATE capri_task_instance SET outcome = ? WHERE taskWorkId = ?", batch.ResultUnstarted, unstarted)
		// All three wait for a dependency again; the second was only ever assigned.
		r.Decide("pull back", pullback(assigned))
		for _, id := range []int64{begun, assigned, unstarted} {
			r.Change("INSERT INTO capri_tthird_data (taskWorkId, n, code, dataNo, state, unmetSince, lastCheckedAt, lastError) VALUES (?, 0, 'pay', 'x', 0, 1, 0, '')", id)
			r.Change("UPDATE capri_task_work SET unmet = 1 WHERE id = ?", id)
		}
		if n := r.timeout(); n != 2 {
			t.Errorf("got %d marks, want 2", n)
		}
		r.want(begun, batch.Waiting, batch.None)
		r.want(assigned, batch.Waiting, batch.DependTimeout)
		r.want(unstarted, batch.Waiting, batch.DependTimeout)
	})
}

// TestWhatMayNotBeMarkedHoldsUpNobody puts more than a page of batches that stay
// in the list before one that is due.
func TestWhatMayNotBeMarkedHoldsUpNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("etl")
		var all []store.NewBatch
		for i, id := range r.IDs(duePage + 20) {
			b := r.Draft(task, fmt.Sprint(20150000+i), waits, due(time.Hour, 0))
			b.ID = id
			all = append(all, b)
		}
		if err := r.Insert(all...); err != nil {
			t.Fatal(err)
		}
		r.Change(`INSERT INTO capri_task_instance (taskWorkId, attempt, task_instance_code, host, incarnation, pid, startTime, endTime, hasExit, exitCode, resultCode,
outcome, reason, tail, logBytes, failedCount, nextRetryAt, peakMemory, peakProcesses, cpuMillis) SELECT id, 1, 'c', 'w1', 'i1', 0, 5, 6, 0, 0, 0, 'lost', '', '', 0, 0, 0, 0, 0, 0 FROM capri_task_work`)
		last := r.Batch(r.Define("other"), "20150518", waits, due(time.Minute, time.Second))
		if n := r.timeout(); n != 2 {
			t.Errorf("got %d marks, want the two of the last batch", n)
		}
		r.want(last, batch.Waiting, batch.OutputTimeout)
		r.Change("DELETE FROM capri_task_instance")
		r.Change("DELETE FROM capri_task_data WHERE taskWorkId <> ?", last)
		r.Change("UPDATE capri_task_work SET unmet = 0 WHERE id <> ?", last)
	})
}

func TestThousandsDueAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("etl")
		const n = 3*duePage + 7
		var all []store.NewBatch
		for i, id := range r.IDs(n) {
			b := r.Draft(task, fmt.Sprint(20150000+i), waits, due(35*24*time.Hour, 34*24*time.Hour))
			b.ID = id
			all = append(all, b)
		}
		if err := r.Insert(all...); err != nil {
			t.Fatal(err)
		}
		if got := r.timeout(); got != 2*n || r.alerts(store.AlertOutputTimeout) != n || r.alerts(store.AlertDependTimeout) != n {
			t.Errorf("got %d marks, want %d with an alert each", got, 2*n)
		}
	})
}

// TestWhatIsOnTimeAfterAllIsNotMarked lets dependencies be met and a batch
// succeed between the look and the write.
func TestWhatIsOnTimeAfterAllIsNotMarked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("etl")
		met, done := r.Batch(task, "20150518", waits, due(time.Minute, 0)), r.Batch(task, "20150519", due(0, time.Minute))
		r.run(done)
		p := &duePass{Guard: r.guard, lead: r.Lead}
		if err := p.read(t.Context(), store.DueKey{}); err != nil || len(p.dues) != 2 {
			t.Fatalf("got %d due, %v, want both", len(p.dues), err)
		}
		r.Decide("meet", func(ctx context.Context, l *store.LeaderTx) error {
			_, err := l.SetPaths(ctx, []store.PathState{{Path: "file:///never", Ready: "exists", Met: true}})
			return err
		})
		if err := r.Finish(0, done); err != nil {
			t.Fatal(err)
		}
		if err := p.write(t.Context()); err != nil || p.marked != 0 {
			t.Errorf("got %d marks, %v, want none", p.marked, err)
		}
		r.want(met, batch.Waiting, batch.None)
		r.want(done, batch.Done, batch.Success)
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert"); n != 0 {
			t.Errorf("got %d alerts, want none", n)
		}
	})
}

func TestAnOldLeaderMarksNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("etl"), "20150518", waits, due(time.Minute, time.Minute))
		old := r.Lead
		r.Lead = r.nextTerm(2)
		if _, err := r.guard.Timeout(t.Context(), old); !errors.Is(err, store.ErrFenced) {
			t.Errorf("got %v, want %v", err, store.ErrFenced)
		}
		r.want(id, batch.Waiting, batch.None)
		if n := r.alerts(store.AlertDependTimeout) + r.alerts(store.AlertOutputTimeout); n != 0 {
			t.Errorf("got %d alerts, want none", n)
		}
	})
}

func TestStanding(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]store.Work{
		"waits for 3 dependencies": {State: batch.Waiting, Unmet: 3},
		"waits to be assigned":     {State: batch.Waiting},
		"is running on w1":         {State: batch.Running, Host: "w1"},
		"has ended: lost":          {State: batch.Done, Finish: batch.Lost},
	} {
		if got := standing(&w); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
