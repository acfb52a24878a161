package place

import (
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
)

const (
	clock = int64(1_700_000_000_000)
	grace = int64(5 * 60 * 1000) // of an assigned batch that does not start
)

// scene is a snapshot of workers w1 and w2 and of task 1.
func scene() *Snapshot {
	return &Snapshot{
		Now: clock, Reschedule: 5 * time.Minute, Workers: []*Worker{able("w1"), able("w2")},
		Dead: map[string]bool{}, Off: map[string]string{}, Active: map[int64]int{}, Holds: map[string]store.Hold{}, Pending: map[int64]bool{},
		Grants: map[store.Grant]bool{}, Excluded: map[int64]map[string]bool{}, Unlucky: map[int64]map[string]bool{},
		Tasks: map[store.VersionKey]TaskFacts{
			{TaskID: 1, Version: 1}: {Need: Need{Group: "default"}, MaxRunning: 5, OwnerID: 9, Enabled: true},
		},
	}
}

func ready() store.Work {
	return store.Work{ID: 7, TaskID: 1, TaskVersion: 1, ProjectID: 3, ScheduleTime: clock - 1, Memory: 10, Seq: 1}
}

// given is a batch that w1 has had for a minute, and its booking.
func given(s *Snapshot) store.Work {
	w := ready()
	w.State, w.Host, w.Incarnation, w.Attempt, w.AssignTime = batch.Assigned, "w1", "i1", 1, clock-60_000
	s.Workers[0].Used, s.Workers[0].Reserved, s.Active[1] = 1, 10, 1
	return w
}

func TestDecideReady(t *testing.T) {
	t.Parallel()
	facts := func(s *Snapshot, change func(*TaskFacts)) {
		k := store.VersionKey{TaskID: 1, Version: 1}
		f := s.Tasks[k]
		change(&f)
		s.Tasks[k] = f
	}
	cases := []struct {
		name   string
		change func(*Snapshot, *store.Work)
		kind   string
		gate   batch.GateCode
		at     int64
	}{
		{"FreeBatchIsAssigned", func(*Snapshot, *store.Work) {}, Assign, "", 0},
		{"BatchHoldKeepsIt", func(s *Snapshot, _ *store.Work) { s.Holds["batch/7"] = store.Hold{Kind: "batch"} }, Stay, batch.GateHeld, 0},
		{"TaskHoldKeepsIt", func(s *Snapshot, _ *store.Work) { s.Holds["task/1"] = store.Hold{Kind: "task", Until: clock + 9} }, Stay, batch.GateHeld, clock + 9},
		{"ProjectHoldKeepsIt", func(s *Snapshot, _ *store.Work) { s.Holds["project/3"] = store.Hold{Kind: "project"} }, Stay, batch.GateHeld, 0},
		{"HoldOfAnotherDoesNot", func(s *Snapshot, _ *store.Work) { s.Holds["batch/8"] = store.Hold{} }, Assign, "", 0},
		{"PendingOperationKeepsIt", func(s *Snapshot, w *store.Work) { w.OperationID, s.Pending[4] = 4, true }, Stay, batch.GateOperation, 0},
		{"FinishedOperationDoesNot", func(_ *Snapshot, w *store.Work) { w.OperationID = 4 }, Assign, "", 0},
		{"EarliestAheadKeepsIt", func(_ *Snapshot, w *store.Work) { w.EarliestAt = clock + 3 }, Stay, batch.GateEarliest, clock + 3},
		{"RetryAheadKeepsIt", func(_ *Snapshot, w *store.Work) { w.RetryAt = clock + 3 }, Stay, batch.GateRetry, clock + 3},
		{"DisabledKeepsIt", func(s *Snapshot, _ *store.Work) { facts(s, func(f *TaskFacts) { f.Enabled = false }) }, Stay, batch.GateDisabled, 0},
		{"UnknownTaskCountsAsDisabled", func(_ *Snapshot, w *store.Work) { w.TaskID = 99 }, Stay, batch.GateDisabled, 0},
		{"MaximumKeepsIt", func(s *Snapshot, _ *store.Work) { s.Active[1] = 5 }, Stay, batch.GateMaximum, 0},
		{"NoGrantFailsIt", func(s *Snapshot, _ *store.Work) { facts(s, func(f *TaskFacts) { f.Account = "etl" }) }, Deny, batch.GateAccount, 0},
		{"GrantOfTheOwnerCounts", func(s *Snapshot, _ *store.Work) {
			facts(s, func(f *TaskFacts) { f.Account = "etl" })
			s.Grants[store.Grant{UserID: 9, Account: "etl"}] = true
		}, Assign, "", 0},
		{"NoGrantWaitsWhileAnotherGateIsShut", func(s *Snapshot, w *store.Work) {
			facts(s, func(f *TaskFacts) { f.Account = "etl" })
			w.EarliestAt = clock + 3
		}, Stay, batch.GateEarliest, clock + 3},
		{"NoWorkerKeepsIt", func(s *Snapshot, _ *store.Work) { s.Workers = nil }, Stay, batch.GateWorker, 0},
		{"FullWorkersKeepIt", func(s *Snapshot, _ *store.Work) { s.Workers[0].Used, s.Workers[1].Used = 4, 4 }, Stay, batch.GateQueue, 0},
		{"LearnedMemoryCounts", func(_ *Snapshot, w *store.Work) { w.Memory = 101 }, Stay, batch.GateWorker, 0},
		{"OnlyExcludedWaitsForTheExclusionToEnd", func(s *Snapshot, _ *store.Work) {
			s.Excluded[7] = map[string]bool{"w1": true, "w2": true}
		}, Stay, batch.GateWorker, clock + ExclusionLife.Milliseconds()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, w := scene(), ready()
			c.change(s, &w)
			d := s.decideReady(w)
			if d.Kind != c.kind || d.Gate != c.gate || d.At != c.at {
				t.Errorf("got %s by %q at %d, want %s by %q at %d", d.Kind, d.Gate, d.At, c.kind, c.gate, c.at)
			}
		})
	}
}

// off switches a worker off.
func off(s *Snapshot, i int) {
	s.Workers[i].Stopped = true
	s.Off[s.Workers[i].Host] = s.Workers[i].Host + ", by eve"
}

func TestDecideAssigned(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Snapshot, *store.Work)
		kind   string
		gate   batch.GateCode
		reason string
	}{
		{"StaysWhileItMayStart", func(*Snapshot, *store.Work) {}, Stay, "", ""},
		{"StaysToTheLastMoment", func(_ *Snapshot, w *store.Work) { w.AssignTime = clock - grace }, Stay, "", ""},
		{"OverdueGoesElsewhere", func(_ *Snapshot, w *store.Work) { w.AssignTime = clock - grace - 1 }, Reassign, "", "not started on w1 within 5m0s"},
		{"RefusedGoesElsewhereAtOnce", func(s *Snapshot, w *store.Work) {
			w.RefusedAt, w.RefusedReason, w.AssignTime = clock, "no memory", clock
			s.Workers[0].Used, s.Active[1] = 0, 0
		}, Reassign, "", "w1 refused: no memory"},
		{"SilentWorkerLosesIt", func(s *Snapshot, _ *store.Work) { s.Workers[0].Alive, s.Dead["w1"] = false, true }, Reassign, "", "w1 is silent"},
		{"SilenceAtTheBeginningOfATermIsForgiven", func(s *Snapshot, _ *store.Work) { s.Workers[0].Alive = false }, Stay, "", ""},
		{"LostRootLosesIt", func(s *Snapshot, _ *store.Work) { s.Workers[0].Incarnation = "i2" }, Reassign, "", "w1 has lost its root directory"},
		{"SwitchedOffWorkerLosesIt", func(s *Snapshot, _ *store.Work) { off(s, 0) }, Reassign, "", "switched off: w1, by eve"},
		{"SwitchedOffAndNobodyElseIsPulledBack", func(s *Snapshot, _ *store.Work) {
			off(s, 0)
			s.Workers = s.Workers[:1]
		}, Pullback, batch.GateWorker, "switched off: w1, by eve"},
		{"AllSwitchedOffIsPulledBack", func(s *Snapshot, _ *store.Work) {
			off(s, 0)
			off(s, 1)
		}, Pullback, batch.GateWorker, "switched off: w1, by eve"},
		{"AnotherSwitchedOffIsNothingToIt", func(s *Snapshot, _ *store.Work) { off(s, 1) }, Stay, "", ""},
		{"SwitchedOffAndHeldIsHeld", func(s *Snapshot, _ *store.Work) {
			off(s, 0)
			s.Holds["task/1"] = store.Hold{Kind: "task"}
		}, Pullback, batch.GateHeld, "held"},
		{"HeldByItsProjectIsPulledBack", func(s *Snapshot, _ *store.Work) { s.Holds["project/3"] = store.Hold{Kind: "project"} }, Pullback, batch.GateHeld, "held"},
		{"HeldIsPulledBack", func(s *Snapshot, _ *store.Work) { s.Holds["task/1"] = store.Hold{Kind: "task"} }, Pullback, batch.GateHeld, "held"},
		{"UnmetIsPulledBack", func(_ *Snapshot, w *store.Work) { w.Unmet = 1 }, Pullback, "", "a dependency is not met any more"},
		{"NobodyElseIsPulledBack", func(s *Snapshot, w *store.Work) {
			w.AssignTime, s.Workers = 0, s.Workers[:1]
		}, Pullback, batch.GateWorker, "not started on w1 within 5m0s"},
		{"OthersFullIsPulledBack", func(s *Snapshot, w *store.Work) { w.AssignTime, s.Workers[1].Used = 0, 4 }, Pullback, batch.GateQueue, "not started on w1 within 5m0s"},
		{"OverdueAndDisabledIsPulledBack", func(s *Snapshot, w *store.Work) {
			w.AssignTime, s.Tasks = 0, map[store.VersionKey]TaskFacts{}
		}, Pullback, batch.GateDisabled, "not started on w1 within 5m0s"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := scene()
			w := given(s)
			c.change(s, &w)
			d := s.decideAssigned(w)
			if d.Kind != c.kind || d.Gate != c.gate || d.Reason != c.reason {
				t.Fatalf("got %s by %q because %q, want %s by %q because %q", d.Kind, d.Gate, d.Reason, c.kind, c.gate, c.reason)
			}
			if d.Kind == Reassign && (d.Worker.Host != "w2" || s.Workers[1].Used != 1 || s.Workers[0].Used != 0 || s.Active[1] != 1) {
				t.Errorf("got it on %s with %+v and %v, want it booked on w2 alone", d.Worker.Host, s.Workers, s.Active)
			}
			if d.Kind == Pullback && (s.Workers[0].Used != 0 || s.Workers[0].Reserved != 0 || s.Active[1] != 0) {
				t.Errorf("got %+v and %v, want its booking given back", s.Workers[0], s.Active)
			}
		})
	}
}

func TestOnlyAWorkerThatFailedABatchIsExcluded(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Snapshot, *store.Work)
		want   bool
	}{
		{"Refused", func(_ *Snapshot, w *store.Work) { w.RefusedAt = clock }, true},
		{"Overdue", func(_ *Snapshot, w *store.Work) { w.AssignTime = 0 }, true},
		{"RefusedAndHeld", func(s *Snapshot, w *store.Work) { w.RefusedAt, s.Holds["task/1"] = clock, store.Hold{} }, true},
		{"Held", func(s *Snapshot, _ *store.Work) { s.Holds["task/1"] = store.Hold{} }, false},
		{"Unmet", func(_ *Snapshot, w *store.Work) { w.Unmet = 1 }, false},
		{"SwitchedOff", func(s *Snapshot, _ *store.Work) { off(s, 0) }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := scene()
			w := given(s)
			c.change(s, &w)
			d := s.decideAssigned(w)
			if d.Blamed != c.want || s.Excluded[7]["w1"] != c.want {
				t.Errorf("got blamed %v, excluded %v, want %v", d.Blamed, s.Excluded[7], c.want)
			}
		})
	}
}

// A worker that fails everything at once is the idlest one.
func TestUnluckyWorkerIsTheLastChoice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		unlucky, excluded []string
		busy              bool // w2 has no slot left
		want              string
	}{
		"NobodyWasUnlucky":              {nil, nil, false, "w1"},
		"TheOtherOneGetsIt":             {[]string{"w1"}, nil, false, "w2"},
		"WithoutAnotherOneItIsAsked":    {[]string{"w1"}, nil, true, "w1"},
		"EverybodyWas":                  {[]string{"w1", "w2"}, nil, false, "w1"},
		"ExcludedOnesAreNotTheOtherOne": {[]string{"w1"}, []string{"w2"}, false, "w1"},
		"ExcludedAndUnlucky":            {[]string{"w1"}, []string{"w1", "w2"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, w := scene(), ready()
			for _, host := range c.unlucky {
				note(s.Unlucky, w.ID, host)
			}
			for _, host := range c.excluded {
				note(s.Excluded, w.ID, host)
			}
			if c.busy {
				s.Workers[1].Used = s.Workers[1].Slots
			}
			got := ""
			if worker, _ := s.Fit(&w); worker != nil {
				got = worker.Host
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
