package cli

import (
	"context"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/datapath/dfs"
	"capricornus/common/fault"
)

// dfsName is how the scripts of the demo call the command below.
const dfsName = "dfs"

// dfsCommand takes Hadoop's command line, so that cobra must not read it.
func dfsCommand(a *app) *cobra.Command {
	cfg := dfs.Config{
		Namenodes:   strings.FieldsFunc(a.env("CAPRI_HDFS_NAMENODES"), func(r rune) bool { return r == ',' || r == ' ' }),
		Nameservice: a.env("CAPRI_HDFS_NAMESERVICE"),
	}
	cmd := withoutMaster(&cobra.Command{
		Use: dfsName + " [flags] -COMMAND…", Short: "Work with files on HDFS, as hdfs dfs does",
		Long: `Does what hdfs dfs does, in milliseconds because no JVM is started: scripts work with
either. It is meant for scripts of batches; workers and masters do not need it.

  -ls [-d] PATH…                     -mkdir [-p] PATH…
  -cat PATH…                         -mv PATH… TARGET
  -get [-f] PATH… LOCAL              -rm [-r] [-f] PATH…
  -put [-f] LOCAL… PATH              -touchz PATH…
  -test -e|-d|-f|-s|-z PATH

A path is hdfs://HOST:PORT/…, or hdfs:///… and /… on the file system of --namenodes,
and may have the wildcards *, ? and [a-z]. LOCAL may be - in -put: standard input. -get
and -put copy directories with what is in them. -rm removes at once: there is no trash.
A file is called NAME._COPYING_ until it is complete.

The user is HADOOP_USER_NAME, else your own. Kerberos is not supported: use hdfs dfs.

Exit codes are Hadoop's: 0, 1 when something went wrong, 255 for a command that cannot
be meant. -test: 0 for yes, 1 for no, and 255 when HDFS does not say.`,
		Example: `  capri dfs -ls hdfs://nn1:8020/data
  capri dfs --namenodes nn1:8020,nn2:8020 -put -f report.txt hdfs:///data/report.txt
  capri dfs -test -e hdfs:///data/2015/05/17/_SUCCESS`,
		DisableFlagParsing: true,
	})
	flags := cmd.Flags()
	flags.StringSliceVar(&cfg.Namenodes, "namenodes", cfg.Namenodes, "`HOST:PORT,...` of the namenodes of hdfs:///… (CAPRI_HDFS_NAMENODES)")
	flags.StringVar(&cfg.Nameservice, "nameservice", cfg.Nameservice, "`NAME` of that file system in paths, hdfs://NAME/… (CAPRI_HDFS_NAMESERVICE)")
	flags.DurationVar(&cfg.Timeout, "timeout", time.Minute, "`TIME` without an answer after which a call is given up")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		own, args := beforeHadoop(args)
		if err := flags.Parse(own); err != nil {
			return asUsage(err)
		}
		if help, _ := flags.GetBool("help"); help || len(own)+len(args) == 0 {
			return cmd.Help()
		}
		return a.do(func(ctx context.Context, args []string) error { return a.dfs(ctx, cfg, args) })(cmd, args)
	}
	return cmd
}

// beforeHadoop splits the flags of this command, --…, from Hadoop's line.
func beforeHadoop(args []string) (own, hadoop []string) {
	at := slices.IndexFunc(args, func(arg string) bool {
		return strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") && arg != "-h"
	})
	if at < 0 {
		return args, nil
	}
	return args[:at], args[at:]
}

func (a *app) dfs(ctx context.Context, cfg dfs.Config, args []string) error {
	if cfg.Timeout <= 0 {
		return fault.New(fault.Usage, "--timeout %s is too short", cfg.Timeout).WithHint("write a time such as 60s")
	}
	var err error
	if cfg.User, err = a.hadoopUser(); err != nil {
		return err
	}
	shell := dfs.New(cfg, dfs.Streams{In: a.in, Out: a.out, Err: a.err})
	defer shell.Close()
	if code := shell.Run(ctx, args); code != exitDone {
		return &outcome{code: code}
	}
	return nil
}

// hadoopUser is who this is to an HDFS without Kerberos.
func (a *app) hadoopUser() (string, error) {
	if name := a.env("HADOOP_USER_NAME"); name != "" {
		return name, nil
	}
	own, err := user.Current()
	if err != nil {
		return "", fault.Wrap(fault.Usage, err, "your user name is not known: %v", err).WithHint("set HADOOP_USER_NAME")
	}
	return own.Username, nil
}
