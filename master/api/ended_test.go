package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

func TestWhatHangsOnEndedBatchesIsRemembered(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_000_000_000)
	old := now.Add(-endedAfter - time.Second).UnixMilli()
	done := func(id int64, seq int, end int64) *store.Batch {
		return &store.Batch{Work: store.Work{ID: id, Seq: seq, State: batch.Done, EndTime: end}}
	}
	long := wire.BatchDetail{Attempts: []wire.Attempt{{Tail: strings.Repeat("x", endedBytes+1)}}}
	for name, c := range map[string]struct {
		kept, asked *store.Batch
		detail      wire.BatchDetail
		later       time.Duration
		want        bool
	}{
		"the same":                {kept: done(1, 4, old), asked: done(1, 4, old), want: true},
		"its journal went on":     {kept: done(1, 4, old), asked: done(1, 5, old)},
		"another":                 {kept: done(1, 4, old), asked: done(2, 4, old)},
		"it has just ended":       {kept: done(1, 4, now.UnixMilli()), asked: done(1, 4, now.UnixMilli())},
		"it runs":                 {kept: &store.Batch{Work: store.Work{ID: 1, State: batch.Running}}, asked: &store.Batch{Work: store.Work{ID: 1, State: batch.Running}}},
		"after a while":           {kept: done(1, 4, old), asked: done(1, 4, old), later: endedMemory},
		"much text hangs on that": {kept: done(1, 4, old), asked: done(1, 4, old), detail: long},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnded()
			e.keep(c.kept, &c.detail, now)
			if _, got := e.of(c.asked, now.Add(c.later)); got != c.want {
				t.Errorf("got remembered %v, want %v", got, c.want)
			}
		})
	}
}

func TestMemoryOfEndedBatchesIsBounded(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_000_000_000)
	e := newEnded()
	b := store.Batch{Work: store.Work{State: batch.Done}}
	for id := range int64(5 * endedRoom) {
		b.ID = id
		e.keep(&b, &wire.BatchDetail{}, now)
	}
	if n := len(e.younger) + len(e.older); n > 2*endedRoom {
		t.Errorf("got %d remembered, want at most %d", n, 2*endedRoom)
	}
	if _, known := e.of(&b, now); !known {
		t.Error("got the last forgotten, want it remembered")
	}
}

// TestARememberedBatchIsShownAsItIs marks a batch whose details are remembered.
func TestARememberedBatchIsShownAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := history(t)
		<-time.After(endedAfter + time.Minute)
		const path = "/api/v1/batches/ods_access_h/2000010101"
		var first, again, marked wire.BatchDetail
		r.must(http.MethodGet, path, "viewer", nil, &first)
		r.must(http.MethodGet, path, "viewer", nil, &again)
		if got, want := text(t, again), text(t, first); got != want || len(again.Attempts) != 1 {
			t.Errorf("got %s, want %s", got, want)
		}
		r.must(http.MethodPost, path+"/mark", "operator", wire.CommandRequest{Result: "failed", Reason: "wrong numbers"}, nil)
		r.must(http.MethodGet, path, "viewer", nil, &marked)
		if marked.Finish != "failed" || len(marked.Attempts) != 1 || len(marked.Depends) != 1 {
			t.Errorf("got %s, want it failed, with what hangs on it", text(t, marked))
		}
	})
}

func text(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(fmt.Errorf("encode: %w", err))
	}
	return string(out)
}
