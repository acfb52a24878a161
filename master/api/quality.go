package api

import (
	"context"
	"encoding/json"
	"net/http"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/permit"
	"capricornus/common/store"
	"capricornus/common/wire"
)

const tagQuality = "quality"

type qualityInput struct {
	Task    string `path:"task" maxLength:"100" doc:"name of the task"`
	Run     string `path:"run" maxLength:"40" doc:"work number, or workNumber.run; without a run the one that counts"`
	RawBody []byte
}

func (a *api) qualityRoutes() {
	answer := route{method: http.MethodPost, path: root + "/quality/{task}/{run}", may: permit.AnswerGates, id: "answer-quality", tag: tagQuality,
		summary: "Answer whether a batch may run: the data-quality service's answer, or an operator's in its stead"}
	call(a, answer, a.answerQuality)
	describeBody[wire.QualityAnswer](a, answer)
}

// answerQuality takes the answer about a batch. It may come again, and late.
func (a *api) answerQuality(ctx context.Context, in *qualityInput) (wire.QualityReply, error) {
	body, err := decode[wire.QualityAnswer](in.RawBody, false)
	if err != nil {
		return wire.QualityReply{}, err
	}
	if body.Answer != wire.QualityRun && body.Answer != wire.QualityBlock {
		return wire.QualityReply{}, fault.New(fault.Invalid, "%q is no answer of the data-quality gate", body.Answer).
			WithHint("write %s or %s", wire.QualityRun, wire.QualityBlock)
	}
	if len(body.Reason) > maxNote {
		return wire.QualityReply{}, fault.New(fault.Invalid, "the reason has %d bytes, at most %d are kept", len(body.Reason), maxNote)
	}
	var b store.Batch
	if err := a.withBatch(ctx, refParams{Task: in.Task, Run: in.Run}, func(t *store.ViewTx, found *store.Batch) error {
		b = *found
		return a.gated(ctx, t, found)
	}); err != nil {
		return wire.QualityReply{}, err
	}
	reply, err := a.writeAnswer(ctx, &b, body)
	if err == nil && reply.Changed {
		a.Answered()
	}
	return reply, err
}

// gated refuses answers about batches of a task without the gate: a block would
// hold them for ever.
func (a *api) gated(ctx context.Context, t *store.ViewTx, b *store.Batch) error {
	key := store.VersionKey{TaskID: b.TaskID, Version: b.TaskVersion}
	defs, err := a.Defs.In(ctx, t, []store.VersionKey{key})
	if err != nil {
		return err
	}
	if def := defs[key]; def == nil || !def.Spec.Quality.Enabled {
		return fault.New(fault.Conflict, "%s has no data-quality gate", b.Ref()).
			WithHint("quality.enabled in the task's file switches it on; capri batch hold holds a single batch")
	}
	return nil
}

// writeAnswer writes the answer and the hold that a block is, or ends it.
func (a *api) writeAnswer(ctx context.Context, b *store.Batch, body *wire.QualityAnswer) (wire.QualityReply, error) {
	ids, err := a.DB.IDs(ctx, 2)
	if err != nil {
		return wire.QualityReply{}, err
	}
	who := callerOf(ctx)
	reply := wire.QualityReply{Batch: b.Ref().String(), Answer: body.Answer}
	err = a.DB.Operate(ctx, who.actor(), func(t *store.OperateTx) error {
		works, err := t.Lock(ctx, []int64{b.ID})
		if err != nil {
			return err
		}
		w := works[b.ID]
		if w == nil {
			return notFound("batch", b.Ref().String())
		}
		reply.Changed, reply.Note = answered(w, body.Answer)
		if reply.Changed {
			hold := store.Hold{ID: ids[1], Kind: store.HoldBatch, ObjectID: b.ID, Actor: who.name, Reason: body.Reason, Source: store.SourceQuality}
			if err := settleQuality(ctx, t, hold, body.Answer); err != nil {
				return err
			}
		}
		detail, err := json.Marshal(map[string]string{"before": qualityName(w.QualityState), "after": body.Answer, "reason": body.Reason})
		if err != nil {
			return err
		}
		return t.Audit(ctx, store.Audit{ID: ids[0], Action: "quality." + body.Answer, Object: reply.Batch, Source: who.source, Detail: string(detail)})
	})
	return reply, err
}

// qualityName is what an audit row calls the answer that there was.
func qualityName(state int) string {
	switch state {
	case batch.QualityRun:
		return wire.QualityRun
	case batch.QualityBlock:
		return wire.QualityBlock
	}
	return "none"
}

// answered decides what an answer changes; it is pure.
func answered(w *store.Work, answer string) (changes bool, note string) {
	want := batch.QualityRun
	if answer == wire.QualityBlock {
		want = batch.QualityBlock
	}
	switch {
	case w.State == batch.Done:
		return false, "the batch has ended already; the answer changes nothing"
	case w.QualityState == want:
		return false, "it had been answered so already"
	case answer == wire.QualityBlock && w.State == batch.Running:
		return true, "the batch is running; the block takes effect if it is tried again"
	case answer == wire.QualityBlock && w.State == batch.Assigned:
		return true, "the batch is on a worker already; it is taken back if it has not started"
	}
	return true, ""
}

// settleQuality writes an answer; a block is a hold (exactly.md 20).
func settleQuality(ctx context.Context, t *store.OperateTx, hold store.Hold, answer string) error {
	if answer == wire.QualityRun {
		if _, err := t.ReleaseHolds(ctx, hold.Kind, hold.ObjectID, store.SourceQuality); err != nil {
			return err
		}
		return t.AnswerQuality(ctx, hold.ObjectID, batch.QualityRun)
	}
	if hold.Reason == "" {
		hold.Reason = "the data-quality service has answered that it must not run"
	}
	if err := t.PutHold(ctx, hold); err != nil {
		return err
	}
	return t.AnswerQuality(ctx, hold.ObjectID, batch.QualityBlock)
}
