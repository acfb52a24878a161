package cli

import (
	"context"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/task"
)

func taskLintCommand(a *app) *cobra.Command {
	var paths []string
	cmd := &cobra.Command{
		Use: "lint FILE|DIR…", Short: "Check task files without a server",
		Example: "  capri task lint tasks/\n  capri task lint -f tasks/",
		Long: `Checks task files (*.yaml, *.yml, *.json; directories with all below them; - for stdin)
and prints what is wrong as file:line: sentence. What only the cluster knows, such as
parents in other files, is a warning here and checked by apply. Exit code 9 when there is
an error.`,
		Args: cobra.ArbitraryArgs,
		RunE: a.do(func(_ context.Context, args []string) error {
			if paths = append(paths, args...); len(paths) == 0 {
				return fault.New(fault.Usage, "name the files to check").WithHint("capri task lint FILE|DIR…")
			}
			return a.lint(paths)
		}),
	}
	cmd.Flags().StringArrayVarP(&paths, "file", "f", nil, "`FILE|DIR` to check; - is stdin")
	return withoutMaster(cmd)
}

func (a *app) lint(paths []string) error {
	files, err := a.taskFiles(paths)
	if err != nil {
		return err
	}
	var docs []task.Document
	findings := []task.Finding{}
	for _, file := range files {
		parsed, wrong := task.Parse(file.Name, []byte(file.Text))
		docs = append(docs, parsed...)
		findings = append(findings, wrong...)
	}
	findings = append(findings, task.Lint(docs, nil)...)
	places := namesOf(findings, func(f task.Finding) string { return f.File })
	if err := a.show(findings, places, func() { a.findings(a.out, findings) }); err != nil {
		return err
	}
	if task.HasErrors(findings) {
		return fault.New(fault.Invalid, "%s in %s", countErrors(findings), plural(len(files), "file"))
	}
	a.say("%s in %s: no errors", plural(len(docs), "document"), plural(len(files), "file"))
	return nil
}
