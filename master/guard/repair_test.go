package guard

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
	"capricornus/master/intake"
)

func TestBatchesOfADeadWorkerAreTriedElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		waits, fences := r.Batch(r.Define("waits"), "20150518"), r.Batch(r.Define("fences", fenced), "20150518")
		wanted, last := r.Batch(r.Define("killed"), "20150518"), r.Batch(r.Define("last"), "20150518")
		r.run(waits, fences, wanted, last)
		r.Change("UPDATE capri_task_work SET killAt = 5 WHERE id = ?", wanted)
		r.Change("UPDATE capri_task_work SET infraFailures = 3 WHERE id = ?", last)
		r.silent(storetest.Host, 5*time.Minute)
		if got := r.repair(); got.Rows != 0 {
			t.Errorf("got %d ended by mere silence, want none", got.Rows)
		}
		r.dead(storetest.Host)
		if got := r.repair(); got.Rows != 4 || r.freed != 1 {
			t.Errorf("got %d ended and %d times freed, want 4 and once", got.Rows, r.freed)
		}
		for _, id := range []int64{waits, fences} {
			got := r.want(id, batch.Waiting, batch.None)
			if got.InfraFailures != 1 || got.UserFailures != 0 || got.Host != "" || got.Message != "w1 was declared dead by admin: the board is burnt; no process and no exit code are left of the attempt" {
				t.Errorf("got %+v, want a retry that uses no try of the user's", got)
			}
		}
		r.want(wanted, batch.Done, batch.Killed)
		r.want(last, batch.Done, batch.Lost)
		if n := r.alerts(store.AlertBatchFailed); n != 1 {
			t.Errorf("got %d alerts of failures, want the lost one's alone", n)
		}
		r.wantAlert(store.AlertBatchFailed, "last/20150518.0", store.LevelTask,
			"1 last/20150518.0 is lost in attempt 1 on w1: w1 was declared dead by admin: the board is burnt; no process and no exit code are left of the attempt")
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_instance WHERE outcome = 'lost' AND endTime > 0"); n != 3 {
			t.Errorf("got %d attempts ended as lost, want 3", n)
		}
		if got := r.repair(); got.Rows != 0 {
			t.Errorf("got %d ended again, want none", got.Rows)
		}
	})
}

func TestAHeartbeatTakesTheDeclarationBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("waits"), "20150518")
		r.run(id)
		r.silent(storetest.Host, time.Hour)
		r.dead(storetest.Host)
		r.Beat(storetest.Host, 1000)
		if got := r.repair(); got.Rows != 0 {
			t.Errorf("got %d ended, want none: it is heard of", got.Rows)
		}
		r.want(id, batch.Running, batch.None)
		r.Operate("declare dead", func(ctx context.Context, o *store.OperateTx) error {
			h, done, err := o.DeclareDead(ctx, storetest.Host, "no")
			if done || h.DeadAt != 0 {
				t.Errorf("got %+v, want a live worker left alone", h)
			}
			return err
		})
	})
}

func TestFencedBatchesAreTriedElsewhereAfterTheLease(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		waits, fences := r.Batch(r.Define("waits"), "20150518"), r.Batch(r.Define("fences", fenced), "20150518")
		r.run(waits, fences)
		r.silent(storetest.Host, 10*time.Minute+59*time.Second)
		got := r.repair()
		if left := time.Until(got.Next); got.Rows != 0 || left <= 0 || left > time.Second {
			t.Errorf("got %+v, want nothing ended and another look within the second", got)
		}
		r.silent(storetest.Host, time.Second)
		if got := r.repair(); got.Rows != 1 || !got.Next.IsZero() {
			t.Errorf("got %+v, want one ended", got)
		}
		r.want(fences, batch.Waiting, batch.None)
		r.want(waits, batch.Running, batch.None)
	})
}

func TestAWipedRootLosesWhatRanThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		waits, fences := r.Batch(r.Define("waits"), "20150518"), r.Batch(r.Define("fences", fenced), "20150518")
		r.run(waits, fences)
		r.Change("UPDATE capri_schedul_cluster SET incarnation = 'i2', incarnationAt = ? WHERE host = 'w1'", time.Now().Add(-10*time.Minute).UnixMilli())
		if got := r.repair(); got.Rows != 0 || time.Until(got.Next) > time.Minute || got.Next.IsZero() {
			t.Errorf("got %+v, want patience for the lease of the old root", got)
		}
		r.Change("UPDATE capri_schedul_cluster SET incarnationAt = incarnationAt - 60000 WHERE host = 'w1'")
		r.repair()
		got := r.want(waits, batch.Done, batch.Lost)
		if got.Message != "w1 has another root directory by now; no process and no exit code are left of the attempt" {
			t.Errorf("got %q, want why", got.Message)
		}
		r.want(fences, batch.Waiting, batch.None)
		if n := r.alerts(store.AlertBatchFailed); n != 1 {
			t.Errorf("got %d alerts, want one of the lost batch", n)
		}
	})
}

func TestAZombieIsEndedWhenItsWorkerHasNoSuchProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		zombie, held, slow, young := r.Batch(r.Define("zombie"), "20150518"), r.Batch(r.Define("held"), "20150518"), r.Batch(r.Define("slow"), "20150518"), r.Batch(r.Define("young"), "20150518")
		r.run(zombie, held, slow, young)
		r.ago(61*time.Minute, zombie, held, slow)
		r.Decide("learn", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutTaskStats(ctx, []store.TaskStat{{TaskID: r.Work(slow).TaskID, Runs: 5, P95Millis: 31 * time.Minute.Milliseconds()}})
		})
		r.gone = map[int64]bool{zombie: true, slow: true, young: true}
		r.unheard = true
		if got := r.repair(); got.Rows != 0 || time.Until(got.Next) > lookAgain || got.Next.IsZero() {
			t.Errorf("got %+v, want it to look again soon: too little was heard", got)
		}
		r.unheard = false
		if got := r.repair(); got.Rows != 1 || !got.Next.IsZero() {
			t.Errorf("got %+v, want the zombie ended", got)
		}
		r.want(zombie, batch.Waiting, batch.None)
		for _, id := range []int64{held, slow, young} {
			r.want(id, batch.Running, batch.None)
		}
		for _, h := range r.asked {
			if h.WorkID == young || h.WorkID == slow || h.Attempt != 1 {
				t.Errorf("got asked about %+v, want only what is running long", h)
			}
		}
	})
}

func TestTheCodeLogDecidesAboutExitCodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		good := r.Define("good")
		bad := r.Define("bad", func(d *task.Task) { d.Spec.Retry.Times = 0 })
		succeeded, failed := r.Batch(good, "20150518"), r.Batch(bad, "20150518")
		r.run(succeeded, failed)
		for id, name := range map[int64]string{succeeded: code("good", "20150518", 1), failed: code("bad", "20150518", 1)} {
			r.Change("UPDATE capri_task_instance SET task_instance_code = ? WHERE taskWorkId = ?", name, id)
		}
		for _, row := range []struct {
			name string
			code int
		}{{"good/20150518.0#1", 3}, {"good/20150518.0#1", 0}, {"good/20150518.0#1", 4}, {"good/20150518.0#2", 5}, {"bad/20150518.0#1", 0 + 9}, {"bad/20150518.0#1", 7}} {
			r.Change("INSERT INTO capri_user_code_log (task_instance_code, user_code, execute_state) VALUES (?, ?, 1)", row.name, row.code)
		}
		r.silent(storetest.Host, time.Hour)
		r.dead(storetest.Host)
		r.repair()
		r.want(succeeded, batch.Done, batch.Success)
		if got := r.want(failed, batch.Done, batch.Failed); got.ResultCode != 7 || got.UserFailures != 1 {
			t.Errorf("got %+v, want the last code and the user's failure", got)
		}
		if !slices.Equal(r.succeeded, []int64{succeeded}) {
			t.Errorf("got %v told as successful, want %d", r.succeeded, succeeded)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_user_code_log WHERE execute_state = 1"); n != 1 {
			t.Errorf("got %d codes that are not judged, want only that of another attempt", n)
		}
	})
}

func TestOutputsDecideOnlyWhenTheAttemptWroteThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		dir := t.TempDir()
		byOutput := func(d *task.Task) { d.Spec.Success, d.Spec.Retry.Times = "output-path", 0 }
		begin := func(name, path string, noted bool) int64 {
			id := r.Batch(r.Define(name, byOutput), "20150518", func(b *store.NewBatch) {
				b.Outputs = []store.NewPath{{Path: path, Ready: datapath.ReadySuccess}}
			})
			r.run(id)
			if noted {
				before, err := datapath.New(datapath.Options{}).Stat(t.Context(), path, datapath.ReadySuccess)
				if err != nil {
					t.Fatal(err)
				}
				r.Change("UPDATE capri_task_instance SET outputsBefore = ? WHERE taskWorkId = ?", `["`+string(before)+`"]`, id)
			}
			return id
		}
		write := func(name string, at time.Time) string {
			path := filepath.Join(dir, name, "_SUCCESS")
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
				t.Fatal(err)
			}
			return "file://" + filepath.Dir(path)
		}
		now := time.Now()
		fresh := begin("fresh", "file://"+dir+"/fresh", true)
		stale := begin("stale", write("stale", now), true)
		rewritten := begin("rewritten", write("rewritten", now.Add(-time.Hour)), true)
		unnoted := begin("unnoted", "file://"+dir+"/unnoted", false)
		missing := begin("missing", "file://"+dir+"/missing", true)
		unknown := begin("unknown", "hdfs://nn/x", false)
		write("fresh", now)
		write("rewritten", now)
		write("unnoted", now)
		r.silent(storetest.Host, time.Hour)
		r.dead(storetest.Host)
		got := r.repair()
		r.want(fresh, batch.Done, batch.Success)
		r.want(rewritten, batch.Done, batch.Success)
		for _, id := range []int64{stale, unnoted, missing} {
			r.want(id, batch.Waiting, batch.None)
		}
		r.want(unknown, batch.Running, batch.None)
		if got.Rows != 5 || got.Next.IsZero() || time.Until(got.Next) > lookAgain {
			t.Errorf("got %+v, want another look at what could not be looked at", got)
		}
	})
}

func TestALateReportOfARepairedAttemptIsStale(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		retried, lost, elsewhere := r.Batch(r.Define("retried"), "20150518"), r.Batch(r.Define("lost"), "20150518"), r.Batch(r.Define("elsewhere"), "20150518")
		r.run(retried, lost, elsewhere)
		r.Change("UPDATE capri_task_work SET infraFailures = 3 WHERE id = ?", lost)
		r.silent(storetest.Host, time.Hour)
		r.dead(storetest.Host)
		r.repair()
		r.Beat("w2", 4)
		if err := r.Assign("w2", elsewhere); err != nil {
			t.Fatal(err)
		}
		in := intake.New(intake.Deps{
			DB: r.DB, Defs: store.NewDefinitions(r.DB, 100), Zone: time.UTC, Node: "m1", Log: slog.New(slog.DiscardHandler),
			Notify: intake.Notify{Finished: func([]int64, []store.ParentKey) { t.Error("got a success, want none") }, Freed: func() {}},
		})
		var late wire.FactsRequest
		for _, id := range []int64{retried, lost, elsewhere} {
			late.Facts = append(late.Facts, wire.Fact{
				Kind: wire.FactFinished, WorkID: id, Attempt: 1, Host: storetest.Host, Incarnation: storetest.Incarnation, ExitCode: new(0),
			})
		}
		reply, err := in.Facts(t.Context(), late)
		if want := []wire.FactVerdict{wire.VerdictStale, wire.VerdictStale, wire.VerdictStale}; err != nil || !slices.Equal(reply.Verdicts, want) {
			t.Errorf("got %v, %v, want %v", reply.Verdicts, err, want)
		}
		r.want(retried, batch.Waiting, batch.None)
		r.want(lost, batch.Done, batch.Lost)
		r.want(elsewhere, batch.Assigned, batch.None)
	})
}

func TestAnOldLeaderRepairsNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("fences", fenced), "20150518")
		r.run(id)
		r.silent(storetest.Host, time.Hour)
		old := r.Lead
		r.Lead = r.nextTerm(2)
		if _, err := r.guard.Repair(t.Context(), old, r.termSince); !errors.Is(err, store.ErrFenced) {
			t.Errorf("got %v, want %v", err, store.ErrFenced)
		}
		r.want(id, batch.Running, batch.None)
		if r.freed != 0 {
			t.Error("got something told as free, want nothing")
		}
	})
}

// TestWhatChangedSinceItWasJudgedIsLeftAlone lets the worker report and come
// back between the look and the write.
func TestWhatChangedSinceItWasJudgedIsLeftAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		ended, heard := r.Batch(r.Define("ended", fenced), "20150518"), r.Batch(r.Define("heard", fenced), "20150518")
		r.run(ended, heard)
		r.silent(storetest.Host, time.Hour)
		p := &repairPass{Guard: r.guard, lead: r.Lead, termSince: r.termSince.UnixMilli(), hosts: map[string]*store.Host{}}
		_, all, _, err := p.read(t.Context(), store.RunningKey{})
		if err != nil || len(all) != 2 || !all[0].fate.Over || !all[1].fate.Over {
			t.Fatalf("got %+v, %v, want both over", all, err)
		}
		if err := r.Finish(0, ended); err != nil { // the keeper's report
			t.Fatal(err)
		}
		of := func(id int64) []*suspect {
			return slices.DeleteFunc(slices.Clone(all), func(s *suspect) bool { return s.Work.ID != id })
		}
		if err := p.write(t.Context(), of(ended)); err != nil {
			t.Fatal(err)
		}
		r.Beat(storetest.Host, 1000)
		if err := p.write(t.Context(), of(heard)); err != nil {
			t.Fatal(err)
		}
		r.want(ended, batch.Done, batch.Success)
		r.want(heard, batch.Running, batch.None)
		if p.rows != 0 {
			t.Errorf("got %d ended, want none", p.rows)
		}
	})
}

func TestMoreThanAPageOfRunningBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("fences", fenced, func(d *task.Task) { d.Spec.MaxRunning = 5000 })
		var all []store.NewBatch
		var ids []int64
		for i, id := range r.IDs(runningPage + 30) {
			b := r.Draft(task, time.Date(2015, 5, 1+i, 0, 0, 0, 0, time.UTC).Format("20060102"))
			b.ID = id
			all, ids = append(all, b), append(ids, id)
		}
		if err := r.Insert(all...); err != nil {
			t.Fatal(err)
		}
		r.run(ids...)
		r.silent(storetest.Host, time.Hour)
		if got := r.repair(); got.Rows != len(ids) {
			t.Errorf("got %d ended, want %d", got.Rows, len(ids))
		}
	})
}
