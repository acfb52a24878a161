package batch

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	exit := Policy{Success: "exit-code", Times: 3, Interval: 30 * time.Second, Backoff: 2}
	path := exit
	path.Success = "output-path"
	only75 := exit
	only75.ExitCodes = []int{75}
	cases := []struct {
		name    string
		ended   Ended
		policy  Policy
		tries   Tries
		to      State
		finish  Finish
		wait    time.Duration
		after   Tries
		result  string
		resCode int
	}{
		{"SucceedsOnExitZero", Ended{ExitCode: new(0)}, exit, Tries{User: 2, Infra: 1}, Done, Success, 0, Tries{2, 1}, "success", 0},
		{"RetriesTheFirstFailureAfterTheInterval", Ended{ExitCode: new(1)}, exit, Tries{}, Waiting, None, 30 * time.Second, Tries{1, 0}, "failed", 1},
		{"BacksOffOnTheThirdFailure", Ended{ExitCode: new(1)}, exit, Tries{User: 2}, Waiting, None, 2 * time.Minute, Tries{3, 0}, "failed", 1},
		{"FailsWhenTheRetriesAreUsedUp", Ended{ExitCode: new(1)}, exit, Tries{User: 3}, Done, Failed, 0, Tries{4, 0}, "failed", 1},
		{"FailsAtOnceOnAnExitCodeNotListed", Ended{ExitCode: new(1)}, only75, Tries{}, Done, Failed, 0, Tries{1, 0}, "failed", 1},
		{"RetriesAListedExitCode", Ended{ExitCode: new(75)}, only75, Tries{}, Waiting, None, 30 * time.Second, Tries{1, 0}, "failed", 75},
		{"RetriesARunTimeoutWhateverIsListed", Ended{TimedOut: true, ExitCode: new(143)}, only75, Tries{}, Waiting, None, 30 * time.Second, Tries{1, 0}, "timeout", 502},
		{"FailsByTimeoutAtTheEnd", Ended{TimedOut: true}, exit, Tries{User: 3}, Done, Failed, 0, Tries{4, 0}, "timeout", 502},
		{"TimeoutBeatsExitZero", Ended{TimedOut: true, ExitCode: new(0)}, exit, Tries{User: 3}, Done, Failed, 0, Tries{4, 0}, "timeout", 502},
		{"KillBeatsRetry", Ended{Killed: true, ExitCode: new(143)}, exit, Tries{}, Done, Killed, 0, Tries{}, "killed", 143},
		{"KillBeatsTimeoutAndInfra", Ended{Killed: true, TimedOut: true, Infra: true}, exit, Tries{}, Done, Killed, 0, Tries{}, "killed", NoCode},
		{"InfraHasItsOwnCount", Ended{Infra: true}, exit, Tries{User: 3}, Waiting, None, 30 * time.Second, Tries{3, 1}, "failed", NoCode},
		{"InfraIsRetriedWithoutUserRetries", Ended{Infra: true}, Policy{Success: "exit-code"}, Tries{}, Waiting, None, 0, Tries{0, 1}, "failed", NoCode},
		{"InfraFailsAfterThreeRetries", Ended{Infra: true}, exit, Tries{Infra: 3}, Done, Failed, 0, Tries{0, 4}, "failed", NoCode},
		{"OverALimitFailsWhateverTheExitCode", Ended{Over: true, ExitCode: new(0)}, exit, Tries{User: 3}, Done, Failed, 0, Tries{4, 0}, "failed", 0},
		{"OverALimitIsAFailureOfTheUsers", Ended{Over: true, ExitCode: new(137), OutputReady: new(true)}, path, Tries{}, Waiting, None, 30 * time.Second, Tries{1, 0}, "failed", 137},
		{"LostIsRetriedUnderTheInfraCount", Ended{Lost: true}, exit, Tries{Infra: 1}, Waiting, None, time.Minute, Tries{0, 2}, "lost", NoCode},
		{"LostAtTheEnd", Ended{Lost: true}, exit, Tries{Infra: 3}, Done, Lost, 0, Tries{0, 4}, "lost", NoCode},
		{"LostThatMayStillRunIsNotTriedAgain", Ended{Lost: true, MayRun: true}, exit, Tries{}, Done, Lost, 0, Tries{0, 1}, "lost", NoCode},
		{"LostThatMayStillRunSucceedsByItsOutput", Ended{Lost: true, MayRun: true, OutputReady: new(true)}, path, Tries{}, Done, Success, 0, Tries{}, "success", NoCode},
		{"NoExitCodeIsNoEvidence", Ended{}, exit, Tries{Infra: 3}, Done, Lost, 0, Tries{0, 4}, "lost", NoCode},
		{"SucceedsByOutputWhateverTheExitCode", Ended{ExitCode: new(3), OutputReady: new(true)}, path, Tries{}, Done, Success, 0, Tries{}, "success", 3},
		{"FailsWithoutOutputThoughExitZero", Ended{ExitCode: new(0), OutputReady: new(false)}, path, Tries{User: 3}, Done, Failed, 0, Tries{4, 0}, "failed", 0},
		{"RetriesWithoutOutputThoughExitZero", Ended{ExitCode: new(0), OutputReady: new(false)}, path, Tries{}, Waiting, None, 30 * time.Second, Tries{1, 0}, "failed", 0},
		{"UnknownOutputIsAnInfraFailure", Ended{ExitCode: new(0)}, path, Tries{}, Waiting, None, 30 * time.Second, Tries{0, 1}, "failed", 0},
		{"UnknownOutputNeverSucceeds", Ended{ExitCode: new(0)}, path, Tries{Infra: 3}, Done, Failed, 0, Tries{0, 4}, "failed", 0},
		{"LostWithReadyOutputSucceeds", Ended{Lost: true, OutputReady: new(true)}, path, Tries{}, Done, Success, 0, Tries{}, "success", NoCode},
		{"LostWithoutOutputIsLost", Ended{Lost: true, OutputReady: new(false)}, path, Tries{Infra: 3}, Done, Lost, 0, Tries{0, 4}, "lost", NoCode},
		{"OutputIsNoEvidenceForAnExitCodeTask", Ended{ExitCode: new(1), OutputReady: new(true)}, exit, Tries{User: 3}, Done, Failed, 0, Tries{4, 0}, "failed", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := After(c.ended, c.policy, c.tries, now)
			want := Outcome{To: c.to, Finish: c.finish, Tries: c.after, Result: c.result, ResultCode: c.resCode, Reason: got.Reason}
			if c.to == Waiting {
				want.RetryAt = now.Add(c.wait)
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if got.Reason == "" {
				t.Error("got no reason, want a sentence")
			}
		})
	}
}

func TestAfterKeepsTheReportersReason(t *testing.T) {
	got := After(Ended{Infra: true, Reason: "account etl: no such user"}, Policy{}, Tries{}, time.Time{})
	if want := "account etl: no such user"; got.Reason != want {
		t.Errorf("got reason %q, want %q", got.Reason, want)
	}
}

func TestDelayIsCappedAtOneHour(t *testing.T) {
	got := delay(Policy{Interval: time.Minute, Backoff: 10}, 9)
	if got != time.Hour {
		t.Errorf("got %v, want %v", got, time.Hour)
	}
}

func TestAfterHoldsItsPromises(t *testing.T) {
	boolean := rapid.Bool()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		e := Ended{
			ExitCode: rapid.Ptr(rapid.IntRange(0, 255), true).Draw(t, "exit"),
			Killed:   boolean.Draw(t, "killed"), TimedOut: boolean.Draw(t, "timedOut"),
			Infra: boolean.Draw(t, "infra"), Lost: boolean.Draw(t, "lost"),
			OutputReady: rapid.Ptr(boolean, true).Draw(t, "ready"),
		}
		p := Policy{
			Success:   rapid.SampledFrom([]string{"exit-code", "output-path"}).Draw(t, "success"),
			Times:     rapid.IntRange(0, 5).Draw(t, "times"),
			Interval:  time.Duration(rapid.Int64Range(0, int64(2*time.Hour)).Draw(t, "interval")),
			Backoff:   rapid.Float64().Draw(t, "backoff"),
			ExitCodes: rapid.SliceOfN(rapid.IntRange(0, 255), 0, 3).Draw(t, "codes"),
		}
		tries := Tries{User: rapid.IntRange(0, 1000).Draw(t, "user"), Infra: rapid.IntRange(0, 1000).Draw(t, "infraTries")}
		out := After(e, p, tries, now)
		checkOutcome(t, e, tries, out)
		if out.To == Waiting && (out.RetryAt.Before(now) || out.RetryAt.After(now.Add(time.Hour))) {
			t.Fatalf("got a retry at %v, want one within an hour of %v", out.RetryAt, now)
		}
		if out.Finish == Success {
			checkEvidence(t, e, p)
		}
	})
}

func checkOutcome(t *rapid.T, e Ended, before Tries, out Outcome) {
	finish, _ := Find(MoveFinish)
	retry, _ := Find(MoveRetry)
	if !finish.Allows(Running, out.To, out.Finish) && !retry.Allows(Running, out.To, out.Finish) {
		t.Fatalf("got %s %s, want a legal end of a running batch", out.To, out.Finish)
	}
	if e.Killed && out.Finish != Killed {
		t.Fatalf("got %s, want a kill to win", out.Finish)
	}
	if out.Tries.User < before.User || out.Tries.Infra < before.Infra {
		t.Fatalf("got tries %+v after %+v, want none taken back", out.Tries, before)
	}
	used := out.Tries.User - before.User + out.Tries.Infra - before.Infra
	if out.To == Waiting && used != 1 {
		t.Fatalf("got %d tries used by a retry, want exactly one, or it never ends", used)
	}
}

func checkEvidence(t *rapid.T, e Ended, p Policy) {
	if e.TimedOut || e.Infra {
		t.Fatalf("got success from %+v, want none", e)
	}
	if p.Success == "output-path" && (e.OutputReady == nil || !*e.OutputReady) {
		t.Fatalf("got success without ready outputs: %+v", e)
	}
	if p.Success == "exit-code" && (e.Lost || e.ExitCode == nil || *e.ExitCode != 0) {
		t.Fatalf("got success without exit code 0: %+v", e)
	}
}

func TestJobRunView(t *testing.T) {
	cases := []struct {
		name   string
		state  State
		finish Finish
		code   int
		want   string
	}{
		{"WaitingIsPending", Waiting, None, 0, "PENDING"},
		{"AssignedIsPending", Assigned, None, 0, "PENDING"},
		{"WaitingForItsRetryIsPending", Waiting, None, 502, "PENDING"},
		{"RunningIsRunning", Running, None, 0, "RUNNING"},
		{"DependTimeoutIsTimeout", Waiting, DependTimeout, 0, "TIMEOUT"},
		{"OutputTimeoutIsTimeout", Running, OutputTimeout, 0, "TIMEOUT"},
		{"RunTimeoutIsTimeout", Done, Failed, 502, "TIMEOUT"},
		{"SuccessIsSuccess", Done, Success, 0, "SUCCESS"},
		{"SuccessMarkedAfterARunTimeoutIsSuccess", Done, Success, 502, "SUCCESS"},
		{"FailedIsFailure", Done, Failed, 1, "FAILURE"},
		{"KilledIsFailure", Done, Killed, 143, "FAILURE"},
		{"LostIsFailure", Done, Lost, -1, "FAILURE"},
		{"SkippedIsFailure", Done, Skipped, 0, "FAILURE"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := JobRun(c.state, c.finish, c.code); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
