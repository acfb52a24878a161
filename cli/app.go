package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/config"
	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/trace"
	"capricornus/common/wire"
)

// app is what the commands of one process share: its streams, the global
// flags, and the few facts about the world that tests replace.
type app struct {
	in  io.Reader
	out *sink
	err io.Writer

	environ    func(string) (string, bool)
	isTerminal func(stream any) bool
	hidden     func() (string, error) // a line from the terminal that is not shown
	now        func() time.Time
	http       *http.Client
	poll       time.Duration // between two looks at something that is waited for

	flags   globalFlags
	used    target        // whom the command speaks to
	typed   *bufio.Reader // of in, see lines
	running bool          // a command has begun: errors are no longer about the call
}

type globalFlags struct {
	addr      string
	tokenFile string
	ca        string
	dataDir   string
	context   string
	output    format
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{
		in: stdin, out: &sink{w: stdout}, err: stderr,
		environ: os.LookupEnv, isTerminal: logs.IsTerminal, now: time.Now,
		hidden: func() (string, error) { return readHidden(stdin) },
		http:   wire.NewHTTP(nil), poll: time.Second,
		flags: globalFlags{output: formatTable},
	}
}

func (a *app) globalFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&a.flags.addr, "addr", "", "`URL,...` of the masters, asked in turn until one is there (CAPRI_ADDR; else those of the context in use)")
	flags.StringVar(&a.flags.tokenFile, "token-file", "", "`FILE` that holds your token (or CAPRI_TOKEN holds the token itself)")
	flags.StringVar(&a.flags.ca, "ca", "", "`FILE` with the certificates that a master's must be signed by (CAPRI_CA; else those the system trusts)")
	flags.StringVar(&a.flags.context, "context", "", "`NAME` of a saved cluster and login, see capri context (CAPRI_CONTEXT; else the current one)")
	flags.StringVar(&a.flags.dataDir, "data-dir", "", "`DIR` of a running capri dev (CAPRI_DATA_DIR; else "+defaultDataDir+")")
	flags.VarP(&a.flags.output, "output", "o", "print as `table|json|yaml|name`")
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats(), cobra.ShellCompDirectiveNoFileComp))
}

// do makes the body of a command: from here on errors are not about usage.
func (a *app) do(body func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.running = true
		return body(cmd.Context(), args)
	}
}

// call makes the body of a command that speaks to a master.
func (a *app) call(body func(ctx context.Context, c *wire.Client, args []string) error) func(*cobra.Command, []string) error {
	return a.do(func(ctx context.Context, args []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		return body(trace.Under(ctx, a.env(trace.Environ)), client, args)
	})
}

// say tells a person something that is not data.
func (a *app) say(format string, args ...any) {
	fmt.Fprintf(a.err, format+"\n", args...)
}

// print writes a line of data.
func (a *app) print(format string, args ...any) {
	fmt.Fprintf(a.out, format+"\n", args...)
}

// env returns an environment variable, empty when there is none.
func (a *app) env(name string) string {
	text, _ := a.environ(name)
	return text
}

// sink is stdout. It remembers the first error, so that a full disk behind a
// redirection does not look like success.
type sink struct {
	w   io.Writer
	err error
}

// Write passes data on, or repeats the first error.
func (s *sink) Write(data []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(data)
	if err != nil {
		s.err = fmt.Errorf("write to stdout: %w", err)
	}
	return n, s.err
}

// group makes a command that only has commands. Cobra would print help and
// report success for a word it does not know.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short,
		Args:        cobra.ArbitraryArgs,
		RunE:        func(cmd *cobra.Command, args []string) error { return unknownCommand(cmd, args) },
		Annotations: map[string]string{onlyGroup: "true"},
	}
	cmd.AddCommand(commands...)
	return cmd
}

// unknownCommand says which commands there are, and which one was meant.
func unknownCommand(cmd *cobra.Command, args []string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	known := strings.Join(names, ", ")
	if len(args) == 0 {
		return fault.New(fault.Usage, "%s wants a command", shortPath(cmd)).WithHint("there are: %s", known)
	}
	err := fault.New(fault.Usage, "unknown command %q for %q", args[0], cmd.CommandPath())
	if near := config.Nearest(args[0], names); near != "" {
		return err.WithHint("did you mean %s?", near)
	}
	return err.WithHint("there are: %s", known)
}

// arguments wants as many arguments as a command names: at least least, and
// not more than most, -1 for any number.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		if most == 0 {
			return fault.New(fault.Usage, "%s takes no argument, and got %q", shortPath(cmd), args[0]).
				WithHint("usage: %s", cmd.UseLine())
		}
		return fault.New(fault.Usage, "%s wants %s, and got %d", shortPath(cmd), plural(least, "argument"), len(args)).
			WithHint("usage: %s", cmd.UseLine())
	}
}

// shortPath is the command without the name of the program, which stands before
// every complaint already.
func shortPath(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// usageTemplate is cobra's, but leaves the flags about reaching a master away
// from commands that reach none, and the line about the command itself away
// from those that only hold others.
func usageTemplate(root *cobra.Command) string {
	return strings.NewReplacer(
		".HasAvailableInheritedFlags", `(and .HasAvailableInheritedFlags (not (index .Annotations "`+noMaster+`")))`,
		"{{if .Runnable}}", `{{if and .Runnable (not (index .Annotations "`+onlyGroup+`"))}}`,
	).Replace(root.UsageTemplate())
}

// Annotations of commands, for the usage template.
const (
	noMaster  = "no-master"  // does not speak to a master
	onlyGroup = "only-group" // does nothing but hold commands
)

func withoutMaster(cmd *cobra.Command) *cobra.Command {
	cmd.Annotations = map[string]string{noMaster: "true"}
	return cmd
}
