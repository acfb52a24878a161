package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/task"
	"capricornus/common/wire"
)

func taskExportCommand(a *app) *cobra.Command {
	var project, dir string
	cmd := &cobra.Command{
		Use: "export [TASK…]", Short: "Print task files of what is saved, or write them to a directory",
		Long: `Prints what is saved as task files that apply takes back without any change: the tasks
named, those of a project, or everything, each with its project. With -d every definition
is a file of its own, PROJECT/TASK.yaml and PROJECT/project.yaml below the directory; files
of the same names are written over, and nothing else is touched.`,
		Example: "  capri task export dwd_access_d > access.yaml\n  capri task export --project weblog -d tasks/",
		Args:    arguments(0, -1),
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			text, err := c.Export(ctx, project, args)
			if err != nil {
				return err
			}
			if dir == "" {
				_, err := a.out.Write([]byte(text))
				return err
			}
			return a.exportTo(dir, text)
		}),
	}
	cmd.Flags().StringVar(&project, "project", "", "this `PROJECT` and its tasks")
	cmd.Flags().StringVarP(&dir, "dir", "d", "", "write files below this `DIR` instead of printing")
	return cmd
}

// exportTo writes one file for each document. What a master names is a name of
// ours before it becomes the name of a file.
func (a *app) exportTo(dir, text string) error {
	written := 0
	for document := range strings.SplitSeq("\n"+text, "\n---\n") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		name, err := documentFile(document)
		if err != nil {
			return err
		}
		if err := writeBelow(dir, name, strings.TrimPrefix(document, "\n")); err != nil {
			return err
		}
		written++
	}
	a.say("%s written below %s", plural(written, "file"), dir)
	return nil
}

// documentFile is where a document belongs below the directory.
func documentFile(text string) (string, error) {
	docs, _ := task.Parse("export.yaml", []byte(text))
	if len(docs) != 1 || !task.IsName(docs[0].Name()) {
		return "", fault.New(fault.Unavailable, "the master's export is not understood").WithHint("is this capri older than the master?")
	}
	if docs[0].Task == nil {
		return filepath.Join(docs[0].Name(), "project.yaml"), nil
	}
	project := docs[0].Task.Metadata.Project
	if !task.IsName(project) {
		return "", fault.New(fault.Unavailable, "the project of task %s has no name that a directory can have", docs[0].Name())
	}
	return filepath.Join(project, docs[0].Name()+".yaml"), nil
}

// writeBelow writes a file below a directory, and through no link out of it.
func writeBelow(dir, name, text string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // task files are for others to read, too
		return fileFault(fault.Invalid, err, dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fileFault(fault.Invalid, err, dir)
	}
	defer root.Close()
	if err := root.Mkdir(filepath.Dir(name), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fileFault(fault.Invalid, err, filepath.Join(dir, name))
	}
	if err := root.WriteFile(name, []byte(strings.TrimRight(text, "\n")+"\n"), 0o644); err != nil {
		return fileFault(fault.Invalid, err, filepath.Join(dir, name))
	}
	return nil
}
