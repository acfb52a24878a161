package worker

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"capricornus/common/wire"
)

// stage is where a batch of the scheduler's is.
type stage int

const (
	assigned stage = iota
	running
	done
)

// job is one batch.
type job struct {
	attempt  int
	stage    stage
	assigned time.Time // the current attempt
	end      wire.Fact // of the last attempt, once done
}

// reassignAfter is how long the scheduler waits for a start; real masters wait
// some minutes.
const reassignAfter = 2 * time.Second

// scheduler is a master that does with batches what masters do: it hands an
// attempt out until it has started, assigns one that does not start anew, gives
// a first claim all that runs, orders kills of what is over, takes each end
// once, and tries again what was lost. Every tenth answer to facts gets lost.
type scheduler struct {
	*master
	assignment func(key wire.Held) wire.Assignment
	jobs       map[int64]*job
	said       map[wire.Held]wire.Fact // the first end told of each attempt
	wrong      []string                // what must never be told
	calls      int
}

func newScheduler(t *testing.T, assignment func(wire.Held) wire.Assignment) *scheduler {
	t.Helper()
	s := &scheduler{master: emptyMaster(), assignment: assignment, jobs: map[int64]*job{}, said: map[wire.Held]wire.Fact{}}
	mux := http.NewServeMux()
	handle(mux, s.master, wire.PathHeartbeat, func(_ context.Context, _ wire.Heartbeat) any { return wire.HeartbeatReply{} })
	handle(mux, s.master, wire.PathClaim, func(ctx context.Context, claim wire.Claim) any { return s.claim(ctx, claim, s.handOut) })
	handle(mux, s.master, wire.PathFacts, func(_ context.Context, request wire.FactsRequest) any { return s.take(request) })
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.server.Close)
	return s
}

// add makes batches, which are assigned at once.
func (s *scheduler) add(ids ...int64) {
	s.update(func() {
		for _, id := range ids {
			s.jobs[id] = &job{attempt: 1, assigned: time.Now()}
		}
	})
}

// handOut answers a claim; s.mu is held.
func (s *scheduler) handOut(claim wire.Claim) wire.ClaimReply {
	var reply wire.ClaimReply
	for _, id := range slices.Sorted(maps.Keys(s.jobs)) {
		j := s.jobs[id]
		if j.stage == assigned && time.Since(j.assigned) > reassignAfter {
			j.again()
		}
		key := wire.Held{WorkID: id, Attempt: j.attempt}
		held := slices.Contains(claim.Holding, key)
		if j.stage == assigned && !held && len(reply.Assignments) < claim.Free {
			reply.Assignments = append(reply.Assignments, s.assignment(key))
		}
		if j.stage == running && claim.First {
			reply.Running = append(reply.Running, key)
		}
	}
	for _, key := range claim.Holding {
		j := s.jobs[key.WorkID]
		if current := j != nil && j.attempt == key.Attempt && j.stage != done; !current && !slices.Contains(claim.Killing, key) {
			reply.Kills = append(reply.Kills, wire.Kill{WorkID: key.WorkID, Attempt: key.Attempt, Reason: "this attempt is over", Over: true})
		}
	}
	return reply
}

// again assigns the next attempt.
func (j *job) again() {
	j.stage, j.attempt, j.assigned = assigned, j.attempt+1, time.Now()
}

// take takes facts as masters do. The answer may get lost.
func (s *scheduler) take(request wire.FactsRequest) wire.FactsReply {
	var reply wire.FactsReply
	s.update(func() {
		for _, fact := range request.Facts {
			s.journal = append(s.journal, fact)
			reply.Verdicts = append(reply.Verdicts, s.judge(fact))
		}
		s.calls++
		if s.calls%10 == 0 {
			reply.Verdicts = nil // an answer that is not understood
		}
	})
	return reply
}

// judge says what one fact does; s.mu is held.
func (s *scheduler) judge(fact wire.Fact) wire.FactVerdict {
	key := wire.Held{WorkID: fact.WorkID, Attempt: fact.Attempt}
	ended := fact.Kind == wire.FactFinished || fact.Kind == wire.FactLost
	if first, told := s.said[key]; ended && told && codeIn(first) != codeIn(fact) {
		s.wrong = append(s.wrong, fmt.Sprintf("attempt %v ended with %s, and then with %s", key, codeIn(first), codeIn(fact)))
	}
	if ended {
		s.said[key] = fact
	}
	j := s.jobs[fact.WorkID]
	if j == nil || j.attempt != fact.Attempt || j.stage == done {
		return wire.VerdictStale
	}
	switch fact.Kind {
	case wire.FactStarted:
		j.stage = running
	case wire.FactRefused, wire.FactUnready:
		j.again()
	case wire.FactUnstarted:
		if j.stage != running {
			return wire.VerdictStale
		}
		j.again()
	case wire.FactFinished, wire.FactLost:
		if j.stage != running {
			return wire.VerdictStale
		}
		if fact.Infra || fact.Kind == wire.FactLost {
			j.again()
			break
		}
		j.stage, j.end = done, fact
	default:
	}
	return wire.VerdictOK
}

// codeIn says how an attempt ended, for comparing what several tell about it.
func codeIn(fact wire.Fact) string {
	if fact.ExitCode == nil { // lost, or killed with nothing left to kill
		return "no code"
	}
	return fmt.Sprintf("code %d", *fact.ExitCode)
}

// left lists the batches that are not done.
func (s *scheduler) left() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []string
	for _, id := range slices.Sorted(maps.Keys(s.jobs)) {
		if j := s.jobs[id]; j.stage != done {
			left = append(left, fmt.Sprintf("%d-%d in stage %d", id, j.attempt, j.stage))
		}
	}
	return left
}
