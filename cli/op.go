package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func opCommand(a *app) *cobra.Command {
	return group("op", "Look at operations, cancel and resume them: cold starts, reruns, bulk commands",
		opListCommand(a), opShowCommand(a), opItemsCommand(a), opWatchCommand(a), opCancelCommand(a), opResumeCommand(a))
}

func opListCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List operations, newest first", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			if limit < 1 {
				return fault.New(fault.Usage, "--limit %d is too small: write 1 or more", limit)
			}
			list, err := someOperations(ctx, c, limit)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(o wire.Operation) string { return strconv.FormatInt(o.ID, 10) })
			err = a.show(list, names, func() { a.operationTable(a.clock(ctx, c), list.Items) })
			a.moreThan(list.Next, len(list.Items))
			return err
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "at most `N`")
	return cmd
}

func someOperations(ctx context.Context, c *wire.Client, limit int) (wire.OperationList, error) {
	list := wire.OperationList{Items: []wire.Operation{}}
	for {
		page, err := c.Operations(ctx, list.Next, nextPage(limit, len(list.Items)))
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, page.Items...)
		list.Next = page.Next
		if page.Next == "" || len(page.Items) == 0 || len(list.Items) >= limit {
			return list, nil
		}
	}
}

func opShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show an operation and its progress", Args: arguments(1, 1),
		Example: "  capri op show 1147",
		RunE: a.callOperation(func(ctx context.Context, c *wire.Client, id int64) error {
			operation, err := c.Operation(ctx, id)
			if err != nil {
				return err
			}
			return a.showOperation(ctx, c, operation)
		}),
	}
}

// callOperation makes the body of a command about one operation.
func (a *app) callOperation(body func(ctx context.Context, c *wire.Client, id int64) error) func(*cobra.Command, []string) error {
	return a.do(func(ctx context.Context, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || id < 1 {
			return fault.New(fault.Usage, "%q is not the id of an operation: write a number", args[0])
		}
		c, err := a.client()
		if err != nil {
			return err
		}
		return body(ctx, c, id)
	})
}

func (a *app) showOperation(ctx context.Context, c *wire.Client, operation wire.Operation) error {
	names := []string{strconv.FormatInt(operation.ID, 10)}
	return a.show(operation, names, func() { a.operationDetail(a.clock(ctx, c), operation) })
}

func (a *app) operationDetail(k clock, o wire.Operation) {
	a.fields(
		"Operation", o.ID, "Kind", o.Kind, "State", cell{o.State, operationColor(o)}, "Author", o.Author, "Request", o.RequestID,
		"Reason", o.Reason, "Created", k.full(o.CreatedAt), "Ended", k.full(o.EndedAt), "Batches", operationCounts(o),
		"Asked for", askedFor(k, o.Request),
	)
}

// askedFor says what an operation came of, as the flags that ask for it.
func askedFor(k clock, r *wire.PlanRequest) string {
	if r == nil {
		return ""
	}
	var out []string
	for _, f := range []struct{ name, value string }{
		{"period", r.Period}, {"from", r.From}, {"to", r.To}, {"project", r.Project}, {"tasks", few(r.Tasks)}, {"mode", r.Mode}, {"cascade", r.Cascade},
		{"exclude", few(r.Exclude)}, {"batches", few(r.Refs)}, {"state", r.State}, {"host", r.Host}, {"result", r.Result},
	} {
		if f.value != "" {
			out = append(out, f.name+" "+f.value)
		}
	}
	if r.Until != 0 {
		out = append(out, "until "+k.full(r.Until))
	}
	if r.Operation != 0 {
		out = append(out, "operation "+number64(r.Operation))
	}
	return strings.Join(out, ", ")
}

// few are the first of many names.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, " ")
	}
	return strings.Join(names[:most], " ") + fmt.Sprintf(" and %d more", len(names)-most)
}

// operationCounts says how far an operation is: a command changes batches and
// may find some that it cannot change any more, the others make batches, which
// end well or not.
func operationCounts(o wire.Operation) string {
	text := fmt.Sprintf("%d of %d made, %d done, %d failed", o.Created, o.Total, o.Done, o.Failed)
	if commands(o.Kind) {
		text = fmt.Sprintf("%d of %d %s, %d left alone", o.Created, o.Total, pastOf(o.Kind), o.Failed)
	}
	text += fmt.Sprintf(", %d skipped", o.Skipped)
	if o.Blocked > 0 {
		text += fmt.Sprintf(", %d blocked", o.Blocked)
	}
	return text
}

// commands reports whether operations of a kind change batches, and make none.
func commands(kind string) bool { return planVerb(kind) != "make" }

func (a *app) operationTable(k clock, operations []wire.Operation) {
	rows := make([]row, len(operations))
	for i, o := range operations {
		rows[i] = row{
			o.ID, o.Kind, cell{o.State, operationColor(o)}, o.Author, k.at(o.CreatedAt),
			o.Total, o.Created, o.Done, o.Failed, o.Skipped, o.Blocked, o.Reason,
		}
	}
	a.table([]string{"ID", "KIND", "STATE", "AUTHOR", k.header("CREATED AT"), "TOTAL", "MADE", "DONE", "FAILED", "SKIPPED", "BLOCKED", "REASON"}, rows)
}

func operationColor(o wire.Operation) color {
	switch {
	case o.Failed > 0:
		return red
	case o.State == "done":
		return green
	case o.State == "cancelled":
		return grey
	}
	return blue
}
