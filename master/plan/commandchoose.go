package plan

import (
	"context"
	"slices"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// chosen reads the batches that a bulk command means: those it names, or of
// those it chooses the runs that count; unfinished ones, unless it is a mark.
func (p *Planner) chosen(ctx context.Context, t *store.ViewTx, req wire.PlanRequest, limit int) ([]store.Target, error) {
	if len(req.Refs) > limit {
		return make([]store.Target, limit+1), nil
	}
	if len(req.Refs) > 0 {
		return namedTargets(ctx, t, req.Refs)
	}
	f := store.TargetFilter{
		Operation: req.Operation, Host: req.Host, Open: req.Kind != KindMark, Held: req.Kind == KindRelease,
		From: req.From, To: req.To, Limit: limit + 1,
	}
	if err := filterState(&f, req.State); err != nil {
		return nil, err
	}
	if req.Project != "" {
		project, err := projectByName(ctx, t, req.Project)
		if err != nil {
			return nil, err
		}
		f.Project = project.ID
	}
	kind, err := chooseTasks(ctx, t, req, &f)
	if err != nil {
		return nil, err
	}
	if req.From+req.To != "" {
		f.Period = int(kind)
		if err := p.checkRange(kind, req.From, req.To); err != nil {
			return nil, err
		}
	}
	return t.Targets(ctx, f)
}

func projectByName(ctx context.Context, t *store.ViewTx, name string) (store.Project, error) {
	projects, err := t.Projects(ctx)
	if err != nil {
		return store.Project{}, err
	}
	i := slices.IndexFunc(projects, func(p store.Project) bool { return p.Name == name })
	if i < 0 {
		return store.Project{}, fault.New(fault.NotFound, "there is no project %q", name).WithHint("capri project list shows the projects")
	}
	return projects[i], nil
}

// chooseTasks reads the tasks of a request into the filter, and the period of
// which its work numbers are.
func chooseTasks(ctx context.Context, t *store.ViewTx, req wire.PlanRequest, f *store.TargetFilter) (period.Kind, error) {
	kind, given := period.Manual, req.Period != ""
	if given {
		var err error
		if kind, err = period.ParseKind(req.Period); err != nil {
			return kind, fault.Wrap(fault.Invalid, err, "%s", err)
		}
	}
	if len(req.Tasks) == 0 {
		return kind, nil
	}
	rows, err := t.HeadsByName(ctx, req.Tasks)
	if err != nil {
		return kind, err
	}
	f.Tasks = []int64{}
	for i, name := range req.Tasks {
		at := slices.IndexFunc(rows, func(r store.Task) bool { return r.Name == name })
		if at < 0 {
			return kind, UnknownTask(name)
		}
		own := period.Kind(rows[at].Period)
		if i == 0 && !given {
			kind = own
		}
		if own != kind && (given || req.From+req.To != "") {
			return kind, fault.New(fault.Invalid, "task %s is a %s task, and the work numbers are of %s tasks", name, own, kind).
				WithHint("give one command for each period")
		}
		f.Tasks = append(f.Tasks, rows[at].ID)
	}
	return kind, nil
}

// checkRange refuses bounds that are no work numbers of the period: as texts
// they would choose something, and not what was meant.
func (p *Planner) checkRange(kind period.Kind, from, to string) error {
	cron := ""
	if kind == period.Cron {
		cron = "* * * * *" // any: a number need not be a fire time to bound others
	}
	cycle, err := period.NewCycle(kind, cron, p.zone)
	if err != nil {
		return err
	}
	for _, number := range []string{from, to} {
		if number == "" {
			continue
		}
		if _, err := cycle.ByWorkNo(number); err != nil {
			return fault.Wrap(fault.Invalid, err, "%s", err)
		}
	}
	if from != "" && to != "" && from > to {
		return fault.New(fault.Invalid, "range %s..%s ends before it begins", from, to).WithHint("write %s..%s", to, from)
	}
	return nil
}

// namedTargets reads the batches that a command names.
func namedTargets(ctx context.Context, t *store.ViewTx, texts []string) ([]store.Target, error) {
	refs := make([]batch.Ref, len(texts))
	names := make([]string, len(texts))
	for i, text := range texts {
		ref, err := batch.ParseRef(text)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%s", err)
		}
		refs[i], names[i] = ref, ref.Task
	}
	rows, err := t.HeadsByName(ctx, names)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]int64, len(rows))
	for _, r := range rows {
		ids[r.Name] = r.ID
	}
	keys := make([]store.NamedRun, len(refs))
	for i, ref := range refs {
		id, known := ids[ref.Task]
		if !known {
			return nil, UnknownTask(ref.Task)
		}
		keys[i] = store.NamedRun{ParentKey: store.ParentKey{TaskID: id, WorkNo: ref.WorkNo}, Run: ref.Run}
	}
	found, err := t.TargetsOf(ctx, distinct(keys))
	if err != nil {
		return nil, err
	}
	seen := make(map[int64]bool, len(keys))
	var out []store.Target
	for i, k := range keys {
		b, there := found[k]
		if !there {
			return nil, fault.New(fault.NotFound, "there is no batch %q", refs[i].String()).WithHint("capri batch list --task %s shows those there are", refs[i].Task)
		}
		if !seen[b.ID] {
			seen[b.ID] = true
			out = append(out, b)
		}
	}
	return out, nil
}
