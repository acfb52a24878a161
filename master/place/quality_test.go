package place

import (
	"slices"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func TestWhatComesBeforeTheQualityGateIsToldOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		s := newStage(t, w)
		kind := s.Define("gated", func(d *task.Task) { d.Spec.Quality.Enabled = true })
		id, held := s.Batch(kind, "20150518"), s.Batch(kind, "20150519")
		s.Hold(store.HoldBatch, held)
		s.pass()
		s.wantWork("it before the quality gate", id, gated(batch.GateQuality))
		if !slices.Equal(s.before, []int64{id}) {
			t.Errorf("got %v told, want batch %d alone: the other stands before an earlier gate", s.before, id)
		}
		s.pass()
		if len(s.before) != 1 {
			t.Errorf("got %v told, want it once", s.before)
		}
	})
}
