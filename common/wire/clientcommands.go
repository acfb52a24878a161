package wire

import (
	"context"
	"net/url"
	"strconv"

	"capricornus/common/batch"
)

// CommandBatch kills, holds, releases or marks one batch; verb is kill, hold,
// release or mark.
func (c *Client) CommandBatch(ctx context.Context, verb string, ref batch.Ref, request CommandRequest) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, batchPath(ref, "/"+verb), request, &reply)
	return reply, err
}

// CommandTask holds or releases a task; verb is hold or release.
func (c *Client) CommandTask(ctx context.Context, verb, name string, request CommandRequest) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, "/tasks/"+url.PathEscape(name)+"/"+verb, request, &reply)
	return reply, err
}

// CommandProject holds or releases a project; verb is hold or release.
func (c *Client) CommandProject(ctx context.Context, verb, name string, request CommandRequest) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, "/projects/"+url.PathEscape(name)+"/"+verb, request, &reply)
	return reply, err
}

// Breaker trips or resets the breaker of a task or project; verb is trip or reset.
func (c *Client) Breaker(ctx context.Context, verb string, request BreakerRequest) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, "/breakers/"+verb, request, &reply)
	return reply, err
}

// Breakers returns a page of the breakers that are tripped, oldest first.
func (c *Client) Breakers(ctx context.Context, cursor string, limit int) (HoldList, error) {
	var list HoldList
	err := c.get(ctx, "/breakers", params("cursor", cursor, "limit", number(int64(limit))), &list)
	return list, err
}

// Holds returns a page of everything that is held, oldest first.
func (c *Client) Holds(ctx context.Context, cursor string, limit int) (HoldList, error) {
	var list HoldList
	err := c.get(ctx, "/holds", params("cursor", cursor, "limit", number(int64(limit))), &list)
	return list, err
}

// TurnOperation cancels or resumes an operation; verb is cancel or resume.
func (c *Client) TurnOperation(ctx context.Context, verb string, id int64, reason string) (Operation, error) {
	var operation Operation
	err := c.post(ctx, operationPath(id, "/"+verb), ReasonRequest{Reason: reason}, &operation)
	return operation, err
}

// ItemQuery selects items of an operation; zero values select all.
type ItemQuery struct {
	Decision string // create | change | skip | block | fail
	State    string // of its batch: a state or a result
	Cursor   string
	Limit    int
}

// OperationItems returns a page of an operation's items, in the order of its plan.
func (c *Client) OperationItems(ctx context.Context, id int64, q ItemQuery) (OperationItemList, error) {
	var list OperationItemList
	err := c.get(ctx, operationPath(id, "/items"), params("decision", q.Decision, "state", q.State, "cursor", q.Cursor, "limit", number(int64(q.Limit))), &list)
	return list, err
}

func operationPath(id int64, rest string) string {
	return "/operations/" + strconv.FormatInt(id, 10) + rest
}
