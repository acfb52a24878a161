package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// maxReason bounds what a column keeps of a reason.
const maxReason = 400

// check refuses commands that make no sense.
func (c *Command) check(now int64) error {
	if c.Reason == "" && c.Kind != KindRelease {
		return fault.New(fault.Invalid, "a %s needs a reason", c.Kind).WithHint("say in a few words why, for whoever asks later")
	}
	if len(c.Reason) > maxReason {
		return fault.New(fault.Invalid, "the reason is %d bytes long; at most %d are kept", len(c.Reason), maxReason)
	}
	if c.Until != 0 && c.Kind != KindHold {
		return fault.New(fault.Invalid, "a %s has no end", c.Kind).WithHint("leave until out")
	}
	if c.Until != 0 && c.Until <= now {
		return fault.New(fault.Invalid, "the hold would be over already: its end, %s, has passed", time.UnixMilli(c.Until).UTC().Format(time.RFC3339))
	}
	return nil
}

// ParseResult reads the result of a mark.
func ParseResult(kind, text string) (batch.Finish, error) {
	if kind != KindMark {
		if text != "" {
			return batch.None, fault.New(fault.Invalid, "a %s has no result", kind).WithHint("leave result out")
		}
		return batch.None, nil
	}
	for _, f := range []batch.Finish{batch.Success, batch.Failed, batch.Skipped} {
		if f.String() == text {
			return f, nil
		}
	}
	return batch.None, fault.New(fault.Invalid, "a batch cannot be marked %q", text).WithHint("write success, failed or skipped")
}

// Command kills, holds, releases or marks one batch. Where it is so already,
// nothing is changed, and that is no error.
func (p *Planner) Command(ctx context.Context, by Caller, ref batch.Ref, c Command) (wire.CommandReply, error) {
	c.By = by.ID
	if err := c.check(p.db.Now().UnixMilli()); err != nil {
		return wire.CommandReply{}, err
	}
	ids, err := p.db.IDs(ctx, 2)
	if err != nil {
		return wire.CommandReply{}, err
	}
	var e effect
	var out wire.CommandReply
	err = p.db.Operate(ctx, by.Actor, func(t *store.OperateTx) error {
		e = effect{command: c, detail: c.Reason, now: t.Now(), ids: ids[:1]}
		one, err := lockOne(ctx, t, by, ref)
		if err != nil {
			return err
		}
		ruling := Rule(c, one.work, one.held)
		if err := refusal(one, ruling); err != nil {
			return err
		}
		if ruling.Decision == Change {
			e.add(one.work)
			if err := e.write(ctx, t, t.Move); err != nil {
				return err
			}
		}
		if out, err = one.reply(ctx, t, c, ruling); err != nil {
			return err
		}
		return t.Audit(ctx, one.audit(ids[1], by, c, &e))
	})
	if err != nil {
		return wire.CommandReply{}, err
	}
	e.tell(p.notify)
	return out, nil
}

// one is a batch that a single command is about, locked.
type one struct {
	ref  batch.Ref
	work *store.Work
	held []store.Hold // on itself
}

// lockOne finds and locks a batch that the caller may change.
func lockOne(ctx context.Context, t *store.OperateTx, by Caller, ref batch.Ref) (*one, error) {
	for {
		b, err := t.BatchByRef(ctx, ref)
		if errors.Is(err, store.ErrNotFound) {
			if _, err := t.TaskByName(ctx, ref.Task); errors.Is(err, store.ErrNotFound) {
				return nil, UnknownTask(ref.Task)
			}
			return nil, fault.New(fault.NotFound, "there is no batch %q", ref.String()).WithHint("capri batch list --task %s shows those there are", ref.Task)
		}
		if err != nil {
			return nil, err
		}
		rights, err := t.TaskRights(ctx, []int64{b.TaskID})
		if err != nil {
			return nil, err
		}
		if r := rights[b.TaskID]; !by.may(r.Owner, r.Department, r.ProjectID) {
			return nil, forbidden("batches of task "+r.Name, r.Owner)
		}
		works, err := t.Lock(ctx, []int64{b.ID})
		if err != nil {
			return nil, err
		}
		w := works[b.ID]
		if w == nil || ref.Run == batch.AnyRun && !w.Latest {
			continue // a newer run was made in this moment
		}
		held, err := t.HoldsOf(ctx, store.HoldBatch, []int64{b.ID})
		return &one{ref: b.Ref(), work: w, held: held}, err
	}
}

// forbidden says whose something is that the caller may not change.
func forbidden(what, owner string) error {
	return fault.New(fault.Forbidden, "%s are %s's", what, owner).WithHint("ask %s, or somebody on duty", owner)
}

// refusal is the error of a ruling that a person must know of: something is in
// the way of what was wanted.
func refusal(o *one, r Ruling) error {
	inTheWay := r.Decision == Block || r.Code == CodeDone || r.Code == CodeNotHeld && len(o.held) > 0
	if !inTheWay {
		return nil
	}
	err := fault.New(fault.Conflict, "%s %s", o.ref, r.Sentence)
	switch r.Code {
	case CodeRunning:
		return err.WithHint("kill it first, or wait for its end")
	case CodeOldRun:
		return err.WithHint("mark %s/%s, the newest run", o.ref.Task, o.ref.WorkNo)
	case CodeDone:
		return err.WithHint("capri batch show %s says how; a rerun makes a new run", o.ref)
	case CodeNotHeld:
		return err.WithHint("%s", howToEnd(&o.held[0]))
	}
	return err
}

// howToEnd says how a hold of another source than a person is ended.
func howToEnd(h *store.Hold) string {
	switch h.Source {
	case store.SourceBreaker:
		return "capri breaker reset closes a breaker"
	case store.SourceQuality:
		return "capri quality set BATCH run lets it go"
	}
	return "capri " + h.Kind + " release ends it"
}

// reply says what was done, and what is to be known besides.
func (o *one) reply(ctx context.Context, t *store.OperateTx, c Command, r Ruling) (wire.CommandReply, error) {
	out := wire.CommandReply{Object: o.ref.String(), Changed: r.Decision == Change, Code: r.Code, Message: o.ref.String() + " " + outcome(c, r, o.work)}
	switch r.Code {
	case CodeKillOrder:
		out.Next = fmt.Sprintf("capri batch wait %s waits for its end", o.ref)
	case CodeHold:
		out.Next = fmt.Sprintf("capri batch release %s lets it go", o.ref)
	case CodeRelease, CodeNotHeld:
		others, err := othersHolding(ctx, t, o)
		if len(others) > 0 {
			out.Next = "it still waits: " + others
		}
		return out, err
	}
	return out, nil
}

// outcome says how a batch is once the command is obeyed, in a sentence that
// goes on after its name; w is as it was.
func outcome(c Command, r Ruling, w *store.Work) string {
	switch r.Code {
	case CodeKillNow:
		return fmt.Sprintf("is killed; it was %s and will not run", w.State)
	case CodeKillOrder:
		return "is being ended on " + w.Host
	case CodeHold:
		return "is held; it " + r.Sentence
	case CodeHoldAgain:
		return "is held for another reason, or until another time; it " + r.Sentence
	case CodeRelease:
		return "is released; it " + r.Sentence
	case CodeMark:
		return fmt.Sprintf("is %s now; it was %s", c.Result, standing(w))
	}
	return r.Sentence
}

// standing is the state of a batch, or the result of one that has ended.
func standing(w *store.Work) string {
	if w.State == batch.Done {
		return w.Finish.String()
	}
	return w.State.String()
}

// othersHolding says what else holds a batch whose own hold is released.
func othersHolding(ctx context.Context, t *store.OperateTx, o *one) (string, error) {
	for i := range o.held {
		if o.held[i].Source != store.SourcePerson {
			return byWhom(&o.held[i]), nil
		}
	}
	for _, above := range []struct {
		kind string
		id   int64
	}{{store.HoldTask, o.work.TaskID}, {store.HoldProject, o.work.ProjectID}} {
		held, err := t.HoldsOf(ctx, above.kind, []int64{above.id})
		if err != nil {
			return "", err
		}
		if len(held) > 0 {
			return fmt.Sprintf("its %s is held, %s (%s)", above.kind, byWhom(&held[0]), howToEnd(&held[0])), nil
		}
	}
	return "", nil
}

// audited is what an audit row tells of a command.
type audited struct {
	Reason  string `json:"reason,omitempty"`
	Result  string `json:"result,omitempty"`
	Until   int64  `json:"until,omitempty"`
	Changed bool   `json:"changed"`
	Before  string `json:"before,omitempty"`
	After   string `json:"after,omitempty"`
}

func (a audited) text() string {
	text, err := json.Marshal(a)
	if err != nil {
		return "{}" // cannot be: texts and numbers
	}
	return string(text)
}

func (o *one) audit(id int64, by Caller, c Command, e *effect) store.Audit {
	a := audited{Reason: c.Reason, Until: c.Until, Before: o.work.State.String() + "/" + o.work.Finish.String()}
	a.After = a.Before
	if c.Kind == KindMark {
		a.Result = c.Result.String()
	}
	for i := range e.changes {
		a.After = e.changes[i].To.State.String() + "/" + e.changes[i].To.Finish.String()
	}
	a.Changed = len(e.changes)+len(e.holds)+len(e.releases) > 0
	return store.Audit{ID: id, Action: "batch." + c.Kind, Object: o.ref.String(), Source: by.Source, Detail: a.text()}
}
