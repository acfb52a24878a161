package wire

import (
	"context"
	"net/url"
	"strconv"

	"capricornus/common/batch"
)

// Apply saves task files, all or none of them.
func (c *Client) Apply(ctx context.Context, request ApplyRequest) (ApplyReply, error) {
	var reply ApplyReply
	err := c.post(ctx, "/tasks/apply", request, &reply)
	return reply, err
}

// Lint checks task files against what the cluster knows and saves nothing.
func (c *Client) Lint(ctx context.Context, request ApplyRequest) (ApplyReply, error) {
	var reply ApplyReply
	err := c.post(ctx, "/tasks/lint", request, &reply)
	return reply, err
}

// Task returns one task with its definition.
func (c *Client) Task(ctx context.Context, name string) (TaskDetail, error) {
	var detail TaskDetail
	err := c.get(ctx, "/tasks/"+url.PathEscape(name), nil, &detail)
	return detail, err
}

// RunTask executes a task now.
func (c *Client) RunTask(ctx context.Context, name string) (ExecuteReply, error) {
	var reply ExecuteReply
	err := c.post(ctx, "/tasks/"+url.PathEscape(name)+"/run", struct{}{}, &reply)
	return reply, err
}

// BatchQuery chooses batches. From and To bound the schedule time.
type BatchQuery struct {
	Task    string
	Project string
	State   string
	From    string
	To      string
	Late    bool
	Limit   int // 0: the master's own
	Cursor  string
}

// Batches returns one page of batches, newest schedule time first.
func (c *Client) Batches(ctx context.Context, query BatchQuery) (BatchList, error) {
	var list BatchList
	values := params("task", query.Task, "project", query.Project, "state", query.State,
		"from", query.From, "to", query.To, "cursor", query.Cursor, "limit", number(int64(query.Limit)))
	if query.Late {
		values.Set("late", "true")
	}
	err := c.get(ctx, "/batches", values, &list)
	return list, err
}

// Batch returns one batch with its attempts and dependencies.
func (c *Client) Batch(ctx context.Context, ref batch.Ref) (BatchDetail, error) {
	var detail BatchDetail
	err := c.get(ctx, batchPath(ref, ""), nil, &detail)
	return detail, err
}

// Why explains what a batch waits for, or where its time went.
func (c *Client) Why(ctx context.Context, ref batch.Ref) (Why, error) { return c.WhyIn(ctx, ref, "") }

// WhyIn is Why in a language: en or zh, the master's own when it is empty.
func (c *Client) WhyIn(ctx context.Context, ref batch.Ref, lang string) (Why, error) {
	var why Why
	err := c.get(ctx, batchPath(ref, "/why"), params("lang", lang), &why)
	return why, err
}

// Events returns the journal of a batch.
func (c *Client) Events(ctx context.Context, ref batch.Ref) (EventList, error) {
	var list EventList
	err := c.get(ctx, batchPath(ref, "/events"), nil, &list)
	return list, err
}

// Plan asks what a cold start would do; it changes nothing.
func (c *Client) Plan(ctx context.Context, request PlanRequest) (Plan, error) {
	var plan Plan
	err := c.post(ctx, "/plans", request, &plan)
	return plan, err
}

// ApplyPlan does what a plan that was seen says, unless the world has changed.
func (c *Client) ApplyPlan(ctx context.Context, plan Plan) (Operation, error) {
	var operation Operation
	path := "/plans/" + strconv.FormatInt(plan.ID, 10) + "/apply"
	err := c.post(ctx, path, ApplyPlanRequest{Fingerprint: plan.Fingerprint}, &operation)
	return operation, err
}

// Operations returns a page of operations, newest first.
func (c *Client) Operations(ctx context.Context, cursor string, limit int) (OperationList, error) {
	var list OperationList
	err := c.get(ctx, "/operations", params("cursor", cursor, "limit", number(int64(limit))), &list)
	return list, err
}

// Operation returns one operation with its progress.
func (c *Client) Operation(ctx context.Context, id int64) (Operation, error) {
	var operation Operation
	err := c.get(ctx, "/operations/"+strconv.FormatInt(id, 10), nil, &operation)
	return operation, err
}

// Announce says that data of an external system has arrived.
func (c *Client) Announce(ctx context.Context, request ThirdPartyRequest) error {
	return c.post(ctx, "/third-parties", request, nil)
}

// Hosts lists the workers.
func (c *Client) Hosts(ctx context.Context) (HostList, error) {
	var list HostList
	err := c.get(ctx, "/hosts", nil, &list)
	return list, err
}

// Services lists the duties of the masters.
func (c *Client) Services(ctx context.Context) (ServiceList, error) {
	var list ServiceList
	err := c.get(ctx, "/services", nil, &list)
	return list, err
}

// RunService wakes a duty of the leader.
func (c *Client) RunService(ctx context.Context, name string) error {
	return c.post(ctx, "/services/"+url.PathEscape(name)+"/run", struct{}{}, nil)
}

// Status says who serves, who leads, and in which zone.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var status Status
	err := c.get(ctx, "/status", nil, &status)
	return status, err
}

// batchPath is the path of a batch: its run is workNo, or workNo.run.
func batchPath(ref batch.Ref, rest string) string {
	run := ref.WorkNo
	if ref.Run != batch.AnyRun {
		run += "." + strconv.Itoa(ref.Run)
	}
	return "/batches/" + url.PathEscape(ref.Task) + "/" + url.PathEscape(run) + rest
}

// params makes a query of names and values, leaving out what is empty.
func params(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	return values
}

// number writes a number for params, nothing for 0.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
