package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"capricornus/common/wire"
)

// A shell waits for what is proposed while somebody presses a key: the master
// has this long, and an answer this many words. A master that is away, or that
// refuses, proposes nothing and says nothing.
const (
	completeTime  = time.Second
	completeWords = 5000
)

// completions gives a command and those below it the words for what its usage
// names: TASK, BATCH, HOST and the like, and for its flags.
func (a *app) completions(cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil && cmd.RunE != nil && cmd.Annotations[onlyGroup] == "" {
		cmd.ValidArgsFunction = a.completeArgs(cmd, placeholders(cmd.Use))
	}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		_ = cmd.RegisterFlagCompletionFunc(f.Name, a.completeFlag(f)) // refused when the flag has its own
	})
	for _, child := range cmd.Commands() {
		a.completions(child)
	}
}

// placeholders are the arguments that a usage names, up to its first flag.
func placeholders(use string) []string {
	var names []string
	for _, word := range strings.Fields(use)[1:] {
		if strings.HasPrefix(strings.TrimLeft(word, "["), "-") {
			break
		}
		names = append(names, strings.Trim(word, "[]"))
	}
	return names
}

// allowed are the placeholders that may stand at a place: one that repeats
// goes on, and what follows it may come at any time.
func allowed(names []string, at int) []string {
	for i, name := range names {
		if strings.HasSuffix(name, "…") && at >= i {
			return names[i:]
		}
		if i == at {
			return names[i : i+1]
		}
	}
	return nil
}

func (a *app) completeArgs(cmd *cobra.Command, names []string) cobra.CompletionFunc {
	return func(called *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		var words []string
		directive, files := cobra.ShellCompDirectiveNoFileComp, false
		for _, name := range allowed(names, len(args)) {
			files = files || strings.Contains(name, "FILE") || strings.Contains(name, "DIR")
			found, of := a.propose(called.Context(), kindOf(cmd, name), begun)
			words, directive = append(words, found...), directive|of
		}
		if files {
			directive &^= cobra.ShellCompDirectiveNoFileComp
		}
		return words, directive
	}
}

// kindOf is what a placeholder stands for; NAME is whatever the command is of.
func kindOf(cmd *cobra.Command, name string) string {
	name, _, _ = strings.Cut(strings.TrimRight(name, "…"), "[")
	name, _, _ = strings.Cut(name, "|FILE")
	switch {
	case strings.ToLower(name) == name:
		return name // words to choose from: run|block
	case name == "NAME" && cmd.Name() == "add":
		return ""
	case name == "NAME" || name == "OLD":
		return strings.ToUpper(cmd.Parent().Name())
	case name == "ID":
		return strings.ToUpper(cmd.Parent().Name()) + "-ID"
	case name == "KEY" && cmd.Parent().Name() == "setting":
		return "SETTING"
	}
	return name
}

func (a *app) completeFlag(f *pflag.Flag) cobra.CompletionFunc {
	placeholder, _ := pflag.UnquoteUsage(f)
	return func(called *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		if placeholder == "FILE" || placeholder == "DIR" || strings.HasPrefix(placeholder, "FILE|") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		kind := strings.TrimSuffix(placeholder, ",...")
		switch f.Name {
		case "context", "task", "tasks", "project", "host", "user", "operation":
			kind = strings.TrimSuffix(strings.ToUpper(f.Name), "S")
		}
		if kind == "OPERATION" {
			kind = "OP-ID"
		}
		before := begun[:strings.LastIndex(begun, ",")+1] // of a list, the word after the last comma
		if f.Name == "exclude" {                          // tasks, and behind a slash single batches
			kind = "TASK"
			if strings.Contains(begun[len(before):], "/") {
				kind = "BATCH"
			}
		}
		words, directive := a.propose(called.Context(), kind, begun[len(before):])
		for i := range words {
			words[i] = before + words[i]
		}
		return words, directive
	}
}

// propose returns the words of a kind that go on from what is written.
func (a *app) propose(ctx context.Context, kind, begun string) ([]string, cobra.ShellCompDirective) {
	quiet := cobra.ShellCompDirectiveNoFileComp
	if strings.Contains(kind, "|") && strings.ToLower(kind) == kind {
		return beginning(strings.Split(kind, "|"), begun), quiet
	}
	if kind == "CONTEXT" {
		all, err := a.contexts()
		if err != nil {
			return nil, quiet
		}
		return beginning(all.names(), begun), quiet
	}
	ask, known := a.vocabulary()[kind]
	if !known {
		return nil, quiet
	}
	ctx, cancel := context.WithTimeout(ctx, completeTime)
	defer cancel()
	c, err := a.client()
	if err != nil {
		return nil, quiet
	}
	words := beginning(ask(ctx, c, begun), begun)
	if kind == "BATCH" && !strings.Contains(begun, "/") {
		quiet |= cobra.ShellCompDirectiveNoSpace // the work number follows
	}
	return words, quiet
}

func beginning(words []string, begun string) []string {
	var fit []string
	for _, word := range words {
		if strings.HasPrefix(word, begun) && len(fit) < completeWords {
			fit = append(fit, word)
		}
	}
	return fit
}

// vocabulary asks a master for words. What fails is what is not there.
func (a *app) vocabulary() map[string]func(ctx context.Context, c *wire.Client, begun string) []string {
	return map[string]func(ctx context.Context, c *wire.Client, begun string) []string{
		"TASK":  taskWords,
		"BATCH": batchWords,
		"HOST": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Hosts(ctx)
			return namesOf(list.Items, func(h wire.Host) string { return h.Host })
		},
		"PROJECT": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Projects(ctx)
			return namesOf(list.Items, func(p wire.Project) string { return p.Name })
		},
		"GROUP": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.WorkerGroups(ctx, "", pageSize)
			return namesOf(list.Items, func(g wire.WorkerGroup) string { return g.Name })
		},
		"SETTING": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Settings(ctx)
			return namesOf(list.Items, func(s wire.Setting) string { return s.Key })
		},
		"SERVICE": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Services(ctx)
			return namesOf(list.Items, func(s wire.Service) string { return s.Name })
		},
		"USER": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Users(ctx, "", pageSize)
			return namesOf(list.Items, userName)
		},
		"ACCOUNT": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Accounts(ctx, "", pageSize)
			return namesOf(list.Items, func(n wire.Account) string { return n.Name })
		},
		"DEPARTMENT": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Departments(ctx, "", pageSize)
			return namesOf(list.Items, func(d wire.Department) string { return d.Name })
		},
		"CODE": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Incidents(ctx, wire.IncidentQuery{State: "open", Limit: 50})
			return namesOf(list.Items, func(in wire.Incident) string { return in.Code + "\t" + in.Level + ", " + in.Root })
		},
		"SILENCE-ID": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Silences(ctx, false, "", 50)
			return namesOf(list.Items, func(s wire.Silence) string { return number64(s.ID) + "\t" + silenced(&s) })
		},
		"TOKEN-ID": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Tokens(ctx, wire.TokenQuery{Limit: pageSize})
			return namesOf(list.Items, func(t wire.Token) string { return number64(t.ID) + "\t" + t.Name })
		},
		"OP-ID": func(ctx context.Context, c *wire.Client, _ string) []string {
			list, _ := c.Operations(ctx, "", 50)
			return namesOf(list.Items, func(o wire.Operation) string {
				return strconv.FormatInt(o.ID, 10) + "\t" + o.Kind + ", " + o.State
			})
		},
	}
}

// taskWords are the names of tasks, page by page while there is time.
func taskWords(ctx context.Context, c *wire.Client, _ string) []string {
	var words []string
	query := wire.TaskQuery{Limit: pageSize}
	for len(words) < completeWords {
		list, err := c.Tasks(ctx, query)
		if err != nil {
			break
		}
		words = append(words, namesOf(list.Items, func(t wire.TaskSummary) string { return t.Name })...)
		if query.Cursor = list.Next; list.Next == "" {
			break
		}
	}
	return words
}

// batchWords are the tasks first, and behind a slash the task's newest work
// numbers.
func batchWords(ctx context.Context, c *wire.Client, begun string) []string {
	name, _, named := strings.Cut(begun, "/")
	if !named {
		words := taskWords(ctx, c, begun)
		for i := range words {
			words[i] += "/"
		}
		return words
	}
	list, _ := c.Batches(ctx, wire.BatchQuery{Task: name, Limit: 50})
	var words []string
	for _, b := range list.Items {
		if word := b.Task + "/" + b.WorkNo; len(words) == 0 || words[len(words)-1] != word {
			words = append(words, word)
		}
	}
	return words
}
