// Package cli is the command line: one file for each noun. A command reads its
// arguments, makes a call through wire.Client or starts a daemon, and prints:
// data to stdout in the form -o asks for, everything said to a person to
// stderr. Errors carry a fault code, and the code decides the exit code; no
// command ends the process itself.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the cluster's zone must be known on machines without a zone database

	"github.com/spf13/cobra"
)

// Run executes one command line and returns the exit code of the process.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal is not caught: it ends the process at once
	return newApp(stdin, stdout, stderr).run(ctx, args)
}

func (a *app) run(ctx context.Context, args []string) int {
	root := newRoot(a)
	root.SetArgs(append([]string{}, args...)) // nil would mean those of the process
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = a.out.err
	}
	if err == nil {
		return exitDone
	}
	if !a.running {
		err = asUsage(err)
	}
	a.complain(err)
	return exitCode(err)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "capri",
		Short: "Capricornus, a batch scheduler",
		Long: `Capricornus runs batches: shell and Python scripts, by the hour, day, week, month or
cron, after their data and their parents, on many machines.

Try it out:  capri dev
Then:        capri batch list        capri batch why TASK/WORKNO`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		Annotations:   map[string]string{onlyGroup: "true"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args)
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return asUsage(err) })
	a.globalFlags(root)
	root.SetUsageTemplate(usageTemplate(root))
	root.AddGroup(
		&cobra.Group{ID: groupWork, Title: "Tasks and batches:"},
		&cobra.Group{ID: groupCluster, Title: "Cluster:"},
		&cobra.Group{ID: groupAccess, Title: "Who you are, and who may do what:"},
		&cobra.Group{ID: groupDaemon, Title: "Daemons:"},
	)
	addTo(root, groupWork, taskCommand(a), batchCommand(a), projectCommand(a), coldstartCommand(a), opCommand(a), holdCommand(a), breakerCommand(a), thirdCommand(a), qualityCommand(a), jobCommand(a))
	addTo(root, groupWork, searchCommand(a), eventsCommand(a))
	addTo(root, groupCluster, clusterCommand(a), doctorCommand(a), hostCommand(a), groupCommand(a), serviceCommand(a), checkCommand(a), settingCommand(a), incidentCommand(a), alertCommand(a), dutyCommand(a), reportCommand(a))
	addTo(root, groupAccess, loginCommand(a), logoutCommand(a), whoamiCommand(a), contextCommand(a), userCommand(a), departmentCommand(a), accountCommand(a), tokenCommand(a), permissionCommand(a), auditCommand(a))
	addTo(root, groupDaemon, devCommand(a), masterCommand(a), workerCommand(a), migrateCommand(a))
	root.AddCommand(configCommand(a), versionCommand(a), dfsCommand(a), databaseCommand(a), keeperCommand(a), httpCallCommand(a))
	root.AddCommand(topics()...)
	a.completions(root)
	return root
}

// The groups of the top help page.
const (
	groupWork    = "work"
	groupCluster = "cluster"
	groupAccess  = "access"
	groupDaemon  = "daemon"
)

func addTo(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, command := range commands {
		command.GroupID = group
		root.AddCommand(command)
	}
}
