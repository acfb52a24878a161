package intake

import (
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

func TestEnds(t *testing.T) {
	t.Parallel()
	code := func(n int) *int { return &n }
	yes, no := true, false
	done := func(f batch.Finish) judged {
		return judged{verdict: wire.VerdictOK, move: batch.MoveFinish, to: batch.Done, finish: f, freed: true}
	}
	again := judged{verdict: wire.VerdictOK, move: batch.MoveRetry, to: batch.Waiting, freed: true}
	outputs := func(w *world) { w.def.Spec.Success = "output-path" }
	cases := []struct {
		name        string
		fact        func(*wire.Fact)
		world       func(*world)
		want        judged
		user, infra int
		result      string
	}{
		{"ExitZeroSucceeds", func(f *wire.Fact) { f.ExitCode = code(0) }, nil, done(batch.Success), 0, 0, "success"},
		{"FailureIsRetried", func(f *wire.Fact) { f.ExitCode = code(3) }, nil, again, 1, 0, "failed"},
		{"LastFailureFails", func(f *wire.Fact) { f.ExitCode = code(3) }, func(w *world) { w.work.UserFailures = 1 }, done(batch.Failed), 2, 0, "failed"},
		{"OtherCodesAreNotRetried", func(f *wire.Fact) { f.ExitCode = code(3) }, func(w *world) { w.def.Spec.Retry.ExitCodes = []int{4} }, done(batch.Failed), 1, 0, "failed"},
		{"KilledEndsWithoutRetry", func(f *wire.Fact) { f.Killed = true }, nil, done(batch.Killed), 0, 0, "killed"},
		{"KillIntentBeatsRetry", func(f *wire.Fact) { f.ExitCode = code(143) }, func(w *world) { w.work.KillAt = 1 }, done(batch.Killed), 0, 0, "killed"},
		{"KillIntentThatCameTooLateLetsSuccessStand", func(f *wire.Fact) { f.ExitCode = code(0) }, func(w *world) { w.work.KillAt = 1 }, done(batch.Success), 0, 0, "success"},
		{"TimeoutIsRetriedLikeAFailure", func(f *wire.Fact) { f.TimedOut = true }, nil, again, 1, 0, "timeout"},
		{"LastTimeoutFails", func(f *wire.Fact) { f.TimedOut = true }, func(w *world) { w.work.UserFailures = 1 }, done(batch.Failed), 2, 0, "timeout"},
		{"InfraUsesItsOwnTries", func(f *wire.Fact) { f.Infra = true }, func(w *world) { w.work.UserFailures = 1 }, again, 1, 1, "failed"},
		{"FourthInfraFails", func(f *wire.Fact) { f.Infra = true }, func(w *world) { w.work.InfraFailures = 3 }, done(batch.Failed), 0, 4, "failed"},
		{"LostIsRetried", func(f *wire.Fact) { f.Kind = wire.FactLost }, nil, again, 0, 1, "lost"},
		{"FourthLostIsLost", func(f *wire.Fact) { f.Kind = wire.FactLost }, func(w *world) { w.work.InfraFailures = 3 }, done(batch.Lost), 0, 4, "lost"},
		{"LostAfterAKillIsKilled", func(f *wire.Fact) { f.Kind = wire.FactLost }, func(w *world) { w.work.KillAt = 1 }, done(batch.Killed), 0, 0, "killed"},
		{"OutputsReadySucceed", func(f *wire.Fact) { f.ExitCode, f.OutputReady = code(1), &yes }, outputs, done(batch.Success), 0, 0, "success"},
		{"OutputsMissingFailWhateverTheCode", func(f *wire.Fact) { f.ExitCode, f.OutputReady = code(0), &no }, outputs, again, 1, 0, "failed"},
		{"OutputsUnknownNeverSucceed", func(f *wire.Fact) { f.ExitCode = code(0) }, outputs, again, 0, 1, "failed"},
		{
			"OutputsUnknownForEverFail", func(f *wire.Fact) { f.ExitCode = code(0) },
			func(w *world) { outputs(w); w.work.InfraFailures = 3 }, done(batch.Failed), 0, 4, "failed",
		},
		{"OutputsReadyOfAKilledAttemptDoNotCount", func(f *wire.Fact) { f.Killed, f.OutputReady = true, &yes }, outputs, done(batch.Killed), 0, 0, "killed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, w := fact(wire.FactFinished), scene(batch.Running)
			c.fact(&f)
			if c.world != nil {
				c.world(&w)
			}
			j := check(t, f, w, c.want)
			to := j.change.To
			if to.UserFailures != c.user || to.InfraFailures != c.infra || j.end.Outcome != c.result {
				t.Errorf("got %d user and %d infrastructure failures, %s, want %d, %d, %s", to.UserFailures, to.InfraFailures, j.end.Outcome, c.user, c.infra, c.result)
			}
			if j.success != (c.want.finish == batch.Success) {
				t.Errorf("got success %v for %s", j.success, c.want.finish)
			}
			if (j.code != nil) != (f.ExitCode != nil) {
				t.Errorf("got code %+v, want a row exactly when there is an exit code", j.code)
			}
			if c.want == again && (to.Host != "" || to.StartTime != 0 || to.EndTime != 0 || to.RetryAt < now().UnixMilli() || j.end.NextRetryAt != to.RetryAt) {
				t.Errorf("got %+v, want it on no host with the time of its retry", to)
			}
			if c.want != again && (to.EndTime != now().UnixMilli() || to.RetryAt != 0) {
				t.Errorf("got %+v, want it ended now", to)
			}
		})
	}
}

func TestRetryWaitsByTheTasksPolicy(t *testing.T) {
	t.Parallel()
	f, w := fact(wire.FactFinished), scene(batch.Running)
	one := 1
	f.ExitCode = &one
	w.def.Spec.Retry.Times, w.work.UserFailures = 5, 2
	if got, want := judge(f, w).change.To.RetryAt, now().Add(4*time.Minute).UnixMilli(); got != want {
		t.Errorf("got a retry at %d, want %d: one minute doubled twice", got, want)
	}
}

func TestTimeoutMarkOutlivesARetry(t *testing.T) {
	t.Parallel()
	w := scene(batch.Running)
	w.work.Finish = batch.OutputTimeout
	if got := judge(fact(wire.FactLost), w).change.To.Finish; got != batch.OutputTimeout {
		t.Errorf("got %s, want the mark kept", got)
	}
}

func TestPeaksOnlyRise(t *testing.T) {
	t.Parallel()
	f, w := fact(wire.FactFinished), scene(batch.Running)
	f.PeakMemory, f.PeakProcesses, f.CPUMillis = 50, 9, 2500
	w.work.PeakMemory, w.work.PeakProcesses, w.work.CPUSeconds = 80, 4, 10
	j := judge(f, w)
	if to := j.change.To; to.PeakMemory != 80 || to.PeakProcesses != 9 || to.CPUSeconds != 12 {
		t.Errorf("got %d bytes, %d processes, %d s, want 80, 9, 12", to.PeakMemory, to.PeakProcesses, to.CPUSeconds)
	}
	if j.end.PeakMemory != 50 || j.end.PeakProcesses != 9 || j.end.CPUMillis != 2500 {
		t.Errorf("got %+v, want the attempt's own figures in its row", j.end)
	}
}

func TestRunTimeoutHasItsResultCode(t *testing.T) {
	t.Parallel()
	f := fact(wire.FactFinished)
	f.TimedOut = true
	if got := judge(f, scene(batch.Running)).end.ResultCode; got != batch.ResultTimeout {
		t.Errorf("got %d, want %d", got, batch.ResultTimeout)
	}
}

func TestWaves(t *testing.T) {
	t.Parallel()
	var facts []wire.Fact
	for _, id := range []int64{1, 2, 1, 3, 1, 2} {
		facts = append(facts, wire.Fact{WorkID: id})
	}
	got := waves(facts)
	want := [][]int{{0, 1, 3}, {2, 5}, {4}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for n := range want {
		for i := range want[n] {
			if len(got[n]) != len(want[n]) || got[n][i] != want[n][i] {
				t.Fatalf("got %v, want %v", got, want)
			}
		}
	}
	if waves(nil) != nil {
		t.Error("got waves of nothing, want none")
	}
}

func TestEndIsWhenTheScriptEnded(t *testing.T) {
	t.Parallel()
	const start, now = 1_000_000, 1_900_000
	for name, test := range map[string]struct {
		began, ended, want int64
	}{
		"ReportedAtOnce":            {5_000, 905_000, 1_900_000},
		"ReportedAfterAnOutage":     {5_000, 65_000, 1_060_000},
		"ClockRanFast":              {5_000, 9_000_000, 1_900_000},
		"ClockWasSetBackMeanwhile":  {5_000, 4_000, 1_900_000},
		"NobodyKnowsWhenItBegan":    {0, 65_000, 1_900_000},
		"SameInstantAsItBegan":      {5_000, 5_000, 1_000_000},
		"NobodyKnowsWhenItEndedYet": {5_000, 0, 1_900_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world{work: &store.Work{StartTime: start}, now: time.UnixMilli(now)}
			if got := w.endOf(wire.Fact{StartedAt: test.began, EndedAt: test.ended}); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
