package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commandsOf walks the tree of commands, those that are hidden or cobra's left
// out.
func commandsOf(cmd *cobra.Command, visit func(*cobra.Command)) {
	for _, child := range cmd.Commands() {
		if child.Hidden || child.Name() == "completion" || child.Name() == "help" {
			continue
		}
		visit(child)
		commandsOf(child, visit)
	}
}

// TestEveryCommandExplainsItself holds what all help pages have in common.
func TestEveryCommandExplainsItself(t *testing.T) {
	root := newRoot(newApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}))
	named := []string{} // what a command names is one of few words
	commandsOf(root, func(cmd *cobra.Command) {
		path := shortPath(cmd)
		switch first, _ := strings.CutSuffix(cmd.Short, "."); {
		case cmd.Short == "" || first != cmd.Short || len([]rune(cmd.Short)) > 90:
			t.Errorf("%s: got %q, want one short sentence without a full stop", path, cmd.Short)
		case strings.ToUpper(cmd.Short[:1]) != cmd.Short[:1]:
			t.Errorf("%s: got %q, want it to begin with a capital", path, cmd.Short)
		}
		leaf := cmd.RunE != nil && cmd.Annotations[onlyGroup] == ""
		if leaf && len(placeholders(cmd.Use)) > 0 && cmd.Example == "" {
			t.Errorf("%s: got no example, want one: it takes arguments", path)
		}
		if cmd.Example != "" && !strings.Contains(cmd.Example, "capri "+path) {
			t.Errorf("%s: got the example %q, want one of this command", path, cmd.Example)
		}
		if leaf && cmd.Parent() != root {
			named = append(named, cmd.Name())
		}
		for line := range strings.Lines(cmd.Long) {
			if len([]rune(line)) > 110 {
				t.Errorf("%s: got %q, want lines that fit a terminal", path, line)
			}
		}
	})
	for _, verb := range []string{"create", "rm", "del", "ls", "describe", "info", "update", "edit", "modify", "stop", "start"} {
		if slices.Contains(named, verb) {
			t.Errorf("got a verb %q: want list, get or show, add, set, delete or remove as everywhere", verb)
		}
	}
}

func TestHelpTopics(t *testing.T) {
	for topic, want := range map[string]string{"exit-codes": "20  the awaited batch failed", "environment": "CAPRI_CONTEXT"} {
		for _, args := range [][]string{{"help", topic}, {topic}, {topic, "--help"}} {
			if got := nowhere(t).run(t, args...); got.code != exitDone || !strings.Contains(got.out, want) {
				t.Errorf("%q: got %+v, want %q", args, got, want)
			}
		}
	}
	if got := nowhere(t).run(t, "--help"); !strings.Contains(got.out, "Additional help topics:") || !strings.Contains(got.out, "exit-codes") {
		t.Errorf("got %s, want the topics named", got.out)
	}
}

func TestConfigCheck(t *testing.T) {
	bad := write(t, "master.yaml", "lissten: 1\nprofil: x\nraft: {join: maybe}\n")
	got := nowhere(t).run(t, "config", "check", bad, "../conf/worker.yaml", "../conf/dev.yaml")
	for _, want := range []string{"has 3 problems", bad + ":1: unknown key", `did you mean "listen"?`, bad + ":2:", bad + ":3: raft.join", "worker.yaml is a good configuration of a worker", "dev.yaml is a good configuration of capri dev"} {
		if !strings.Contains(got.err, want) {
			t.Errorf("got %s, want %q", got.err, want)
		}
	}
	if got.code != exitInvalid || got.out != "" {
		t.Errorf("got %d, want %d for one bad file among good ones", got.code, exitInvalid)
	}
	for args, code := range map[string]int{
		"config check ../conf/master.yaml": exitDone, "config check gone.yaml": exitNotFound, "config check": exitUsage,
		"config check " + write(t, "x.yaml", "log: 1\n"): exitUsage, "config check --kind cat x": exitUsage, "config reference --format xml": exitUsage,
	} {
		if got := nowhere(t).run(t, strings.Fields(args)...); got.code != code {
			t.Errorf("%s: got %+v, want %d", args, got, code)
		}
	}
	for format, want := range map[string]string{"md": "| `listen` | `0.0.0.0:8080` |", "json": `"key": "listen"`, "yaml": "key: listen"} {
		if got := nowhere(t).run(t, "config", "reference", "--format", format); got.code != exitDone || !strings.Contains(got.out, want) {
			t.Errorf("%s: got %d, want %q", format, got.code, want)
		}
	}
}
