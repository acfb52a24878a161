package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// Client takes events from a hub. It is for one goroutine.
type Client struct {
	hub     *Hub
	filter  Filter
	at      uint64          // position in the ring
	top     int64           // the newest instant it was told of
	pending []item          // read from the database at the beginning
	told    map[string]int  // of those, the newest seq by batch: the ring may bring them again
	said    map[string]bool // of those, alerts and changes of the roster, by key
	resync  bool            // something is missed
}

// position is what an id says: how far in which ring, and when that was.
type position struct {
	given bool
	at    int64 // milliseconds
	hub   string
	n     uint64
}

// parseID reads at.hub.position, or a bare instant in milliseconds.
func parseID(text string) (position, error) {
	if text == "" {
		return position{}, nil
	}
	bad := fault.New(fault.Usage, "%q is not the id of an event", text).WithHint("give one that the stream has sent, or UTC milliseconds")
	parts := strings.Split(text, ".")
	at, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || at < 0 || len(parts) != 1 && len(parts) != 3 {
		return position{}, bad
	}
	p := position{given: true, at: at}
	if len(parts) == 3 {
		n, err := strconv.ParseUint(parts[2], 10, 64)
		if err != nil {
			return position{}, bad
		}
		p.hub, p.n = parts[1], n
	}
	return p, nil
}

// id says where a client is, for coming back.
func (c *Client) id() string { return fmt.Sprintf("%d.%s.%d", c.top, c.hub.name, c.at) }

// begin finds the client's place: in the ring when it comes back to the same
// hub, else by the journal from a while before what it saw last.
func (c *Client) begin(ctx context.Context, p position) error {
	c.hub.mu.Lock()
	end, now := c.hub.ring.end, c.hub.looked
	_, kept := c.hub.ring.after(p.n)
	c.hub.mu.Unlock()
	c.at, c.top = end, now
	if !p.given {
		c.stands()
		return nil
	}
	if p.hub == c.hub.name && kept {
		c.at, c.top = p.n, p.at
		return nil
	}
	c.stands()
	if now-p.at > oldest.Milliseconds() {
		c.resync = true
		return nil
	}
	return c.catchUp(ctx, p.at-overlap.Milliseconds())
}

// stands gives a new client how workers, operations, incidents and the cluster stand.
func (c *Client) stands() {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(c.hub.stands)) {
		c.pending = append(c.pending, c.hub.stands[key])
	}
}

// catchUp reads what has happened since an instant. The ring goes on from where
// it was before that was read, so what both have is dropped later.
func (c *Client) catchUp(ctx context.Context, since int64) error {
	c.told, c.said = map[string]int{}, map[string]bool{}
	return c.hub.cfg.DB.View(ctx, func(t *store.ViewTx) error {
		if c.filter.wants(wire.TopicBatch) {
			keys, err := t.EventKeys(ctx, store.EventKey{At: since}, maxFlush+1)
			if err != nil {
				return err
			}
			if len(keys) > maxFlush {
				c.resync = true
				return nil
			}
			happened, err := t.Happenings(ctx, keys)
			if err != nil {
				return err
			}
			for _, i := range batchItems(happened) {
				c.told[i.key] = i.event.Batch.Seq
				c.pending = append(c.pending, i)
			}
		}
		said, err := saidSince(ctx, t, since, maxFlush)
		for _, i := range said {
			c.said[i.key] = true
		}
		c.pending = append(c.pending, said...)
		return err
	})
}

// Next waits until there is something for this client, or until the time is up.
// resync says that something is missed: what the client has is to be read anew.
func (c *Client) Next(ctx context.Context, wait time.Duration) (events []wire.LiveEvent, resync bool, id string, err error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		c.hub.mu.Lock()
		items, kept := c.hub.ring.after(c.at)
		news := c.hub.news
		end, looked := c.hub.ring.end, c.hub.looked
		c.hub.mu.Unlock()
		events, resync = c.take(items, kept, end)
		c.top = max(c.top, looked)
		if len(events) > 0 || resync {
			return events, resync, c.id(), nil
		}
		select {
		case <-ctx.Done():
			return nil, false, "", ctx.Err()
		case <-timer.C:
			return nil, false, c.id(), nil
		case <-news:
		}
	}
}

// take turns what the ring has into events.
func (c *Client) take(items []item, kept bool, end uint64) (events []wire.LiveEvent, resync bool) {
	var mine []item
	for n := range c.pending {
		if c.filter.takes(&c.pending[n]) {
			mine = append(mine, c.pending[n])
		}
	}
	for n := range items {
		if c.filter.takes(&items[n]) && !c.had(&items[n]) {
			mine = append(mine, items[n])
		}
	}
	resync = c.resync || !kept || len(mine) > maxFlush
	c.at, c.pending, c.resync = end, nil, false
	if resync {
		return nil, true
	}
	for _, i := range coalesce(mine) {
		events = append(events, i.event)
	}
	return events, false
}

// had tells that an item was read from the database already.
func (c *Client) had(i *item) bool {
	switch {
	case i.event.Batch != nil:
		seq, told := c.told[i.key]
		return told && i.event.Batch.Seq <= seq
	case i.event.Alert != nil || i.event.Duty != nil:
		return c.said[i.key]
	}
	return false
}

// Close ends the client's part.
func (c *Client) Close() { c.hub.leave(c) }
