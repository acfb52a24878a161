package place

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// TaskFacts is what place needs of the definition a batch was made from.
type TaskFacts struct {
	Name       string
	Need       Need
	MaxRunning int
	Account    string
	OwnerID    int64
	Enabled    bool
	Quality    bool
}

// Snapshot is the world as one pass sees it.
type Snapshot struct {
	Now        int64
	TermSince  int64 // when this term began: workers have one check interval of grace from then
	LatestAt   int64 // setting latest_schedule_time, 0 for now
	Reschedule time.Duration
	Workers    []*Worker
	Dead       map[string]bool   // workers that count as dead by now
	Off        map[string]string // who is switched off, and the rest of the sentence: by whom, why
	Active     map[int64]int     // assigned and running batches by task
	Holds      map[string]store.Hold
	Pending    map[int64]bool // operations whose batches are still being made
	Grants     map[store.Grant]bool
	Excluded   map[int64]map[string]bool // hosts a batch was taken away from lately
	Unlucky    map[int64]map[string]bool // hosts on which an attempt of a batch could not begin, could not run or was lost lately
	Silent     []string                  // file systems that do not answer the masters
	Resting    map[int64]int64           // until when a batch rests that was given back because of one of them
	Tasks      map[store.VersionKey]TaskFacts
	picks      int
}

// ExclusionLife is how long a host stays excluded for a batch it failed to start.
const ExclusionLife = 5 * time.Minute

// Kinds of decisions.
const (
	Assign   = "assign"
	Reassign = "reassign"
	Pullback = "pullback"
	Deny     = "deny"
	Stay     = "stay" // a gate is shut; it stays where it is
)

// Decision is what a pass wants done with one batch.
type Decision struct {
	Kind   string
	Work   store.Work
	Worker *Worker
	Gate   batch.GateCode
	Args   []string
	Reason string
	Blamed bool  // the worker has failed it: that excludes the worker for a while
	Logged bool  // a worker loses it: that is a row of the log
	At     int64 // when time alone may change this, 0 if it will not
}

// HoldKey names the object of a hold.
func HoldKey(kind string, id int64) string { return fmt.Sprintf("%s/%d", kind, id) }

// Hold returns the hold on a batch, its task or its project, if any.
func (s *Snapshot) Hold(w *store.Work) *batch.Held {
	for _, key := range []struct {
		kind string
		id   int64
	}{{store.HoldBatch, w.ID}, {store.HoldTask, w.TaskID}, {store.HoldProject, w.ProjectID}} {
		if h, ok := s.Holds[HoldKey(key.kind, key.id)]; ok {
			return &batch.Held{Object: h.Kind, Actor: h.Actor, Reason: h.Reason, Until: h.Until}
		}
	}
	return nil
}

// Case is the batch as the gates ask about it.
func (s *Snapshot) Case(w *store.Work) batch.Case {
	f := s.Tasks[store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion}]
	active := s.Active[w.TaskID]
	if w.State == batch.Assigned && w.RefusedAt == 0 {
		active-- // it does not stand in its own way
	}
	return batch.Case{
		OperationPending: w.OperationID != 0 && s.Pending[w.OperationID],
		ScheduleAt:       w.ScheduleTime, LatestAt: s.LatestAt,
		TaskEnabled: f.Enabled, Hold: s.Hold(w),
		Quality: f.Quality, QualityState: w.QualityState,
		EarliestAt: w.EarliestAt, RetryAt: max(w.RetryAt, s.Resting[w.ID]), Failures: w.UserFailures + w.InfraFailures,
		Active: active, MaxRunning: f.MaxRunning,
		Account: f.Account, AccountAllowed: s.Grants[store.Grant{UserID: f.OwnerID, Account: f.Account}],
	}
}

// decideReady decides about one waiting batch with nothing unmet.
func (s *Snapshot) decideReady(w store.Work) Decision {
	v, shut := s.Case(&w).FirstShut(s.Now)
	if shut && v.Gate == batch.GateAccount {
		return Decision{Kind: Deny, Work: w, Gate: v.Gate, Args: v.Args}
	}
	if shut {
		return Decision{Kind: Stay, Work: w, Gate: v.Gate, Args: v.Args, At: v.OpensAt}
	}
	worker, funnel := s.Fit(&w)
	if worker == nil {
		return s.noWorker(w, funnel)
	}
	s.take(worker, &w)
	return Decision{Kind: Assign, Work: w, Worker: worker}
}

func (s *Snapshot) noWorker(w store.Work, f Funnel) Decision {
	if f.Full {
		return Decision{Kind: Stay, Work: w, Gate: batch.GateQueue}
	}
	d := Decision{Kind: Stay, Work: w, Gate: batch.GateWorker, Args: []string{f.String()}}
	if f.OnlyExcluded {
		d.At = s.Now + ExclusionLife.Milliseconds()
	}
	return d
}

// Fit chooses a worker for a batch, or none: by its task's need, or the batch's
// own when that is larger.
//
// A worker on which the batch could not begin or run lately is the last choice:
// it did so without work, so it is the idlest, and would draw the batch back,
// time and again or until no try is left.
func (s *Snapshot) Fit(w *store.Work) (*Worker, Funnel) {
	need, excluded := s.Need(w), s.Excluded[w.ID]
	if unlucky := s.Unlucky[w.ID]; len(unlucky) > 0 {
		others := maps.Clone(unlucky)
		maps.Copy(others, excluded)
		if worker, funnel := Fit(need, s.Workers, others); worker != nil {
			return worker, funnel
		}
	}
	return Fit(need, s.Workers, excluded)
}

// Need is what a batch asks of a worker.
func (s *Snapshot) Need(w *store.Work) Need {
	need := s.Tasks[store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion}].Need
	need.Memory = max(need.Memory, w.Memory)
	return need
}

// take books a worker's slot and memory, so that the pass never gives out more than there is.
func (s *Snapshot) take(worker *Worker, w *store.Work) {
	s.picks++
	worker.lastPicked = s.picks
	worker.Used++
	worker.Reserved += w.Memory
	s.Active[w.TaskID]++
}

// decideAssigned decides about one batch that has a worker and has not started.
func (s *Snapshot) decideAssigned(w store.Work) Decision {
	why, blamed := s.uprooted(&w)
	logged := blamed
	if off, is := s.Off[w.Host]; why == "" && is {
		why, logged = store.ReasonOff+off, true
	}
	if why == "" {
		return Decision{Kind: Stay, Work: w, At: w.AssignTime + s.Reschedule.Milliseconds()}
	}
	if w.RefusedAt == 0 {
		s.giveBack(&w)
	}
	if blamed {
		s.exclude(w.ID, w.Host)
	}
	if v, shut := s.Case(&store.Work{
		ID: w.ID, TaskID: w.TaskID, TaskVersion: w.TaskVersion, ProjectID: w.ProjectID, OperationID: w.OperationID,
		ScheduleTime: w.ScheduleTime, EarliestAt: w.EarliestAt, RetryAt: w.RetryAt, QualityState: w.QualityState,
		UserFailures: w.UserFailures, InfraFailures: w.InfraFailures,
	}).FirstShut(s.Now); shut || w.Unmet > 0 {
		return Decision{Kind: Pullback, Work: w, Reason: why, Blamed: blamed, Logged: logged, Gate: v.Gate, Args: v.Args}
	}
	worker, funnel := s.Fit(&w)
	if worker == nil {
		d := s.noWorker(w, funnel)
		d.Kind, d.Reason, d.Blamed, d.Logged = Pullback, why, blamed, logged
		return d
	}
	s.take(worker, &w)
	return Decision{Kind: Reassign, Work: w, Worker: worker, Reason: why, Blamed: blamed, Logged: logged}
}

func (s *Snapshot) exclude(id int64, host string) { note(s.Excluded, id, host) }

func note(hosts map[int64]map[string]bool, id int64, host string) {
	if hosts[id] == nil {
		hosts[id] = map[string]bool{}
	}
	hosts[id][host] = true
}

// uprooted says why an assigned batch cannot stay where it is, or "", and
// whether its worker is to blame: a hold and a dependency are nobody's fault,
// and the worker may have the batch again as soon as they are gone.
func (s *Snapshot) uprooted(w *store.Work) (why string, blamed bool) {
	switch {
	case w.RefusedAt > 0:
		return w.Host + " refused: " + w.RefusedReason, true
	case w.Unmet > 0:
		return "a dependency is not met any more", false
	case s.Hold(w) != nil:
		return "held", false
	case s.Dead[w.Host]:
		return w.Host + " is silent", true
	case s.moved(w):
		return w.Host + " has lost its root directory", true
	case s.Now-w.AssignTime > s.Reschedule.Milliseconds():
		return fmt.Sprintf("not started on %s within %s", w.Host, s.Reschedule), true
	}
	return "", false
}

// moved reports whether the worker of that name is another one by now.
func (s *Snapshot) moved(w *store.Work) bool {
	i := slices.IndexFunc(s.Workers, func(k *Worker) bool { return k.Host == w.Host })
	return i >= 0 && s.Workers[i].Incarnation != w.Incarnation
}

// giveBack frees what an uprooted batch had booked.
func (s *Snapshot) giveBack(w *store.Work) {
	s.Active[w.TaskID]--
	i := slices.IndexFunc(s.Workers, func(k *Worker) bool { return k.Host == w.Host })
	if i >= 0 {
		s.Workers[i].Used--
		s.Workers[i].Reserved -= w.Memory
	}
}

// capacity is how many more batches all workers together have slots for.
func (s *Snapshot) capacity() int {
	n := 0
	for _, w := range s.Workers {
		n += w.free()
	}
	return n
}
