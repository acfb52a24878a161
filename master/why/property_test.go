package why

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// timeOnly are gates before which no person can do anything but wait.
func timeOnly(code string) bool { return code == string(batch.GateLatest) }

// TestAWaitingBatchIsNeverWithoutAnAnswer draws what may stand in the way of
// batches, of the platform and of the workers. Every waiting batch has a
// summary and at least one unmet gate, or is assigned in the next moment; every
// unmet gate says since when and, where a person can help, how.
func TestAWaitingBatchIsNeverWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		d := &drawing{rig: newRig(t, w)}
		d.ups = []int64{d.Define("up_0"), d.Define("up_1"), d.Define("up_2", func(def *task.Task) { def.Spec.Enabled = false })}
		d.Batch(d.ups[0], "20150518")
		began := d.Figure("SELECT since FROM capri_master_epoch")
		rapid.Check(t, d.once)
		d.Change("UPDATE capri_master_epoch SET since = ?", began)
		d.Change("UPDATE capri_task_work SET attempt = 0")
		d.Change("UPDATE capri_schedul_cluster SET slots = 1000, memory = 99999999999999 WHERE host = 'w1'")
	})
}

type drawing struct {
	*rig
	ups []int64
	n   int
}

func (d *drawing) once(p *rapid.T) {
	d.n++
	d.surroundings(p)
	name := fmt.Sprintf("drawn_%d", d.n)
	id, work := d.batch(p, name)
	d.state(p, id, work)
	got := d.ask(name + "/20150518")
	unmets := 0
	for _, g := range got.Gates {
		if g.State != unmet {
			continue
		}
		unmets++
		if g.Since <= 0 || g.Sentence == "" || g.Help == "" && !timeOnly(g.Code) {
			p.Fatalf("got %+v, want since when and what helps", g)
		}
	}
	last := got.Gates[len(got.Gates)-1]
	b := d.Work(work)
	switch {
	case got.Verdict != "waiting" || len(got.Gates) < 10 || got.Summary == "":
		p.Fatalf("got %+v, want every gate of a waiting batch", got)
	case unmets == 0 && (last.State != met || got.Summary != (speech{lang: English}).of(nothingInTheWay)):
		p.Fatalf("got nothing in the way and %+v, want it assigned in the next moment", last)
	case last.State == met && b.Memory > 64<<30:
		p.Fatalf("got %+v for a batch that needs more than the worker has", last)
	case b.Unmet > 0 && len(got.Roots) == 0 && !has(got, batch.GateData) && !has(got, batch.GateThird):
		p.Fatalf("got no root cause for a batch with something unmet: %+v", got)
	}
}

func has(w wire.Why, code batch.GateCode) bool { return gateOf(w, code).State == unmet }

func chance(p *rapid.T, what string) bool { return rapid.IntRange(0, 3).Draw(p, what) == 0 }

// surroundings draws how the platform, the settings and the workers are.
func (d *drawing) surroundings(p *rapid.T) {
	since := time.Now().Add(-time.Duration(rapid.IntRange(0, 20).Draw(p, "term")) * time.Minute).UnixMilli()
	d.Change("UPDATE capri_master_epoch SET since = ?", since)
	failed := rapid.SampledFrom([]string{"", "", "", "the database is full"}).Draw(p, "error")
	d.ran("assign", time.Duration(rapid.IntRange(0, 5).Draw(p, "assign"))*time.Minute, failed)
	d.ran("depend", time.Duration(rapid.IntRange(0, 15).Draw(p, "depend"))*time.Minute, "")
	latest := rapid.SampledFrom([]string{"", "", "2001-02-03T04:05:06Z", "2199-01-01T00:00:00Z"}).Draw(p, "latest")
	d.Change("UPDATE capri_dic_data SET dicValue = ? WHERE dicKey = 'latest_schedule_time'", latest)
	d.Quality = chance(p, "quality service")
	d.Beat(storetest.Host, 1000)
	worker := rapid.SampledFrom([]string{
		"isStop = 0", "isStop = 1", "isStop = 1, stopUntil = 5", "slots = 0", "lastCheckTime = 5", "loadLimit = 1, loadPerCore = 2", "memory = 5",
		"workerGroup = 'gpu'",
	}).Draw(p, "worker")
	d.Change("UPDATE capri_schedul_cluster SET isStop = 0, stopUntil = 0")
	d.Change("UPDATE capri_schedul_cluster SET " + worker)
}

// batch draws a task and a batch of it.
func (d *drawing) batch(p *rapid.T, name string) (id, work int64) {
	later := time.Now().Add(time.Hour).UnixMilli()
	id = d.Define(name, func(def *task.Task) {
		spec := &def.Spec
		spec.Quality = task.Quality{Enabled: chance(p, "quality"), OnSilence: rapid.SampledFrom([]string{"wait", "pass", "alert"}).Draw(p, "silence"), After: task.Duration(time.Minute)}
		spec.MaxRunning, spec.Workers.Group = rapid.IntRange(0, 1).Draw(p, "max"), rapid.SampledFrom([]string{"default", "gpu"}).Draw(p, "group")
		if chance(p, "account") {
			spec.Account = "etl"
		}
		if chance(p, "labels") {
			spec.Workers.Labels = map[string]string{"disk": "ssd"}
		}
	})
	work = d.Batch(id, "20150518", func(b *store.NewBatch) {
		b.Memory = rapid.SampledFrom([]int64{0, 1 << 50}).Draw(p, "memory")
		for n := range rapid.IntRange(0, 2).Draw(p, "parents") {
			up := rapid.SampledFrom(d.ups).Draw(p, "parent")
			b.Parents = append(b.Parents, store.NewParent{TaskID: up, WorkNo: fmt.Sprintf("201505%d", 18-n), State: rapid.IntRange(0, 2).Draw(p, "state")})
		}
		if chance(p, "last") {
			b.Parents = append(b.Parents, store.NewParent{TaskID: rapid.SampledFrom(d.ups).Draw(p, "newest"), Last: true})
		}
		if chance(p, "path") {
			b.Inputs = []store.NewPath{{Path: "file:///in", Ready: "exists"}}
		}
		if chance(p, "third") {
			b.Thirds = []store.NewThird{{Code: "pay", Key: "1", Met: rapid.Bool().Draw(p, "announced")}}
		}
		if chance(p, "earliest") {
			b.EarliestAt = later
		}
		if chance(p, "ahead") {
			b.ScheduleTime = later
		}
	})
	return id, work
}

// state draws holds, answers, failures and what the scheduler has noted.
func (d *drawing) state(p *rapid.T, id, work int64) {
	if chance(p, "hold") {
		d.Hold(rapid.SampledFrom([]string{store.HoldBatch, store.HoldTask}).Draw(p, "held"), map[bool]int64{true: work, false: id}[chance(p, "which")])
	}
	if chance(p, "disabled") {
		d.Change("UPDATE capri_task SET isEnabled = 0 WHERE id = ?", id)
	}
	quality := rapid.IntRange(0, 3).Draw(p, "answer")
	d.Change("UPDATE capri_task_work SET qualityState = ?, qualitySentAt = ?, qualityTries = ? WHERE id = ?", quality, quality*1000, rapid.IntRange(0, 2).Draw(p, "tries"), work)
	if chance(p, "retry") {
		d.Change("UPDATE capri_task_work SET retryAt = ? WHERE id = ?", time.Now().Add(time.Hour).UnixMilli(), work)
	}
	if chance(p, "excluded") {
		d.Change("UPDATE capri_task_work SET attempt = 1 WHERE id = ?", work)
		d.Decide("log", func(ctx context.Context, l *store.LeaderTx) error {
			return l.InsertReassignments(ctx, []store.Reassignment{{WorkID: work, Attempt: 1, OldHost: storetest.Host, Reason: "refused"}})
		})
	}
	code := rapid.SampledFrom([]string{"", "NO_WORKER", "BATCH_HELD", "CONCURRENCY"}).Draw(p, "noted")
	d.Change("UPDATE capri_task_work SET gate = ?, gateSince = ? WHERE id = ?", code, int64(len(code))*1000, work)
}
