package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

// memberCommand is capri project member.
func memberCommand(a *app) *cobra.Command {
	return group("member", "Say who may edit and run the tasks of a project besides its department",
		memberListCommand(a), memberAddCommand(a), memberRemoveCommand(a))
}

func memberListCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "list PROJECT", Short: "List the members of a project", Args: arguments(1, 1),
		Example: "  capri project member list weblog",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			members, next, err := collect(limit, func(cursor string, size int) ([]wire.ProjectMember, string, error) {
				page, err := c.ProjectMembers(ctx, args[0], cursor, size)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			return showList(a, members, next, func(m wire.ProjectMember) string { return m.User }, func() {
				k := a.clock(ctx, c)
				rows := make([]row, len(members))
				for i, m := range members {
					rows[i] = row{m.User, m.Title, m.AddedBy, k.at(m.AddedAt)}
				}
				a.table([]string{"MEMBER", "TITLE", "ADDED BY", k.header("AT")}, rows)
			})
		}),
	}
	limitFlag(cmd, &limit, 0)
	return cmd
}

func memberAddCommand(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "add PROJECT USER", Short: "Make a user a member of a project", Args: arguments(2, 2),
		Example: "  capri project member add weblog ann",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			member, err := c.AddProjectMember(ctx, args[0], wire.UserReasonRequest{User: args[1], Reason: reason})
			if err != nil {
				return err
			}
			return a.show(member, []string{member.User}, func() {
				a.say("%s may edit and run the tasks of %s, if a developer or more; capri user get %s shows the role", member.User, args[0], member.User)
			})
		}),
	}
	reasonFlag(cmd, &reason)
	return cmd
}

func memberRemoveCommand(a *app) *cobra.Command {
	r := removal{app: a}
	cmd := &cobra.Command{
		Use: "remove PROJECT USER --reason TEXT", Short: "End a membership", Args: arguments(2, 2),
		Example: "  capri project member remove weblog bob --reason 'has moved'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			done := args[1] + " is no member of " + args[0] + " any more; the tasks it owns there stay its own"
			return r.run(ctx, "Take "+args[1]+" out of project "+args[0]+"?", done, func(ctx context.Context, c *wire.Client) error {
				return c.RemoveProjectMember(ctx, args[0], args[1], wire.ReasonRequest{Reason: r.reason})
			})
		}),
	}
	r.flags(cmd)
	return cmd
}
