package why

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func (r *rig) lastGate(ref string) wire.WhyGate {
	r.t.Helper()
	got := r.ask(ref)
	return got.Gates[len(got.Gates)-1]
}

// wantEvidence wants lines of evidence that hold these texts.
func wantEvidence(t *testing.T, g wire.WhyGate, wants ...string) {
	t.Helper()
	all := strings.Join(g.Evidence, "\n")
	for _, want := range wants {
		if !strings.Contains(all, want) {
			t.Errorf("got\n%s\nwant %s", all, want)
		}
	}
}

func TestTheWorkerGateSaysWho(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Batch(r.Define("a"), "20150518")
		last := func() wire.WhyGate { return r.lastGate("a/20150518") }
		if g := last(); g.State != met || g.Sentence != "worker w1 has room" {
			t.Errorf("got %+v, want w1", g)
		}
		r.Change("UPDATE capri_task_work SET attempt = 1 WHERE id = ?", id)
		r.Decide("log", func(ctx context.Context, l *store.LeaderTx) error {
			return l.InsertReassignments(ctx, []store.Reassignment{{WorkID: id, Attempt: 1, OldHost: "w1", Reason: "w1 refused"}})
		})
		if g := last(); g.State != unmet || !strings.Contains(g.Sentence, "asked again after 5 min") {
			t.Errorf("got %+v, want that only excluded workers fit", g)
		}
		wantEvidence(t, last(), "w1: excluded for this batch until ", ": w1 refused")
		r.Change("UPDATE capri_task_work SET attempt = 0 WHERE id = ?", id)
		r.Change("DELETE FROM capri_reschedule_log")
		r.Change("UPDATE capri_schedul_cluster SET slots = 0")
		if g := last(); g.Code != string(batch.GateQueue) || g.State != unmet || g.Help == "" {
			t.Errorf("got %+v, want it in the queue", g)
		}
		wantEvidence(t, last(), "first in the line of ready batches", "w1: 0 of 0 slots are taken")
		r.Change("UPDATE capri_schedul_cluster SET slots = 4, isStop = 1, stopTime = 1000, stopReason = 'disk'")
		if g := last(); !strings.Contains(g.Evidence[0], "1 alive > 0 switched on") || g.Help == "" {
			t.Errorf("got %+v, want the funnel as evidence", g)
		}
		wantEvidence(t, last(), "w1: switched off at 1970-01-01 00:00:01 in the database: disk")
		r.Change("DELETE FROM capri_schedul_cluster")
		if g := last(); g.Evidence[0] != "no worker has ever reported" {
			t.Errorf("got %+v, want that there is none", g)
		}
		r.Beat(storetest.Host, 100)
	})
}

// TestEachWorkerHasItsReason gives every obstacle to a worker of its own.
func TestEachWorkerHasItsReason(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Batch(r.Define("a", func(d *task.Task) { d.Spec.Workers.Labels = map[string]string{"disk": "ssd"} }), "20150518", func(b *store.NewBatch) { b.Memory = 8 << 30 })
		for host, set := range map[string]string{
			"w1": "labels = '{\"disk\":\"ssd\"}', slots = 0",
			"w2": "labels = '{\"disk\":\"ssd\"}', loadLimit = 1, loadPerCore = 1.5",
			"w3": "labels = '{\"disk\":\"ssd\"}', memory = 1073741824",
			"w4": "slots = 7",
			"w5": "workerGroup = 'gpu'",
			"w6": "isStop = 1, stopUntil = 4102444800000",
			"w7": "lastCheckTime = 1000",
			"w8": "lastCheckTime = 1000, deadAt = 2000, deadBy = 'eve', deadReason = 'burnt'",
		} {
			r.Beat(host, 5)
			r.Change("UPDATE capri_schedul_cluster SET "+set+" WHERE host = ?", host)
		}
		wantEvidence(t, r.lastGate("a/20150518"), "8 known > 6 alive > 5 switched on > 4 of the group > 3 with the labels > 2 with the memory > 1 below the load limit > 0 with a free slot",
			"w1: 0 of 0 slots are taken", "w2: load per core is 1.50, its limit 1.00", "w3: has 1 GiB of 1 GiB memory left, wanted are 8 GiB",
			"w4: has labels -, wanted are disk=ssd", "w5: is in group gpu, wanted is default", "w6: switched off in the database, until 2100-01-01 00:00:00",
			"w7: silent since 1970-01-01 00:00:01", "w8: declared dead by eve at 1970-01-01 00:00:02: burnt")
		r.Change("UPDATE capri_worker_group SET isEnabled = 0 WHERE name = 'default'")
		wantEvidence(t, r.lastGate("a/20150518"), "w1: its group default is switched off")
		r.Change("DELETE FROM capri_schedul_cluster")
	})
}

// TestTheLineIsCounted puts a batch behind an older one and one of a better priority.
func TestTheLineIsCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		a := r.Define("a")
		r.Batch(a, "20150517", func(b *store.NewBatch) { b.ScheduleTime-- })
		r.Batch(a, "20150516", func(b *store.NewBatch) { b.Priority = 0 })
		held := r.Batch(a, "20150515", func(b *store.NewBatch) { b.Priority = 1 })
		r.Change("UPDATE capri_task_work SET gate = 'BATCH_HELD' WHERE id = ?", held)
		r.Batch(a, "20150518")
		r.Batch(a, "20150519", func(b *store.NewBatch) { b.ScheduleTime++ })
		r.Change("UPDATE capri_schedul_cluster SET slots = 0")
		wantEvidence(t, r.lastGate("a/20150518"), "number 3 in the line of ready batches: 1 are ahead by priority, 1 are older")
	})
}

func TestThePlatformGate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Batch(r.Define("a"), "20150518")
		platform := func() wire.WhyGate { return gateOf(r.ask("a/20150518"), CodePlatform) }
		if g := platform(); g.State != met || g.CheckedBy != "assign@m1" {
			t.Errorf("got %+v, want that it works", g)
		}
		r.ran("assign", 10*time.Minute, "")
		if g := platform(); g.State != met {
			t.Errorf("got %+v in the first moments of a term, want nothing said yet", g)
		}
		r.Change("UPDATE capri_master_epoch SET since = 1000")
		if g := platform(); g.State != unmet || !strings.Contains(g.Sentence, "nothing is assigned: that service ran last") || g.Since == 0 {
			t.Errorf("got %+v, want that assignment is stalled", g)
		}
		wantEvidence(t, platform(), "no master leads now; the last one was m1")
		if got := r.ask("a/20150518"); !strings.Contains(got.Summary, "nothing is assigned") || gateOf(got, batch.GateWorker).State != met {
			t.Errorf("got %+v, want the platform as the reason, and the other gates looked at", got)
		}
		r.ran("assign", 0, "the database is full")
		if g := platform(); g.State != unmet || !strings.Contains(g.Sentence, "assigning fails") {
			t.Errorf("got %+v, want that its last run failed", g)
		}
		wantEvidence(t, platform(), "the error of assign: the database is full")
		r.ran("assign", 0, "")
		r.ran("depend", time.Hour, "")
		if g := platform(); g.State != unmet || !strings.Contains(g.Sentence, "dependencies are not checked") {
			t.Errorf("got %+v, want that the dependency check is stalled", g)
		}
		r.ran("depend", 0, "")
		r.ran("paths", 0, "too many connections")
		if g := platform(); g.State != unmet || !strings.Contains(g.Sentence, "looking at data paths fails") {
			t.Errorf("got %+v, want that looking at paths fails", g)
		}
		r.Change("DELETE FROM capri_service_run")
		if g := platform(); !strings.HasSuffix(g.Sentence, "never") || g.Since == 0 {
			t.Errorf("got %+v, want that it has never run", g)
		}
		r.Change("UPDATE capri_master_epoch SET epoch = 0, since = 0")
		wantEvidence(t, platform(), "no master has ever led")
		r.Change("UPDATE capri_master_epoch SET epoch = 1")
	})
}

// TestOnlyWorkersThatAreOffWouldFit wants it said who has switched them off, why and until when.
func TestOnlyWorkersThatAreOffWouldFit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Batch(r.Define("a"), "20150518")
		r.Beat("w2", 5)
		r.Change("UPDATE capri_schedul_cluster SET workerGroup = 'gpu' WHERE host = 'w2'")
		for _, c := range []struct{ set, en, zh string }{
			{"isStop = 1", "w1 switched off in the database", "w1 已关闭，直接修改数据库"},
			{"isStop = 1, stopTime = 1000, stopBy = 'eve', stopReason = 'disk'", "w1 switched off at 1970-01-01 00:00:01 by eve: disk", "w1 已于 1970-01-01 00:00:01 关闭，操作人 eve: disk"},
			{"isStop = 1, stopTime = 1000, stopBy = 'eve', stopReason = 'disk', isDrain = 1, stopUntil = 4102444800000",
				"w1 drains since 1970-01-01 00:00:01 by eve, until 2100-01-01 00:00:00: disk", "w1 自 1970-01-01 00:00:01 起排空，操作人 eve，至 2100-01-01 00:00:00: disk"},
		} {
			r.Change("UPDATE capri_schedul_cluster SET " + c.set + " WHERE host = 'w1'")
			g := r.lastGate("a/20150518")
			if want := "every worker that would fit is switched off: " + c.en; g.State != unmet || g.Sentence != want || !strings.Contains(g.Help, "capri host on") {
				t.Errorf("got %+v, want %q", g, want)
			}
			zh, err := r.Explain(t.Context(), batch.Ref{Task: "a", WorkNo: "20150518"}, Chinese)
			r.must(err)
			if got := zh.Gates[len(zh.Gates)-1].Sentence; got != "合适的机器都已关闭："+c.zh {
				t.Errorf("got %q, want %q in it", got, c.zh)
			}
		}
		for i := range 5 {
			r.Beat(fmt.Sprintf("x%d", i), 5)
		}
		r.Change("UPDATE capri_schedul_cluster SET isStop = 1 WHERE host LIKE 'x%'")
		if g := r.lastGate("a/20150518"); strings.Count(g.Sentence, "; ") != 3 || !strings.HasSuffix(g.Sentence, "; …") {
			t.Errorf("got %q, want three workers named", g.Sentence)
		}
		r.Change("UPDATE capri_schedul_cluster SET stopUntil = 5 WHERE host = 'w1'")
		if g := r.lastGate("a/20150518"); g.State != met || g.Sentence != "worker w1 has room" {
			t.Errorf("got %+v, want w1: its end has passed", g)
		}
		r.Change("UPDATE capri_schedul_cluster SET slots = 0 WHERE host = 'w1'")
		if g := r.lastGate("a/20150518"); g.Code != string(batch.GateQueue) {
			t.Errorf("got %+v, want it in the queue: a slot is what is missing", g)
		}
		r.Change("UPDATE capri_schedul_cluster SET slots = 5, labels = '{}', workerGroup = 'gpu'")
		if g := r.lastGate("a/20150518"); g.Sentence != "no worker fits" {
			t.Errorf("got %+v, want that none would fit", g)
		}
	})
}
