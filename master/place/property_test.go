package place

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// drawScene draws a cluster, its tasks and what stands in their way.
func drawScene(t *rapid.T) *Snapshot {
	s := scene()
	s.Workers = nil
	for i := range rapid.IntRange(0, 4).Draw(t, "workers") {
		w := able([]string{"w1", "w2", "w3", "w4"}[i])
		w.Group = rapid.SampledFrom([]string{"default", "default", "gpu"}).Draw(t, "group")
		w.Slots, w.Memory = rapid.IntRange(0, 4).Draw(t, "slots"), rapid.Int64Range(0, 60).Draw(t, "memory")
		w.Alive, w.Stopped = rapid.IntRange(0, 4).Draw(t, "alive") > 0, rapid.IntRange(0, 4).Draw(t, "stopped") == 0
		w.Load, w.LoadLimit = rapid.Float64Range(0, 3).Draw(t, "load"), rapid.SampledFrom([]float64{0, 2}).Draw(t, "load limit")
		s.Dead[w.Host] = !w.Alive && rapid.Bool().Draw(t, "dead")
		s.Workers = append(s.Workers, w)
		if w.Stopped {
			s.Off[w.Host] = w.Host
		}
	}
	for id := range int64(4) {
		s.Tasks[store.VersionKey{TaskID: id, Version: 1}] = TaskFacts{
			Need:       Need{Group: "default", Policy: rapid.SampledFrom([]string{"", Random, RoundRobin}).Draw(t, "policy")},
			MaxRunning: rapid.IntRange(0, 4).Draw(t, "max"), OwnerID: 9, Enabled: rapid.IntRange(0, 5).Draw(t, "enabled") > 0,
			Account: rapid.SampledFrom([]string{"", "", "etl"}).Draw(t, "account"), Quality: rapid.IntRange(0, 5).Draw(t, "quality") == 0,
		}
	}
	s.Grants[store.Grant{UserID: 9, Account: "etl"}] = rapid.Bool().Draw(t, "granted")
	for _, key := range []string{"task/1", "project/1", "batch/3", "batch/5"} {
		if rapid.IntRange(0, 4).Draw(t, key) == 0 {
			s.Holds[key] = store.Hold{Kind: key}
		}
	}
	s.Pending[1] = rapid.Bool().Draw(t, "pending")
	return s
}

func drawWork(t *rapid.T, id int64) store.Work {
	task := rapid.Int64Range(0, 4).Draw(t, "task") // 4 is unknown
	return store.Work{
		ID: id, TaskID: task, TaskVersion: 1, ProjectID: task % 2, Seq: 1, OperationID: rapid.Int64Range(0, 2).Draw(t, "operation"),
		Priority: rapid.IntRange(0, 2).Draw(t, "priority"), ScheduleTime: clock + rapid.Int64Range(-3, 1).Draw(t, "schedule"),
		EarliestAt: clock + rapid.Int64Range(-5, 1).Draw(t, "earliest"), RetryAt: clock + rapid.Int64Range(-5, 1).Draw(t, "retry"),
		Memory: rapid.Int64Range(0, 30).Draw(t, "need"), QualityState: rapid.IntRange(0, 3).Draw(t, "answer"),
	}
}

// drawAssigned draws batches that are on workers already and books them as the
// reading of a pass would: their workers and tasks may hold more than they should,
// because somebody has made them smaller meanwhile.
func drawAssigned(t *rapid.T, s *Snapshot) []store.Work {
	var out []store.Work
	for id := range rapid.Int64Range(0, 6).Draw(t, "assigned") {
		w := drawWork(t, 100+id)
		w.State, w.Attempt, w.Incarnation = batch.Assigned, 1, rapid.SampledFrom([]string{"i1", "i1", "i0"}).Draw(t, "incarnation")
		w.Host = rapid.SampledFrom([]string{"w1", "w2", "gone"}).Draw(t, "host")
		w.AssignTime = clock - rapid.Int64Range(0, 2*grace).Draw(t, "waiting")
		w.Unmet = rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "unmet")
		if rapid.IntRange(0, 3).Draw(t, "refused") == 0 {
			w.RefusedAt = clock
		} else {
			s.Active[w.TaskID]++
			if i := slices.IndexFunc(s.Workers, func(k *Worker) bool { return k.Host == w.Host }); i >= 0 {
				s.Workers[i].Used++
				s.Workers[i].Reserved += w.Memory
			}
		}
		out = append(out, w)
	}
	return out
}

// booked is what a snapshot counts as taken.
type booked struct {
	used     map[string]int
	reserved map[string]int64
	active   map[int64]int
}

func (s *Snapshot) booked() booked {
	b := booked{map[string]int{}, map[string]int64{}, map[int64]int{}}
	for _, w := range s.Workers {
		b.used[w.Host], b.reserved[w.Host] = w.Used, w.Reserved
	}
	maps.Copy(b.active, s.Active)
	return b
}

func TestDecisionsKeepToTheLimits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		works := drawAssigned(t, s)
		for _, w := range works {
			before := s.booked()
			d := s.decideAssigned(w)
			allowed(t, s, d, before)
			if d.Kind == Reassign && d.Blamed && d.Worker.Host == w.Host {
				t.Fatalf("got batch %d back on %s, which has just failed it", w.ID, w.Host)
			}
			if d.Kind == Stay && (w.RefusedAt > 0 || w.Unmet > 0 || s.Dead[w.Host] || s.Off[w.Host] != "" || clock-w.AssignTime > grace) {
				t.Fatalf("got %+v staying, want it to leave %s", w, w.Host)
			}
		}
		for id := range int64(12) {
			before := s.booked()
			allowed(t, s, s.decideReady(drawWork(t, id)), before)
		}
	})
}

// allowed holds one decision against what is drawn; it asks no gate.
func allowed(t *rapid.T, s *Snapshot, d Decision, before booked) {
	w, f := d.Work, s.Tasks[store.VersionKey{TaskID: d.Work.TaskID, Version: 1}]
	places := d.Kind == Assign || d.Kind == Reassign
	_, heldBatch := s.Holds[HoldKey("batch", w.ID)]
	_, heldTask := s.Holds[HoldKey("task", w.TaskID)]
	_, heldProject := s.Holds[HoldKey("project", w.ProjectID)]
	ungranted := f.Account != "" && !s.Grants[store.Grant{UserID: f.OwnerID, Account: f.Account}]
	if d.Kind == Deny && !ungranted {
		t.Fatalf("got %+v denied, want only batches without a grant to fail", w)
	}
	if !places {
		return
	}
	switch {
	case heldBatch || heldTask || heldProject:
		t.Fatalf("got held batch %d assigned", w.ID)
	case w.ScheduleTime > s.Now || w.EarliestAt > s.Now || w.RetryAt > s.Now:
		t.Fatalf("got batch %d assigned too early", w.ID)
	case !f.Enabled || w.Unmet > 0 || s.Pending[w.OperationID] || ungranted || f.Quality && w.QualityState != batch.QualityRun:
		t.Fatalf("got batch %+v assigned behind a gate that is shut", w)
	}
	k, free := d.Worker, 0
	if d.Kind == Reassign && w.RefusedAt == 0 {
		free = 1 // what it had itself
	}
	if n := s.Active[w.TaskID]; n > f.MaxRunning {
		t.Fatalf("got %d batches of task %d, want at most %d", n, w.TaskID, f.MaxRunning)
	}
	if got, want := s.Active[w.TaskID], before.active[w.TaskID]+1-free; got != want {
		t.Fatalf("got %d batches of task %d counted, want %d", got, w.TaskID, want)
	}
	if !k.Alive || k.Stopped || k.Group != f.Need.Group || k.LoadLimit > 0 && k.Load >= k.LoadLimit || s.Excluded[w.ID][k.Host] {
		t.Fatalf("got batch %d on %+v, which must not have it", w.ID, k)
	}
	if k.Used > k.Slots || k.Reserved > k.Memory || k.Used != before.used[k.Host]+1 || k.Reserved != before.reserved[k.Host]+w.Memory {
		t.Fatalf("got %+v after %d and %d, want slots and memory booked and not exceeded", k, before.used[k.Host], before.reserved[k.Host])
	}
}

func TestEqualBatchesGoInTheOrderOfTheLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := scene()
		s.Tasks[store.VersionKey{TaskID: 1, Version: 1}] = TaskFacts{Need: Need{Group: "default"}, MaxRunning: rapid.IntRange(0, 12).Draw(t, "max"), Enabled: true}
		var line []store.Work
		for id := range rapid.Int64Range(0, 15).Draw(t, "batches") {
			w := ready()
			w.ID, w.Memory = id, 1
			w.Priority, w.ScheduleTime = rapid.IntRange(0, 2).Draw(t, "priority"), clock-rapid.Int64Range(0, 2).Draw(t, "age")
			line = append(line, w)
		}
		slices.SortFunc(line, func(a, b store.Work) int { // as store.Ready lists them
			return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.ScheduleTime, b.ScheduleTime), cmp.Compare(a.ID, b.ID))
		})
		var late bool
		for _, w := range line {
			assigned := s.decideReady(w).Kind == Assign
			if assigned && late {
				t.Fatalf("got batch %d assigned past one that stands before it", w.ID)
			}
			late = !assigned
		}
	})
}

func TestExclusionEnds(t *testing.T) {
	t.Parallel()
	if ExclusionLife != 5*time.Minute {
		t.Errorf("got %s, want 5 minutes", ExclusionLife)
	}
}
