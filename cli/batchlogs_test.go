package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

func logMaster(t *testing.T, log http.HandlerFunc) *fakeMaster {
	t.Helper()
	return newMaster(t, map[string]any{
		"GET /batches/a/1": wire.BatchDetail{
			Batch: wire.Batch{Ref: "a/1.0", State: batch.Done.String()}, Attempts: []wire.Attempt{{Attempt: 1, Host: "w1"}},
		},
		"GET /batches/a/1/logs": log,
	})
}

func TestBatchLogsSaysThatAPartIsKept(t *testing.T) {
	t.Parallel()
	m := logMaster(t, func(w http.ResponseWriter, _ *http.Request) {
		part := wire.LogPart{Attempt: 1, Host: "w1", Size: 1288490188, Offset: 1288490188 - 9, Next: 1288490188, Done: true, Kept: true, From: 1288490188 - 65536}
		describePart(w, part)
		fmt.Fprint(w, "the end\n\n")
	})
	want := result{exitDone, "the end\n\n", "worker w1 does not answer; these are the last 64KiB of 1.2GiB, as kept by the master\n"}
	if got := at(m).run(t, "batch", "logs", "a/1"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestBatchLogsGoesOnWhereItWasBrokenOff lets each call end early, and every
// other one find no master at all.
func TestBatchLogsGoesOnWhereItWasBrokenOff(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("0123456789", 1000)
	var calls atomic.Int64
	m := logMaster(t, func(w http.ResponseWriter, r *http.Request) {
		var offset int
		_, _ = fmt.Sscan(r.URL.Query().Get("offset"), &offset)
		if calls.Add(1)%2 == 0 {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusServiceUnavailable)
			_ = json.NewEncoder(w).Encode(problem(fault.Unavailable, http.StatusServiceUnavailable, "no master leads at the moment"))
			return
		}
		describePart(w, wire.LogPart{Attempt: 1, Host: "w1", Size: 10_000, Offset: int64(offset), Next: 10_000, Done: true})
		w.Header().Set("Content-Length", fmt.Sprint(10_000-offset))
		_, _ = fmt.Fprint(w, text[offset:min(offset+3000, 10_000)])
	})
	got := at(m).run(t, "batch", "logs", "a/1", "-f")
	if got.code != exitDone || got.out != text {
		t.Errorf("got %d bytes and %+v, want the whole log once", len(got.out), got.err)
	}
	if n := strings.Count(got.err, "no master leads at the moment; trying again\n"); n != 3 {
		t.Errorf("got %q, want each outage said once", got.err)
	}
	calls.Store(1)
	if got := at(m).run(t, "batch", "logs", "a/1"); got.code != exitNoMaster || got.out != "" {
		t.Errorf("got %+v, want no second try without -f", got)
	}
}

func TestBatchLogsWaitsForMoreInsteadOfAsking(t *testing.T) {
	t.Parallel()
	var calls []string
	m := logMaster(t, func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.URL.RawQuery)
		part := wire.LogPart{Attempt: 1, Size: 4, Next: 4, Done: len(calls) > 1}
		if part.Done {
			part.Size, part.Offset, part.Next = 8, 4, 8
		}
		describePart(w, part)
		fmt.Fprint(w, "text")
	})
	if got := at(m).run(t, "batch", "logs", "a/1", "-f"); got.out != "texttext" {
		t.Errorf("got %+v, want both parts", got)
	}
	if len(calls) != 2 || !strings.Contains(calls[0], "wait=25") || !strings.Contains(calls[1], "offset=4") || !strings.Contains(calls[1], "wait=25") {
		t.Errorf("got %q, want a second call that waits", calls)
	}
}

func TestBatchLogsSearches(t *testing.T) {
	t.Parallel()
	m := newMaster(t, map[string]any{"GET /batches/a/1/logs/search": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := wire.LogMatches{Items: []wire.LogMatch{{Offset: 3, Line: "an ERROR\x1b[2J here"}}, Next: 50, Attempt: 2, Host: "w1"}
		switch q := r.URL.Query(); {
		case q.Get("q") == "nothing":
			reply.Items, reply.Complete = []wire.LogMatch{}, true
		case q.Get("from") == "50" && q.Get("attempt") == "2":
			reply = wire.LogMatches{
				Items: []wire.LogMatch{{Offset: 90, Line: "error"}}, Next: 95, Complete: true, Attempt: 2, Host: "w1", Size: 200_000, Partial: "tail", From: 134_464,
			}
		}
		answerJSON(w, reply)
	})})
	for name, c := range map[string]struct {
		args, out, said string
		terminal        bool
	}{
		"Lines":    {"--search error -i", "3: an ERROR\uFFFD[2J here\n90: error\n", "worker w1 does not answer; these are the last 64KiB of 196KiB, as kept by the master\n", false},
		"Coloured": {"--search e.ror -i --regexp", "3: an \x1b[31mERROR\x1b[0m\uFFFD[2J here\n90: \x1b[31merror\x1b[0m\n", "worker w1 does not answer; these are the last 64KiB of 196KiB, as kept by the master\n", true},
		"Names":    {"--search error -o name", "an ERROR\uFFFD[2J here\nerror\n", "worker w1 does not answer; these are the last 64KiB of 196KiB, as kept by the master\n", false},
		"Nothing":  {"--search nothing", "", "nothing found in attempt 2 of a/1\n", false},
	} {
		s := at(m)
		s.terminal = c.terminal
		got := s.run(t, append([]string{"batch", "logs", "a/1"}, strings.Fields(c.args)...)...)
		if want := (result{exitDone, c.out, c.said}); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	if !m.asked("GET /batches/a/1/logs/search?attempt=2&from=50&ignoreCase=true&q=e.ror&regexp=true") {
		t.Errorf("got %q, want the options passed on", m.calls)
	}
	var all wire.LogMatches
	if err := json.Unmarshal([]byte(at(m).run(t, "batch", "logs", "a/1", "--search", "error", "-o", "json").out), &all); err != nil || len(all.Items) != 2 || !all.Complete {
		t.Errorf("got %+v, %v, want both lines in one", all, err)
	}
}

func TestBatchLogsRefusesFlagsThatExcludeEachOther(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--tail 3 --from 7": "exclude each other", "-i": "--search TEXT is missing", "--regexp": "--search TEXT is missing", "--search x -f": "it goes without",
		"--search x --tail 3": "it goes without", "--bytes -1": "counts from 1", "--search ( --regexp": "no regular expression",
	} {
		got := at(newMaster(t, nil)).run(t, append([]string{"batch", "logs", "a/1"}, strings.Fields(args)...)...)
		if got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %q", args, got, want)
		}
	}
}
