package cli

import (
	"net/http"
	"strings"
	"testing"

	"capricornus/common/wire"
)

// diamond is ods → dwd → two dws → ads, with a task that waits for its own past.
func diamond() wire.Graph {
	node := func(name, project string, up, down int) wire.GraphNode {
		return wire.GraphNode{Task: name, Project: project, Owner: "ann", Period: "day", Enabled: name != "dws_item", MoreUp: up, MoreDown: down}
	}
	edge := func(parent, child, kind, window string) wire.GraphEdge {
		return wire.GraphEdge{Parent: parent, Child: child, Kind: kind, Window: window}
	}
	return wire.Graph{
		Version: "v", Mode: "near", Focus: "dwd_order", Total: 5,
		Nodes: []wire.GraphNode{
			node("ads_sales", "board", 1, 2), node("dwd_order", "shop", 0, 0), node("dws_item", "shop", 0, 0),
			node("dws_user", "shop", 0, 0), node("ods_order", "shop", 3, 0),
		},
		Edges: []wire.GraphEdge{
			edge("dwd_order", "dws_item", "logic", "default"), edge("dwd_order", "dws_item", "data", "default"), edge("dwd_order", "dws_user", "logic", "range -7..-1"),
			edge("dws_item", "ads_sales", "logic", "default"), edge("dws_user", "ads_sales", "data", "default"),
			edge("dws_user", "dws_user", "logic", "offset -1"), edge("ods_order", "dwd_order", "data", "default"),
		},
	}
}

func TestTaskGraph(t *testing.T) {
	withStates := diamond()
	withStates.Nodes[0].Title = `sales "of" all`
	for i, state := range []string{"waiting", "success", "failed", "running", "success"} {
		withStates.Nodes[i].State, withStates.Nodes[i].Batch = state, withStates.Nodes[i].Task+"/20150518.0"
	}
	alone := wire.Graph{Focus: "tidy", Total: 1, Nodes: []wire.GraphNode{{Task: "tidy", Project: "shop", Period: "manual", Enabled: true}}}
	for name, c := range map[string]struct {
		args  string
		graph wire.Graph
		asked string
	}{
		"task-graph":             {"", diamond(), "up=1&down=1"},
		"task-graph-dot":         {"-o dot --state now", withStates, "state=now"},
		"task-graph-name":        {"-o name", diamond(), ""},
		"task-graph-states":      {"--state 20150518", withStates, "state=20150518"},
		"task-graph-descendants": {"--descendants", diamond(), "mode=descendants"},
		"task-graph-alone":       {"", alone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMaster(t, map[string]any{"GET /graph": c.graph})
			got := at(m).run(t, append([]string{"task", "graph", "dwd_order"}, strings.Fields(c.args)...)...)
			if got.code != exitDone {
				t.Fatalf("got %+v, want it drawn", got)
			}
			golden(t, name, got.out+got.err)
			for part := range strings.SplitSeq(c.asked, "&") {
				if call := m.calls[0]; !strings.HasPrefix(call, "GET /graph?") || !strings.Contains(call, part) {
					t.Errorf("got the call %s, want %s in it", call, part)
				}
			}
		})
	}
}

func TestTaskGraphAsksForWhatFlagsSay(t *testing.T) {
	for args, want := range map[string]string{
		"--up 0 --down 3": "GET /graph?down=3&task=a&up=0",
		"--ancestors":     "GET /graph?mode=ancestors&task=a",
		"--to b":          "GET /graph?mode=path&task=a&to=b",
	} {
		m := newMaster(t, map[string]any{"GET /graph": wire.Graph{Focus: "a", Nodes: []wire.GraphNode{{Task: "a"}}}})
		if got := at(m).run(t, append([]string{"task", "graph", "a"}, strings.Fields(args)...)...); got.code != exitDone || !m.asked(want) {
			t.Errorf("%s: got %+v and %q, want %s", args, got, m.calls, want)
		}
	}
	for args, want := range map[string]string{
		"task graph a --ancestors --descendants": "exclude each other",
		"task graph a --up -1":                   "count from 0",
		"task graph":                             "wants 1 argument",
		"task graph a -o svg":                    "table, json, yaml, name, dot",
		"task list -o dot":                       "table, json, yaml, name",
	} {
		if got := at(newMaster(t, nil)).run(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: got %+v, want %d and %q", args, got, exitUsage, want)
		}
	}
	missing := newMaster(t, map[string]any{"GET /graph": problem("NOT_FOUND", http.StatusNotFound, `there is no task "a"`)})
	if got := at(missing).run(t, "task", "graph", "a"); got.code != exitNotFound {
		t.Errorf("got %+v, want %d", got, exitNotFound)
	}
}
