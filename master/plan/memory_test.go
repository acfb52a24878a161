package plan

import (
	"context"
	"testing"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func TestReserved(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name                       string
		declared, learned, largest int64
		want                       int64
	}{
		{"NothingKnownIsNothing", 0, 0, 100, 0},
		{"DeclaredCountsWhenNothingIsLearned", 10, 0, 100, 10},
		{"DeclaredCountsWhenItIsLarger", 10, 9, 100, 10},
		{"LearnedCountsWhenItIsLarger", 10, 11, 100, 11},
		{"LearnedNeverExceedsTheLargestWorker", 10, 500, 100, 100},
		{"DeclaredMayExceedTheLargestWorker", 200, 500, 100, 200},
		{"WithoutAWorkerDeclaredCounts", 10, 500, 0, 10},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := reserved(c.declared, c.learned, c.largest); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestLargestWorker(t *testing.T) {
	t.Parallel()
	all := []store.Capacity{
		{Group: "default", Labels: `{"disk":"hdd"}`, Memory: 100}, {Group: "default", Labels: `{"disk":"ssd","zone":"a"}`, Memory: 60},
		{Group: "default", Labels: "", Memory: 80}, {Group: "gpu", Labels: `{"disk":"ssd"}`, Memory: 900}, {Group: "default", Labels: `{"disk":`, Memory: 999},
	}
	cases := []struct {
		name string
		need task.Workers
		want int64
	}{
		{"OfTheGroup", task.Workers{Group: "default"}, 100},
		{"WithTheLabels", task.Workers{Group: "default", Labels: map[string]string{"disk": "ssd"}}, 60},
		{"OfAnotherGroup", task.Workers{Group: "gpu"}, 900},
		{"NobodyHasTheLabels", task.Workers{Group: "gpu", Labels: map[string]string{"disk": "hdd"}}, 0},
		{"NobodyIsInTheGroup", task.Workers{Group: "night"}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := largestWorker(all, &c.need); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestABatchReservesWhatItsTaskIsKnownToNeed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		declares := func(memory task.Bytes) func(*task.Task) {
			return func(d *task.Task) { d.Spec.Period, d.Spec.Workers.Memory = "manual", memory }
		}
		learned, modest := w.Define("learned", declares(1<<20)), w.Define("modest", declares(1<<30))
		w.Define("unknown", declares(0))
		w.Decide("learn", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutTaskStats(ctx, []store.TaskStat{{TaskID: learned, Runs: 30, PeakMemory: 1 << 29}, {TaskID: modest, Runs: 30, PeakMemory: 1 << 29}})
		})
		reserves := func(name string, want int64) {
			t.Helper()
			got, err := r.Execute(t.Context(), ann(), name)
			if err != nil {
				t.Fatal(err)
			}
			if have := r.Work(got.ID).Memory; have != want {
				t.Errorf("got %d bytes reserved for %s, want %d", have, got.Ref, want)
			}
		}
		reserves("learned", 1<<29)
		reserves("modest", 1<<30)
		reserves("unknown", 0)
		w.Change("UPDATE capri_schedul_cluster SET memory = 16777216")
		reserves("learned", 1<<24)
	})
}
