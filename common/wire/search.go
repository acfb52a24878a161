package wire

import "context"

// Found is one thing that a search has found.
type Found struct {
	Kind    string `json:"kind"`           // task, batch, host, operation, project, user
	Name    string `json:"name"`           // what a call or command takes
	Text    string `json:"text,omitempty"` // title, state, or who
	Project string `json:"project,omitempty"`
	Match   string `json:"match"` // exact, prefix, or part
}

// FoundGroup is what was found of one kind, the best first.
type FoundGroup struct {
	Kind  string  `json:"kind"`
	Items []Found `json:"items"`
	More  bool    `json:"more,omitempty"` // there is more than is listed
}

// SearchReply lists what was found, by kind.
type SearchReply struct {
	Query  string       `json:"query"`
	Groups []FoundGroup `json:"groups"`
}

// Search looks for tasks, batches, workers, operations, projects and users.
func (c *Client) Search(ctx context.Context, text string, limit int) (SearchReply, error) {
	var reply SearchReply
	err := c.get(ctx, "/search", params("q", text, "limit", number(int64(limit))), &reply)
	return reply, err
}
