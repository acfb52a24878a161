// Package grid shows many tasks by many work numbers at once: a character for
// each batch. The work numbers are those of the calendar, so that what is missing
// shows.
package grid

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// MaxColumns bounds the work numbers of one grid.
const MaxColumns = 400

// Config is what grids are made from.
type Config struct {
	DB      *store.DB
	Catalog *store.Catalog
	Zone    *time.Location
}

// Query chooses a grid.
type Query struct {
	Period   string
	From, To int64 // base times, milliseconds, both included; 0: as many as is usual, up to now
	Project  string
	Rows     int
	After    string // the last task of the page before, as Key writes it
}

// Key is a task's place in the order of rows.
func Key(r wire.GridRow) string { return r.Project + "\x00" + r.Task }

// usual is how many columns there are when nobody says from when.
func usual(kind period.Kind) int {
	switch kind {
	case period.Hour:
		return 48
	case period.Day:
		return 30
	case period.Week, period.Month:
		return 14
	case period.Cron, period.Manual:
	}
	return 0
}

// Show makes one page of a grid; more says that there is another.
func Show(ctx context.Context, c Config, q Query) (g wire.Grid, more bool, err error) {
	g = wire.Grid{Period: q.Period, Legend: legend(), Rows: []wire.GridRow{}}
	kind, err := period.ParseKind(q.Period)
	if err == nil && usual(kind) == 0 {
		err = fault.New(fault.Invalid, "%s tasks have no work numbers in common", q.Period).WithHint("hour, day, week or month")
	}
	if err != nil {
		return g, false, asInvalid(err)
	}
	if g.Cols, err = columns(kind, q.From, q.To, c.DB.Now(), c.Zone); err != nil {
		return g, false, err
	}
	tasks, err := c.Catalog.Tasks(ctx)
	if err != nil {
		return g, false, err
	}
	page, more := choose(tasks.Rows, kind, q)
	if len(page) == 0 || len(g.Cols) == 0 {
		return g, more, nil
	}
	ids := make([]int64, len(page))
	for i, row := range page {
		ids[i] = row.ID
	}
	var cells []store.Cell
	err = c.DB.View(ctx, func(t *store.ViewTx) (err error) {
		cells, err = t.Cells(ctx, ids, g.Cols[0], g.Cols[len(g.Cols)-1])
		return err
	})
	if err != nil {
		return g, false, err
	}
	g.Rows = fill(page, g.Cols, cells)
	return g, more, nil
}

func asInvalid(err error) error {
	if fault.CodeOf(err) == fault.Internal {
		return fault.New(fault.Invalid, "%s", err)
	}
	return err
}

// columns lists the work numbers whose base times are in a range. It is pure.
func columns(kind period.Kind, from, to int64, now time.Time, zone *time.Location) ([]string, error) {
	cycle, err := period.NewCycle(kind, "", zone)
	if err != nil {
		return nil, err
	}
	end := now
	if to != 0 {
		end = time.UnixMilli(to)
	}
	after := time.UnixMilli(from - 1)
	if from == 0 {
		after = end.Add(-time.Duration(usual(kind)+1) * longest(kind))
	}
	slots := cycle.Due(after, end, MaxColumns+1)
	if from == 0 {
		slots = slots[max(0, len(slots)-usual(kind)):]
	}
	if len(slots) > MaxColumns {
		return nil, fault.New(fault.TooLarge, "the range has more than %d work numbers", MaxColumns).WithHint("choose a shorter one with from and to")
	}
	out := make([]string, len(slots))
	for i, slot := range slots {
		out[i] = slot.WorkNo
	}
	return out, nil
}

// longest is the most time between two base times, and some more for a clock
// that is put back.
func longest(kind period.Kind) time.Duration {
	const day = 24 * time.Hour
	switch kind {
	case period.Day:
		return day + 2*time.Hour
	case period.Week:
		return 8 * day
	case period.Month:
		return 32 * day
	case period.Hour, period.Cron, period.Manual:
	}
	return 2 * time.Hour
}

// choose takes one page of the tasks of a period, by project and name.
func choose(all []store.Task, kind period.Kind, q Query) (page []store.Task, more bool) {
	key := func(t *store.Task) string { return t.Project + "\x00" + t.Name }
	for i := range all {
		t := &all[i]
		if period.Kind(t.Period) == kind && (q.Project == "" || t.Project == q.Project) && (q.After == "" || key(t) > q.After) {
			page = append(page, *t)
		}
	}
	slices.SortFunc(page, func(a, b store.Task) int { return cmp.Compare(key(&a), key(&b)) })
	if len(page) > q.Rows {
		return page[:q.Rows], true
	}
	return page, false
}

// fill writes the cells into rows. Work numbers of other periods, of a task that
// had another one, have no column and are passed over.
func fill(page []store.Task, cols []string, cells []store.Cell) []wire.GridRow {
	column, row := make(map[string]int, len(cols)), make(map[int64]int, len(page))
	for i, no := range cols {
		column[no] = i
	}
	rows, text := make([]wire.GridRow, len(page)), make([][]byte, len(page))
	for i, t := range page {
		row[t.ID] = i
		rows[i] = wire.GridRow{Task: t.Name, Project: t.Project, Title: t.Title, Enabled: t.IsEnabled}
		text[i] = []byte(strings.Repeat(string(wire.CellNone), len(cols)))
	}
	for _, c := range cells {
		at, known := column[c.WorkNo]
		if !known {
			continue
		}
		r := &rows[row[c.TaskID]]
		text[row[c.TaskID]][at] = code(c.State, c.Finish)
		if c.Type > 0 {
			r.Runs = append(r.Runs, [2]int{at, c.Type + 1})
		}
		late := 0
		if c.DependTimeout {
			late |= wire.LateDepend
		}
		if c.OutputTimeout {
			late |= wire.LateOutput
		}
		if late > 0 {
			r.Late = append(r.Late, [2]int{at, late})
		}
	}
	for i := range rows {
		rows[i].Cells = string(text[i])
		byColumn := func(a, b [2]int) int { return a[0] - b[0] }
		slices.SortFunc(rows[i].Runs, byColumn)
		slices.SortFunc(rows[i].Late, byColumn)
	}
	return rows
}

// code is the character of a batch.
func code(s batch.State, f batch.Finish) byte {
	switch s {
	case batch.Waiting:
		return wire.CellWaiting
	case batch.Assigned:
		return wire.CellAssigned
	case batch.Running:
		return wire.CellRunning
	case batch.Done, batch.Nothing:
	}
	switch f {
	case batch.Success:
		return wire.CellSuccess
	case batch.Killed:
		return wire.CellKilled
	case batch.Skipped:
		return wire.CellSkipped
	case batch.Lost:
		return wire.CellLost
	case batch.Failed, batch.None, batch.DependTimeout, batch.OutputTimeout:
	}
	return wire.CellFailed
}

// legend explains the characters of cells.
func legend() map[string]string {
	return map[string]string{
		string(wire.CellNone): "nothing", string(wire.CellWaiting): "waiting", string(wire.CellAssigned): "assigned", string(wire.CellRunning): "running",
		string(wire.CellSuccess): "success", string(wire.CellFailed): "failed", string(wire.CellKilled): "killed", string(wire.CellSkipped): "skipped", string(wire.CellLost): "lost",
	}
}
