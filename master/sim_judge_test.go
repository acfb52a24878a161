package master_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// settle heals everything and waits until what the faults have held up is done.
func (s *story) settle() {
	s.t.Helper()
	s.until(s.calm)
	for _, e := range s.events { // what would have ended after the calm ends now
		e.do()
	}
	s.events = nil
	s.net.faulty(nil)
	s.net.slowly(nil)
	s.quality.feels("")
	s.outage = false
	for _, name := range []string{"m1", "m2"} {
		if s.nodes[name] == nil {
			s.startMaster(name)
		}
	}
	for _, host := range slices.Sorted(maps.Keys(s.machines)) {
		s.machines[host].free(64 << 30)
		s.net.silence(host, false)
		s.revive(host)
		s.startWorker(host)
		s.turn(host, false)
	}
	s.step(false)
	s.puts(store.SettingLatestSchedule, "")
	for range 100 {
		s.step(false)
		s.releasesAll()
		s.pressesQuality()
		s.until(time.Now().Add(time.Hour))
		if len(s.events) > 0 || s.late() != "" {
			continue
		}
		s.step(true)
		s.pass(12 * time.Minute) // for what the last step has brought: a tick, stretched
		if s.late() == "" {
			return
		}
	}
	s.t.Errorf("got %s long after the last fault, want it done or held up by something", s.late())
}

// world is the database at the end.
type world struct {
	batches []store.Batch
	counts  map[batch.Ref]*store.Batch // by task and work number: the run that counts
}

func (s *story) world() *world {
	s.t.Helper()
	w := &world{counts: map[batch.Ref]*store.Batch{}}
	s.view(func(ctx context.Context, v *store.ViewTx) error {
		f := store.BatchFilter{Limit: 500}
		for {
			page, err := v.Batches(ctx, f)
			if err != nil || len(page) == 0 {
				return err
			}
			last := page[len(page)-1]
			f.Before = store.BatchKey{ScheduleTime: last.ScheduleTime, ID: last.ID}
			whole, err := v.BatchesByID(ctx, idsOf(page)) // a list has what lists show
			if err != nil {
				return err
			}
			w.batches = append(w.batches, whole...)
		}
	})
	for i := range w.batches {
		b := &w.batches[i]
		if b.Latest {
			w.counts[batch.Ref{Task: b.Task, WorkNo: b.WorkNo}] = b
		}
	}
	return w
}

func idsOf(all []store.Batch) []int64 {
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return ids
}

// late names a batch of before the calm that nothing holds up and that is not done.
func (s *story) late() string {
	s.t.Helper()
	w := s.world()
	for i := range w.batches {
		b := &w.batches[i]
		if b.State != batch.Done && b.ScheduleTime < s.calm.UnixMilli() && !s.excused(w, b) {
			return fmt.Sprintf("%s %s, %d unmet, gate %q, attempt %d on %q", b.Ref(), b.State, b.Unmet, b.Gate, b.Attempt, b.Host)
		}
	}
	return ""
}

// excused tells whether a waiting batch waits for good reason: its task is
// disabled, or a parent that failed, is missing, or has such a reason itself.
func (s *story) excused(w *world, b *store.Batch) bool {
	versions := s.saved[b.Task]
	if !versions[len(versions)-1].def.Spec.Enabled {
		return b.State == batch.Waiting
	}
	if b.State != batch.Waiting {
		return false
	}
	var depends *store.Depends
	s.view(func(ctx context.Context, v *store.ViewTx) error {
		all, err := v.DependsOf(ctx, []int64{b.ID})
		depends = all[b.ID]
		return err
	})
	if depends == nil {
		return false
	}
	for _, p := range depends.Parents {
		if p.State != store.DepUnmet {
			continue
		}
		if p.Last {
			return true // its newest batch may always be a new one
		}
		parent := w.counts[batch.Ref{Task: p.Task, WorkNo: p.WorkNo}]
		if parent == nil || parent.State == batch.Done && parent.Finish != batch.Success || parent.State != batch.Done && (parent.ScheduleTime >= s.calm.UnixMilli() || s.excused(w, parent)) {
			return true
		}
	}
	for _, p := range depends.Paths {
		if p.Type == store.DataInput && p.State == store.DepUnmet && !isReady(p.Path) {
			return true // its writer failed
		}
	}
	return false
}

// judge holds the end against what should be, found independently.
func (s *story) judge() {
	s.t.Helper()
	w := s.world()
	s.judgeGenerated(w)
	s.judgeAttempts(w)
	s.judgeSwitches(w)
	s.judgeTimeouts(w)
	s.judgeOperations(w)
	s.judgeKills(w)
	s.judgeFar()
	s.judgeAudit()
	s.judgeWhy(w)
	storetest.Sound(s.t, s.db)
	s.t.Log(s.summary(w))
}

// summary says what a story was made of, so that a seed that tests nothing is seen.
func (s *story) summary(w *world) string {
	ends := map[string]int{}
	for i := range w.batches {
		b := &w.batches[i]
		if b.State == batch.Done {
			ends[b.Finish.String()]++
		} else {
			ends[b.State.String()]++
		}
	}
	alerts := s.column("SELECT CONCAT(kind, ' ', COUNT(*)) FROM capri_alert GROUP BY kind ORDER BY kind")
	return fmt.Sprintf("%s from %s: %d batches %v, %d attempts, %d operations, %d asked for quality, alerts %v",
		s.w.zone, s.w.begin.Format(time.DateTime), len(w.batches), ends, len(s.book.all()), len(s.operations), len(s.quality.asked), alerts)
}

// judgeGenerated: I2, exactly the batches that the saved versions ask for.
func (s *story) judgeGenerated(w *world) {
	s.t.Helper()
	want, base := map[batch.Ref]int{}, map[batch.Ref]time.Time{}
	for name, versions := range s.saved {
		for i, v := range versions {
			end := time.Now()
			if i+1 < len(versions) {
				end = versions[i+1].saved
			}
			cycle, err := v.def.Cycle(s.zone)
			s.must(err)
			for _, slot := range cycle.Due(v.saved, end, 1<<20) {
				if v.def.Spec.Enabled && v.def.Spec.Valid.Holds(slot, s.zone) {
					ref := batch.Ref{Task: name, WorkNo: slot.WorkNo}
					want[ref], base[ref] = i+1, slot.Base
				}
			}
		}
	}
	made := map[string]int{}
	for i := range w.batches {
		b := &w.batches[i]
		ref := batch.Ref{Task: b.Task, WorkNo: b.WorkNo}
		if b.Origin == batch.ByExecute {
			made[b.Task]++
		}
		if b.Origin != batch.ByTimer {
			continue
		}
		if v, ok := want[ref]; !ok || v != b.TaskVersion || b.Type != 0 {
			s.t.Errorf("got %s of version %d, want version %d (0: none)", b.Ref(), b.TaskVersion, v)
		}
	}
	for _, ref := range slices.SortedFunc(maps.Keys(want), func(a, b batch.Ref) int { return cmpText(a.String(), b.String()) }) {
		if w.counts[ref] == nil && !s.gone(base[ref]) {
			s.t.Errorf("got no batch %s/%s, want one of version %d", ref.Task, ref.WorkNo, want[ref])
		}
	}
	if !maps.Equal(made, s.executed) && s.w.keep == 0 {
		s.t.Errorf("got executed batches %v, want %v", made, s.executed)
	}
}

func cmpText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// judgeWhy: every batch that waits can say why.
func (s *story) judgeWhy(w *world) {
	s.t.Helper()
	for i := range w.batches {
		b := &w.batches[i]
		if b.State == batch.Done && i%20 > 0 {
			continue
		}
		why, err := s.admin.Why(s.t.Context(), b.Ref())
		s.must(err)
		if why.Summary == "" {
			s.t.Errorf("got no summary of %s, which is %s", b.Ref(), b.State)
		}
		if b.State != batch.Waiting || why.Verdict != b.State.String() {
			continue
		}
		if !slices.ContainsFunc(why.Gates, isShut) {
			s.t.Errorf("got no shut gate of %s, which waits with %d unmet since its creation at %s: %s", b.Ref(), b.Unmet, time.UnixMilli(b.CreatedAt), why.Summary)
		}
	}
}

func isShut(g wire.WhyGate) bool { return g.State == "unmet" && g.Sentence != "" }
