package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func opCommand(a *app) *cobra.Command {
	return group("op", "Look at operations: cold starts, reruns, bulk commands", opListCommand(a), opShowCommand(a))
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
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 1 {
				return fault.New(fault.Usage, "%q is not the id of an operation: write a number", args[0])
			}
			operation, err := c.Operation(ctx, id)
			if err != nil {
				return err
			}
			return a.show(operation, []string{args[0]}, func() { a.operationDetail(a.clock(ctx, c), operation) })
		}),
	}
}

func (a *app) operationDetail(k clock, o wire.Operation) {
	a.fields(
		"Operation", o.ID, "Kind", o.Kind, "State", cell{o.State, operationColor(o)}, "Author", o.Author,
		"Reason", o.Reason, "Created", k.full(o.CreatedAt),
		"Batches", fmt.Sprintf("%d of %d made, %d done, %d failed, %d skipped", o.Created, o.Total, o.Done, o.Failed, o.Skipped),
	)
}

func (a *app) operationTable(k clock, operations []wire.Operation) {
	rows := make([]row, len(operations))
	for i, o := range operations {
		rows[i] = row{
			o.ID, o.Kind, cell{o.State, operationColor(o)}, o.Author, k.at(o.CreatedAt),
			o.Total, o.Created, o.Done, o.Failed, o.Skipped, o.Reason,
		}
	}
	a.table([]string{"ID", "KIND", "STATE", "AUTHOR", k.header("CREATED AT"), "TOTAL", "MADE", "DONE", "FAILED", "SKIPPED", "REASON"}, rows)
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
