package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func taskGetCommand(a *app) *cobra.Command {
	var version int
	cmd := &cobra.Command{
		Use: "get TASK", Short: "Show a task and its definition", Args: arguments(1, 1),
		Example: "  capri task get dwd_access_d\n  capri task get dwd_access_d --version 3",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if version != 0 {
				return a.taskVersion(ctx, c, args[0], version)
			}
			detail, err := c.Task(ctx, args[0])
			if err != nil {
				return err
			}
			return a.show(detail, []string{detail.Name}, func() { a.taskDetail(a.clock(ctx, c), detail) })
		}),
	}
	cmd.Flags().IntVar(&version, "version", 0, "this version of it, `N`, instead of the newest")
	return cmd
}

func (a *app) taskDetail(k clock, t wire.TaskDetail) {
	upcoming := make([]string, len(t.Upcoming))
	for i, at := range t.Upcoming {
		upcoming[i] = k.at(at)
	}
	learned := ""
	if s := t.Stats; s != nil {
		length := func(millis int64) string { return span(time.Duration(millis) * time.Millisecond) }
		learned = fmt.Sprintf("%s, half of them within %s, 95%% within %s", plural(s.Runs, "successful run"), length(s.P50Millis), length(s.P95Millis))
	}
	a.fields(
		"Task", t.Name, "Title", t.Title, "Project", t.Project, "Owner", t.Owner,
		"Period", periodOf(t.TaskSummary), "Enabled", yesNo(t.Enabled), "Priority", t.Priority,
		"Next", k.full(t.NextAt), "Then", strings.Join(upcoming[min(1, len(upcoming)):], ", "), "Parent of", strings.Join(t.Children, ", "), "Learned", learned,
		"Version", t.Version, "Saved", k.full(t.SavedAt), "Saved by", t.SavedBy, "Note", t.Note,
	)
	a.print("")
	a.file(t.YAML)
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// file prints a task file.
func (a *app) file(text string) { a.print("%s", strings.TrimRight(printable(text), "\n")) }

func (a *app) taskVersion(ctx context.Context, c *wire.Client, name string, version int) error {
	if version < 0 {
		return fault.New(fault.Usage, "--version %d is none: versions begin with 1", version)
	}
	detail, err := c.TaskVersion(ctx, name, version)
	if err != nil {
		return err
	}
	return a.show(detail, []string{name}, func() {
		k := a.clock(ctx, c)
		a.fields("Task", name, "Version", version, "Saved", k.full(detail.SavedAt), "Saved by", detail.SavedBy, "Note", detail.Note,
			"Enabled", yesNo(detail.Enabled), "Deleted", map[bool]string{true: "by this version"}[detail.Deleted])
		a.print("")
		a.file(detail.YAML)
	})
}

func taskVersionsCommand(a *app) *cobra.Command {
	limit := 0
	cmd := &cobra.Command{
		Use: "versions TASK", Short: "List the versions of a task, newest first", Args: arguments(1, 1),
		Example: "  capri task versions dwd_access_d",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			list := wire.TaskVersionList{Items: []wire.TaskVersion{}}
			for {
				page, err := c.TaskVersions(ctx, args[0], list.Next, nextPage(limit, len(list.Items)))
				if err != nil {
					return err
				}
				list.Items, list.Next = append(list.Items, page.Items...), page.Next
				if page.Next == "" || len(page.Items) == 0 || limit > 0 && len(list.Items) >= limit {
					break
				}
			}
			names := namesOf(list.Items, func(v wire.TaskVersion) string { return fmt.Sprint(v.Version) })
			err := a.show(list, names, func() { a.versionTable(a.clock(ctx, c), list.Items) })
			a.moreThan(list.Next, len(list.Items))
			return err
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 0, "at most `N`; 0: all")
	return cmd
}

func (a *app) versionTable(k clock, versions []wire.TaskVersion) {
	rows := make([]row, len(versions))
	for i, v := range versions {
		is := cell{"enabled", plain}
		switch {
		case v.Deleted:
			is = cell{"deleted", red}
		case !v.Enabled:
			is = cell{"disabled", grey}
		}
		rows[i] = row{v.Version, k.at(v.SavedAt), v.SavedBy, is, v.Note}
	}
	a.table([]string{"VERSION", k.header("SAVED"), "BY", "TASK", "NOTE"}, rows)
}
