package wire

import (
	"context"
	"net/url"
)

// DeadRequest says why a worker is known to be gone for good.
type DeadRequest struct {
	Reason string `json:"reason"`
}

// DeclareDead declares a silent worker dead: what counts as running there ends.
func (c *Client) DeclareDead(ctx context.Context, host, reason string) (Host, error) {
	var reply Host
	err := c.post(ctx, "/hosts/"+url.PathEscape(host)+"/dead", DeadRequest{Reason: reason}, &reply)
	return reply, err
}

// What a worker's switch can be told.
const (
	SwitchOn    = "on"
	SwitchOff   = "off"
	SwitchDrain = "drain"
)

// SwitchRequest says why a worker is switched, and until when: to an instant, or
// for so long from now.
type SwitchRequest struct {
	Reason     string `json:"reason,omitempty"`
	Until      int64  `json:"until,omitempty"` // UTC milliseconds
	ForSeconds int64  `json:"forSeconds,omitempty"`
}

// SwitchReply is the worker as it is now, and what was done in a sentence.
type SwitchReply struct {
	Host    Host   `json:"host"`
	Changed bool   `json:"changed"` // false: it stood that way already, at most reason and end are new
	Message string `json:"message"`
}

// HostDetail is one worker with what is on it.
type HostDetail struct {
	Host
	Features    []string    `json:"features"`              // what it can enforce
	LoadLimit   float64     `json:"loadLimit,omitempty"`   // per core, from which it gets nothing new
	LeaseMillis int64       `json:"leaseMillis,omitempty"` // after so much silence it ends attempts of fence tasks
	KnownAt     int64       `json:"knownAt,omitempty"`     // when this root directory of it was first heard of
	Batches     []HostBatch `json:"batches"`               // running and assigned, at most 200
	TakenAway   []HostLoss  `json:"takenAway"`             // of the last 24 hours, newest first, at most 20
}

// HostBatch is a batch that runs on a worker or is assigned to it.
type HostBatch struct {
	Ref     string `json:"ref"`
	State   string `json:"state"`
	Attempt int    `json:"attempt"`
	Since   int64  `json:"since"`
	Memory  int64  `json:"memory"`
}

// HostLoss is a batch that was taken away from a worker before it had started.
type HostLoss struct {
	Ref     string `json:"ref"`
	Attempt int    `json:"attempt"`
	At      int64  `json:"at"`
	NewHost string `json:"newHost,omitempty"` // empty: it waited again
	Reason  string `json:"reason"`
}

// Host reads one worker.
func (c *Client) Host(ctx context.Context, host string) (HostDetail, error) {
	var detail HostDetail
	err := c.get(ctx, "/hosts/"+url.PathEscape(host), nil, &detail)
	return detail, err
}

// Switch turns the switch of a worker: on, off or drain.
func (c *Client) Switch(ctx context.Context, host, position string, request SwitchRequest) (SwitchReply, error) {
	var reply SwitchReply
	err := c.post(ctx, "/hosts/"+url.PathEscape(host)+"/"+position, request, &reply)
	return reply, err
}
