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
