package cli

import (
	"github.com/spf13/cobra"
)

// topics are pages of help that belong to no command.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{
			Use: "exit-codes", Short: "What the exit codes mean",
			Long: `Every command ends with one of these codes; scripts may rely on them.

   0  done
   1  failed, or the answer to a question was no
   2  usage: the command line is wrong; nothing was tried
   3  not found: no such task, batch, host, …
   4  not allowed: no token, a token that is good no longer, a right that is missing, or too
      many calls
   5  conflict: a plan that is stale, a batch that is not finished, a name that is taken
   6  partly done: some were left alone, blocked or cancelled; the command says which
   7  no master reachable, or none leads
   8  a wait timed out
   9  invalid input: a task file, a configuration, a value; all that is wrong is listed
  20  the awaited batch failed

Data goes to stdout and everything that is said to a person to stderr, so that
capri … -o json | jq works whatever is said. An interrupted command ends with 1.

Scripts with --nagios map what they find to 0 OK, 1 WARNING, 2 CRITICAL and 3 UNKNOWN.`,
		},
		{
			Use: "environment", Short: "Variables and files that commands read",
			Long: `Which cluster, and as whom; the first that is given counts:

  --addr, --token-file, --ca    the masters, your token, whom to trust
  --data-dir DIR                a running capri dev: its address and its token
  --context NAME                a context
  CAPRI_ADDR                    http://host:port of the masters, separated by commas
  CAPRI_TOKEN                   a token; CAPRI_CA: a file with certificates
  CAPRI_CONTEXT                 the name of a context
  CAPRI_DATA_DIR                as --data-dir
  the current context           capri context use NAME, capri login
  ./capri-data                  a capri dev that runs there

A token goes to the address that it was found with and to no other. capri whoami shows where
address and token come from.

Contexts are kept in $XDG_CONFIG_HOME/capri/config.yaml, else ~/.config/capri/config.yaml, mode
0600. Commands write it; it may be edited:

  current: prod
  contexts:
    - name: prod
      addr: ["https://m1:8080", "https://m2:8080"]
      ca: /etc/capri/ca.crt
      token: capri_…          # or tokenFile: /path
      user: ann
      expires: 2026-11-22T20:00:00Z
      production: true        # questions must be answered with the context's name

Output:

  NO_COLOR=1, TERM=dumb         no colour; without a terminal there is none anyway, and no bar
  CAPRI_BIN                     the program that the scripts in scripts/ call
  CAPRI_DB_CONFIG               a master's configuration, for scripts when no master answers

Daemons read CAPRI_MASTER_…, CAPRI_WORKER_… and CAPRI_DEV_…: capri config reference.`,
		},
	}
}
