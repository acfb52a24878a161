package guard

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
)

const minute = int64(time.Minute / time.Millisecond)

func TestJudgeDue(t *testing.T) {
	t.Parallel()
	const now = 1_700_000_000_000
	none, depend, output, both := Marks{}, Marks{Depend: true}, Marks{Output: true}, Marks{Depend: true, Output: true}
	late := store.Work{State: batch.Waiting, Unmet: 1, Latest: true, DependDeadline: now - 1, OutputDeadline: now - 1}
	for name, c := range map[string]struct {
		change func(*store.Work)
		begun  bool
		want   Marks
	}{
		"BothAtOnce":                      {func(*store.Work) {}, false, both},
		"NeitherIsConfigured":             {func(w *store.Work) { w.DependDeadline, w.OutputDeadline = 0, 0 }, false, none},
		"DueThisVeryInstantIsNotLate":     {func(w *store.Work) { w.DependDeadline, w.OutputDeadline = now, now }, false, none},
		"DependOnly":                      {func(w *store.Work) { w.OutputDeadline = now + 1 }, false, depend},
		"OutputOnly":                      {func(w *store.Work) { w.DependDeadline = now + 1 }, false, output},
		"NothingIsMissing":                {func(w *store.Work) { w.Unmet = 0 }, false, output},
		"AnAttemptHasBegun":               {func(*store.Work) {}, true, output},
		"AttemptNumbersAloneDoNotCount":   {func(w *store.Work) { w.Attempt = 3 }, false, both},
		"AssignedDoesNotWait":             {func(w *store.Work) { w.State, w.Unmet = batch.Assigned, 0 }, false, output},
		"RunningIsLateWithItsOutput":      {func(w *store.Work) { w.State, w.Unmet = batch.Running, 0 }, true, output},
		"DependIsMarkedAlready":           {func(w *store.Work) { w.DependTimeoutAt, w.Finish = now-5, batch.DependTimeout }, false, output},
		"OutputIsMarkedAlready":           {func(w *store.Work) { w.OutputTimeoutAt, w.Finish = now-5, batch.OutputTimeout }, false, depend},
		"BothAreMarkedAlready":            {func(w *store.Work) { w.DependTimeoutAt, w.OutputTimeoutAt = now-5, now-5 }, false, none},
		"SupersededRunsGiveNoOutputAlarm": {func(w *store.Work) { w.Latest = false }, false, depend},
		"FailedIsLate":                    {func(w *store.Work) { w.State, w.Finish = batch.Done, batch.Failed }, true, output},
		"KilledIsLate":                    {func(w *store.Work) { w.State, w.Finish = batch.Done, batch.Killed }, false, output},
		"LostIsLate":                      {func(w *store.Work) { w.State, w.Finish = batch.Done, batch.Lost }, true, output},
		"SkippedIsNot":                    {func(w *store.Work) { w.State, w.Finish = batch.Done, batch.Skipped }, false, none},
		"SuccessIsNot":                    {func(w *store.Work) { w.State, w.Finish = batch.Done, batch.Success }, true, none},
	} {
		w := late
		c.change(&w)
		if got := JudgeDue(&w, c.begun, now); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// scene is a batch that has run on w1 for two hours, and w1 as it is alive.
func scene(now int64) (Running, *store.Host) {
	h := &store.Host{
		Host: "w1", Incarnation: "i1", LastCheckTime: now - 5000, CheckInterval: 30_000, LeaseMillis: 10 * minute, IncarnationAt: now - 900*minute,
	}
	w := &store.Work{ID: 7, Host: "w1", Incarnation: "i1", State: batch.Running, Attempt: 2, StartTime: now - 120*minute}
	return Running{Work: w, Host: h}, h
}

func TestJudgeRunning(t *testing.T) {
	t.Parallel()
	const now = int64(1_700_000_000_000)
	stays, over, asks := Fate{}, Fate{Over: true}, Fate{Ask: true}
	silent := func(h *store.Host, minutes int64) { h.LastCheckTime = now - minutes*minute }
	for name, c := range map[string]struct {
		change func(*Running, *store.Host)
		term   int64 // minutes since the term began
		want   Fate
	}{
		"LongAndAliveIsAskedFor":         {func(*Running, *store.Host) {}, 60, asks},
		"NotYetLong":                     {func(r *Running, _ *store.Host) { r.Work.StartTime = now - 59*minute }, 60, stays},
		"LongByWhatWasLearned":           {func(r *Running, _ *store.Host) { r.Expected = 61 * time.Minute }, 60, stays},
		"LongerThanTwiceWhatWasLearned":  {func(r *Running, _ *store.Host) { r.Expected = 60 * time.Minute }, 60, asks},
		"UnknownWorker":                  {func(r *Running, _ *store.Host) { r.Host = nil }, 60, stays},
		"SilenceIsNoEvidenceForWait":     {func(_ *Running, h *store.Host) { silent(h, 100_000) }, 100_000, stays},
		"FenceWithinTheLease":            {func(r *Running, h *store.Host) { r.Fence = true; silent(h, 10) }, 60, Fate{At: now + minute}},
		"FenceWithinTheMargin":           {func(r *Running, h *store.Host) { r.Fence = true; h.LastCheckTime = now - 11*minute + 1 }, 60, Fate{At: now + 1}},
		"FenceAfterLeaseAndMargin":       {func(r *Running, h *store.Host) { r.Fence = true; silent(h, 11) }, 60, over},
		"FenceOfAWorkerThatTellsNoLease": {func(r *Running, h *store.Host) { r.Fence, h.LeaseMillis = true, 0; silent(h, 10) }, 60, Fate{At: now + minute}},
		"FenceWithALongerLease":          {func(r *Running, h *store.Host) { r.Fence, h.LeaseMillis = true, 60*minute; silent(h, 11) }, 60, Fate{At: now + 50*minute}},
		"FenceInAYoungTerm":              {func(r *Running, h *store.Host) { r.Fence = true; silent(h, 600) }, 0, Fate{At: now + 30_000}},
		"FenceThatIsNotSilent":           {func(r *Running, _ *store.Host) { r.Fence = true }, 60, asks},
		"DeclaredDeadWaits":              {func(_ *Running, h *store.Host) { silent(h, 5); h.DeadAt = now - minute }, 60, over},
		"DeclaredDeadFences":             {func(r *Running, h *store.Host) { r.Fence = true; silent(h, 5); h.DeadAt = now - minute }, 0, over},
		"DeclaredDeadBeforeItBegan":      {func(_ *Running, h *store.Host) { silent(h, 500); h.DeadAt = now - 130*minute }, 60, stays},
		"HeardOfSinceItWasDeclaredDead":  {func(_ *Running, h *store.Host) { h.DeadAt = now - 10*minute }, 60, asks},
		"WipedRootOfWait": {func(_ *Running, h *store.Host) { h.Incarnation = "i2" }, 60,
			Fate{Over: true, MayRun: true}},
		"WipedRootOfFence":      {func(r *Running, h *store.Host) { r.Fence, h.Incarnation = true, "i2" }, 60, over},
		"WipedRootOfYoungFence": {func(r *Running, h *store.Host) { r.Fence, h.Incarnation, h.IncarnationAt = true, "i2", now-10*minute }, 60, Fate{At: now + minute}},
		"WipedRootOfYoungWait":  {func(_ *Running, h *store.Host) { h.Incarnation, h.IncarnationAt = "i2", now-10*minute }, 60, Fate{At: now + minute}},
		"WipedRootWithLongLease": {func(_ *Running, h *store.Host) {
			h.Incarnation, h.IncarnationAt, h.FormerLease = "i2", now-11*minute, 20*minute
		}, 60, Fate{At: now + 10*minute}},
		"WipedRootInAYoungTerm":   {func(_ *Running, h *store.Host) { h.Incarnation = "i2" }, 0, Fate{At: now + 30_000}},
		"WipedRootSilentSince":    {func(r *Running, h *store.Host) { r.Fence, h.Incarnation = true, "i2"; silent(h, 1000) }, 60, over},
		"WipedRootOfAnOldVersion": {func(r *Running, h *store.Host) { r.Fence, h.Incarnation, h.IncarnationAt = true, "i2", 0 }, 60, Fate{At: now - 5000 + 11*minute}},
	} {
		r, h := scene(now)
		c.change(&r, h)
		got := JudgeRunning(r, now, now-c.term*minute)
		if got.Over != (got.Over && got.Reason != "") {
			t.Errorf("%s: got %+v, want a reason", name, got)
		}
		got.Reason = ""
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestConclude(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_700_000_000_000)
	lost, may := Fate{Over: true, Reason: "w1 is gone"}, Fate{Over: true, MayRun: true, Reason: "w1 is gone"}
	nothing := Evidence{}
	code := func(n int) Evidence { return Evidence{ExitCode: &n} }
	outputs := func(ready bool) Evidence { return Evidence{Outputs: &ready} }
	for name, c := range map[string]struct {
		success string
		fate    Fate
		found   Evidence
		change  func(*store.Work)
		to      batch.State
		finish  batch.Finish
		tries   batch.Tries
	}{
		"WithoutEvidenceItIsTriedAgain":      {"exit-code", lost, nothing, nil, batch.Waiting, batch.None, batch.Tries{Infra: 1}},
		"WithoutEvidenceItIsLostInTheEnd":    {"exit-code", lost, nothing, func(w *store.Work) { w.InfraFailures = 3 }, batch.Done, batch.Lost, batch.Tries{Infra: 4}},
		"WhatMayRunIsNotTriedAgain":          {"exit-code", may, nothing, nil, batch.Done, batch.Lost, batch.Tries{Infra: 1}},
		"AKillBeatsARetry":                   {"exit-code", lost, nothing, func(w *store.Work) { w.KillAt = 1 }, batch.Done, batch.Killed, batch.Tries{}},
		"WhatMayRunWasNotKilled":             {"exit-code", may, nothing, func(w *store.Work) { w.KillAt = 1 }, batch.Done, batch.Lost, batch.Tries{Infra: 1}},
		"TheCodeLogHasASuccess":              {"exit-code", lost, code(0), nil, batch.Done, batch.Success, batch.Tries{}},
		"ASuccessThatAKillCameTooLateFor":    {"exit-code", lost, code(0), func(w *store.Work) { w.KillAt = 1 }, batch.Done, batch.Success, batch.Tries{}},
		"TheCodeLogHasAFailure":              {"exit-code", lost, code(3), nil, batch.Waiting, batch.None, batch.Tries{User: 1}},
		"TheCodeLogHasTheLastFailure":        {"exit-code", lost, code(3), func(w *store.Work) { w.UserFailures = 1 }, batch.Done, batch.Failed, batch.Tries{User: 2}},
		"OutputsAreReady":                    {"output-path", lost, outputs(true), nil, batch.Done, batch.Success, batch.Tries{}},
		"OutputsAreReadyOfWhatMayRun":        {"output-path", may, outputs(true), nil, batch.Done, batch.Success, batch.Tries{}},
		"OutputsAreNotReady":                 {"output-path", lost, outputs(false), nil, batch.Waiting, batch.None, batch.Tries{Infra: 1}},
		"OutputsAreNotReadyOfWhatMayRun":     {"output-path", may, outputs(false), nil, batch.Done, batch.Lost, batch.Tries{Infra: 1}},
		"OutputsOfAKilledAttemptDoNotCount":  {"output-path", lost, outputs(true), func(w *store.Work) { w.KillAt = 1 }, batch.Done, batch.Killed, batch.Tries{}},
		"OutputsAreNoEvidenceForAnExitCode":  {"exit-code", lost, outputs(true), nil, batch.Waiting, batch.None, batch.Tries{Infra: 1}},
		"ACodeIsNoEvidenceForMissingOutputs": {"output-path", lost, Evidence{ExitCode: new(0), Outputs: new(false)}, nil, batch.Waiting, batch.None, batch.Tries{User: 1}},
	} {
		w := &store.Work{State: batch.Running, Attempt: 1}
		if c.change != nil {
			c.change(w)
		}
		def := &task.Task{Spec: task.Spec{Success: c.success, Retry: task.Retry{Times: 1}}}
		got := Conclude(w, def, c.fate, c.found, now)
		if got.To != c.to || got.Finish != c.finish || got.Tries != c.tries {
			t.Errorf("%s: got %s/%s after %+v, want %s/%s after %+v", name, got.To, got.Finish, got.Tries, c.to, c.finish, c.tries)
		}
		if !strings.HasPrefix(got.Reason, "w1 is gone; ") {
			t.Errorf("%s: got reason %q, want it to begin with why it is over", name, got.Reason)
		}
	}
}

func TestNews(t *testing.T) {
	t.Parallel()
	const now = int64(1_700_000_000_000)
	for name, c := range map[string]struct {
		change func(*Fleet, *store.Host)
		want   string
	}{
		"Alive":                          {func(*Fleet, *store.Host) {}, ""},
		"Silent":                         {func(_ *Fleet, h *store.Host) { h.LastCheckTime = now - 30_000 }, "lost"},
		"NotSilentYet":                   {func(_ *Fleet, h *store.Host) { h.LastCheckTime = now - 29_999 }, ""},
		"SilentInAYoungTerm":             {func(f *Fleet, h *store.Host) { h.LastCheckTime, f.TermSince = now-900_000, now-29_999 }, ""},
		"ToldAlready":                    {func(f *Fleet, h *store.Host) { h.LastCheckTime, f.Lost["w1"] = 500, "500" }, ""},
		"LostAgain":                      {func(f *Fleet, h *store.Host) { h.LastCheckTime, f.Lost["w1"], f.Back["w1"] = 600, "500", "500" }, "lost"},
		"LostAgainBeforeTheReturnIsTold": {func(f *Fleet, h *store.Host) { h.LastCheckTime, f.Lost["w1"] = 600, "500" }, "lost"},
		"Back":                           {func(f *Fleet, _ *store.Host) { f.Lost["w1"] = "500" }, "back"},
		"BackIsToldAlready":              {func(f *Fleet, _ *store.Host) { f.Lost["w1"], f.Back["w1"] = "500", "500" }, ""},
		"BackFromALaterLoss":             {func(f *Fleet, _ *store.Host) { f.Lost["w1"], f.Back["w1"] = "600", "500" }, "back"},
		"DeadWithBatches": {func(f *Fleet, h *store.Host) {
			h.LastCheckTime, h.DeadAt, f.Lost["w1"], f.Running["w1"] = 500, 600, "500", 1
		}, "dead"},
		"DeadWithoutBatches": {func(f *Fleet, h *store.Host) { h.LastCheckTime, h.DeadAt, f.Lost["w1"] = 500, 600, "500" }, ""},
		"DeadInAYoungTermNeedsNoPatience": {func(f *Fleet, h *store.Host) {
			h.LastCheckTime, h.DeadAt, f.TermSince, f.Running["w1"] = 500, 600, now, 1
		}, "dead"},
	} {
		f := Fleet{
			Hosts:   []store.Host{{Host: "w1", LastCheckTime: now - 1000, CheckInterval: 30_000}},
			Running: map[string]int{}, Lost: map[string]string{}, Back: map[string]string{}, Now: now, TermSince: now - 60*minute,
		}
		c.change(&f, &f.Hosts[0])
		n := f.News()
		got := strings.Repeat("lost", len(n.Lost)) + strings.Repeat("back", len(n.Back)) + strings.Repeat("dead", len(n.Dead))
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestLevelOfALostWorker(t *testing.T) {
	t.Parallel()
	on, off := &store.Host{}, &store.Host{IsStop: true}
	for _, c := range []struct {
		h       *store.Host
		running int
		want    string
	}{{on, 1, store.LevelCritical}, {off, 1, store.LevelCritical}, {on, 0, store.LevelImportant}, {off, 0, store.LevelNotice}} {
		if got := levelOf(c.h, c.running, 5); got != c.want {
			t.Errorf("switched off %v with %d running: got %s, want %s", c.h.IsStop, c.running, got, c.want)
		}
	}
}
