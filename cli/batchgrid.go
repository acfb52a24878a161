package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func batchGridCommand(a *app) *cobra.Command {
	var query wire.GridQuery
	cmd := &cobra.Command{
		Use: "grid --period PERIOD", Short: "Show tasks by work numbers, a letter for each batch", Args: arguments(0, 0),
		Long: `Shows a line for each task and a letter for each work number, the oldest first: S success,
F failed, L lost, K killed, X skipped, R running, A assigned, W waiting, . nothing. The last
columns say how many of a line's batches are late, and how many were run again.`,
		Example: "  capri batch grid --period day --project weblog\n  capri batch grid --period hour --from 2015-05-18 --to 2015-05-19",
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			if query.Period == "" {
				return fault.New(fault.Usage, "--period is wanted: hour, day, week or month")
			}
			grid, err := wholeGrid(ctx, c, query)
			if err != nil {
				return err
			}
			names := namesOf(grid.Rows, func(r wire.GridRow) string { return r.Task })
			return a.show(grid, names, func() { a.grid(grid) })
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&query.Period, "period", "", "`hour|day|week|month`: of the tasks, and of the columns")
	flags.StringVar(&query.Project, "project", "", "only tasks of this `PROJECT`")
	flags.StringVar(&query.From, "from", "", "from `TIME` on: 2015-05-18, 2015-05-18T08:00; without it the last 48 hours, 30 days, 14 weeks or months")
	flags.StringVar(&query.To, "to", "", "up to `TIME`")
	return cmd
}

// wholeGrid goes through the pages.
func wholeGrid(ctx context.Context, c *wire.Client, query wire.GridQuery) (wire.Grid, error) {
	query.Rows = pageSize
	grid, err := c.Grid(ctx, query)
	for err == nil && grid.Next != "" {
		query.Cursor = grid.Next
		var page wire.Grid
		if page, err = c.Grid(ctx, query); err == nil {
			grid.Rows, grid.Next = append(grid.Rows, page.Rows...), page.Next
		}
	}
	return grid, err
}

// grid prints cells by letters, coloured on a terminal.
func (a *app) grid(g wire.Grid) {
	if len(g.Cols) == 0 || len(g.Rows) == 0 {
		a.say("no %s tasks, or no work numbers in the range", g.Period)
		return
	}
	name := len("TASK")
	for _, r := range g.Rows {
		name = max(name, len([]rune(r.Task)))
	}
	first, last := g.Cols[0], g.Cols[len(g.Cols)-1]
	title := first
	if rest := len(g.Cols) - len(first) - len(last); rest >= 1 {
		title += strings.Repeat(" ", rest) + last
	} else if first != last {
		title += ".." + last
	}
	width := max(len(g.Cols), len(title))
	a.print("%s", strings.TrimRight(fmt.Sprintf("%s  %s  %s", a.paint(grey, pad("TASK", name)), a.paint(grey, pad(title, width)), a.paint(grey, "LATE  RERUN")), " "))
	for _, r := range g.Rows {
		line := pad(oneLine(r.Task), name) + "  " + a.cells(r.Cells) + strings.Repeat(" ", width-len(r.Cells)) + "  " +
			pad(countText(len(r.Late)), len("LATE")) + "  " + countText(len(r.Runs))
		a.print("%s", strings.TrimRight(line, " "))
	}
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-len([]rune(text))))
}

func countText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// cells colours runs of the same letter.
func (a *app) cells(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		n := 1
		for n < len(text) && text[n] == text[0] {
			n++
		}
		out.WriteString(a.paint(cellColor(text[0]), text[:n]))
		text = text[n:]
	}
	return out.String()
}

func cellColor(c byte) color {
	switch c {
	case wire.CellSuccess:
		return green
	case wire.CellFailed, wire.CellLost:
		return red
	case wire.CellRunning:
		return blue
	case wire.CellAssigned:
		return cyan
	case wire.CellWaiting:
		return yellow
	}
	return grey
}

func searchCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "search TEXT", Short: "Find tasks, batches, workers, operations, projects and users", Args: arguments(1, -1),
		Long: `Finds what has TEXT in its name or title: tasks, workers, projects, users. TASK/WORKNO finds
batches, also with a part of the task's name; a work number those of that time; a number the
operation with that id.`,
		Example: "  capri search order\n  capri search order/20150518\n  capri search 订单",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			reply, err := c.Search(ctx, strings.Join(args, " "), limit)
			if err != nil {
				return err
			}
			all := slices.Concat(groupsOf(reply)...)
			if err := a.show(reply, namesOf(all, func(f wire.Found) string { return f.Name }), func() { a.foundTable(reply) }); err != nil {
				return err
			}
			if len(all) == 0 {
				return fault.New(fault.NotFound, "nothing is called %q", reply.Query)
			}
			return nil
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 10, "at most `N` of each kind")
	return cmd
}

func groupsOf(reply wire.SearchReply) [][]wire.Found {
	out := make([][]wire.Found, len(reply.Groups))
	for i, g := range reply.Groups {
		out[i] = g.Items
	}
	return out
}

func (a *app) foundTable(reply wire.SearchReply) {
	var rows []row
	var cut []string
	for _, g := range reply.Groups {
		for _, f := range g.Items {
			rows = append(rows, row{f.Kind, f.Name, f.Text, f.Project})
		}
		if g.More {
			cut = append(cut, g.Kind)
		}
	}
	if len(rows) > 0 {
		a.table([]string{"KIND", "NAME", "WHAT", "PROJECT"}, rows)
	}
	if len(cut) > 0 {
		a.say("there are more of: %s; raise --limit or write more", strings.Join(cut, ", "))
	}
}
