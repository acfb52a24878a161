package cli

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// ending is a batch that is done at the n-th look.
func ending(ref, finish string, looks int) http.HandlerFunc {
	var seen atomic.Int64 // a look that took too long may still be served
	return func(w http.ResponseWriter, _ *http.Request) {
		b := wire.BatchDetail{Batch: wire.Batch{Ref: ref, State: "running", Finish: "none"}}
		if seen.Add(1) >= int64(looks) {
			b.State, b.Finish = "done", finish
		}
		answerJSON(w, b)
	}
}

func TestBatchWait(t *testing.T) {
	m := newMaster(t, map[string]any{
		"GET /batches/a/1":   ending("a/1.0", "success", 3),
		"GET /batches/b/2.1": ending("b/2.1", "success", 1),
		"GET /batches/c/3":   ending("c/3.0", "failed", 2),
		"GET /batches/d/4":   ending("d/4.0", "killed", 1),
		"GET /batches/e/5":   ending("e/5.0", "success", 1_000_000_000),
	})
	cases := map[string]struct {
		args, out, said string
		code            int
	}{
		"AllAreSuccessful": {"a/1 b/2.1 a/1 -o name", "a/1.0\nb/2.1\n", "", exitDone},
		"OneFailed":        {"b/2.1 c/3 d/4 -o name", "b/2.1\nc/3.0\nd/4.0\n", "capri: not successful: c/3.0 (failed), d/4.0 (killed)\n", exitBatchFailed},
		"TimePasses":       {"e/5 --timeout 30ms", "", "capri: after 30ms 1 batch is not done: e/5\n", exitTimeout},
		"OneDoesNotExist":  {"b/2.1 f/6", "", "capri: there is no GET /batches/f/6\n", exitNotFound},
		"OneIsNamedTwice":  {"e/5 e/5 --timeout 30ms", "", "capri: after 30ms 1 batch is not done: e/5\n", exitTimeout}, //nolint:dupword // the batch is named twice
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := at(m).run(t, append([]string{"batch", "wait"}, strings.Fields(c.args)...)...)
			if want := (result{c.code, c.out, c.said}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestBatchWaitOutlivesAChangeOfLeader(t *testing.T) {
	away := 0
	done := ending("a/1.0", "success", 4)
	m := newMaster(t, map[string]any{"GET /batches/a/1": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away++; away == 2 || away == 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		done(w, r)
	})})
	if got := at(m).run(t, "batch", "wait", "a/1", "-o", "name"); got.code != exitDone {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
	m = newMaster(t, map[string]any{"GET /batches/a/1": problem(fault.Unavailable, 503, "no leader")})
	if got := at(m).run(t, "batch", "wait", "a/1"); got.code != exitNoMaster {
		t.Errorf("got %+v, want %d when no master answers from the start", got, exitNoMaster)
	}
}
