package compose

import (
	"cmp"
	"slices"
	"time"
)

// TopGrowth is how many tasks are listed that take longer than a week before,
// and muchLonger from when that is said of one.
const (
	TopGrowth  = 5
	muchLonger = 10 * time.Minute
)

// RunTime is how long the runs of a task took together.
type RunTime struct {
	TaskID int64
	Runs   int
	Millis int64
}

// Grown is a task that took longer now than then.
type Grown struct{ Now, Then RunTime }

// More is by how much, in milliseconds.
func (g Grown) More() int64 { return g.Now.Millis - g.Then.Millis }

// Growth lists the tasks whose runs took longest more than then. What did not run
// then is new and has not grown.
func Growth(now, then []RunTime) []Grown {
	before := make(map[int64]RunTime, len(then))
	for _, r := range then {
		before[r.TaskID] = r
	}
	var out []Grown
	for _, r := range now {
		g := Grown{r, before[r.TaskID]}
		if g.Then.Runs > 0 && g.More() >= muchLonger.Milliseconds() {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b Grown) int {
		return cmp.Or(cmp.Compare(b.More(), a.More()), cmp.Compare(a.Now.TaskID, b.Now.TaskID))
	})
	return out[:min(len(out), TopGrowth)]
}
