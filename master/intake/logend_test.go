package intake

import (
	"strings"
	"testing"

	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestTheEndOfALongLogIsKeptWithTheEndOfItsAttempt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := r.Define("a")
		long, short, stale := r.Batch(task, "20150518"), r.Batch(task, "20150519"), r.Batch(task, "20150520")
		r.must(r.Assign(storetest.Host, long, short, stale))
		r.say(of(wire.FactStarted, long, 1), of(wire.FactStarted, short, 1))
		end, brief, late := exit(long, 1, 3), exit(short, 1, 0), exit(stale, 1, 0)
		end.Tail, end.LogBytes, end.LogEnd = "the end", 100_000, []byte(strings.Repeat("x\xff", 32<<10))
		brief.Tail, brief.LogBytes = "all of it", 9
		late.LogEnd = []byte("of an attempt that never started")
		if got := r.say(end, brief, late); got[0] != wire.VerdictOK || got[1] != wire.VerdictOK || got[2] != wire.VerdictStale {
			t.Fatalf("got %v, want two ends taken", got)
		}
		r.say(end)
		if n := r.Figure("SELECT COUNT(*) FROM capri_attempt_log"); n != 1 {
			t.Errorf("got %d logs kept, want the long one", n)
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_attempt_log WHERE taskWorkId = ? AND attempt = 1 AND fromByte = ? AND LENGTH(text) = 65536", long, 100_000-65536); n != 1 {
			t.Errorf("got another part, want the last 64 KiB at its place")
		}
	})
}
