package storetest

import (
	"context"
	"slices"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

func usageCases() []exercise {
	return []exercise{
		{name: "KnowsWhichCodesAreNotJudgedYet", run: userCodesJudged},
		{name: "RaisesPeaksAndNeverLowersThem", run: peaks},
		{name: "FindsHostsOnWhichAttemptsCouldNotRun", run: misfortunes},
	}
}

func userCodesJudged(t *testing.T, w *World) {
	ctx := t.Context()
	states := func() (out map[string][]store.UserCode) {
		w.ok("read", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) (err error) {
			out, err = tx.UserCodes(ctx, []string{"open#1", "open#2", "open#3"})
			return err
		}))
		return out
	}
	w.ok("put", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		return tx.InsertUserCodes(ctx, []store.UserCode{
			{Code: "open#2", State: store.ExecuteEnded}, {Code: "open#1", ExitCode: 3, State: store.ExecuteEnded}, {Code: "open#2", State: store.ExecuteEnded},
		})
	}))
	for _, want := range []int{store.ExecuteEnded, store.ExecuteJudged} {
		got := states()
		if len(got) != 2 || len(got["open#1"]) != 1 || len(got["open#2"]) != 1 || got["open#1"][0].ExitCode != 3 || got["open#1"][0].State != want {
			t.Errorf("got %+v, want each code once in state %d", got, want)
		}
		wantEqual(t, "state of the second", got["open#2"][0].State, store.ExecuteEnded)
		w.ok("judge", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
			return tx.JudgeUserCodes(ctx, []string{"open#1", "open#3"})
		}))
	}
}

func peaks(t *testing.T, w *World) {
	ctx := t.Context()
	id, other := w.Batch(w.Task(), "20150518"), w.Batch(w.Task(), "20150518")
	w.ok("assign", w.Assign(Host, id, other))
	w.ok("start", w.Start(id, other))
	raise := func(all ...store.Peak) {
		w.ok("raise", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error { return tx.RaisePeaks(ctx, all) }))
	}
	want := func(memory int64, processes int, cpu int64) {
		t.Helper()
		got := w.Work(id)
		wantEqual(t, "memory of the batch", got.PeakMemory, memory)
		wantEqual(t, "processes of the batch", got.PeakProcesses, processes)
		w.view("attempts", func(ctx context.Context, v *store.ViewTx) error {
			all, err := v.Instances(ctx, id)
			wantEqual(t, "memory of the attempt", all[0].PeakMemory, memory)
			wantEqual(t, "processes of the attempt", all[0].PeakProcesses, processes)
			wantEqual(t, "processor time of the attempt", all[0].CPUMillis, cpu)
			return err
		})
	}
	seq := w.Work(id).Seq
	raise(store.Peak{WorkID: id, Attempt: 1, Memory: 50, Processes: 2, CPUMillis: 10})
	want(50, 2, 10)
	raise(store.Peak{WorkID: id, Attempt: 1, Memory: 40, Processes: 3, CPUMillis: 5})
	want(50, 3, 10)
	raise(store.Peak{WorkID: id, Attempt: 2, Memory: 400, Processes: 9, CPUMillis: 900})
	want(50, 3, 10)
	wantEqual(t, "moves meanwhile", w.Work(id).Seq-seq, 0)
	wantEqual(t, "memory of another batch", w.Work(other).PeakMemory, 0)
	w.ok("a worker that was restarted knows less", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		return tx.EndInstances(ctx, []store.Instance{{WorkID: id, Attempt: 1, EndTime: tx.Now(), PeakMemory: 60, PeakProcesses: 1, CPUMillis: 7}})
	}))
	w.view("attempts", func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.Instances(ctx, id)
		wantEqual(t, "memory at the end", all[0].PeakMemory, 60)
		wantEqual(t, "processes at the end", all[0].PeakProcesses, 3)
		wantEqual(t, "processor time at the end", all[0].CPUMillis, 10)
		return err
	})
	w.ok("finish", w.Finish(0, id, other))
}

func misfortunes(t *testing.T, w *World) {
	ctx := t.Context()
	task := w.Task()
	stuck, lost, failed, fine := w.Batch(task, "20150518"), w.Batch(task, "20150519"), w.Batch(task, "20150520"), w.Batch(task, "20150521")
	w.ok("assign", w.Assign(Host, stuck, lost, failed, fine))
	w.ok("start", w.Start(stuck, lost, failed, fine))
	w.ok("end", w.DB.Work(ctx, store.Actor{Kind: "worker", ID: Host}, func(tx *store.WorkTx) error {
		now := tx.Now()
		return tx.EndInstances(ctx, []store.Instance{
			{WorkID: stuck, Attempt: 1, EndTime: now, Outcome: batch.ResultFailed},
			{WorkID: lost, Attempt: 1, EndTime: now, Outcome: batch.ResultLost},
			{WorkID: failed, Attempt: 1, EndTime: now, Outcome: batch.ResultFailed, HasExit: true, ExitCode: 1},
			{WorkID: fine, Attempt: 1, EndTime: now, Outcome: batch.ResultKilled},
		})
	}))
	w.view("read", func(ctx context.Context, v *store.ViewTx) error {
		got, err := v.Misfortunes(ctx, []int64{stuck, lost, failed, fine}, v.Now()-1000)
		if err != nil {
			return err
		}
		if want := []store.Misfortune{{WorkID: stuck, Host: Host}, {WorkID: lost, Host: Host}}; !slices.Equal(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		got, err = v.Misfortunes(ctx, []int64{stuck, lost}, v.Now()+1000)
		wantEqual(t, "misfortunes of later", len(got), 0)
		return err
	})
}
