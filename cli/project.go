package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/wire"
)

func projectCommand(a *app) *cobra.Command {
	return group("project", "Look at projects, hold, release and delete them", projectListCommand(a), projectGetCommand(a), projectDeleteCommand(a), memberCommand(a),
		objectCommand(a, "PROJECT", "hold", "Keep all batches of a project from being assigned", (*wire.Client).CommandProject),
		objectCommand(a, "PROJECT", "release", "Let the batches of a held project go", (*wire.Client).CommandProject))
}

func projectListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List projects, and what holds them", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := c.Projects(ctx)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(p wire.Project) string { return p.Name })
			return a.show(list, names, func() { a.projectTable(list.Items) })
		}),
	}
}

func (a *app) projectTable(projects []wire.Project) {
	rows := make([]row, len(projects))
	for i, p := range projects {
		rows[i] = row{p.Name, p.Title, p.Owner, p.Tasks, cell{dash(heldBy(p.Holds)), yellow}}
	}
	a.table([]string{"PROJECT", "TITLE", "OWNER", "TASKS", "HELD BY"}, rows)
}

// heldBy says who holds something, and why.
func heldBy(holds []wire.Hold) string {
	held := make([]string, len(holds))
	for n, h := range holds {
		held[n] = h.Source + " " + h.Actor + ": " + h.Reason
	}
	return strings.Join(held, "; ")
}

func projectGetCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "get PROJECT", Short: "Show a project and its definition", Args: arguments(1, 1),
		Example: "  capri project get weblog",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			p, err := c.Project(ctx, args[0])
			if err != nil {
				return err
			}
			return a.show(p, []string{p.Name}, func() {
				a.fields("Project", p.Name, "Title", p.Title, "Owner", p.Owner, "Department", p.Department,
					"Tasks", fmt.Sprintf("%d, %d of them enabled", p.Tasks, p.Enabled), "Held by", cell{heldBy(p.Holds), yellow})
				a.print("")
				a.file(p.YAML)
			})
		}),
	}
}

func projectDeleteCommand(a *app) *cobra.Command {
	var reason string
	var yes bool
	cmd := &cobra.Command{
		Use: "delete PROJECT…", Short: "Delete projects that have no tasks", Args: arguments(1, -1),
		Example: "  capri project delete weblog --reason 'moved to another cluster'",
		Long: `Deletes projects. One that has tasks is refused: delete them first, or apply them with
another project. Applied again, the name is the same project.`,
		RunE: a.do(func(ctx context.Context, args []string) error {
			question := "Delete " + strings.Join(args, ", ")
			return a.commandEach(ctx, commanded{names: args, reason: reason, question: question, yes: yes}, func(ctx context.Context, c *wire.Client, name string) (wire.CommandReply, error) {
				return c.DeleteProject(ctx, name, reason)
			})
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` kept in the audit log")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
