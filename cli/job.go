package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/job"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func jobCommand(a *app) *cobra.Command {
	return group("job", "Jobs as the tanzhi scheduler has them: name, cron expression, command", jobListCommand(a), jobImportCommand(a))
}

func jobListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the tasks that jobs have become", Args: arguments(0, 0),
		Long: `Lists the tasks of the project jobs, with the names that the jobs had. They are tasks like
others: capri batch list --project jobs shows what they did.`,
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			list, err := allJobs(ctx, c)
			if err != nil {
				return err
			}
			names := namesOf(list.Items, func(t wire.TaskSummary) string { return t.Name })
			return a.show(list, names, func() { a.jobTable(a.clock(ctx, c), list.Items) })
		}),
	}
}

// allJobs reads every task of the project; while there is none, there is no
// project either.
func allJobs(ctx context.Context, c *wire.Client) (wire.TaskList, error) {
	list := wire.TaskList{Items: []wire.TaskSummary{}}
	for {
		page, err := c.Tasks(ctx, wire.TaskQuery{Project: job.Project, Cursor: list.Next, Limit: 500})
		if fault.CodeOf(err) == fault.NotFound {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, page.Items...)
		list.Next = page.Next
		if page.Next == "" || len(page.Items) == 0 {
			list.Next = ""
			return list, nil
		}
	}
}

func (a *app) jobTable(k clock, tasks []wire.TaskSummary) {
	rows := make([]row, len(tasks))
	for i, t := range tasks {
		on := cell{"on", green}
		if !t.Enabled {
			on = cell{"off", grey}
		}
		rows[i] = row{t.Title, t.Name, t.Cron, on, t.Owner, k.at(t.NextAt)}
	}
	a.table([]string{"JOB", "TASK", "EXPR", "STATE", "OWNER", k.header("NEXT")}, rows)
}

func jobImportCommand(a *app) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Make tasks of the [[jobs]] of a TOML file", Args: arguments(1, 1),
		Long: `Reads [[jobs]] with name, expr and command (type shell or http, target) and saves them as
tasks of the project jobs, all or none. Doing it again changes what has changed; jobs that
are gone from the file stay as they are.`,
		Example: "  capri job import config.toml --dry-run",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			listed, err := readJobs(args[0])
			if err != nil {
				return err
			}
			files, err := jobFiles(args[0], listed)
			if err != nil {
				return err
			}
			return a.importJobs(ctx, c, files, dryRun)
		}),
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would change, and change nothing")
	return cmd
}

// readJobs reads a file with jobs; no name is no file.
func readJobs(path string) ([]job.Job, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.Usage, err, "there is no file %s with jobs", path)
	}
	if err != nil {
		return nil, fileFault(fault.Usage, err, path)
	}
	return job.ParseTOML(path, text)
}

// jobFiles are the jobs as definitions of tasks; who sends them owns them.
func jobFiles(path string, listed []job.Job) ([]wire.File, error) {
	files := make([]wire.File, 0, len(listed)+1)
	for _, j := range listed {
		def, err := job.Define(j, job.Ask{Source: job.File})
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(def)
		if err != nil {
			return nil, err
		}
		files = append(files, wire.File{Name: path, Text: string(text)})
	}
	return files, nil
}

// importJobs saves jobs as tasks. Tasks that are no jobs keep their names.
func (a *app) importJobs(ctx context.Context, c *wire.Client, files []wire.File, dryRun bool) error {
	there, err := allJobs(ctx, c)
	if err != nil {
		return err
	}
	if len(there.Items) == 0 {
		if files, err = withProject(ctx, c, files); err != nil {
			return err
		}
	}
	reply, err := c.Apply(ctx, wire.ApplyRequest{Files: files, DryRun: true})
	if err != nil {
		return err
	}
	jobs := map[string]bool{}
	for _, t := range there.Items {
		jobs[t.Name] = true
	}
	for _, item := range reply.Items {
		if item.Kind == task.KindTask && item.Action == "changed" && !jobs[item.Name] {
			return fault.New(fault.Conflict, "the task %s is there and is no job", item.Name).WithHint("give the job another name")
		}
	}
	return a.apply(ctx, c, wire.ApplyRequest{Files: files, DryRun: dryRun, Note: "imported jobs"})
}

// withProject adds the project of jobs while it is not there.
func withProject(ctx context.Context, c *wire.Client, files []wire.File) ([]wire.File, error) {
	_, err := c.Tasks(ctx, wire.TaskQuery{Project: job.Project, Limit: 1})
	if fault.CodeOf(err) != fault.NotFound {
		return files, err
	}
	text, err := json.Marshal(task.Project{APIVersion: task.APIVersion, Kind: task.KindProject, Metadata: task.ProjectMetadata{Name: job.Project, Title: "Jobs"}})
	return append([]wire.File{{Name: job.Project, Text: string(text)}}, files...), err
}
