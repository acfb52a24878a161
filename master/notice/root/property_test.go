package root

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// TestRootsAreThoseOfOneBatchAtATime draws batches that wait for each other, for
// paths and for third parties, in circles too, and compares the roots found for
// many at once with those that a simple walk from each batch alone finds.
func TestRootsAreThoseOfOneBatchAtATime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		d := &drawing{rig: &rig{w, t}, round: 20_150_000}
		for range 9 {
			d.tasks = append(d.tasks, d.Define(fmt.Sprint("task_", len(d.tasks))))
		}
		rapid.Check(t, d.once)
	})
}

// drawing is a graph of at most one batch for each task.
type drawing struct {
	*rig
	tasks []int64
	round int

	drawn []*drawn // by task; nil: it has none
	maker map[string]int
}

type drawn struct {
	id      int64
	state   string // what becomes of one that waits for nothing
	parents []int  // tasks
	newest  []bool // whether a parent is asked for as the newest
	paths   []string
	third   bool
}

// Since when it waits for what, as insert writes it.
func (d *drawing) sinceParent(b *drawn, parent int) int64 { return 1 + (b.id+3*d.tasks[parent])%4 }
func sincePath(b *drawn, path string) int64               { return 1 + (b.id+store.PathHash(path)%1000)%4 }
func sinceThird(b *drawn) int64                           { return 1 + b.id%4 }

func (b *drawn) waits() bool { return len(b.parents)+len(b.paths) > 0 || b.third }

func (d *drawing) no() string { return fmt.Sprint(d.round) }

func (d *drawing) once(p *rapid.T) {
	d.round++
	d.drawn, d.maker = make([]*drawn, len(d.tasks)), map[string]int{}
	for i := range d.tasks {
		if rapid.IntRange(0, 5).Draw(p, "there") > 0 {
			d.drawn[i] = d.batch(p)
		}
	}
	d.insert(p)
	defer func() { d.must(d.Finish(0, d.those("running")...)) }() // its task has room for a few
	var alerts []store.UndealtAlert
	for _, b := range d.drawn {
		if b != nil && rapid.IntRange(0, 2).Draw(p, "alarmed") > 0 {
			alerts = append(alerts, late(b.id))
		}
	}
	got := d.find(rapid.Permutation(alerts).Draw(p, "order")...)
	for i, b := range d.drawn {
		if b == nil || got[b.id].Cause == "" {
			continue
		}
		if root := got[b.id].Kind + " " + got[b.id].Root; root != d.oracle(i) {
			p.Fatalf("task_%d: got %s, want %s", i, root, d.oracle(i))
		}
	}
}

func (d *drawing) batch(p *rapid.T) *drawn {
	b := &drawn{state: rapid.SampledFrom([]string{"queued", "running", "failed", "killed", "done"}).Draw(p, "state")}
	if rapid.IntRange(0, 3).Draw(p, "waits") == 0 {
		return b
	}
	for _, parent := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(d.tasks)-1), 0, 3, rapid.ID).Draw(p, "parents") {
		b.parents = append(b.parents, parent)
		b.newest = append(b.newest, rapid.IntRange(0, 3).Draw(p, "newest") == 0)
	}
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 2, rapid.ID).Draw(p, "paths") {
		b.paths = append(b.paths, fmt.Sprintf("file:///%d/%d", d.round, n))
	}
	b.third = rapid.IntRange(0, 5).Draw(p, "third") == 0
	return b
}

// insert makes the batches as they were drawn. A newest one is asked for only
// where the task has one in this round: others are of rounds before.
func (d *drawing) insert(p *rapid.T) {
	var all []store.NewBatch
	for i, b := range d.drawn {
		if b == nil {
			continue
		}
		draft := d.Draft(d.tasks[i], d.no())
		b.id = draft.ID
		for n, parent := range b.parents {
			row := store.NewParent{TaskID: d.tasks[parent], WorkNo: d.no()}
			if b.newest[n] = b.newest[n] && d.drawn[parent] != nil; b.newest[n] {
				row = store.NewParent{TaskID: d.tasks[parent], Last: true}
			}
			draft.Parents = append(draft.Parents, row)
		}
		reads(b.paths...)(&draft)
		if b.third {
			needs("pay")(&draft)
		}
		made := fmt.Sprintf("file:///%d/%d", d.round, rapid.IntRange(0, 8).Draw(p, "makes"))
		if _, taken := d.maker[made]; !taken {
			d.maker[made] = i
			makes(made)(&draft)
		}
		all = append(all, draft)
	}
	d.must(d.Insert(all...))
	if len(all) == 0 {
		return
	}
	first, last := all[0].ID, all[len(all)-1].ID
	d.Change("UPDATE capri_tparent_data SET unmetSince = 1 + (taskWorkId + 3 * parentTaskId) % 4 WHERE taskWorkId BETWEEN ? AND ?", first, last)
	d.Change("UPDATE capri_task_data SET unmetSince = 1 + (taskWorkId + pathHash % 1000) % 4 WHERE taskWorkId BETWEEN ? AND ?", first, last)
	d.Change("UPDATE capri_tthird_data SET unmetSince = 1 + taskWorkId % 4 WHERE taskWorkId BETWEEN ? AND ?", first, last)
	d.become()
}

// become brings the batches that wait for nothing to where they were drawn.
func (d *drawing) become() {
	d.fail(d.those("failed")...)
	d.kill(d.those("killed")...)
	d.Succeed(d.those("done")...)
	d.must(d.Assign(storetest.Host, d.those("running")...))
	d.must(d.Start(d.those("running")...))
}

// those are the batches that wait for nothing and become this.
func (d *drawing) those(state string) []int64 {
	var ids []int64
	for _, b := range d.drawn {
		if b != nil && !b.waits() && b.state == state {
			ids = append(ids, b.id)
		}
	}
	return ids
}

// found is an end that the oracle sees.
type found struct {
	rank  int
	since int64
	root  string // kind and root
}

// oracle walks from one batch, one step after another.
func (d *drawing) oracle(from int) string {
	var all []found
	seen := map[int]bool{}
	var walk func(i int)
	step := func(to int, since int64) {
		b := d.drawn[to]
		if b.waits() {
			walk(to)
			return
		}
		rank := 4
		if b.state == "failed" || b.state == "killed" {
			rank = 0
		}
		all = append(all, found{rank, since, fmt.Sprintf("batch task_%d/%s", to, d.no())})
	}
	walk = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		b := d.drawn[i]
		for _, parent := range b.parents {
			since := d.sinceParent(b, parent)
			switch up := d.drawn[parent]; {
			case up == nil:
				all = append(all, found{1, since, fmt.Sprintf("absent task_%d/%s", parent, d.no())})
			case up.waits() || up.state != "done":
				step(parent, since)
			}
		}
		for _, path := range b.paths {
			since := sincePath(b, path)
			maker, known := d.maker[path]
			if known && maker != i && (d.drawn[maker].waits() || d.drawn[maker].state != "done") {
				step(maker, since)
				continue
			}
			all = append(all, found{2, since, "path " + path})
		}
		if b.third {
			all = append(all, found{3, sinceThird(b), "third pay/" + d.no()})
		}
	}
	walk(from)
	if len(all) == 0 {
		return fmt.Sprintf("batch task_%d/%s", from, d.no())
	}
	return slices.MinFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.since, b.since), cmp.Compare(a.root, b.root))
	}).root
}
