package wire

import "context"

// The codes of a grid's cells, a character each.
const (
	CellNone     = '.' // no batch
	CellWaiting  = 'W'
	CellAssigned = 'A'
	CellRunning  = 'R'
	CellSuccess  = 'S'
	CellFailed   = 'F'
	CellKilled   = 'K'
	CellSkipped  = 'X'
	CellLost     = 'L'
)

// Marks of late cells.
const (
	LateDepend = 1 // its dependencies were not met in time
	LateOutput = 2 // it had not ended in time
)

// GridRow is one task: how the batch of each column is, a character each.
type GridRow struct {
	Task    string   `json:"task"`
	Project string   `json:"project"`
	Title   string   `json:"title,omitempty"`
	Enabled bool     `json:"enabled"`
	Cells   string   `json:"cells"`
	Runs    [][2]int `json:"runs,omitempty"` // [column, runs] where there was more than one: the cell is the newest
	Late    [][2]int `json:"late,omitempty"` // [column, 1 dependencies + 2 output]
}

// Grid is tasks by work numbers. Its legend explains the characters of cells.
type Grid struct {
	Period string            `json:"period"`
	Cols   []string          `json:"cols"` // work numbers, oldest first
	Legend map[string]string `json:"legend"`
	Rows   []GridRow         `json:"rows"`
	Next   string            `json:"next,omitempty"`
}

// GridQuery chooses a grid. Zero values are left to the master.
type GridQuery struct {
	Period   string
	From, To string
	Project  string
	Rows     int
	Cursor   string
}

// Grid returns one page of tasks by work numbers.
func (c *Client) Grid(ctx context.Context, q GridQuery) (Grid, error) {
	var grid Grid
	err := c.get(ctx, "/grid", params("period", q.Period, "from", q.From, "to", q.To, "project", q.Project,
		"rows", number(int64(q.Rows)), "cursor", q.Cursor), &grid)
	return grid, err
}
