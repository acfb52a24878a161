package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// formatDot is a graph as Graphviz reads it; only commands that draw know it.
const formatDot = "dot"

func taskGraphCommand(a *app) *cobra.Command {
	g := graphing{app: a}
	cmd := &cobra.Command{
		Use: "graph TASK", Short: "Show what a task depends on and what depends on it", Args: arguments(1, 1),
		Long: `Shows the tasks around a task as two trees: what it waits for, and what waits for it. Without
flags one level of each; (+3) behind a task says how many more it has. A task that is there
already is marked (seen above), and what hangs on it is not repeated. ~ marks a dependency by
data alone: the child reads what the parent makes.

With -o dot the picture is written for Graphviz: capri task graph TASK -o dot | dot -Tsvg.`,
		Example: `  capri task graph dwd_access_d --up 2 --down 2
  capri task graph ods_access_h --descendants --state now`,
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error { return g.run(ctx, c, args[0]) }),
	}
	flags := cmd.Flags()
	flags.IntVar(&g.up, "up", 1, "`N` levels of parents")
	flags.IntVar(&g.down, "down", 1, "`N` levels of children")
	flags.BoolVar(&g.ancestors, "ancestors", false, "all it depends on")
	flags.BoolVar(&g.descendants, "descendants", false, "all that depends on it, and how many by project")
	flags.StringVar(&g.to, "to", "", "what lies between it and this `TASK`")
	flags.StringVar(&g.state, "state", "", "how the batches are: `now`, or of a work number")
	return a.withDot(cmd)
}

// withDot lets a command be asked for -o dot, which others do not know.
func (a *app) withDot(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().VarP(&dotFormat{&a.flags.output}, "output", "o", "print as `table|json|yaml|name|dot`")
	return cmd
}

// dotFormat is the value of -o where dot is among the formats.
type dotFormat struct{ *format }

// Set accepts dot besides what every command knows.
func (f *dotFormat) Set(text string) error {
	if text == formatDot {
		*f.format = formatDot
		return nil
	}
	if err := f.format.Set(text); err != nil {
		return fmt.Errorf("%w, dot", err)
	}
	return nil
}

// graphing is one call of task graph.
type graphing struct {
	app                    *app
	up, down               int
	ancestors, descendants bool
	to, state              string
}

func (g *graphing) run(ctx context.Context, c *wire.Client, task string) error {
	query, err := g.query(task)
	if err != nil {
		return err
	}
	graph, err := c.Graph(ctx, query)
	if err != nil {
		return err
	}
	if g.app.flags.output == formatDot {
		g.app.dot(graph)
		return nil
	}
	names := namesOf(graph.Nodes, func(n wire.GraphNode) string { return n.Task })
	err = g.app.show(graph, names, func() { g.app.graphTrees(graph) })
	if graph.Truncated {
		g.app.say("%d tasks; the %d nearest are shown", graph.Total, len(graph.Nodes))
	}
	if g.descendants && g.app.flags.output == formatTable {
		g.app.impact(graph)
	}
	return err
}

// query reads the flags, of which most exclude each other.
func (g *graphing) query(task string) (wire.GraphQuery, error) {
	q := wire.GraphQuery{Task: task, To: g.to, State: g.state, Up: orNone(g.up), Down: orNone(g.down)}
	modes := 0
	for mode, asked := range map[string]bool{"ancestors": g.ancestors, "descendants": g.descendants, "path": g.to != ""} {
		if asked {
			q.Mode = mode
			modes++
		}
	}
	switch {
	case modes > 1:
		return q, fault.New(fault.Usage, "--ancestors, --descendants and --to exclude each other")
	case g.up < 0 || g.down < 0:
		return q, fault.New(fault.Usage, "--up %d --down %d: levels count from 0", g.up, g.down)
	case modes == 1:
		q.Up, q.Down = 0, 0
	}
	return q, nil
}

// orNone is a number of levels as wire has it: 0 there is the master's own.
func orNone(levels int) int {
	if levels == 0 {
		return -1
	}
	return levels
}

// graphTree prints one direction of a graph as a tree.
type graphTree struct {
	app   *app
	nodes map[string]wire.GraphNode
	next  map[string][]wire.GraphEdge
	up    bool
	seen  map[string]bool
}

func (a *app) graphTrees(graph wire.Graph) {
	nodes := make(map[string]wire.GraphNode, len(graph.Nodes))
	for _, n := range graph.Nodes {
		nodes[n.Task] = n
	}
	above := graphTree{app: a, nodes: nodes, next: map[string][]wire.GraphEdge{}, up: true}
	below := graphTree{app: a, nodes: nodes, next: map[string][]wire.GraphEdge{}}
	for _, e := range graph.Edges {
		above.next[e.Child] = append(above.next[e.Child], e)
		below.next[e.Parent] = append(below.next[e.Parent], e)
	}
	root := nodes[graph.Focus]
	a.print("%s  %s", a.paint(bold, oneLine(root.Task)), a.paint(grey, strings.TrimSpace(describeTask(root)))+a.graphState(root))
	for _, part := range []struct {
		title string
		tree  graphTree
		more  int
	}{{"waits for", above, root.MoreUp}, {"is waited for by", below, root.MoreDown}} {
		part.tree.seen = map[string]bool{root.Task: true}
		lines := part.tree.lines(root.Task, "  ")
		if len(lines) == 0 && part.more == 0 {
			continue
		}
		a.print("%s%s", part.title, moreText(part.more))
		for _, line := range lines {
			a.print("%s", line)
		}
	}
}

// lines are those below a task; what was shown already is only named.
func (t *graphTree) lines(task, indent string) []string {
	edges := slices.DeleteFunc(slices.Clone(t.next[task]), func(e wire.GraphEdge) bool { return e.Kind == "data" && t.isParent(task, t.far(e)) })
	slices.SortStableFunc(edges, func(a, b wire.GraphEdge) int { return cmp.Compare(t.far(a), t.far(b)) })
	var out []string
	for i, e := range edges {
		branch, deeper := "├─ ", "│  "
		if i == len(edges)-1 {
			branch, deeper = "└─ ", "   "
		}
		name := t.far(e)
		node := t.nodes[name]
		line := indent + branch + mark(e) + oneLine(name) + windowText(e)
		switch {
		case name == task:
			line += t.app.paint(grey, "  (itself)")
		case t.seen[name]:
			line += t.app.paint(grey, "  (seen above)")
		default:
			t.seen[name] = true
			more := node.MoreDown
			if t.up {
				more = node.MoreUp
			}
			line += "  " + t.app.paint(grey, describeTask(node)) + t.app.graphState(node) + moreText(more)
			out = append(out, line)
			out = append(out, t.lines(name, indent+deeper)...)
			continue
		}
		out = append(out, line)
	}
	return out
}

// isParent tells whether a task depends on another as such: that its data is read
// as well goes without saying.
func (t *graphTree) isParent(task, far string) bool {
	return slices.ContainsFunc(t.next[task], func(e wire.GraphEdge) bool { return e.Kind != "data" && t.far(e) == far })
}

// far is the task at the other end of an edge.
func (t *graphTree) far(e wire.GraphEdge) string {
	if t.up {
		return e.Parent
	}
	return e.Child
}

func mark(e wire.GraphEdge) string {
	if e.Kind == "data" {
		return "~ "
	}
	return ""
}

func windowText(e wire.GraphEdge) string {
	if e.Window == "default" || e.Window == "" {
		return ""
	}
	return " [" + e.Window + "]"
}

func moreText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (+%d)", n)
}

func describeTask(n wire.GraphNode) string {
	text := n.Period + " " + n.Project
	if !n.Enabled {
		text += " disabled"
	}
	return oneLine(text)
}

func (a *app) graphState(n wire.GraphNode) string {
	if n.State == "" {
		return ""
	}
	tint := finishColor(n.State)
	switch n.State {
	case "running":
		tint = blue
	case "waiting", "assigned":
		tint = plain
	}
	return "  " + a.paint(tint, n.State)
}

// impact says how many tasks of which projects hang on the focus.
func (a *app) impact(graph wire.Graph) {
	counts := map[string]int{}
	for _, n := range graph.Nodes {
		if n.Task != graph.Focus {
			counts[n.Project]++
		}
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int { return cmp.Or(counts[y]-counts[x], cmp.Compare(x, y)) })
	for i, name := range names {
		names[i] = oneLine(name) + " " + strconv.Itoa(counts[name])
	}
	text := plural(graph.Total-1, "task") + " in all"
	if len(names) > 0 {
		text += ": " + strings.Join(names, ", ")
	}
	a.say("%s", text)
}

// dot prints a graph for Graphviz.
func (a *app) dot(graph wire.Graph) {
	a.print("digraph capri {\n  rankdir=TB;\n  node [shape=box, style=rounded];")
	for _, n := range graph.Nodes {
		label := n.Task
		if n.Title != "" {
			label += "\n" + n.Title
		}
		style := ""
		if n.Task == graph.Focus {
			style = ", penwidth=2"
		}
		if !n.Enabled {
			style += `, style="rounded,dashed"`
		}
		if n.State != "" {
			label += "\n" + n.State
		}
		a.print("  %s [label=%s%s];", dotText(n.Task), dotText(label), style)
	}
	for _, e := range graph.Edges {
		var attributes []string
		if e.Kind == "data" {
			attributes = append(attributes, "style=dashed")
		}
		if window := strings.Trim(windowText(e), " []"); window != "" {
			attributes = append(attributes, "label="+dotText(window))
		}
		line := dotText(e.Parent) + " -> " + dotText(e.Child)
		if len(attributes) > 0 {
			line += " [" + strings.Join(attributes, ", ") + "]"
		}
		a.print("  %s;", line)
	}
	a.print("}")
}

// dotText is text in quotes as Graphviz reads it.
func dotText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(printable(text)) + `"`
}
