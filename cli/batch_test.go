package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"capricornus/common/wire"
)

func answerJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func someBatch(t *testing.T) wire.Batch {
	t.Helper()
	return wire.Batch{
		ID: 1, Ref: "dwd_access_d/20150518.0", Task: "dwd_access_d", Project: "weblog", WorkNo: "20150518", Period: "day",
		State: "done", Finish: "success", Origin: "timer", ScheduledAt: ms(t, "2015-05-18T00:01:00"), CreatedAt: ms(t, "2015-05-18T00:01:01"),
		BizStart: ms(t, "2015-05-17T00:00:00"), BizEnd: ms(t, "2015-05-18T00:00:00"), AssignedAt: ms(t, "2015-05-18T02:00:00"),
		StartedAt: ms(t, "2015-05-18T02:00:01"), EndedAt: ms(t, "2015-05-18T02:03:21"), Host: "w1", Attempt: 1, TaskVersion: 4,
	}
}

func TestBatchList(t *testing.T) {
	done := someBatch(t)
	waiting := wire.Batch{
		Ref: "dws_用户_d/20150520.0", State: "waiting", Finish: "depend-timeout", ScheduledAt: ms(t, "2015-05-20T00:01:00"),
		DependTimeoutAt: ms(t, "2015-05-20T05:30:00"), Unmet: 2,
	}
	running := wire.Batch{
		Ref: "ods_access_h/2015052012.1", State: "running", Finish: "none", ScheduledAt: ms(t, "2015-05-20T12:01:00"),
		StartedAt: ms(t, "2015-05-20T11:58:00"), Host: "w2", Attempt: 3,
	}
	failed := wire.Batch{
		Ref: "ads_report_m/201505.0", State: "done", Finish: "failed", ScheduledAt: ms(t, "2015-05-01T00:05:00"),
		StartedAt: ms(t, "2015-05-01T00:05:01"), EndedAt: ms(t, "2015-05-01T02:05:01"), Host: "w1", Attempt: 4,
		Message: "exit code 3\x1b[2J\nafter 4 attempts",
	}
	m := newMaster(t, map[string]any{"GET /batches": wire.BatchList{Items: []wire.Batch{waiting, running, done, failed}, Next: "more"}})
	got := at(m).run(t, "batch", "list", "--limit", "4", "--task", "x", "--late", "--state", "failed", "--from", "2015-05-01")
	if got.code != exitDone || !strings.Contains(got.err, "the first 4; there are more") {
		t.Errorf("got %+v, want %d and a note", got, exitDone)
	}
	golden(t, "batch-list", got.out)
	if !m.asked("GET /batches?from=2015-05-01&late=true&limit=4&state=failed&task=x") {
		t.Errorf("got calls %q, want the filters", m.calls)
	}
	for _, form := range []string{"json", "yaml", "name"} {
		golden(t, "batch-list-"+form, at(m).run(t, "batch", "list", "--limit", "4", "-o", form).out)
	}
	s := at(m)
	s.terminal = true
	coloured := s.run(t, "batch", "list", "--limit", "4").out
	golden(t, "batch-list-terminal", coloured)
	s.environ["NO_COLOR"] = "1"
	if plainly := s.run(t, "batch", "list", "--limit", "4").out; plainly != got.out || coloured == plainly {
		t.Errorf("got %q with NO_COLOR, want %q", plainly, got.out)
	}
}

func TestBatchShowAndEvents(t *testing.T) {
	code := 0
	detail := wire.BatchDetail{
		Batch: someBatch(t),
		Attempts: []wire.Attempt{{
			Attempt: 1, Host: "w1", StartedAt: ms(t, "2015-05-18T02:00:01"), EndedAt: ms(t, "2015-05-18T02:03:21"),
			ExitCode: &code, Outcome: "success", PeakMemory: 300 << 20, PeakProcesses: 4,
		}},
		Memory: 256 << 20,
		Moved: []wire.Moved{
			{Attempt: 1, From: "w2", To: "w1", At: ms(t, "2015-05-18T02:00:00"), Reason: "w2 refused: load per core 9.00 is above the limit 8.00"},
		},
		Depends: []wire.Depend{
			{Kind: "data", What: "hdfs:///ods/access/20150517", State: "met", LastCheckedAt: ms(t, "2015-05-18T02:00:00")},
			{Kind: "parent", What: "ods_access_h/2015051723", State: "unmet", UnmetSince: ms(t, "2015-05-18T01:00:00"), LastError: "namenode does not answer"},
		},
	}
	events := wire.EventList{Items: []wire.Event{
		{Seq: 1, To: "waiting", Move: "generate", Actor: "m1", At: ms(t, "2015-05-18T00:01:01") + 20},
		{Seq: 2, From: "waiting", To: "assigned", Move: "assign", Attempt: 1, Actor: "m1", At: ms(t, "2015-05-18T02:00:00"), Detail: "w1"},
	}}
	m := newMaster(t, map[string]any{
		"GET /batches/dwd_access_d/20150518":          detail,
		"GET /batches/dwd_access_d/20150518.0/events": events,
	})
	golden(t, "batch-show", at(m).run(t, "batch", "show", "dwd_access_d/20150518").out)
	golden(t, "batch-events", at(m).run(t, "batch", "events", "dwd_access_d/20150518.0").out)
	if got := at(m).run(t, "batch", "show", "dwd_access_d/20150519"); got.code != exitNotFound {
		t.Errorf("got %+v, want %d", got, exitNotFound)
	}
}

func TestBatchWhy(t *testing.T) {
	why := wire.Why{
		Batch: "dws_user_w/20150518.0", Verdict: "waiting", AsOf: ms(t, "2015-05-20T12:00:00"),
		Summary: "waits for 2 of 7 parents; 1 root cause: dwd_access_d/20150516.1 failed",
		Gates: []wire.WhyGate{
			{Code: "TASK_ENABLED", State: "met", Sentence: "the task is enabled"},
			{Code: "HDFS_PATH", State: "met", Sentence: "all 3 data paths are ready", CheckedAt: ms(t, "2015-05-20T11:59:48")},
			{
				Code: "PARENT_BATCH", State: "unmet", Sentence: "2 of 7 parent batches are not successful",
				Since: ms(t, "2015-05-20T07:51:10"), CheckedAt: ms(t, "2015-05-20T11:59:48"), CheckedBy: "depend@m1",
				Evidence: []string{"dwd_access_d/20150516.1 failed at 2015-05-20T07:51:10: exit code 3", "dwd_access_d/20150517.0 is running on w2 since 11:40"},
				Help:     "capri batch logs dwd_access_d/20150516 shows why it failed",
			},
			{Code: "EARLIEST_TIME", State: "not-evaluated", Sentence: "may start from 02:00"},
			{Code: "NO_WORKER", State: "not-evaluated", Sentence: "a worker is chosen once the gates above are open"},
		},
		Roots: []wire.WhyRoot{{
			Batch: "dwd_access_d/20150516.1", Code: "FAILED", Sentence: "failed with exit code 3 after 4 attempts", Since: ms(t, "2015-05-20T07:51:10"),
		}},
		Timeouts: []wire.WhyTimeout{
			{Kind: "depend", Label: "dependency timeout", DueAt: ms(t, "2015-05-20T10:00:00"), PassedAt: ms(t, "2015-05-20T10:00:10")},
			{Kind: "output", Label: "output timeout", DueAt: ms(t, "2015-05-20T14:00:00")},
		},
		Cut: true,
	}
	ended := wire.Why{
		Batch: "dwd_access_d/20150518.0", Verdict: "done", Summary: "was successful 2h02m after its base time", AsOf: ms(t, "2015-05-20T12:00:00"),
		Facts: []string{"attempt 1 on w1 from 2015-05-19 02:00:00 took 55 min: success, exit code 0"},
		Spent: []wire.WhySpent{
			{Phase: "DATA_PATH", Label: "waiting for data paths", Millis: 1_000_000}, {Phase: "PARENT_BATCH", Label: "waiting for parent batches", Millis: 4_000_000},
			{Phase: "NO_WORKER", Label: "no worker fitted", From: 4_000_000, Millis: 1_200}, {Phase: "RUNNING", From: 4_001_200, Millis: 3_320_000},
		},
		Timeouts: []wire.WhyTimeout{{Kind: "output", DueAt: ms(t, "2015-05-19T14:00:00")}},
	}
	m := newMaster(t, map[string]any{"GET /batches/dws_user_w/20150518/why": why, "GET /batches/dwd_access_d/20150518/why": ended})
	golden(t, "batch-why", at(m).run(t, "batch", "why", "dws_user_w/20150518").out)
	golden(t, "batch-why-ended", at(m).run(t, "batch", "why", "dwd_access_d/20150518").out)
	s := at(m)
	s.terminal = true
	golden(t, "batch-why-terminal", s.run(t, "batch", "why", "dws_user_w/20150518").out)
	if got := at(m).run(t, "batch", "why", "dws_user_w/20150518", "-o", "name"); got.out != "dwd_access_d/20150516.1\n" {
		t.Errorf("got %+v, want the root causes", got)
	}
}

// story is a batch that goes on by a step at each look: the first attempt
// writes, fails, and a second one succeeds.
type story struct {
	looks int
	logs  map[int]string
}

func (s *story) detail(w http.ResponseWriter, _ *http.Request) {
	s.looks++
	b := wire.BatchDetail{Batch: wire.Batch{Ref: "a/1.0", State: "waiting"}}
	if s.looks > 2 {
		b.State, b.Attempts = "running", []wire.Attempt{{Attempt: 2, Host: "w1"}}
	}
	if s.looks > 5 {
		b.Attempts = append(b.Attempts, wire.Attempt{Attempt: 4, Host: "w2"})
	}
	if s.looks > 6 {
		b.State, b.Finish = "done", "success"
	}
	answerJSON(w, b)
}

// log gives five bytes at a time, and grows until the next attempt begins.
func (s *story) log(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	attempt, _ := strconv.Atoi(query.Get("attempt"))
	offset, _ := strconv.Atoi(query.Get("offset"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	text, whole := s.logs[attempt], len(s.logs[attempt])
	s.looks++
	done := s.looks > 5
	if !done {
		whole = min(whole, 7)
	}
	if offset < 0 {
		offset += whole
	}
	end := min(whole, offset+min(5, limit))
	if tail, _ := strconv.Atoi(query.Get("tail")); tail > 0 {
		lines := strings.SplitAfter(text[:whole], "\n")
		offset, end = whole-len(strings.Join(lines[max(0, len(lines)-tail-1):], "")), whole
	}
	describePart(w, wire.LogPart{Attempt: attempt, Host: "w1", Size: int64(whole), Offset: int64(offset), Next: int64(end), Done: done})
	fmt.Fprint(w, text[offset:end])
}

func describePart(w http.ResponseWriter, part wire.LogPart) {
	for name, n := range map[string]int64{
		wire.HeaderAttempt: int64(part.Attempt), wire.HeaderSize: part.Size, wire.HeaderOffset: part.Offset, wire.HeaderNext: part.Next, wire.HeaderFrom: part.From,
	} {
		w.Header().Set(name, strconv.FormatInt(n, 10))
	}
	w.Header().Set(wire.HeaderHost, part.Host)
	w.Header().Set(wire.HeaderDone, strconv.FormatBool(part.Done))
	if part.Kept {
		w.Header().Set(wire.HeaderPartial, "tail")
	}
}

func tell(t *testing.T, looks int) *fakeMaster {
	t.Helper()
	s := &story{looks: looks, logs: map[int]string{2: "one\ntwo\nthree\n", 4: "four\n五\n"}}
	return newMaster(t, map[string]any{
		"GET /batches/a/1": http.HandlerFunc(s.detail), "GET /batches/a/1/logs": http.HandlerFunc(s.log),
	})
}

func TestBatchLogs(t *testing.T) {
	cases := map[string]struct {
		looks     int
		args      string
		out, said string
		code      int
	}{
		"FollowsFromBeforeTheStartThroughARetry": {0, "-f", "one\ntwo\nthree\nfour\n五\n", "a/1 is waiting; waiting for it to start\nattempt 4 on w2\n", exitDone},
		"PrintsTheNewestAttempt":                 {9, "", "four\n五\n", "", exitDone},
		"PrintsANamedAttempt":                    {9, "--attempt 2", "one\ntwo\nthree\n", "", exitDone},
		"FollowsANamedAttemptOnly":               {3, "--attempt 2 -f", "one\ntwo\nthree\n", "", exitDone},
		"PrintsTheLastLines":                     {9, "--attempt 2 --tail 2", "two\nthree\n", "", exitDone},
		"StopsAtTheEndOfARunningAttempt":         {2, "", "one\ntwo", "", exitDone},
		"PrintsFromAnOffset":                     {9, "--attempt 2 --from 4", "two\nthree\n", "", exitDone},
		"PrintsSoManyBytes":                      {9, "--attempt 2 --from -10 --bytes 7", "two\nthr", "", exitDone},
		"SaysThatNothingHasStarted":              {0, "", "", "capri: a/1 has no log: no attempt of it has started\n  capri batch why a/1\n", exitNotFound},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := at(tell(t, c.looks)).run(t, append([]string{"batch", "logs", "a/1"}, strings.Fields(c.args)...)...)
			if want := (result{c.code, c.out, c.said}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
