package wire

import "context"

// Queue is what waits for nothing but a worker, and what workers there are: what
// decides how many there should be.
type Queue struct {
	At     int64        `json:"at"`    // when it was counted
	Ready  int          `json:"ready"` // batches
	Groups []QueueGroup `json:"groups"`
}

// QueueGroup is the queue before one group of workers.
type QueueGroup struct {
	Group       string          `json:"group"`
	Ready       int             `json:"ready"`
	OldestAt    int64           `json:"oldestAt,omitempty"` // since when the oldest waits
	Priorities  []QueuePriority `json:"priorities"`
	Workers     int             `json:"workers"` // alive and switched on
	SlotsTotal  int             `json:"slotsTotal"`
	SlotsUsed   int             `json:"slotsUsed"`
	SlotsFree   int             `json:"slotsFree"`
	SlotsWanted int             `json:"slotsWanted"` // with so many all that is ready would run at once
}

// QueuePriority is what of a queue has one priority; 0 is the most urgent.
type QueuePriority struct {
	Priority int   `json:"priority"`
	Ready    int   `json:"ready"`
	OldestAt int64 `json:"oldestAt"`
}

// Queue returns what waits for workers.
func (c *Client) Queue(ctx context.Context) (Queue, error) {
	var queue Queue
	err := c.get(ctx, "/queue", nil, &queue)
	return queue, err
}
