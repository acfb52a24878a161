package intake

import "testing"

func rung(bell <-chan struct{}) bool {
	select {
	case <-bell:
		return true
	default:
		return false
	}
}

func TestBells(t *testing.T) {
	t.Parallel()
	t.Run("RingReachesEveryoneWhoWaits", func(t *testing.T) {
		t.Parallel()
		b := newBells()
		givenUp, present := b.of("w1"), b.of("w1")
		b.ring("w1")
		if !rung(givenUp) || !rung(present) {
			t.Error("got a ring for one claim of the host only, want both to hear it")
		}
	})
	t.Run("RingBetweenLookAndWaitIsKept", func(t *testing.T) {
		t.Parallel()
		b := newBells()
		bell := b.of("w1")
		b.ring("w1")
		b.ring("w1")
		if !rung(bell) {
			t.Error("got no ring, want the one since the bell was taken")
		}
	})
	t.Run("RingIsForWhatWasBefore", func(t *testing.T) {
		t.Parallel()
		b := newBells()
		b.of("w1")
		b.ring("w1")
		if rung(b.of("w1")) {
			t.Error("got a ring from before the bell was taken, want none: the look that follows sees it all")
		}
	})
	t.Run("OtherHostsHearNothing", func(t *testing.T) {
		t.Parallel()
		b := newBells()
		bell := b.of("w2")
		b.ring("w1")
		if rung(bell) {
			t.Error("got a ring for w1 at w2, want none")
		}
	})
}
