package outbox

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"capricornus/common/wire"
)

// requests notes what was sent and fails from the failing-th request on.
type requests struct {
	sent    [][]wire.Fact
	failing int
}

func (r *requests) Facts(_ context.Context, facts []wire.Fact) ([]wire.FactVerdict, error) {
	r.sent = append(r.sent, facts)
	if r.failing > 0 && len(r.sent) >= r.failing {
		return nil, errors.New("no master")
	}
	return slices.Repeat([]wire.FactVerdict{wire.VerdictOK}, len(facts)), nil
}

func TestEndsOfLongLogsTravelInRequestsOfBoundedSize(t *testing.T) {
	t.Parallel()
	end := bytes.Repeat([]byte("x"), 64<<10)
	facts := []wire.Fact{
		{Kind: wire.FactStarted, WorkID: 1}, {Kind: wire.FactFinished, WorkID: 2, Tail: "all", LogBytes: 3}, {Kind: wire.FactFinished, WorkID: 3},
		{Kind: wire.FactLost, WorkID: 4, Tail: "?", LogBytes: 3},
	}
	for id := range 100 {
		facts = append(facts, wire.Fact{Kind: wire.FactFinished, WorkID: int64(10 + id), Tail: strings.Repeat("t", 4096), LogBytes: 1 << 30})
	}
	to := &requests{}
	sender := WithLogs{Sender: to, Read: func(wire.Held, int64) []byte { return end }}
	verdicts, err := sender.Facts(t.Context(), facts)
	if err != nil || len(verdicts) != len(facts) || slices.Contains(verdicts, "") {
		t.Fatalf("got %v, %v, want a verdict for each", verdicts, err)
	}
	var order []int64
	for _, request := range to.sent {
		size := 0
		for _, f := range request {
			size += len(f.LogEnd) + len(f.Tail)
			order = append(order, f.WorkID)
			if long := f.WorkID >= 4; long != (len(f.LogEnd) > 0) {
				t.Errorf("fact %d: got %d bytes of its log, want some: %v", f.WorkID, len(f.LogEnd), long)
			}
		}
		if size > requestBytes {
			t.Errorf("got a request of %d bytes, want at most %d", size, requestBytes)
		}
	}
	if len(order) != len(facts) || !slices.IsSorted(order) || facts[5].LogEnd != nil {
		t.Errorf("got %v, want each once, in order, and the box without logs", order)
	}
}

func TestFactsAfterAFailedRequestHaveNoVerdict(t *testing.T) {
	t.Parallel()
	big := make([]wire.Fact, 3)
	for i := range big {
		big[i] = wire.Fact{Kind: wire.FactFinished, LogBytes: 1}
	}
	read := func(wire.Held, int64) []byte { return make([]byte, requestBytes*2/3) }
	verdicts, err := WithLogs{&requests{failing: 2}, read}.Facts(t.Context(), big)
	if err != nil || !slices.Equal(verdicts, []wire.FactVerdict{wire.VerdictOK, "", ""}) {
		t.Errorf("got %v, %v, want the first settled alone", verdicts, err)
	}
	if _, err := (WithLogs{&requests{failing: 1}, read}).Facts(t.Context(), big); err == nil {
		t.Error("got no error, want that of the first request")
	}
}
