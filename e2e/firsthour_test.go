package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"capricornus/common/store/storetest"
)

// TestFirstHour does what the README tells a stranger to do, word for word, and
// holds that what the comments promise is what is seen. The date of the work
// number is the one that is then.
func TestFirstHour(t *testing.T) {
	steps := firstHour(t, "../README.md", "## The first hour\n")
	if other := firstHour(t, "../README.zh-CN.md", "## 第一个小时\n"); strings.Join(other, "\n") != strings.Join(steps, "\n") {
		t.Error("got other commands in the Chinese README, want the same")
	}
	s := newSite(t, storetest.SQLite)
	s.dev("--demo", "none")
	if err := os.Mkdir(s.path("bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.Getenv(binaryVariable), s.path("bin", "capri")); err != nil {
		t.Fatal(err)
	}
	shell := s.shell()
	for _, step := range steps {
		step = strings.ReplaceAll(step, "/tmp/capri-first", s.path("out"))
		command, promise, _ := strings.Cut(step, "  # ")
		said, code := shell.run(command)
		want := 0
		if n, err := fmt.Sscanf(promise, "exits with %d:", &want); n == 1 && err == nil {
			promise = ""
		}
		if code != want {
			t.Fatalf("%s: got exit code %d and\n%s\nwant %d", command, code, said, want)
		}
		if shows := strings.HasPrefix(command, "capri "); shows && !strings.Contains(said, promise) {
			t.Errorf("%s: got\n%s\nwant %q in it", command, said, promise)
		}
	}
	s.sound()
}

// firstHour are the commands of a README under a heading, each with its comment;
// a here-document belongs to its command.
func firstHour(t *testing.T, file, heading string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), heading)
	_, rest, opened := strings.Cut(rest, "```sh\n")
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !opened || !closed {
		t.Fatalf("%s: no commands under %q", file, heading)
	}
	commands := regexp.MustCompile(`(?s)[^\n]*<<'EOF'\n.*?\nEOF\n|[^\n]+\n`).FindAllString(block, -1)
	for i := range commands {
		commands[i] = strings.TrimRight(commands[i], "\n")
	}
	return commands
}

// shell is one sh that goes on from command to command, as a person's does.
type shell struct {
	*site
	in  io.Writer
	out *bufio.Reader
}

func (s *site) shell() *shell {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), "sh")
	cmd.Env, cmd.Dir = s.environment(), s.dir
	in, err := cmd.StdinPipe()
	if err != nil {
		s.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	return &shell{s, in, bufio.NewReader(out)}
}

// run returns what a command says, on stdout and stderr, and its exit code.
func (s *shell) run(command string) (said string, code int) {
	s.Helper()
	const mark = "--- the end of a command: "
	if _, err := fmt.Fprintf(s.in, "{ %s\n} 2>&1\nprintf '\\n%s%%d\\n' $?\n", command, mark); err != nil {
		s.Fatal(err)
	}
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			s.Fatalf("%s: %v after\n%s", command, err, said)
		}
		if n, err := fmt.Sscanf(line, mark+"%d", &code); n == 1 && err == nil {
			return said, code
		}
		said += line
	}
}
