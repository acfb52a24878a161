package task

import "fmt"

// Kinds of edges, column capri_task_depend.kind.
const (
	EdgeLogic = "logic" // the child names the parent
	EdgeData  = "data"  // an input of the child is an output of the parent
)

// Edge says that batches of Child wait for batches of Parent.
type Edge struct {
	Parent string
	Child  string
	Kind   string // logic | data
	Window Window // which batches; the default for data edges
}

// Window says which batches of a parent a dependency means. The zero value is
// the default window by business interval; otherwise From and To count the
// parent's own periods back from its latest one, 0 (exactly.md 2).
type Window struct {
	Explicit bool
	Last     bool // the parent's newest existing batch
	From, To int
}

// Window returns which batches the dependency means.
func (p Parent) Window() Window {
	switch {
	case p.Last:
		return Window{Last: true}
	case p.Range != nil:
		return Window{Explicit: true, From: p.Range[0], To: p.Range[1]}
	case p.Offset != nil:
		return Window{Explicit: true, From: *p.Offset, To: *p.Offset}
	}
	return Window{}
}

// String writes the window for people and for capri_task_depend.
func (w Window) String() string {
	switch {
	case w.Last:
		return "last"
	case !w.Explicit:
		return "default"
	case w.From == w.To:
		return fmt.Sprintf("offset %d", w.From)
	}
	return fmt.Sprintf("range %d..%d", w.From, w.To)
}

// Past reports whether every batch of the window ends before the child's own
// interval ends. Following such an edge always leads to earlier periods, so a
// circle that has one comes to an end and is no deadlock.
func (w Window) Past() bool { return w.Explicit && w.To < 0 }

// Edges returns the edges among the tasks, and from parents outside of them,
// in the order of the tasks: first logic, then data.
func Edges(tasks []*Task) []Edge {
	makers := map[string][]string{}
	for _, t := range tasks {
		for _, o := range t.Spec.Outputs {
			makers[o.Path] = append(makers[o.Path], t.Metadata.Name)
		}
	}
	var edges []Edge
	for _, t := range tasks {
		name := t.Metadata.Name
		for _, p := range t.Spec.Parents {
			edges = append(edges, Edge{Parent: p.Task, Child: name, Kind: EdgeLogic, Window: p.Window()})
		}
		edges = append(edges, dataEdges(t, makers)...)
	}
	return edges
}

func dataEdges(t *Task, makers map[string][]string) []Edge {
	var edges []Edge
	seen := map[string]bool{}
	for _, in := range t.Spec.Inputs {
		for _, maker := range makers[in.Path] {
			if !seen[maker] {
				seen[maker] = true
				edges = append(edges, Edge{Parent: maker, Child: t.Metadata.Name, Kind: EdgeData})
			}
		}
	}
	return edges
}
