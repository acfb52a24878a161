package place

import (
	"testing"

	"capricornus/common/store/storetest"
)

func TestBatchThatCouldNotRunGoesToAnotherWorker(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		task := s.Define("unlucky")
		stuck, failed := s.Batch(task, "20150518"), s.Batch(task, "20150519")
		s.pass()
		s.must(s.Start(stuck, failed))
		s.must(s.Retry(stuck, failed))
		s.Change("UPDATE capri_task_instance SET hasExit = 0 WHERE taskWorkId = ?", stuck)
		s.Beat("w2", 500)
		s.Change("UPDATE capri_schedul_cluster SET loadPerCore = 3 WHERE host = ?", "w2")
		s.pass()
		s.wantWork("what left no exit code on the other worker, though it is the busier one", stuck, on("w2"))
		s.wantWork("what failed by itself on the idlest worker", failed, on("w1"))
	})
}
