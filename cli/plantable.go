package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
		r.last.Sentence == item.Sentence && r.last.Existing == item.Existing && r.last.Level == item.Level &&
		slices.Equal(r.last.Via, item.Via) && slices.Equal(r.last.Warnings, item.Warnings)
}

func (r planRun) numbers() string {
	if r.count == 1 {
		return r.first.WorkNo
	}
	return r.first.WorkNo + ".." + r.last.WorkNo
}

// reason is the code with its sentence; what exists is shown where none says it.
func (r planRun) reason() string {
	switch {
	case r.first.Sentence != "":
		return r.first.Code + " " + r.first.Sentence
	case r.first.Existing != "":
		return r.first.Code + " (" + r.first.Existing + ")"
	}
	return r.first.Code
}

func planRef(item wire.PlanItem) string {
	return batch.Ref{Task: item.Task, WorkNo: item.WorkNo, Run: item.Run}.String()
}

// drawPlan writes a plan through line: to stdout when it is the result, to
// stderr when it is shown before asking.
func (a *app) drawPlan(line func(format string, args ...any), k clock, plan wire.Plan) {
	runs := planRuns(plan.Items)
	for i, cells := range columns(planRows(runs, k)) {
		tint := plain
		if i > 0 {
			tint = decisionColor(runs[i-1].first.Decision)
		}
		line("%s", a.paint(tint, cells[0])+strings.TrimRight(strings.Join(cells[1:], ""), " "))
		if i > 0 {
			for _, warning := range runs[i-1].first.Warnings {
				line("  %s %s", a.paint(yellow, "!"), oneLine(warning))
			}
		}
	}
	for _, warning := range plan.Warnings {
		line("%s %s", a.paint(yellow, "warning:"), oneLine(warning))
	}
	line("%s", planSummary(k, plan))
}

// planRows makes the lines of a plan's table. Level and edges are shown when
// there is a cascade.
func planRows(runs []planRun, k clock) [][]string {
	cascade := slices.ContainsFunc(runs, func(r planRun) bool { return r.first.Level > 0 })
	head := []string{"DECISION", "TASK", "WORK NUMBERS", "BATCHES", k.header("INTERVAL")}
	if cascade {
		head = append(head, "LEVEL", "VIA")
	}
	rows := [][]string{append(head, "REASON")}
	for _, run := range runs {
		first := run.first
		cells := []string{
			first.Decision, first.Task, run.numbers(), fmt.Sprint(run.count),
			k.at(first.BizStart) + " … " + k.at(run.last.BizEnd),
		}
		if cascade {
			via := strings.Join(first.Via, ", ")
			if via == "" {
				via = "-"
			}
			cells = append(cells, fmt.Sprint(first.Level), via)
		}
		rows = append(rows, append(cells, run.reason()))
	}
	return rows
}

func planSummary(k clock, plan wire.Plan) string {
	var work int64
	for _, item := range plan.Items {
		if item.Decision == "create" {
			work += item.Expected
		}
	}
	text := fmt.Sprintf("plan %d: %d to %s, %d left alone, %d blocked", plan.ID, plan.Counts.Create+plan.Counts.Change,
		planVerb(plan.Kind), plan.Counts.Skip, plan.Counts.Block)
	if work > 0 {
		text += fmt.Sprintf("; about %s of running", (time.Duration(work) * time.Millisecond).Round(time.Second))
	}
	return text + "; valid until " + k.full(plan.ExpiresAt)
}

func decisionColor(decision string) color {
	switch decision {
	case "create", "change":
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
