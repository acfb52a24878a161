package wire

import (
	"context"
	"net/url"
)

// WorkerGroup is a group of workers, with how many use it.
type WorkerGroup struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Enabled     bool   `json:"enabled"`
	Declared    bool   `json:"declared"` // false: workers or tasks name it, and nobody has put it
	Workers     int    `json:"workers"`
	Tasks       int    `json:"tasks"`
}

// WorkerGroupList is a page of groups by name.
type WorkerGroupList struct {
	Items []WorkerGroup `json:"items"`
	Next  string        `json:"next,omitempty"`
}

// WorkerGroupRequest declares a group, or describes it anew. Whether it is
// enabled stays as it is.
type WorkerGroupRequest struct {
	Description string `json:"description,omitempty"`
	Reason      string `json:"reason,omitempty"`
}

// WorkerGroups returns a page of the worker groups.
func (c *Client) WorkerGroups(ctx context.Context, cursor string, limit int) (WorkerGroupList, error) {
	var list WorkerGroupList
	err := c.get(ctx, "/worker-groups", params("cursor", cursor, "limit", number(int64(limit))), &list)
	return list, err
}

// PutWorkerGroup declares a worker group, or describes it anew.
func (c *Client) PutWorkerGroup(ctx context.Context, name string, request WorkerGroupRequest) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, "/worker-groups/"+url.PathEscape(name), request, &reply)
	return reply, err
}

// TurnWorkerGroup enables, disables or deletes a worker group; verb says which.
func (c *Client) TurnWorkerGroup(ctx context.Context, verb, name, reason string) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, "/worker-groups/"+url.PathEscape(name)+"/"+verb, ReasonRequest{Reason: reason}, &reply)
	return reply, err
}
