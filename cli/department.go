package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func number64(n int64) string { return strconv.FormatInt(n, 10) }

func departmentCommand(a *app) *cobra.Command {
	return group("department", "Look at departments, which own users and projects; add, rename and delete them",
		departmentListCommand(a), departmentAddCommand(a), departmentRenameCommand(a), departmentDeleteCommand(a))
}

func departmentListCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List the departments", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			departments, next, err := collect(limit, func(cursor string, size int) ([]wire.Department, string, error) {
				page, err := c.Departments(ctx, cursor, size)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			return showList(a, departments, next, func(d wire.Department) string { return d.Name }, func() {
				rows := make([]row, len(departments))
				for i, d := range departments {
					rows[i] = row{d.Name, d.Users, d.Projects}
				}
				a.table([]string{"DEPARTMENT", "USERS", "PROJECTS"}, rows)
			})
		}),
	}
	limitFlag(cmd, &limit, 0)
	return cmd
}

func departmentAddCommand(a *app) *cobra.Command {
	var request wire.NameRequest
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Add a department", Args: arguments(1, 1),
		Example: "  capri department add warehouse",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			request.Name = args[0]
			department, err := c.CreateDepartment(ctx, request)
			if err != nil {
				return err
			}
			return a.show(department, []string{department.Name}, func() {
				a.say("department %s is added; capri user set NAME --department %s puts users into it", department.Name, department.Name)
			})
		}),
	}
	reasonFlag(cmd, &request.Reason)
	return cmd
}

func departmentRenameCommand(a *app) *cobra.Command {
	var request wire.NameRequest
	cmd := &cobra.Command{
		Use: "rename OLD NEW", Short: "Give a department another name", Args: arguments(2, 2),
		Example: "  capri department rename dw warehouse",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			request.Name = args[1]
			department, err := c.RenameDepartment(ctx, args[0], request)
			if err != nil {
				return err
			}
			return a.show(department, []string{department.Name}, func() {
				a.say("department %s is called %s now, with all its users and projects", args[0], department.Name)
			})
		}),
	}
	reasonFlag(cmd, &request.Reason)
	return cmd
}

func departmentDeleteCommand(a *app) *cobra.Command {
	r := removal{app: a}
	cmd := &cobra.Command{
		Use: "delete NAME --reason TEXT", Short: "Delete a department that nobody is in", Args: arguments(1, 1),
		Example: "  capri department delete dw --reason 'merged into warehouse'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			return r.run(ctx, "Delete department "+args[0]+"?", "department "+args[0]+" is deleted", func(ctx context.Context, c *wire.Client) error {
				return c.DeleteDepartment(ctx, args[0], wire.ReasonRequest{Reason: r.reason})
			})
		}),
	}
	r.flags(cmd)
	return cmd
}
