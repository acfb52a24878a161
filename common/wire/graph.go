package wire

import (
	"context"
	"net/url"

	"capricornus/common/batch"
)

// GraphNode is one task of a graph, with its place in the picture.
type GraphNode struct {
	Task     string `json:"task"`
	Title    string `json:"title,omitempty"`
	Project  string `json:"project"`
	Owner    string `json:"owner"`
	Period   string `json:"period"`
	Layer    string `json:"layer,omitempty"` // the label of that name
	Group    string `json:"group,omitempty"`
	Enabled  bool   `json:"enabled"`
	MoreUp   int    `json:"moreUp,omitempty"`   // parents that are not in the picture
	MoreDown int    `json:"moreDown,omitempty"` // children that are not in the picture
	Rank     int    `json:"rank"`               // the longest way to it, within the picture
	X        int    `json:"x"`
	Y        int    `json:"y"`
	Batch    string `json:"batch,omitempty"` // whose state this is, when states are asked for
	State    string `json:"state,omitempty"` // waiting, assigned, running, or a result
}

// GraphEdge says that batches of Child wait for batches of Parent.
type GraphEdge struct {
	Parent string `json:"parent"`
	Child  string `json:"child"`
	Kind   string `json:"kind"`          // logic: the child names the parent; data: it reads what the parent makes
	Window string `json:"window"`        // which batches: default, offset -1, range -7..-1, last
	Via    []int  `json:"via,omitempty"` // x on each rank between, for an edge that passes over some
}

// GraphGroup is a project or layer of the picture.
type GraphGroup struct {
	Name   string         `json:"name"`
	Tasks  int            `json:"tasks"`
	States map[string]int `json:"states,omitempty"`
	Rank   int            `json:"rank"`
	X      int            `json:"x"`
	Y      int            `json:"y"`
}

// GraphLink is how many dependencies lead from one group to another.
type GraphLink struct {
	Parent string `json:"parent"`
	Child  string `json:"child"`
	Count  int    `json:"count"`
}

// GraphLimit bounds a picture.
type GraphLimit struct {
	Nodes int `json:"nodes"`
	Edges int `json:"edges"`
}

// Graph is a picture of tasks and their dependencies. Positions are in
// hundredths of the distance between two tasks.
type Graph struct {
	Version   string       `json:"version"` // equal versions are equal graphs of all tasks
	Mode      string       `json:"mode"`
	Focus     string       `json:"focus,omitempty"`
	To        string       `json:"to,omitempty"`
	Nodes     []GraphNode  `json:"nodes"`
	Edges     []GraphEdge  `json:"edges"`
	Groups    []GraphGroup `json:"groups,omitempty"`
	Links     []GraphLink  `json:"links,omitempty"` // between groups
	Width     int          `json:"width"`
	Height    int          `json:"height"`
	Total     int          `json:"total"`     // tasks that belong in the picture
	Truncated bool         `json:"truncated"` // not all of them, or of their edges, are in it
	Limit     GraphLimit   `json:"limit"`
}

// GraphQuery chooses a picture. Zero values are left to the master.
type GraphQuery struct {
	Task     string
	To       string // with mode path
	Mode     string // near, ancestors, descendants, path, project, all
	Up, Down int    // levels, with mode near; -1: none
	Project  string
	Group    string // project or layer
	Collapse bool   // groups only
	State    string // now, or a work number
}

// BatchNode is one batch of a picture.
type BatchNode struct {
	Ref       string `json:"ref"` // task/workNo.run; task/workNo when there is no such batch
	Task      string `json:"task"`
	State     string `json:"state"` // waiting, assigned, running, a result, or missing
	Finish    string `json:"finish"`
	Host      string `json:"host,omitempty"`
	StartedAt int64  `json:"startedAt,omitempty"`
	EndedAt   int64  `json:"endedAt,omitempty"`
	Unmet     int    `json:"unmet,omitempty"`
	Level     int    `json:"level"` // 0 the batch itself, -1 its parents, 1 its children
	Rank      int    `json:"rank"`
	X         int    `json:"x"`
	Y         int    `json:"y"`
}

// BatchEdge says that a batch waits, or has waited, for another.
type BatchEdge struct {
	Parent string `json:"parent"`
	Child  string `json:"child"`
	Kind   string `json:"kind"` // logic or data
	Met    bool   `json:"met"`
}

// BatchGraph is a batch with the batches around it.
type BatchGraph struct {
	Focus     string      `json:"focus"`
	Depth     int         `json:"depth"`
	Nodes     []BatchNode `json:"nodes"`
	Edges     []BatchEdge `json:"edges"`
	Width     int         `json:"width"`
	Height    int         `json:"height"`
	Truncated bool        `json:"truncated"`
	Limit     int         `json:"limit"` // of batches
}

// ImpactCount is how many tasks of a project, or of an owner, are affected.
type ImpactCount struct {
	Name  string `json:"name"`
	Tasks int    `json:"tasks"`
}

// Impact is what hangs on a task: all its descendants, counted.
type Impact struct {
	Task     string        `json:"task"`
	Total    int           `json:"total"`
	Levels   int           `json:"levels"` // of the longest way down
	Projects []ImpactCount `json:"projects"`
	Owners   []ImpactCount `json:"owners"`
	Periods  []ImpactCount `json:"periods"`
}

// Graph draws tasks and their dependencies.
func (c *Client) Graph(ctx context.Context, q GraphQuery) (Graph, error) {
	values := params("task", q.Task, "to", q.To, "mode", q.Mode, "project", q.Project, "group", q.Group, "state", q.State)
	for name, levels := range map[string]int{"up": q.Up, "down": q.Down} {
		switch {
		case levels > 0:
			values.Set(name, number(int64(levels)))
		case levels < 0:
			values.Set(name, "0")
		}
	}
	if q.Collapse {
		values.Set("collapse", "true")
	}
	var graph Graph
	err := c.get(ctx, "/graph", values, &graph)
	return graph, err
}

// GraphOfBatch draws a batch with its parents and children, depth levels of each;
// 0: the master's own.
func (c *Client) GraphOfBatch(ctx context.Context, ref batch.Ref, depth int) (BatchGraph, error) {
	var graph BatchGraph
	err := c.get(ctx, "/graph"+"/batch"+batchPath(ref, "")[len("/batches"):], params("depth", number(int64(depth))), &graph)
	return graph, err
}

// Impact counts what hangs on a task.
func (c *Client) Impact(ctx context.Context, task string) (Impact, error) {
	var impact Impact
	err := c.get(ctx, "/graph/impact", url.Values{"task": {task}}, &impact)
	return impact, err
}
