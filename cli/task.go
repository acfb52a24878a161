package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/task"
	"capricornus/common/wire"
)

// pageSize is how many items a command asks for at a time.
const pageSize = 500

func taskCommand(a *app) *cobra.Command {
	return group("task", "Define tasks and run them",
		taskApplyCommand(a), taskListCommand(a), taskGetCommand(a), taskLintCommand(a), taskDiffCommand(a), taskVersionsCommand(a), taskExportCommand(a),
		taskTurnCommand(a, "enable"), taskTurnCommand(a, "disable"), taskTurnCommand(a, "delete"),
		taskRenderCommand(a), taskGraphCommand(a), taskRunCommand(a), taskHoldCommand(a), taskReleaseCommand(a), alertRightCommand(a), taskSchemaCommand(a))
}

func taskListCommand(a *app) *cobra.Command {
	var query wire.TaskQuery
	cmd := &cobra.Command{
		Use: "list", Short: "List tasks", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := everyTask(ctx, c, query)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(t wire.TaskSummary) string { return t.Name })
			err = a.show(list, names, func() { a.taskTable(a.clock(ctx, c), list.Items) })
			a.moreThan(list.Next, len(list.Items))
			return err
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&query.Project, "project", "", "only those of this `PROJECT`")
	flags.StringVar(&query.Owner, "owner", "", "only those of this `USER`")
	flags.StringVar(&query.Period, "period", "", "only those of `hour|day|week|month|cron|manual`")
	flags.StringVar(&query.Enabled, "enabled", "", "only those that are enabled, or with `true|false` are not")
	flags.Lookup("enabled").NoOptDefVal = "true"
	flags.StringVar(&query.Label, "label", "", "only those with this `NAME[=VALUE]`")
	flags.StringVarP(&query.Text, "query", "q", "", "only those with this `TEXT` in their name or title")
	flags.IntVar(&query.Limit, "limit", 0, "at most `N`; 0: all")
	return cmd
}

// everyTask goes through the pages until the limit, 0 for all.
func everyTask(ctx context.Context, c *wire.Client, query wire.TaskQuery) (wire.TaskList, error) {
	list := wire.TaskList{Items: []wire.TaskSummary{}}
	limit := query.Limit
	for {
		query.Limit = nextPage(limit, len(list.Items))
		page, err := c.Tasks(ctx, query)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, page.Items...)
		list.Next, query.Cursor = page.Next, page.Next
		if page.Next == "" || len(page.Items) == 0 || limit > 0 && len(list.Items) >= limit {
			return list, nil
		}
	}
}

// nextPage is how many items to ask for, having some of a limit.
func nextPage(limit, have int) int {
	if limit == 0 {
		return pageSize
	}
	return min(pageSize, limit-have)
}

// moreThan says that a list was cut, which only --limit does.
func (a *app) moreThan(next string, shown int) {
	if next != "" {
		a.say("the first %d; there are more: raise --limit or narrow the list", shown)
	}
}

func (a *app) taskTable(k clock, tasks []wire.TaskSummary) {
	rows := make([]row, len(tasks))
	for i, t := range tasks {
		enabled := cell{"yes", plain}
		if !t.Enabled {
			enabled = cell{"no", grey}
		}
		rows[i] = row{t.Name, t.Title, t.Project, t.Owner, periodOf(t), enabled, t.Priority, t.Version, k.at(t.NextAt)}
	}
	a.table([]string{"TASK", "TITLE", "PROJECT", "OWNER", "PERIOD", "ENABLED", "PRIORITY", "VERSION", k.header("NEXT")}, rows)
}

func periodOf(t wire.TaskSummary) string {
	if t.Cron != "" {
		return t.Period + " " + t.Cron
	}
	return t.Period
}

func taskRunCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "run TASK", Short: "Execute a task now and print the batch", Args: arguments(1, 1),
		Example: "  capri task run dwd_access_d",
		Long: `Makes a batch of the task for the present period and prints its name, so that

    capri batch wait $(capri task run TASK)

runs it to its end. Exit code 5 when a batch of that period is unfinished.`,
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			reply, err := c.RunTask(ctx, args[0])
			if err != nil {
				return err
			}
			return a.show(reply, []string{reply.Ref}, func() { a.print("%s", printable(reply.Ref)) })
		}),
	}
}

func taskSchemaCommand(a *app) *cobra.Command {
	return withoutMaster(&cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of task files", Args: arguments(0, 0),
		RunE: a.do(func(context.Context, []string) error {
			_, err := a.out.Write(task.Schema())
			return err
		}),
	})
}
