package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func groupCommand(a *app) *cobra.Command {
	return group("group", "Look at groups of workers, declare them, switch them off", groupListCommand(a), groupPutCommand(a),
		groupTurnCommand(a, "enable", "Let the workers of groups have batches again"),
		groupTurnCommand(a, "disable", "Let the workers of groups finish, and have nothing new"),
		groupTurnCommand(a, "delete", "Delete groups that no worker and no task names"))
}

func groupListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the groups, with how many workers and tasks name them", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			all := wire.WorkerGroupList{Items: []wire.WorkerGroup{}}
			for {
				page, err := c.WorkerGroups(ctx, all.Next, pageSize)
				if err != nil {
					return err
				}
				all.Items, all.Next = append(all.Items, page.Items...), page.Next
				if page.Next == "" || len(page.Items) == 0 {
					break
				}
			}
			return a.show(all, namesOf(all.Items, func(g wire.WorkerGroup) string { return g.Name }), func() { a.groupTable(all.Items) })
		}),
	}
}

func (a *app) groupTable(groups []wire.WorkerGroup) {
	rows := make([]row, len(groups))
	for i, g := range groups {
		is := cell{"enabled", plain}
		switch {
		case !g.Enabled:
			is = cell{"disabled", yellow}
		case !g.Declared:
			is = cell{"not declared", grey}
		}
		rows[i] = row{g.Name, is, g.Workers, g.Tasks, g.Description}
	}
	a.table([]string{"GROUP", "STATE", "WORKERS", "TASKS", "DESCRIPTION"}, rows)
}

func groupPutCommand(a *app) *cobra.Command {
	var request wire.WorkerGroupRequest
	cmd := &cobra.Command{
		Use: "put GROUP", Short: "Declare a group, or describe it anew", Args: arguments(1, 1),
		Long: `Declares a group of workers, so that people know what it is for. Workers are of it by group:
in their configuration, tasks ask for it by workers.group. Whether it is enabled stays.`,
		Example: `  capri group put gpu --description "machines with cards"`,
		RunE: a.do(func(ctx context.Context, args []string) error {
			return a.commandOne(ctx, "", true, func(ctx context.Context, c *wire.Client) (wire.CommandReply, error) {
				return c.PutWorkerGroup(ctx, args[0], request)
			})
		}),
	}
	cmd.Flags().StringVar(&request.Description, "description", "", "`TEXT` that says what it is for")
	cmd.Flags().StringVar(&request.Reason, "reason", "", "`TEXT` kept in the audit log")
	return cmd
}

// groupTurnCommand makes enable, disable or delete.
func groupTurnCommand(a *app, verb, short string) *cobra.Command {
	var reason string
	var yes bool
	cmd := &cobra.Command{
		Use: verb + " GROUP…", Short: short, Args: arguments(1, -1),
		Example: "  capri group " + verb + " night --reason 'new machines'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			question := strings.ToUpper(verb[:1]) + verb[1:] + " " + strings.Join(args, ", ")
			if verb == "enable" {
				question = ""
			}
			return a.commandEach(ctx, commanded{names: args, reason: reason, question: question, yes: yes}, func(ctx context.Context, c *wire.Client, name string) (wire.CommandReply, error) {
				return c.TurnWorkerGroup(ctx, verb, name, reason)
			})
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept in the audit log")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
