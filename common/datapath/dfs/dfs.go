// Package dfs is the part of Hadoop's `hdfs dfs` that scripts need, with the
// same syntax, words and exit codes: a script works with either. It starts no
// JVM, so a command takes milliseconds. Kerberos is left to hdfs dfs.
//
// Data is streamed. A file appears under its name in one piece: until it is
// complete it is called NAME._COPYING_, as Hadoop calls it. Every call has a
// deadline, and data that stops coming has the same one.
package dfs

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Config says how HDFS is reached and by whom.
type Config struct {
	Namenodes   []string // host:port, of what paths without a namenode mean
	Nameservice string   // the name of that file system in paths
	User        string
	Timeout     time.Duration // without an answer
}

// Streams are those of the process.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// The exit codes, Hadoop's. It has no code of its own for a -test that nobody
// answered; here that is codeUnable, so that no answer is not taken for no.
const (
	codeFailed = 1
	codeUnable = 255
)

// Shell runs commands. It is for one goroutine.
type Shell struct {
	Streams
	cfg         Config
	connections map[string]*connection // by namenodes
}

// New returns a Shell that is not connected to anything.
func New(cfg Config, streams Streams) *Shell {
	return &Shell{Streams: streams, cfg: cfg, connections: map[string]*connection{}}
}

// Close lets go of all connections.
func (s *Shell) Close() {
	for _, c := range s.connections {
		c.close()
	}
	clear(s.connections)
}

// command is one of the commands: how it is written and what it does.
type command struct {
	usage   string
	options []string
	least   int // arguments
	most    int // 0: any number
	run     func(*call)
}

func commands() map[string]command {
	return map[string]command{
		"-ls":     {"-ls [-d] PATH…", []string{"-d"}, 0, 0, (*call).list},
		"-cat":    {"-cat PATH…", nil, 1, 0, (*call).cat},
		"-get":    {"-get [-f] PATH… LOCAL", []string{"-f"}, 2, 0, (*call).get},
		"-put":    {"-put [-f] LOCAL… PATH", []string{"-f"}, 2, 0, (*call).put},
		"-mkdir":  {"-mkdir [-p] PATH…", []string{"-p"}, 1, 0, (*call).mkdir},
		"-mv":     {"-mv PATH… TARGET", nil, 2, 0, (*call).move},
		"-rm":     {"-rm [-r] [-f] [-skipTrash] PATH…", []string{"-r", "-R", "-f", "-skipTrash"}, 1, 0, (*call).remove},
		"-touchz": {"-touchz PATH…", nil, 1, 0, (*call).touch},
		"-test":   {"-test -e|-d|-f|-s|-z PATH", []string{"-e", "-d", "-f", "-s", "-z"}, 1, 1, (*call).test},
	}
}

// call is one command being run.
type call struct {
	*Shell
	ctx     context.Context //nolint:containedctx // of this one command
	name    string          // without its dash
	options []string
	args    []string
	code    int
}

// Run runs one command and returns its exit code. What goes wrong is said on Err.
func (s *Shell) Run(ctx context.Context, args []string) int {
	if len(args) == 0 {
		return s.misused("a command is wanted: " + strings.Join(slices.Sorted(maps.Keys(commands())), ", "))
	}
	what, known := commands()[args[0]]
	if !known {
		return s.misused(fmt.Sprintf("%s: Unknown command; there are %s", args[0], strings.Join(slices.Sorted(maps.Keys(commands())), ", ")))
	}
	c := &call{Shell: s, ctx: ctx, name: args[0][1:], args: args[1:]}
	for len(c.args) > 0 && strings.HasPrefix(c.args[0], "-") && c.args[0] != "-" {
		if !slices.Contains(what.options, c.args[0]) {
			return s.misused(fmt.Sprintf("%s: Illegal option %s; usage: %s", args[0], c.args[0], what.usage))
		}
		c.options, c.args = append(c.options, c.args[0]), c.args[1:]
	}
	if len(c.args) < what.least || what.most > 0 && len(c.args) > what.most {
		return s.misused(fmt.Sprintf("%s: %d arguments are not what it wants; usage: %s", args[0], len(c.args), what.usage))
	}
	what.run(c)
	return c.code
}

func (s *Shell) misused(text string) int {
	fmt.Fprintln(s.Err, text)
	return codeUnable
}

func (c *call) has(option string) bool { return slices.Contains(c.options, option) }

// fail says what went wrong; the command goes on with its next argument.
func (c *call) fail(err error) {
	c.code = codeFailed
	fmt.Fprintf(c.Err, "%s: %s\n", c.name, err)
}

// found is everything that arguments name. Those that name nothing are told of.
func (c *call) found(args []string) []item {
	var all []item
	for _, arg := range args {
		some, err := c.expand(arg)
		if err != nil {
			c.fail(err)
		}
		all = append(all, some...)
	}
	return all
}

// each calls do for items until ctx ends, whatever became of those before.
func (c *call) each(items []item, do func(item) error) {
	for _, it := range items {
		if err := c.ctx.Err(); err != nil {
			c.fail(explain(it.at, err))
			return
		}
		if err := do(it); err != nil {
			c.fail(explain(it.at, err))
		}
	}
}
