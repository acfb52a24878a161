package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// gatedBatch is a waiting batch of a task with the data-quality gate.
func gatedBatch(r *rig) int64 {
	id := r.world.Define("gated", func(d *task.Task) { d.Spec.Quality.Enabled = true })
	return r.world.Batch(id, "20150518")
}

// answer sends an answer as a service with an operator's token would.
func (r *rig) answer(answer, reason string) wire.QualityReply {
	r.t.Helper()
	var reply wire.QualityReply
	r.must(http.MethodPost, "/api/v1/quality/gated/20150518", "operator", wire.QualityAnswer{Answer: answer, Reason: reason}, &reply)
	return reply
}

// blocks are the quality holds in force on a batch.
func (r *rig) blocks(id int64) []store.Hold {
	r.t.Helper()
	var out []store.Hold
	r.world.View("holds", func(ctx context.Context, t *store.ViewTx) (err error) {
		out, err = t.HoldsOf(ctx, store.HoldBatch, []int64{id})
		return err
	})
	return out
}

func TestQualityAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := gatedBatch(r)
	if got := r.answer("block", "half of the rows are missing"); !got.Changed || got.Batch != "gated/20150518.0" || got.Note != "" {
		t.Errorf("got %+v, want the batch blocked", got)
	}
	holds := r.blocks(id)
	if len(holds) != 1 || holds[0].Source != store.SourceQuality || holds[0].Reason != "half of the rows are missing" || holds[0].Actor != "admin" {
		t.Errorf("got holds %+v, want one of the quality service", holds)
	}
	if got := r.world.Work(id).QualityState; got != batch.QualityBlock {
		t.Errorf("got state %d, want blocked", got)
	}
	if got := r.answer("block", "again"); got.Changed || got.Note == "" || len(r.blocks(id)) != 1 {
		t.Errorf("got %+v, want nothing changed by the same answer", got)
	}
	if n := r.answered.Load(); n != 1 {
		t.Errorf("got the leader woken %d times, want once", n)
	}
	r.world.Hold(store.HoldBatch, id)
	if got := r.answer("run", "mended"); !got.Changed {
		t.Errorf("got %+v, want the batch let through", got)
	}
	if holds = r.blocks(id); len(holds) != 1 || holds[0].Source != store.SourcePerson {
		t.Errorf("got holds %+v, want the person's alone", holds)
	}
	if got := r.world.Work(id).QualityState; got != batch.QualityRun {
		t.Errorf("got state %d, want that it may run", got)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE object = 'gated/20150518.0' AND action IN ('quality.run', 'quality.block')"); n != 3 {
		t.Errorf("got %d audit rows, want one for each of three calls", n)
	}
}

func TestQualityAnswersWithoutAReason(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := gatedBatch(r)
	r.answer("block", "")
	if holds := r.blocks(id); len(holds) != 1 || holds[0].Reason == "" {
		t.Errorf("got holds %+v, want one that says what it is", holds)
	}
}

func TestQualityAnswersThatComeLate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := gatedBatch(r)
	for _, step := range []struct {
		do      func() error
		changed bool
		note    string
	}{
		{func() error { return r.world.Assign(storetest.Host, id) }, true, "taken back"},
		{func() error { return r.world.Start(id) }, true, "tried again"},
		{func() error { return r.world.Finish(0, id) }, false, "ended"},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := r.answer("block", "late"); got.Changed != step.changed || !strings.Contains(got.Note, step.note) {
			t.Errorf("got %+v, want changed %v and %q said", got, step.changed, step.note)
		}
		if step.changed {
			r.answer("run", "")
		}
	}
	if len(r.blocks(id)) != 0 {
		t.Error("got an ended batch held, want nothing")
	}
	storetest.Sound(t, r.world.DB)
}

func TestQualityAnswersThatMakeNoSense(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	gatedBatch(r)
	r.world.Batch(r.world.Define("free"), "20150518")
	for path, c := range map[string]struct {
		body any
		code fault.Code
	}{
		"gated/20150518":   {wire.QualityAnswer{Answer: "maybe"}, fault.Invalid},
		"gated/20150518.7": {wire.QualityAnswer{Answer: "run"}, fault.NotFound},
		"gated/20150519":   {wire.QualityAnswer{Answer: "run"}, fault.NotFound},
		"gated/nonsense":   {wire.QualityAnswer{Answer: "run"}, fault.Invalid},
		"free/20150518":    {wire.QualityAnswer{Answer: "block"}, fault.Conflict},
		"gated/20150518.0": {wire.QualityAnswer{Answer: "run", Reason: strings.Repeat("x", maxNote+1)}, fault.Invalid},
	} {
		if got := r.problem(http.MethodPost, "/api/v1/quality/"+path, "operator", c.body); got.Code != string(c.code) {
			t.Errorf("%s: got %+v, want %s", path, got, c.code)
		}
	}
	if got := r.problem(http.MethodPost, "/api/v1/quality/gated/20150518", "developer", wire.QualityAnswer{Answer: "run"}); got.Code != string(fault.Forbidden) {
		t.Errorf("got %+v, want developers refused", got)
	}
	if n := r.count("SELECT COUNT(*) FROM capri_audit_log WHERE action LIKE 'quality.%'"); n != 0 {
		t.Errorf("got %d audit rows of refused calls, want none", n)
	}
}

func TestLintWarnsOfAGateWithoutAService(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file := func(quality string) wire.ApplyRequest {
		return wire.ApplyRequest{Files: []wire.File{{Name: "a.yaml", Text: "apiVersion: capri/v1\nkind: Task\nmetadata: {name: a, project: web, owner: admin}\n" +
			"spec: {period: day, quality: " + quality + ", run: {type: shell, script: \"true\"}}\n"}}}
	}
	findings := func(quality string) []wire.Finding {
		t.Helper()
		var reply wire.ApplyReply
		r.must(http.MethodPost, "/api/v1/tasks/lint", "developer", file(quality), &reply)
		return reply.Findings
	}
	for quality, want := range map[string]string{
		"{enabled: true}": "capri quality set",
		"{enabled: true, onSilence: pass, after: 30m}":  "let through after 30m",
		"{enabled: true, onSilence: alert, after: 30m}": "capri quality set",
	} {
		got := findings(quality)
		if len(got) != 1 || got[0].Severity != task.SeverityWarning || !strings.Contains(got[0].Message, want) {
			t.Errorf("%s: got %+v, want one warning that says %q", quality, got, want)
		}
	}
	if got := findings("{enabled: false}"); len(got) != 0 {
		t.Errorf("got %+v, want nothing to say", got)
	}
	r.api.QualityURL = "http://127.0.0.1:9/check"
	if got := findings("{enabled: true}"); len(got) != 0 {
		t.Errorf("got %+v, want nothing to say with a service", got)
	}
}
