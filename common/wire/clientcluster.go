package wire

import (
	"context"
	"net/url"
)

// Cluster describes the masters, the database and the duties, as the master
// that is asked sees them.
func (c *Client) Cluster(ctx context.Context) (Cluster, error) {
	var cluster Cluster
	err := c.get(ctx, "/cluster", nil, &cluster)
	return cluster, err
}

// Transfer hands leadership to a master; an empty node: to the most up to date one.
func (c *Client) Transfer(ctx context.Context, request MemberRequest) (ClusterReply, error) {
	var reply ClusterReply
	err := c.post(ctx, "/cluster/transfer", request, &reply)
	return reply, err
}

// JoinMaster takes a master into the cluster.
func (c *Client) JoinMaster(ctx context.Context, request JoinRequest) (ClusterReply, error) {
	var reply ClusterReply
	err := c.post(ctx, "/cluster/members", request, &reply)
	return reply, err
}

// RemoveMaster takes a master out of the cluster for good.
func (c *Client) RemoveMaster(ctx context.Context, node, reason string) (ClusterReply, error) {
	var reply ClusterReply
	err := c.post(ctx, "/cluster/members/"+url.PathEscape(node)+"/remove", MemberRequest{Reason: reason}, &reply)
	return reply, err
}
