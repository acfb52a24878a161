package plan

import (
	"fmt"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// Fail is the decision about an item whose batch has changed since the plan
// was made: the command leaves it alone.
const Fail = "fail"

// Codes of what commands do to batches, and of why they do nothing.
const (
	CodeKillNow   = "KILL_NOW"   // ended at once
	CodeKillOrder = "KILL_ORDER" // its worker ends it
	CodeHold      = "HOLD"
	CodeHoldAgain = "HOLD_AGAIN" // held already: reason and end change
	CodeRelease   = "RELEASE"
	CodeMark      = "MARK"
	CodeDone      = "SKIP_DONE"
	CodeEnding    = "SKIP_ENDING" // somebody has ordered its end already
	CodeSame      = "SKIP_SAME"   // it is as wanted
	CodeNotHeld   = "SKIP_NOT_HELD"
	CodeOldRun    = "BLOCK_OLD_RUN" // not the run that counts
	CodeEnded     = "BLOCK_ENDED"   // only a waiting batch can be skipped
)

// Command is what somebody wants done to batches.
type Command struct {
	Kind   string       // kill, hold, release or mark
	Result batch.Finish // of a mark: success, failed or skipped
	Until  int64        // of a hold, 0: until released
	Reason string
	By     string
}

// Ruling is what becomes of one batch by a command, with a sentence that goes
// on after its name.
type Ruling struct {
	Decision, Code, Sentence string
}

// Rule decides what a command does to a batch as it stands, of which held are
// the holds on itself. It is pure (exactly.md 15, 18).
func Rule(c Command, w *store.Work, held []store.Hold) Ruling {
	switch c.Kind {
	case KindKill:
		return ruleKill(w)
	case KindHold:
		return ruleHold(c, w, held)
	case KindRelease:
		return ruleRelease(held)
	}
	return ruleMark(c, w)
}

func ruleKill(w *store.Work) Ruling {
	switch {
	case w.State == batch.Done && w.Finish == batch.Killed:
		return Ruling{Skip, CodeSame, "is killed already"}
	case w.State == batch.Done:
		return done(w)
	case w.State == batch.Running && w.KillAt > 0:
		return Ruling{Skip, CodeEnding, fmt.Sprintf("is being ended on %s already, for %s", w.Host, w.KillBy)}
	case w.State == batch.Running:
		return Ruling{Change, CodeKillOrder, fmt.Sprintf("is running on %s: its worker ends the script", w.Host)}
	}
	return Ruling{Change, CodeKillNow, fmt.Sprintf("is %s: it will not run", w.State)}
}

func done(w *store.Work) Ruling {
	return Ruling{Skip, CodeDone, fmt.Sprintf("has ended already (%s)", w.Finish)}
}

func ruleHold(c Command, w *store.Work, held []store.Hold) Ruling {
	if w.State == batch.Done {
		return done(w)
	}
	if h := heldBy(held, store.SourcePerson); h != nil {
		if h.Actor == c.By && h.Reason == c.Reason && h.Until == c.Until {
			return Ruling{Skip, CodeSame, "is held already, for the same reason"}
		}
		return Ruling{Change, CodeHoldAgain, fmt.Sprintf("was held by %s: %s", h.Actor, h.Reason)}
	}
	switch w.State {
	case batch.Running:
		return Ruling{Change, CodeHold, "is running and goes on: the hold takes effect when it is retried"}
	case batch.Assigned:
		return Ruling{Change, CodeHold, fmt.Sprintf("is assigned to %s: it is taken back", w.Host)}
	case batch.Nothing, batch.Waiting, batch.Done:
	}
	return Ruling{Change, CodeHold, "is waiting"}
}

func ruleRelease(held []store.Hold) Ruling {
	if h := heldBy(held, store.SourcePerson); h != nil {
		return Ruling{Change, CodeRelease, fmt.Sprintf("was held by %s: %s", h.Actor, h.Reason)}
	}
	if len(held) > 0 {
		return Ruling{Skip, CodeNotHeld, "is not held by a person, but " + byWhom(&held[0])}
	}
	return Ruling{Skip, CodeNotHeld, "is not held"}
}

// heldBy returns the hold of one source, nil when there is none.
func heldBy(held []store.Hold, source string) *store.Hold {
	for i := range held {
		if held[i].Source == source {
			return &held[i]
		}
	}
	return nil
}

// byWhom says what holds something, in a part of a sentence.
func byWhom(h *store.Hold) string {
	switch h.Source {
	case store.SourceBreaker:
		return fmt.Sprintf("its breaker was tripped by %s: %s", h.Actor, h.Reason)
	case store.SourceQuality:
		return fmt.Sprintf("its data quality is blocked by %s: %s", h.Actor, h.Reason)
	}
	return fmt.Sprintf("held by %s: %s", h.Actor, h.Reason)
}

// ruleMark lets a person decide the result of a run that counts, of a batch
// that waits or has ended. The result of an older run decides nothing any more.
func ruleMark(c Command, w *store.Work) Ruling {
	switch {
	case !w.Latest:
		return Ruling{Block, CodeOldRun, "is not the run that counts: a newer one is there, and decides"}
	case w.State == batch.Running:
		return Ruling{Block, CodeRunning, fmt.Sprintf("is running on %s: its own end decides the result", w.Host)}
	case w.State == batch.Assigned:
		return Ruling{Block, CodeRunning, fmt.Sprintf("is assigned to %s and about to start", w.Host)}
	case w.State == batch.Done && w.Finish == c.Result:
		return Ruling{Skip, CodeSame, fmt.Sprintf("is %s already", c.Result)}
	case w.State == batch.Done && c.Result == batch.Skipped:
		return Ruling{Block, CodeEnded, fmt.Sprintf("has ended (%s): only a waiting batch can be skipped", w.Finish)}
	case w.State == batch.Done:
		return Ruling{Change, CodeMark, fmt.Sprintf("is %s and becomes %s", w.Finish, c.Result)}
	}
	return Ruling{Change, CodeMark, fmt.Sprintf("is waiting and becomes %s without running", c.Result)}
}
