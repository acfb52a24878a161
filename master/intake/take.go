package intake

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// taking is one group of facts: what was said, what is answered, and what its
// commit makes possible.
type taking struct {
	facts    []wire.Fact
	verdicts []wire.FactVerdict
	ids      []int64 // batches that have succeeded
	keys     []store.ParentKey
	freed    bool
	spare    []int64 // ids for alerts
}

// take writes one group of facts in one transaction. Facts about the same
// batch follow one another, each judged by what the one before left.
func (in *Intake) take(ctx context.Context, node string, facts []wire.Fact) ([]wire.FactVerdict, error) {
	if err := in.stock(ctx, facts); err != nil {
		return nil, fmt.Errorf("take %d facts: %w", len(facts), err)
	}
	var g *taking
	err := in.db.Work(ctx, store.Actor{Kind: "worker", ID: node}, func(t *store.WorkTx) error {
		g = &taking{facts: facts, verdicts: make([]wire.FactVerdict, len(facts)), spare: in.spare}
		for _, wave := range waves(facts) {
			if err := in.wave(ctx, t, g, wave); err != nil {
				return err
			}
		}
		return nil
	})
	if g != nil {
		in.spare = g.spare // what an error leaves unclear may be taken: it is not used again
	}
	if err != nil {
		return nil, fmt.Errorf("take %d facts: %w", len(facts), err)
	}
	if len(g.ids) > 0 {
		in.notify.Finished(g.ids, g.keys)
	}
	if g.freed {
		in.notify.Freed()
	}
	return g.verdicts, nil
}

// waves cuts facts into runs in which no batch occurs twice, in order; it
// returns indexes.
func waves(facts []wire.Fact) [][]int {
	var out [][]int
	depth := map[int64]int{}
	for i, f := range facts {
		d := depth[f.WorkID]
		depth[f.WorkID] = d + 1
		if d == len(out) {
			out = append(out, nil)
		}
		out[d] = append(out[d], i)
	}
	return out
}

func (in *Intake) wave(ctx context.Context, t *store.WorkTx, g *taking, wave []int) error {
	worlds, err := in.worlds(ctx, t, g.facts, wave)
	if err != nil {
		return err
	}
	var rows rows
	for _, i := range wave {
		w := worlds[g.facts[i].WorkID]
		j := judge(g.facts[i], w)
		g.verdicts[i] = j.verdict
		rows.add(j)
		rows.keep(g.facts[i], j)
		g.freed = g.freed || j.freed
		if j.success {
			g.ids = append(g.ids, w.work.ID)
			g.keys = append(g.keys, store.ParentKey{TaskID: w.work.TaskID, WorkNo: w.work.WorkNo})
		}
	}
	if err := rows.write(ctx, t); err != nil {
		return err
	}
	return g.raise(ctx, t, &rows, worlds)
}

// worlds locks the batches of a wave and reads what their facts are judged by.
func (in *Intake) worlds(ctx context.Context, t *store.WorkTx, facts []wire.Fact, wave []int) (map[int64]world, error) {
	ids := make([]int64, 0, len(wave))
	var starting []int64
	for _, i := range wave {
		ids = append(ids, facts[i].WorkID)
		if facts[i].Kind == wire.FactStarted {
			starting = append(starting, facts[i].WorkID)
		}
	}
	works, err := t.Lock(ctx, ids)
	if err != nil {
		return nil, err
	}
	defs, names, err := in.definitions(ctx, t, works)
	if err != nil {
		return nil, err
	}
	var broken map[int64][]store.ParentKey
	var holds holds
	if len(starting) > 0 {
		if broken, err = t.BrokenParents(ctx, starting); err != nil {
			return nil, err
		}
		if holds, err = readHolds(ctx, t); err != nil {
			return nil, err
		}
	}
	out := make(map[int64]world, len(works))
	for id, w := range works {
		key := store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion}
		out[id] = world{
			work: w, name: names[key], def: defs[key], broken: broken[id], now: time.UnixMilli(t.Now()),
			held: holds.on(w),
		}
	}
	return out, nil
}

func (in *Intake) definitions(ctx context.Context, t *store.WorkTx, works map[int64]*store.Work) (map[store.VersionKey]*task.Task, map[store.VersionKey]string, error) {
	keys := make([]store.VersionKey, 0, len(works))
	seen := map[store.VersionKey]bool{}
	for _, w := range works {
		k := store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion}
		if !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	defs, err := in.defs.In(ctx, &t.ViewTx, keys)
	if err != nil {
		return nil, nil, err
	}
	names := make(map[store.VersionKey]string, len(defs))
	for k, d := range defs {
		names[k] = d.Metadata.Name
	}
	return defs, names, nil
}

// holds are the objects held now.
type holds map[string]map[int64]bool

func readHolds(ctx context.Context, t *store.WorkTx) (holds, error) {
	all, err := t.Holds(ctx)
	if err != nil {
		return nil, err
	}
	out := holds{store.HoldBatch: {}, store.HoldTask: {}, store.HoldProject: {}}
	for _, h := range all {
		if out[h.Kind] != nil {
			out[h.Kind][h.ObjectID] = true
		}
	}
	return out, nil
}

func (h holds) on(w *store.Work) bool {
	return h[store.HoldBatch][w.ID] || h[store.HoldTask][w.TaskID] || h[store.HoldProject][w.ProjectID]
}

// rows are what a wave of judgements writes.
type rows struct {
	changes  []store.Change
	begins   []store.Instance
	ends     []store.Instance
	codes    []store.UserCode
	unpath   []wire.PathCheck
	unparent []store.ParentKey
	alerts   []store.Alert
	logs     []store.AttemptLog
	refused  []int64
}

func (r *rows) add(j judgement) {
	if j.change != nil {
		j.change.Actor = j.change.From.Host
		r.changes = append(r.changes, *j.change)
		if j.change.Move == batch.MoveRefuse {
			r.refused = append(r.refused, j.change.To.ID)
		}
	}
	if j.alert != nil {
		r.alerts = append(r.alerts, *j.alert)
	}
	if j.begin != nil {
		r.begins = append(r.begins, *j.begin)
	}
	if j.end != nil {
		r.ends = append(r.ends, *j.end)
	}
	if j.code != nil {
		r.codes = append(r.codes, *j.code)
	}
	r.unpath = append(r.unpath, j.unpath...)
	r.unparent = append(r.unparent, j.unparent...)
}

func (r *rows) write(ctx context.Context, t *store.WorkTx) error {
	if err := t.Move(ctx, r.changes); err != nil {
		return err
	}
	if err := t.BeginInstances(ctx, r.begins); err != nil {
		return err
	}
	if err := t.EndInstances(ctx, r.ends); err != nil {
		return err
	}
	if err := t.KeepLogs(ctx, r.logs); err != nil {
		return err
	}
	if err := t.InsertUserCodes(ctx, r.codes); err != nil {
		return err
	}
	if err := t.UnmeetParents(ctx, r.unparent, "not successful any more when a worker was about to start"); err != nil {
		return err
	}
	for _, p := range r.unpath {
		if err := t.UnmeetPath(ctx, p.Path, p.Ready); err != nil {
			return err
		}
	}
	return nil
}
