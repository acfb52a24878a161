package plan

import (
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
)

func TestRule(t *testing.T) {
	t.Parallel()
	person := store.Hold{Source: store.SourcePerson, Actor: "ann", Reason: "look", Until: 7}
	breaker := store.Hold{Source: store.SourceBreaker, Actor: "bob", Reason: "storm"}
	quality := store.Hold{Source: store.SourceQuality, Actor: "dq", Reason: "nulls"}
	is := func(state batch.State, finish batch.Finish) store.Work {
		return store.Work{State: state, Finish: finish, Latest: true, Host: "w1"}
	}
	ending := is(batch.Running, batch.None)
	ending.KillAt, ending.KillBy = 5, "bob"
	older := is(batch.Done, batch.Failed)
	older.Latest = false
	kill, hold, release := Command{Kind: KindKill}, Command{Kind: KindHold, By: "ann", Reason: "disk"}, Command{Kind: KindRelease}
	mark := func(f batch.Finish) Command { return Command{Kind: KindMark, Result: f} }
	cases := []struct {
		name     string
		command  Command
		work     store.Work
		held     []store.Hold
		decision string
		code     string
		says     string
	}{
		{"KillWaiting", kill, is(batch.Waiting, batch.None), nil, Change, CodeKillNow, "is waiting"},
		{"KillLate", kill, is(batch.Waiting, batch.DependTimeout), nil, Change, CodeKillNow, "is waiting"},
		{"KillAssigned", kill, is(batch.Assigned, batch.None), nil, Change, CodeKillNow, "is assigned"},
		{"KillRunning", kill, is(batch.Running, batch.OutputTimeout), nil, Change, CodeKillOrder, "on w1"},
		{"KillEnding", kill, ending, nil, Skip, CodeEnding, "for bob"},
		{"KillKilled", kill, is(batch.Done, batch.Killed), nil, Skip, CodeSame, "killed already"},
		{"KillEnded", kill, is(batch.Done, batch.Success), nil, Skip, CodeDone, "(success)"},
		{"HoldWaiting", hold, is(batch.Waiting, batch.None), nil, Change, CodeHold, "is waiting"},
		{"HoldAssigned", hold, is(batch.Assigned, batch.None), nil, Change, CodeHold, "taken back"},
		{"HoldRunning", hold, is(batch.Running, batch.None), nil, Change, CodeHold, "when it is retried"},
		{"HoldEnded", hold, is(batch.Done, batch.Lost), nil, Skip, CodeDone, "(lost)"},
		{"HoldAgain", hold, is(batch.Waiting, batch.None), []store.Hold{person}, Change, CodeHoldAgain, "by ann: look"},
		{"HoldTheSame", Command{Kind: KindHold, By: "ann", Reason: "look", Until: 7}, is(batch.Waiting, batch.None), []store.Hold{breaker, person}, Skip, CodeSame, "same reason"},
		{"HoldTheSameOfAnother", Command{Kind: KindHold, By: "bob", Reason: "look", Until: 7}, is(batch.Waiting, batch.None), []store.Hold{person}, Change, CodeHoldAgain, ""},
		{"HoldBesideQuality", hold, is(batch.Waiting, batch.None), []store.Hold{quality}, Change, CodeHold, ""},
		{"ReleaseHeld", release, is(batch.Waiting, batch.None), []store.Hold{quality, person}, Change, CodeRelease, "by ann: look"},
		{"ReleaseFree", release, is(batch.Waiting, batch.None), nil, Skip, CodeNotHeld, "is not held"},
		{"ReleaseBlocked", release, is(batch.Waiting, batch.None), []store.Hold{quality}, Skip, CodeNotHeld, "data quality"},
		{"MarkWaiting", mark(batch.Success), is(batch.Waiting, batch.None), nil, Change, CodeMark, "without running"},
		{"MarkFailed", mark(batch.Success), is(batch.Done, batch.Failed), nil, Change, CodeMark, "is failed and becomes success"},
		{"MarkSuccessful", mark(batch.Failed), is(batch.Done, batch.Success), nil, Change, CodeMark, ""},
		{"MarkSkipped", mark(batch.Success), is(batch.Done, batch.Skipped), nil, Change, CodeMark, ""},
		{"MarkTheSame", mark(batch.Failed), is(batch.Done, batch.Failed), nil, Skip, CodeSame, "is failed already"},
		{"MarkRunning", mark(batch.Success), is(batch.Running, batch.None), nil, Block, CodeRunning, "its own end decides"},
		{"MarkAssigned", mark(batch.Failed), is(batch.Assigned, batch.None), nil, Block, CodeRunning, "about to start"},
		{"MarkAnOlderRun", mark(batch.Success), older, nil, Block, CodeOldRun, "newer"},
		{"SkipWaiting", mark(batch.Skipped), is(batch.Waiting, batch.None), nil, Change, CodeMark, "becomes skipped"},
		{"SkipSkipped", mark(batch.Skipped), is(batch.Done, batch.Skipped), nil, Skip, CodeSame, ""},
		{"SkipEnded", mark(batch.Skipped), is(batch.Done, batch.Failed), nil, Block, CodeEnded, "only a waiting batch"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := Rule(c.command, &c.work, c.held)
			if got.Decision != c.decision || got.Code != c.code || !strings.Contains(got.Sentence, c.says) {
				t.Errorf("got %+v, want %s %s that says %q", got, c.decision, c.code, c.says)
			}
			legalChange(t, c.command, c.work, got)
		})
	}
}

// legalChange holds that what a ruling lets happen is a move of the operator's.
func legalChange(t *testing.T, c Command, w store.Work, r Ruling) {
	t.Helper()
	if r.Decision != Change {
		return
	}
	e := effect{command: c, now: 9, ids: []int64{1}}
	e.add(&w)
	for _, ch := range e.changes {
		m, known := batch.Find(ch.Move)
		if !known || m.By != batch.Operator || !m.Allows(ch.From.State, ch.To.State, ch.To.Finish) {
			t.Errorf("got %s from %s to %s/%s, which is not legal", ch.Move, ch.From.State, ch.To.State, ch.To.Finish)
		}
	}
	if len(e.changes)+len(e.holds)+len(e.releases) != 1 {
		t.Errorf("got %+v, want one effect", e)
	}
}

func TestCommandsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxReason+1)
	for name, c := range map[string]Command{
		"KillWithoutReason": {Kind: KindKill}, "HoldWithoutReason": {Kind: KindHold}, "MarkWithoutReason": {Kind: KindMark},
		"LongReason": {Kind: KindKill, Reason: long}, "KillUntil": {Kind: KindKill, Reason: "r", Until: 20}, "HoldUntilThePast": {Kind: KindHold, Reason: "r", Until: 10},
	} {
		if err := c.check(10); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: got %v, want INVALID", name, err)
		}
	}
	for name, c := range map[string]Command{
		"Release": {Kind: KindRelease}, "HoldForGood": {Kind: KindHold, Reason: "r"}, "HoldUntilLater": {Kind: KindHold, Reason: "r", Until: 11},
	} {
		if err := c.check(10); err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
		}
	}
	for _, kind := range []string{KindKill, KindMark} {
		if _, err := ParseResult(kind, "lost"); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s as lost: got %v, want INVALID", kind, err)
		}
	}
	if got, err := ParseResult(KindMark, "skipped"); err != nil || got != batch.Skipped {
		t.Errorf("got %v, %v, want skipped", got, err)
	}
}
