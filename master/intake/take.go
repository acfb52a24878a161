package intake

import (
	"context"
	"fmt"
	"maps"
	"slices"
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
	doubted  []int64 // batches with inputs that a worker could not look at
	spare    []int64 // ids for alerts
	started  []time.Duration
	ended    []ended
}

// ended is an attempt that has ended: how, and how long it ran.
type ended struct {
	outcome string
	ran     time.Duration
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
	for _, took := range g.started {
		in.notify.Started(took)
	}
	for _, e := range g.ended {
		in.notify.Ended(e.outcome, e.ran)
	}
	if len(g.ids) > 0 {
		in.notify.Finished(g.ids, g.keys)
	}
	if g.freed {
		in.notify.Freed()
	}
	if len(g.doubted) > 0 {
		in.notify.Doubted(g.doubted)
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
		g.measure(j)
		if j.judged {
			rows.judged = append(rows.judged, w.code())
		}
		g.freed = g.freed || j.freed
		if len(j.doubted) > 0 {
			g.doubted = append(g.doubted, w.work.ID)
		}
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

// measure notes how long things took, for the figures.
func (g *taking) measure(j judgement) {
	if j.change == nil {
		return
	}
	from, to := &j.change.From, &j.change.To
	if j.change.Move == batch.MoveStart {
		g.started = append(g.started, time.Duration(to.StartTime-from.AssignTime)*time.Millisecond)
	}
	if j.end != nil {
		g.ended = append(g.ended, ended{j.end.Outcome, time.Duration(j.end.EndTime-from.StartTime) * time.Millisecond})
	}
}

// worlds locks the batches of a wave and reads what their facts are judged by.
func (in *Intake) worlds(ctx context.Context, t *store.WorkTx, facts []wire.Fact, wave []int) (map[int64]world, error) {
	ids := make([]int64, 0, len(wave))
	for _, i := range wave {
		ids = append(ids, facts[i].WorkID)
	}
	works, err := t.Lock(ctx, ids)
	if err != nil {
		return nil, err
	}
	defs, names, err := in.definitions(ctx, t, works)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]world, len(works))
	for id, w := range works {
		key := store.VersionKey{TaskID: w.TaskID, Version: w.TaskVersion}
		out[id] = world{work: w, name: names[key], def: defs[key], now: time.UnixMilli(t.Now())}
	}
	var starting []int64
	var codes []string
	for _, i := range wave {
		w := out[facts[i].WorkID]
		switch kind := facts[i].Kind; {
		case w.work == nil || w.def == nil:
		case kind == wire.FactStarted:
			starting = append(starting, w.work.ID)
		case kind == wire.FactFinished || kind == wire.FactLost || kind == wire.FactCode:
			codes = append(codes, w.code())
		}
	}
	if err := readStarts(ctx, t, out, starting); err != nil {
		return nil, err
	}
	return out, readCodes(ctx, t, out, codes)
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

// rows are what a wave of judgements writes.
type rows struct {
	changes  []store.Change
	begins   []store.Instance
	ends     []store.Instance
	codes    []store.UserCode
	unpath   []wire.PathCheck
	unparent []store.ParentKey
	unthird  []store.ThirdKey
	doubted  map[string]string // paths of which nothing is known any more, and why
	given    []store.Reassignment
	judged   []string // attempts whose codes are judged by now
	peaks    []store.Peak
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
	r.alerts = append(r.alerts, j.alerts...)
	if j.peak != nil {
		r.peaks = append(r.peaks, *j.peak)
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
	r.unthird = append(r.unthird, j.unthird...)
	if j.given != nil {
		r.given = append(r.given, *j.given)
	}
	for _, p := range j.doubted {
		if r.doubted == nil {
			r.doubted = map[string]string{}
		}
		r.doubted[p.Path] = j.doubt
	}
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
	if err := t.JudgeUserCodes(ctx, r.judged); err != nil {
		return err
	}
	if err := t.KeepLogs(ctx, r.logs); err != nil {
		return err
	}
	if err := t.InsertUserCodes(ctx, r.codes); err != nil {
		return err
	}
	if err := t.RaisePeaks(ctx, r.peaks); err != nil {
		return err
	}
	if err := t.InsertReassignments(ctx, r.given); err != nil {
		return err
	}
	return r.unmeet(ctx, t)
}

// unmeet makes all batches wait again that need what a start has found gone, or
// could not look at.
func (r *rows) unmeet(ctx context.Context, t *store.WorkTx) error {
	if err := t.UnmeetParents(ctx, r.unparent, "not successful any more when a worker was about to start"); err != nil {
		return err
	}
	if err := t.UnmeetThirds(ctx, r.unthird, "announced no longer when a worker was about to start"); err != nil {
		return err
	}
	paths := map[string]bool{}
	for _, p := range r.unpath {
		paths[p.Path] = true
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if err := t.UnmeetPath(ctx, path); err != nil {
			return err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(r.doubted)) {
		if err := t.DoubtPath(ctx, path, r.doubted[path]); err != nil {
			return err
		}
	}
	return nil
}
