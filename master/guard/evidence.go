package guard

import (
	"context"
	"encoding/json"

	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// suspect is a running batch that repair may have to end.
type suspect struct {
	Running
	def   *task.Task
	fate  Fate
	trace store.Trace
	found Evidence
}

// ask takes a batch that is over only if its worker says so: the worker's
// claims tell which attempts it has.
func (s *suspect) ask(absent func(host, incarnation string, held wire.Held) (absent, known bool), now int64) {
	w := s.Work
	gone, known := absent(w.Host, w.Incarnation, wire.Held{WorkID: w.ID, Attempt: w.Attempt})
	switch {
	case gone:
		s.fate.Over = true
	case !known:
		s.fate.At = now + lookAgain.Milliseconds()
	}
}

// byOutput tells whether the outputs decide.
func (s *suspect) byOutput() bool { return s.def.Spec.Success == "output-path" }

// gather finds out how the attempts of these batches ended, without any lock:
// paths are looked at. It returns those of which enough is known; of the others
// an output could not be looked at, which is never taken for an answer.
func (g *Guard) gather(ctx context.Context, all []*suspect) ([]*suspect, error) {
	ids := make([]int64, 0, len(all))
	for _, s := range all {
		ids = append(ids, s.Work.ID)
	}
	var traces map[int64]store.Trace
	var depends map[int64]*store.Depends
	err := g.db.View(ctx, func(t *store.ViewTx) (err error) {
		if traces, err = t.Traces(ctx, ids); err != nil {
			return err
		}
		depends, err = t.DependsOf(ctx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	var checks []datapath.Check
	for _, s := range all {
		s.trace = traces[s.Work.ID]
		s.found.ExitCode = s.trace.ExitCode
		if s.byOutput() {
			checks = append(checks, outputsOf(depends[s.Work.ID])...)
		}
	}
	looks := map[datapath.Check]datapath.Result{}
	for _, r := range g.paths.StatMany(ctx, checks) {
		looks[r.Check] = r
	}
	known := all[:0:0]
	for _, s := range all {
		if !s.byOutput() || s.looked(outputsOf(depends[s.Work.ID]), looks) {
			known = append(known, s)
		}
	}
	return known, ctx.Err()
}

// outputsOf lists a batch's outputs in their order.
func outputsOf(d *store.Depends) []datapath.Check {
	if d == nil {
		return nil
	}
	var out []datapath.Check
	for _, p := range d.Paths {
		if p.Type == store.DataOutput {
			out = append(out, datapath.Check{Path: p.Path, Ready: p.Ready})
		}
	}
	return out
}

// looked judges the outputs: all ready, and none as it was when the attempt
// began. It returns false when one could not be looked at. Where nobody noted
// how they were, nothing proves that they are this attempt's.
func (s *suspect) looked(outputs []datapath.Check, looks map[datapath.Check]datapath.Result) bool {
	var before []datapath.Identity
	noted := s.trace.Before != "" && json.Unmarshal([]byte(s.trace.Before), &before) == nil && len(before) == len(outputs)
	ready := noted && len(outputs) > 0
	for i, check := range outputs {
		now := looks[check]
		if now.Err != nil {
			return false
		}
		ready = ready && now.Ready && now.Identity != before[i]
	}
	s.found.Outputs = &ready
	return true
}
