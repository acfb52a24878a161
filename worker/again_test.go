package worker

import (
	"testing"
	"time"
)

// TestAgain: heartbeats that fail are said again soon, then less often, and not
// by all workers at once.
func TestAgain(t *testing.T) {
	t.Parallel()
	w := &Worker{cfg: Config{Heartbeat: 5 * time.Second}}
	for _, test := range []struct {
		failures int
		heard    bool
		most     time.Duration
	}{
		{1, true, 250 * time.Millisecond}, {2, true, 500 * time.Millisecond}, {5, true, 4 * time.Second}, {6, true, 5 * time.Second}, {1000, true, 5 * time.Second},
		{1, false, 250 * time.Millisecond}, {2, false, 500 * time.Millisecond}, {1000, false, 500 * time.Millisecond},
	} {
		seen := map[time.Duration]bool{}
		for range 100 {
			wait := w.again(test.failures, test.heard)
			seen[wait] = true
			if wait < test.most/2 || wait > test.most+1 {
				t.Errorf("after %d failures: got %s, want between half and all of %s", test.failures, wait, test.most)
			}
		}
		if len(seen) < 10 {
			t.Errorf("after %d failures: got %d different waits, want them spread", test.failures, len(seen))
		}
	}
}
