package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The journal is a file that scripts append to, one line for each thing that
// happens: "start TASK/WORKNO.RUN#ATTEMPT" or "end …". One write with O_APPEND
// is one line, so it can be believed whoever else writes, and nothing of
// Capricornus touches it.
const journalName = "journal"

// noted is a script that writes its start and its end into the journal and
// waits in between until the file released/TASK is there.
const noted = `note() { printf '%s %s\n' "$1" "$CAPRI_ATTEMPT" >>"$SITE/journal"; }
note start
echo "one line of $CAPRI_TASK"
while [ ! -e "$SITE/released/$CAPRI_TASK" ]; do sleep 0.05; done
echo "another line of $CAPRI_TASK"
note end
`

// release lets the scripts of these tasks go on.
func (s *site) release(tasks ...string) {
	s.Helper()
	for _, task := range tasks {
		s.write(filepath.Join("released", task), "")
	}
}

// entry is one line of the journal.
type entry struct {
	kind    string // start or end
	batch   string
	attempt string
}

// journal counts the journal's lines.
func (s *site) journal() map[entry]int {
	s.Helper()
	text, err := os.ReadFile(s.path(journalName))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.Fatal(err)
	}
	lines := map[entry]int{}
	for line := range strings.Lines(string(text)) {
		kind, code, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		batch, attempt, _ := strings.Cut(code, "#")
		lines[entry{kind, batch, attempt}]++
	}
	return lines
}

// awaitNoted waits until the journal has a kind of line for each batch.
func (s *site) awaitNoted(kind string, batches ...string) {
	s.Helper()
	s.await(fmt.Sprintf("%s of %v in the journal", kind, batches), func() bool {
		have := map[string]bool{}
		for line := range s.journal() {
			have[line.batch] = have[line.batch] || line.kind == kind
		}
		return !slices.ContainsFunc(batches, func(b string) bool { return !have[b] })
	})
}

// ranOnce holds that the journal tells of exactly these batches, and of each of
// them one line of each kind, all of one attempt: an attempt that was assigned
// and never began leaves none.
func (s *site) ranOnce(kinds []string, batches ...string) {
	s.Helper()
	lines, attempts := map[entry]int{}, map[string]string{}
	for line, n := range s.journal() {
		if first, seen := attempts[line.batch]; seen && first != line.attempt {
			s.Errorf("got attempts %s and %s of %s in the journal, want one", first, line.attempt, line.batch)
		}
		attempts[line.batch] = line.attempt
		lines[entry{kind: line.kind, batch: line.batch}] += n
	}
	for _, kind := range kinds {
		for _, b := range batches {
			line := entry{kind: kind, batch: b}
			if lines[line] != 1 {
				s.Errorf("got %d lines %q of %s in the journal, want 1", lines[line], kind, b)
			}
			delete(lines, line)
		}
	}
	for line, n := range lines {
		s.Errorf("got %d lines %q of %s in the journal, want none", n, line.kind, line.batch)
	}
}

// toolbox makes a directory of programs that stands first in PATH. Its mkdir,
// which every script of the web-log example calls once, keeps the journal, so
// that the example is judged as it is delivered.
func (s *site) toolbox() string {
	s.Helper()
	dir := s.path("toolbox")
	if err := os.Mkdir(dir, 0o755); err != nil {
		s.Fatal(err)
	}
	const text = "#!/bin/sh\n[ -z \"$CAPRI_ATTEMPT\" ] || printf 'start %%s\\n' \"$CAPRI_ATTEMPT\" >>'%s'\nexec /bin/mkdir \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "mkdir"), fmt.Appendf(nil, text, s.path(journalName)), 0o755); err != nil {
		s.Fatal(err)
	}
	return dir + ":/usr/local/bin:/usr/bin:/bin"
}

// taskFile writes the file of a task of project e2e, whose spec is YAML
// indented by two.
func (s *site) taskFile(name, spec string) {
	s.Helper()
	text := fmt.Sprintf("apiVersion: capri/v1\nkind: Task\nmetadata: {name: %s, project: e2e, owner: admin}\nspec:\n", name)
	s.write(filepath.Join("tasks", name+".yaml"), text+spec)
}

const projectText = "apiVersion: capri/v1\nkind: Project\nmetadata: {name: e2e, owner: admin}\n"

// notedTasks applies tasks whose script is noted and that no timer starts.
func (s *site) notedTasks(names ...string) {
	s.Helper()
	s.write("tasks/project.yaml", projectText)
	script := "      " + strings.ReplaceAll(strings.TrimSuffix(noted, "\n"), "\n", "\n      ") + "\n"
	for _, name := range names {
		s.taskFile(name, "  period: manual\n  env: {SITE: "+s.dir+"}\n  run:\n    type: shell\n    script: |\n"+script)
	}
	s.capri("task", "apply", "-f", s.path("tasks"))
}

// runAll executes tasks and returns their batches.
func (s *site) runAll(tasks ...string) []string {
	s.Helper()
	batches := make([]string, len(tasks))
	for i, task := range tasks {
		batches[i] = strings.TrimSpace(s.capri("task", "run", task))
	}
	return batches
}
