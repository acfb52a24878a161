package master_test

import (
	"fmt"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// applied is an operation that a person has set going, with its plan.
type applied struct {
	id   int64
	at   time.Time
	kind string
	plan wire.Plan
}

// may is an error that a person may well meet: the world is not as it was
// thought to be.
func (s *story) may(err error, codes ...fault.Code) bool {
	s.t.Helper()
	if err != nil && slices.Contains(codes, fault.CodeOf(err)) {
		return false
	}
	s.must(err)
	return true
}

// plans asks for a plan and applies it, once or twice: the second time the
// world is another one.
func (s *story) plans(req wire.PlanRequest, twice bool) {
	s.t.Helper()
	client := s.person()
	if client == nil {
		return
	}
	req.Reason = "story"
	plan, err := client.Plan(s.t.Context(), req)
	if !s.may(err, fault.Invalid, fault.Conflict) {
		return
	}
	s.soundPlan(plan)
	if plan.Counts.Create+plan.Counts.Change == 0 {
		return
	}
	op, err := client.ApplyPlan(s.t.Context(), plan)
	if !s.may(err, fault.PlanStale) {
		return // something else happened at this very instant
	}
	s.operations = append(s.operations, applied{id: op.ID, at: time.Now(), kind: req.Kind, plan: plan})
	if !twice {
		return
	}
	if again, err := client.ApplyPlan(s.t.Context(), plan); fault.CodeOf(err) != fault.PlanStale && fault.CodeOf(err) != fault.Conflict && again.ID != op.ID {
		s.t.Errorf("got operation %d, %v of a plan that was applied as %d, want no second one", again.ID, err, op.ID)
	}
}

// soundPlan wants each batch at most once in a plan, and its counts right.
func (s *story) soundPlan(plan wire.Plan) {
	s.t.Helper()
	seen := map[string]bool{}
	var n wire.PlanCounts
	for _, it := range plan.Items {
		key := fmt.Sprintf("%s/%s", it.Task, it.WorkNo)
		if makesBatches(plan.Kind) && seen[key] {
			s.t.Errorf("got %s twice in a plan of kind %s", key, plan.Kind)
		}
		seen[key] = true
		switch it.Decision {
		case "create":
			n.Create++
		case "change":
			n.Change++
		case "skip":
			n.Skip++
		case "block":
			n.Block++
		}
		if it.Code == "" || it.Sentence == "" {
			s.t.Errorf("got decision %s of %s without a reason: %q %q", it.Decision, key, it.Code, it.Sentence)
		}
	}
	if n != plan.Counts {
		s.t.Errorf("got counts %+v of a plan, its items are %+v", plan.Counts, n)
	}
}

func makesBatches(kind string) bool { return kind == "rerun" || kind == "coldstart" }

// reruns runs some slots of the last two days again.
func (s *story) reruns(t *simTask, mode, cascade string, from, length int) {
	slots := s.past(t)
	if len(slots) == 0 {
		return
	}
	last := len(slots) - 1 - from%min(len(slots), 12)
	first := max(last-length, 0)
	s.plans(wire.PlanRequest{Kind: "rerun", Tasks: []string{t.name}, From: slots[first].WorkNo, To: slots[last].WorkNo, Mode: mode, Cascade: cascade}, from%2 == 0)
}

// past lists the slots of the last two days by a task's present version.
func (s *story) past(t *simTask) []period.Slot {
	s.t.Helper()
	versions := s.saved[t.name]
	cycle, err := versions[len(versions)-1].def.Cycle(s.zone)
	s.must(err)
	return cycle.Due(time.Now().Add(-48*time.Hour), time.Now(), 1000)
}

func (s *story) coldStarts(t *simTask, mode string, length int) {
	slots := s.past(t)
	if len(slots) == 0 {
		return
	}
	from := max(len(slots)-1-length, 0)
	s.plans(wire.PlanRequest{Kind: "coldstart", Period: t.period, From: slots[from].WorkNo, To: slots[len(slots)-1].WorkNo, Tasks: []string{t.name}, Mode: mode}, false)
}

// turns cancels or resumes the n-th last operation.
func (s *story) turns(verb string, n int) {
	client := s.person()
	if client == nil || len(s.operations) == 0 {
		return
	}
	op := &s.operations[len(s.operations)-1-n%len(s.operations)]
	_, err := client.TurnOperation(s.t.Context(), verb, op.id, "story")
	s.may(err, fault.Conflict)
}

// chosen is the n-th of the batches that a condition selects; nil when none is.
func (s *story) chosen(condition string, n int) *batch.Ref {
	s.t.Helper()
	refs := s.column(`SELECT CONCAT(t.name, '/', w.workNo, '.', w.type) FROM capri_task_work w JOIN capri_task t ON t.id = w.taskId WHERE ` + condition + ` ORDER BY w.id DESC LIMIT 60`)
	if len(refs) == 0 {
		return nil
	}
	ref, err := batch.ParseRef(refs[n%len(refs)])
	s.must(err)
	return &ref
}

// commands kills, holds, releases or marks one batch.
func (s *story) commands(verb, condition string, n int, req wire.CommandRequest) {
	s.t.Helper()
	client := s.person()
	ref := s.chosen(condition, n)
	if client == nil || ref == nil {
		return
	}
	req.Reason = "story"
	reply, err := client.CommandBatch(s.t.Context(), verb, *ref, req)
	if !s.may(err, fault.Conflict) {
		return
	}
	name := ref.Task + "/" + ref.WorkNo + fmt.Sprintf(".%d", ref.Run)
	switch {
	case verb == "hold":
		s.holds(name, "person", req.Until)
	case verb == "release":
		s.frees(name, "person")
	case verb == "kill" && reply.Changed:
		s.killed[name] = true
	}
}

// holds notes that something must not start from now on.
func (s *story) holds(object, source string, until int64) {
	end := s.calm.AddDate(1, 0, 0)
	if until > 0 {
		end = time.UnixMilli(until)
	}
	s.frees(object, source) // a hold of the same source replaces the one before
	s.held[object] = append(s.held[object], span{from: time.Now(), to: end, source: source})
}

// frees notes that a hold has ended.
func (s *story) frees(object, source string) {
	for i := range s.held[object] {
		if h := &s.held[object][i]; h.source == source && h.to.After(time.Now()) {
			h.to = time.Now()
		}
	}
}

// holdsTask holds or releases a task or a project, by hand or by its breaker.
func (s *story) holdsTask(kind, name, source string, on bool, until int64) {
	s.t.Helper()
	client := s.person()
	if client == nil {
		return
	}
	ctx := s.t.Context()
	var err error
	switch {
	case source == "breaker":
		req := wire.BreakerRequest{Task: name, Reason: "story", Until: until}
		if kind == store.HoldProject {
			req.Task, req.Project = "", name
		}
		_, err = client.Breaker(ctx, map[bool]string{true: "trip", false: "reset"}[on], req)
	case kind == store.HoldProject:
		_, err = client.CommandProject(ctx, verbOf(on), name, wire.CommandRequest{Reason: "story", Until: until})
	default:
		_, err = client.CommandTask(ctx, verbOf(on), name, wire.CommandRequest{Reason: "story", Until: until})
	}
	s.must(err)
	if on {
		s.holds(name, source, until)
		return
	}
	s.frees(name, source)
}

func verbOf(on bool) string {
	if on {
		return "hold"
	}
	return "release"
}

// declaresDead tells the masters that a host is gone for good, which it is.
func (s *story) declaresDead(host string) {
	client := s.person()
	if client == nil || s.machines[host].cancel != nil || s.machines[host].host.Running() > 0 {
		return
	}
	_, err := client.DeclareDead(s.t.Context(), host, "story")
	s.may(err, fault.Conflict, fault.NotFound)
}

// releasesAll ends everything that holds something up.
func (s *story) releasesAll() {
	s.t.Helper()
	ctx := s.t.Context()
	for range 100 {
		list, err := s.admin.Holds(ctx, "", 200)
		s.must(err)
		if len(list.Items) == 0 {
			return
		}
		for _, h := range list.Items {
			switch {
			case h.Source == store.SourceQuality:
				s.answers(h.Object, wire.QualityRun)
			case h.Kind == store.HoldBatch:
				ref, err := batch.ParseRef(h.Object)
				s.must(err)
				_, err = s.admin.CommandBatch(ctx, "release", ref, wire.CommandRequest{Reason: "calm"})
				s.must(err)
				s.frees(h.Object, h.Source)
			default:
				s.holdsTask(h.Kind, h.Object, h.Source, false, 0)
			}
		}
	}
	s.t.Error("got holds that cannot be released")
}
