package cli

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"capricornus/common/batch"
	"capricornus/common/wire"
)

// planRun is neighbouring items of a plan that share task and decision, so that
// a plan of thousands fits a screen.
type planRun struct {
	first, last wire.PlanItem
	count       int
}

func planRuns(items []wire.PlanItem) []planRun {
	var runs []planRun
	for _, item := range items {
		if n := len(runs); n > 0 && runs[n-1].joins(item) {
			runs[n-1].last = item
			runs[n-1].count++
			continue
		}
		runs = append(runs, planRun{first: item, last: item, count: 1})
	}
	return runs
}

func (r planRun) joins(item wire.PlanItem) bool {
	return r.last.Task == item.Task && r.last.Decision == item.Decision && r.last.Code == item.Code &&
		r.last.Sentence == item.Sentence && r.last.Existing == item.Existing
}

func (r planRun) numbers() string {
	if r.count == 1 {
		return r.first.WorkNo
	}
	return r.first.WorkNo + ".." + r.last.WorkNo
}

func (r planRun) reason() string {
	parts := []string{r.first.Code}
	if r.first.Sentence != "" {
		parts = append(parts, r.first.Sentence)
	}
	if r.first.Existing != "" {
		parts = append(parts, "("+r.first.Existing+")")
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

func planRef(item wire.PlanItem) string {
	return batch.Ref{Task: item.Task, WorkNo: item.WorkNo, Run: item.Run}.String()
}

// drawPlan writes a plan through line: to stdout when it is the result, to
// stderr when it is shown before asking.
func (a *app) drawPlan(line func(format string, args ...any), k clock, plan wire.Plan) {
	rows := [][]string{{"DECISION", "TASK", "WORK NUMBERS", "BATCHES", k.header("INTERVAL"), "REASON"}}
	for _, run := range planRuns(plan.Items) {
		rows = append(rows, []string{
			run.first.Decision, run.first.Task, run.numbers(), fmt.Sprint(run.count),
			k.at(run.first.BizStart) + " … " + k.at(run.last.BizEnd), run.reason(),
		})
	}
	for i, cells := range columns(rows) {
		tint := plain
		if i > 0 {
			tint = decisionColor(rows[i][0])
		}
		line("%s", a.paint(tint, cells[0])+strings.TrimRight(strings.Join(cells[1:], ""), " "))
	}
	for _, warning := range plan.Warnings {
		line("%s %s", a.paint(yellow, "warning:"), oneLine(warning))
	}
	line("plan %d: %d to make, %d left alone, %d blocked; valid until %s",
		plan.ID, plan.Counts.Create, plan.Counts.Skip, plan.Counts.Block, k.full(plan.ExpiresAt))
}

func decisionColor(decision string) color {
	switch decision {
	case "create":
		return green
	case "block":
		return red
	}
	return grey
}

// columns pads cells to the width of their column and two spaces.
func columns(rows [][]string) [][]string {
	widths := map[int]int{}
	for _, cells := range rows {
		for i, cell := range cells {
			cells[i] = oneLine(cell)
			widths[i] = max(widths[i], text.StringWidth(cells[i]))
		}
	}
	padded := make([][]string, len(rows))
	for i, cells := range rows {
		for j, cell := range cells {
			padded[i] = append(padded[i], cell+strings.Repeat(" ", widths[j]-text.StringWidth(cell)+2))
		}
	}
	return padded
}
