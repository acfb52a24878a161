package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/fault"
)

// kindDev is the configuration of capri dev.
const kindDev = "dev"

func configCheckCommand(a *app) *cobra.Command {
	var kind string
	cmd := withoutMaster(&cobra.Command{
		Use: "check FILE…", Short: "Check configuration files: all that is wrong at once", Args: arguments(1, -1),
		Long: `Checks files as the daemon would at its start, with the environment it is called in, and lists
all that is wrong, each with its place: exit code 9. Nothing is opened or called: capri doctor
--config FILE looks at the database, the disks and the machines that a configuration names.`,
		Example: "  capri config check /etc/capri/master.yaml /etc/capri/worker.yaml",
		RunE: a.do(func(_ context.Context, files []string) error {
			if kind != "" && kind != kindMaster && kind != kindWorker && kind != kindDev {
				return fault.New(fault.Usage, "--kind %q is not known: write master, worker or dev", kind)
			}
			return a.checkConfigs(files, kind)
		}),
	})
	cmd.Flags().StringVar(&kind, "kind", "", "what it is of, `master|worker|dev`, where its keys do not tell")
	return cmd
}

// checkConfigs checks every file, whatever is wrong with those before it.
func (a *app) checkConfigs(files []string, kind string) error {
	var worst error
	for _, file := range files {
		found, err := a.checkConfig(file, kind)
		if err != nil {
			a.complain(err)
			worst = err
			continue
		}
		a.say("%s is a good configuration of %s", file, found)
	}
	if worst == nil {
		return nil
	}
	return &outcome{code: exitCode(worst)}
}

func (a *app) checkConfig(file, kind string) (string, error) {
	if kind == "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", fileFault(fault.NotFound, err, file)
		}
		if kind = configKindOf(file, text); kind == "" {
			return "", fault.New(fault.Usage, "the keys of %s do not tell whether it is of a master, of a worker or of capri dev", file).WithHint("give --kind")
		}
	}
	source := config.Source{File: file, Environ: a.environ}
	var err error
	switch kind {
	case kindMaster:
		_, err = config.LoadMaster(source)
	case kindWorker:
		_, err = config.LoadWorker(source)
	default:
		_, err = config.LoadDev(source)
	}
	return map[string]string{kindMaster: "a master", kindWorker: "a worker", kindDev: "capri dev"}[kind], err
}

// configKindOf goes by the name of dev.yaml, whose keys others have too, then
// by the keys, and where they do not tell, by the name.
func configKindOf(file string, text []byte) string {
	name := filepath.Base(file)
	if strings.HasPrefix(name, kindDev) {
		return kindDev
	}
	if kind := configKind(text); kind != "" {
		return kind
	}
	for _, kind := range []string{kindMaster, kindWorker} {
		if strings.Contains(name, kind) {
			return kind
		}
	}
	return ""
}
