package place

import (
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

// TestADeniedBatchIsToldOf: the failure and its alert come together, and once.
func TestADeniedBatchIsToldOf(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		denied := s.Batch(s.Define("denied", func(d *task.Task) { d.Spec.Account = "etl" }), "20150518")
		s.Batch(s.Define("plain"), "20150518")
		for range 2 {
			s.pass()
		}
		s.wantWork("it failed", denied, func(w store.Work) bool { return w.State == batch.Done && w.Finish == batch.Failed })
		if n := s.Figure("SELECT COUNT(*) FROM capri_alert"); n != 1 {
			t.Errorf("got %d alerts, want one", n)
		}
		got := s.Text("SELECT CONCAT(kind, ' ', object, ' ', occurrence, ' ', level, ' ', text) FROM capri_alert")
		if want := "batch-failed denied/20150518.0 0 task denied/20150518.0 failed: the task's owner may not use the execution account etl"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
