package root

import (
	"context"
	"maps"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// Limits of a walk.
const (
	walkDepth   = 50
	walkBatches = 50000
	rowLimit    = 100000 // unmet rows of one kind that a thousand batches have
)

// walk goes from many batches at once over what they wait for, one level after
// another, each batch once: a level costs a few statements for each page of it.
type walk struct {
	t       *store.ViewTx
	level   []store.Node
	seen    map[int64]bool
	nodes   map[store.ParentKey]store.Node // parents that were asked for
	asked   map[store.ParentKey]bool
	makers  map[string]store.Node
	looked  map[string]bool   // paths whose makers were asked for
	readers map[int64][]int64 // the batches that wait for a waiting one
	ends    []end
}

// walkFrom finds the roots of batches that wait, by their ids. Those without
// one, because all ways go round in a circle or too far, are left out.
func walkFrom(ctx context.Context, t *store.ViewTx, from []store.Node) (map[int64]Root, error) {
	w := &walk{
		t: t, seen: map[int64]bool{}, nodes: map[store.ParentKey]store.Node{}, asked: map[store.ParentKey]bool{},
		makers: map[string]store.Node{}, looked: map[string]bool{}, readers: map[int64][]int64{},
	}
	for i := range from {
		w.visit(&from[i])
	}
	for depth := 0; len(w.level) > 0 && depth < walkDepth; depth++ {
		if err := w.descend(ctx); err != nil {
			return nil, err
		}
	}
	if err := w.nameAbsent(ctx); err != nil {
		return nil, err
	}
	return flood(w.ends, w.readers), nil
}

// visit takes a waiting batch into the next level, once.
func (w *walk) visit(n *store.Node) {
	if !w.seen[n.ID] && len(w.seen) < walkBatches {
		w.seen[n.ID] = true
		w.level = append(w.level, *n)
	}
}

// descend looks what the batches of a level wait for.
func (w *walk) descend(ctx context.Context) error {
	level := w.level
	w.level = nil
	ids := make([]int64, 0, len(level))
	for i := range level {
		ids = append(ids, level[i].ID)
	}
	deps, err := w.t.Unmet(ctx, ids, rowLimit)
	if err != nil {
		return err
	}
	if err := w.readMakers(ctx, deps); err != nil {
		return err
	}
	if err := w.readParents(ctx, deps); err != nil {
		return err
	}
	for i := range level {
		w.follow(&level[i], deps[level[i].ID])
	}
	return nil
}

// readMakers reads who makes the paths that were not met before.
func (w *walk) readMakers(ctx context.Context, deps map[int64]*store.Depends) error {
	var paths []string
	for _, d := range deps {
		for i := range d.Paths {
			if path := d.Paths[i].Path; !w.looked[path] {
				w.looked[path] = true
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	makers, err := w.t.Makers(ctx, paths)
	if err != nil {
		return err
	}
	maps.Copy(w.makers, makers)
	return nil
}

// readParents reads the parents that were not met before.
func (w *walk) readParents(ctx context.Context, deps map[int64]*store.Depends) error {
	var keys []store.ParentKey
	for _, d := range deps {
		for i := range d.Parents {
			if key := keyOf(&d.Parents[i]); !w.asked[key] {
				w.asked[key] = true
				keys = append(keys, key)
			}
		}
	}
	nodes, err := w.t.Nodes(ctx, keys)
	if err != nil {
		return err
	}
	maps.Copy(w.nodes, nodes)
	return nil
}

// keyOf is the work number that a row waits for; one that waits for the newest
// batch names none.
func keyOf(p *store.Parent) store.ParentKey {
	return store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo}
}

// follow goes on from one batch. A path that nobody is known to make, or whose
// maker says it is there, ends the walk; a parent that has just succeeded holds
// nobody up.
func (w *walk) follow(n *store.Node, deps *store.Depends) {
	for i := range deps.Paths {
		p := &deps.Paths[i]
		maker, known := w.makers[p.Path]
		if known && maker.ID != n.ID && !succeeded(&maker) {
			w.goOn(n, &maker, p.UnmetSince)
			continue
		}
		w.ends = append(w.ends, end{of: n.ID, rank: rankPath, since: p.UnmetSince, kind: store.RootPath, root: p.Path})
	}
	for i := range deps.Thirds {
		p := &deps.Thirds[i]
		w.ends = append(w.ends, end{of: n.ID, rank: rankThird, since: p.UnmetSince, kind: store.RootThird, root: p.Code + "/" + p.DataNo})
	}
	for i := range deps.Parents {
		p := &deps.Parents[i]
		key := keyOf(p)
		parent, there := w.nodes[key]
		switch {
		case !there:
			w.ends = append(w.ends, end{of: n.ID, rank: rankAbsent, since: p.UnmetSince, kind: store.RootAbsent, absent: key})
		case !succeeded(&parent):
			w.goOn(n, &parent, p.UnmetSince)
		}
	}
}

func succeeded(n *store.Node) bool { return n.State == batch.Done && n.Finish == batch.Success }

// goOn goes from a batch to one that it waits for, which is an end when it
// waits for nothing itself.
func (w *walk) goOn(from, to *store.Node, since int64) {
	if waits(to) {
		w.readers[to.ID] = append(w.readers[to.ID], from.ID)
		w.visit(to)
		return
	}
	rank := rankLate
	if to.State == batch.Done {
		rank = rankFailed
	}
	w.ends = append(w.ends, end{of: from.ID, rank: rank, since: since, kind: store.RootBatch, root: to.Task + "/" + to.WorkNo, node: to})
}

// nameAbsent names the batches that are not there.
func (w *walk) nameAbsent(ctx context.Context) error {
	var tasks []int64
	for i := range w.ends {
		if w.ends[i].kind == store.RootAbsent {
			tasks = append(tasks, w.ends[i].absent.TaskID)
		}
	}
	names, err := w.t.TaskNames(ctx, tasks)
	if err != nil {
		return err
	}
	for i := range w.ends {
		e := &w.ends[i]
		if e.kind == store.RootAbsent {
			e.root = absentName(names[e.absent.TaskID], e.absent)
		}
	}
	return nil
}
