package why

import (
	"context"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/wire"
	"capricornus/master/gate"
)

// evidenceLimit bounds the lines shown for one gate.
const evidenceLimit = 20

// tally gathers the rows of one kind of dependency.
type tally struct {
	total, unmet     int
	since, checkedAt int64
	evidence         []string
	away             string // a file system that does not answer
}

func (c *tally) add(state int, since, checked int64, text func() string) {
	if state == store.DepNotApplicable {
		return
	}
	c.total++
	if state == store.DepMet {
		return
	}
	c.unmet++
	if c.since == 0 || since < c.since {
		c.since = since
	}
	c.checkedAt = max(c.checkedAt, checked)
	if len(c.evidence) < evidenceLimit {
		c.evidence = append(c.evidence, text())
	}
}

// dependencies shows the three kinds of dependencies the batch has.
func (a *asking) dependencies(ctx context.Context) ([]wire.WhyGate, error) {
	paths, err := a.paths(ctx)
	if err != nil {
		return nil, err
	}
	parents, err := a.parents(ctx)
	if err != nil {
		return nil, err
	}
	var thirds tally
	for _, p := range a.deps.Thirds {
		thirds.add(p.State, p.UnmetSince, p.LastCheckedAt, func() string { return a.of(notAnnounced, p.Code, p.DataNo, a.at(p.UnmetSince)) })
	}
	var out []wire.WhyGate
	for _, g := range []struct {
		tally *tally
		code  batch.GateCode
		ready word
		help  word
		duty  string
	}{
		{paths, batch.GateData, pathsReady, helpPaths, gate.DutyPaths},
		{&thirds, batch.GateThird, thirdsReady, helpThirds, gate.DutyDepend},
		{parents, batch.GateParent, parentsReady, helpParents, gate.DutyDepend},
	} {
		if g.tally.total == 0 {
			continue
		}
		row := wire.WhyGate{Code: string(g.code), State: met, Sentence: a.of(g.ready, g.tally.total-g.tally.unmet, g.tally.total)}
		row.CheckedAt, row.CheckedBy = a.checked(g.duty)
		if g.tally.unmet > 0 {
			row.State, row.Evidence, row.Help = unmet, g.tally.evidence, a.of(g.help)
			if g.tally.away != "" {
				row.Help = a.of(helpAway, g.tally.away)
			}
			row.Since, row.CheckedAt = firstOf(g.tally.since, a.b.CreatedAt), max(g.tally.checkedAt, row.CheckedAt)
		}
		out = append(out, row)
	}
	return out, nil
}

// firstOf is the first instant that is known.
func firstOf(instants ...int64) int64 {
	i := slices.IndexFunc(instants, func(at int64) bool { return at > 0 })
	if i < 0 {
		return 0
	}
	return instants[i]
}

func (a *asking) paths(ctx context.Context) (*tally, error) {
	var missing []string
	for _, p := range a.deps.Paths {
		if p.Type == store.DataInput && p.State == store.DepUnmet && len(missing) < evidenceLimit {
			missing = append(missing, p.Path)
		}
	}
	makers, err := a.t.Makers(ctx, missing)
	if err != nil {
		return nil, err
	}
	out := &tally{}
	for _, p := range a.deps.Paths {
		if p.Type != store.DataInput {
			continue
		}
		out.add(p.State, p.UnmetSince, p.LastCheckedAt, func() string {
			text := a.pathText(&p)
			if maker, known := makers[p.Path]; known {
				text += a.of(madeBy, maker.Ref().String(), a.standing(&maker))
			}
			return text
		})
		if name, away := datapath.OutageIn(p.LastError); away && p.State == store.DepUnmet && out.away == "" {
			out.away = name
		}
	}
	return out, nil
}

// pathText says what is known of an unmet path. A note but the one that it is
// gone means that nobody could look, and stands since that was found out.
func (a *asking) pathText(p *store.Path) string {
	if p.LastError != "" && p.LastError != store.PathGone {
		return a.of(pathUnknown, p.Path, a.at(p.LastCheckedAt), p.LastError)
	}
	text := a.of(pathNotReady, p.Path, p.Ready)
	if p.LastError != "" {
		text += ": " + p.LastError
	}
	return text + a.of(sinceWhen, a.at(p.UnmetSince))
}

func (a *asking) parents(ctx context.Context) (*tally, error) {
	var keys []store.ParentKey
	for _, p := range a.deps.Parents {
		if p.State == store.DepUnmet && len(keys) < evidenceLimit {
			keys = append(keys, parentKey(&p))
		}
	}
	nodes, err := a.t.Nodes(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := &tally{}
	for _, p := range a.deps.Parents {
		out.add(p.State, p.UnmetSince, p.LastCheckedAt, func() string {
			node, there := nodes[parentKey(&p)]
			return a.parentText(&p, &node, there) + a.of(sinceWhen, a.at(p.UnmetSince))
		})
	}
	return out, nil
}

func parentKey(p *store.Parent) store.ParentKey {
	return store.ParentKey{TaskID: p.TaskID, WorkNo: p.WorkNo}
}

func (a *asking) parentText(p *store.Parent, n *store.Node, there bool) string {
	switch {
	case !there && p.Last:
		return a.of(noNewest, p.Task)
	case !there:
		return a.of(notThere, p.Task+"/"+p.WorkNo)
	case p.Last:
		return a.of(newestStands, n.Ref().String(), a.standing(n))
	}
	return a.of(parentStands, n.Ref().String(), a.standing(n))
}

// standing says in a few words where a batch is.
func (a *asking) standing(n *store.Node) string {
	switch n.State {
	case batch.Done:
		return a.of(endedSo, a.finish(n.Finish))
	case batch.Running, batch.Assigned:
		return a.of(onHost, a.state(n.State), n.Host)
	case batch.Waiting, batch.Nothing:
	}
	return a.state(n.State)
}
