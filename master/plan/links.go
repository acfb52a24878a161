package plan

import (
	"context"

	"capricornus/common/store"
)

// Link is a dependency among tasks as a cascade follows it, for pictures.
type Link struct {
	ParentID, ChildID int64
	Kind              string // task.EdgeLogic or task.EdgeData
	Window            string
	Past              bool // on earlier periods of the parent only
}

// Links lists the dependencies among tasks, as they are defined in these rows.
func (p *Planner) Links(ctx context.Context, rows []store.Task) ([]Link, error) {
	var g *graph
	err := p.db.View(ctx, func(t *store.ViewTx) (err error) {
		g, err = p.graphOf(ctx, t, rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []Link
	for _, row := range rows {
		for _, l := range g.down[row.ID] {
			out = append(out, Link{ParentID: l.parent.id, ChildID: l.child.id, Kind: l.kind, Window: l.window.String(), Past: l.window.Past()})
		}
	}
	return out, nil
}
