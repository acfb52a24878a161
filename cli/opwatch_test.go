package cli

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// steps answers with one operation after the other, and the last for ever.
func steps(all ...wire.Operation) http.HandlerFunc {
	var looks atomic.Int64 // a look that took too long may still be served
	return func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, all[min(int(looks.Add(1))-1, len(all)-1)])
	}
}

func TestOpWatch(t *testing.T) {
	made := func(state string, created, done, failed int) wire.Operation {
		return wire.Operation{ID: 7, Kind: "coldstart", State: state, Author: "ann", Total: 10, Created: created, Done: done, Failed: failed}
	}
	blocked, cancelled, cancelling := made("done", 10, 10, 0), made("cancelled", 4, 2, 0), made("cancelled", 4, 2, 0)
	blocked.Blocked, cancelled.EndedAt = 2, ms(t, "2015-05-20T12:00:00")
	left := wire.Operation{ID: 7, Kind: "kill", State: "done", Total: 3, Created: 2, Failed: 1}
	cases := map[string]struct {
		steps []wire.Operation
		code  int
		says  []string
	}{
		"AllWell": {
			[]wire.Operation{made("creating", 5, 0, 0), made("creating", 5, 0, 0), made("running", 10, 3, 0), made("done", 10, 10, 0)}, exitDone,
			[]string{"operation 7 creating: 5 of 10 made, 0 done, 0 failed, 0 skipped\n", "operation 7 running: 10 of 10 made, 3 done", "operation 7 done: 10 of 10 made, 10 done"},
		},
		"SomeFailed":       {[]wire.Operation{made("done", 10, 8, 2)}, exitBatchFailed, []string{"2 batches not successful; capri op items 7"}},
		"SomeBlocked":      {[]wire.Operation{blocked}, exitPartly, []string{"2 batches blocked"}},
		"Cancelled":        {[]wire.Operation{cancelling, cancelled}, exitPartly, []string{"was cancelled; capri op resume 7"}},
		"CommandLeftAlone": {[]wire.Operation{left}, exitPartly, []string{"operation 7 done: 2 of 3 killed, 1 left alone", "1 batch had changed and was left alone"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t, map[string]any{"GET /operations/7": steps(c.steps...)})
			got := at(m).run(t, "op", "watch", "7")
			for _, says := range c.says {
				if !strings.Contains(got.err, says) {
					t.Errorf("got %s, want %q", got.err, says)
				}
			}
			if got.code != c.code || !strings.Contains(got.out, "Operation") || strings.Count(got.err, "creating") > 1 {
				t.Errorf("got %+v, want %d, one line for each change and the operation at the end", got, c.code)
			}
		})
	}
	m := newMaster(t, map[string]any{"GET /operations/7": steps(made("running", 10, 3, 0))})
	if got := at(m).run(t, "op", "watch", "7", "--timeout", "500ms"); got.code != exitTimeout || !strings.Contains(got.err, "10 of 10 made, 3 done") {
		t.Errorf("got %+v, want %d and how far it was", got, exitTimeout)
	}
	s := at(newMaster(t, map[string]any{"GET /operations/7": steps(made("creating", 5, 0, 0), made("done", 10, 10, 0))}))
	s.terminal = true
	if got := s.run(t, "op", "watch", "7"); !strings.Contains(got.err, "\r\x1b[K▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░ creating: 5 of 10 made") || !strings.HasSuffix(got.err, "\r\x1b[Koperation 7 is done: 10 of 10 made, 10 done, 0 failed, 0 skipped\n") {
		t.Errorf("got %q, want a bar that is redrawn and taken away", got.err)
	}
}

func TestAPlanThatIsWatchedEndsAsItsOperationDoes(t *testing.T) {
	plan := clean(t)
	made := operationOf(plan, 0)
	failed := made
	failed.State, failed.Created, failed.Done, failed.Failed = "done", 4, 3, 1
	m := newMaster(t, map[string]any{"POST /plans": plan, "POST /plans/12/apply": made, "GET /operations/7": steps(made, failed)})
	got := at(m).run(t, coldstartArgs("--yes", "--watch")...)
	if got.code != exitBatchFailed || !strings.Contains(got.err, "1 batch not successful; capri op items 7") || !strings.Contains(got.out, "Operation") {
		t.Errorf("got %+v, want %d and the operation as it ended", got, exitBatchFailed)
	}
	m = newMaster(t, map[string]any{"POST /plans": plan, "POST /plans/12/apply": made, "GET /operations/7": steps(made)})
	if got = at(m).run(t, coldstartArgs("--yes", "--watch", "--timeout", "20ms")...); got.code != exitTimeout || !strings.Contains(got.err, "operation 7 is not at its end") {
		t.Errorf("got %+v, want %d", got, exitTimeout)
	}
	m = newMaster(t, nil)
	if got = at(m).run(t, coldstartArgs("--yes", "--timeout", "2h")...); got.code != exitUsage || m.asked("POST /plans") {
		t.Errorf("got %+v, want %d before anything is asked", got, exitUsage)
	}
}

func TestOpWatchOutlivesAChangeOfLeader(t *testing.T) {
	var all atomic.Int64
	m := newMaster(t, map[string]any{"GET /operations/7": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		looks := all.Add(1)
		if looks == 2 {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusServiceUnavailable)
			_ = json.NewEncoder(w).Encode(problem(fault.Unavailable, http.StatusServiceUnavailable, "no master leads"))
			return
		}
		answerJSON(w, wire.Operation{ID: 7, Kind: "kill", State: map[bool]string{true: "done", false: "creating"}[looks > 2], Total: 1, Created: 1})
	})})
	if got := at(m).run(t, "op", "watch", "7"); got.code != exitDone {
		t.Errorf("got %+v, want %d", got, exitDone)
	}
}
