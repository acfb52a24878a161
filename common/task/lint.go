package task

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Known is what exists outside of the given files, on the server.
type Known interface {
	Task(name string) (*Task, bool)
	Project(name string) bool
}

// Lint checks what Parse returned: names, values, macros, references and the
// graph. Without a server known is nil, and references to what the files do
// not hold are warnings; with one they are errors (exactly.md 34).
func Lint(docs []Document, known Known) []Finding {
	l := &linter{known: known, tasks: map[string]Document{}, projects: map[string]Document{}}
	for _, doc := range docs {
		l.enter(doc)
	}
	for _, doc := range docs {
		l.check(doc)
	}
	l.cycles(docs)
	sortFindings(l.findings)
	return l.findings
}

// linter holds what the files define and what was found.
type linter struct {
	known    Known
	tasks    map[string]Document
	projects map[string]Document
	findings []Finding
}

// enter records a name and refuses a second document of that name.
func (l *linter) enter(doc Document) {
	names, what := l.tasks, "task"
	if doc.Project != nil {
		names, what = l.projects, "project"
	}
	name := doc.Name()
	if name == "" {
		return
	}
	if first, twice := names[name]; twice {
		c := l.at(doc)
		c.errorf(path("metadata", "name"), CodeDuplicate, "the %s %s is defined twice, first at %s:%d; keep one of them",
			what, name, first.File, first.line("metadata", "name"))
		l.take(c)
		return
	}
	names[name] = doc
}

// checker reports about one document.
type checker struct {
	doc Document
	rep *report
}

func (l *linter) at(doc Document) checker { return checker{doc: doc, rep: &report{file: doc.File}} }

func (l *linter) take(c checker) { l.findings = append(l.findings, c.rep.findings...) }

// path names a value in a document: map keys and list indexes.
func path(steps ...any) []any { return steps }

func (c checker) errorf(at []any, code, format string, args ...any) {
	c.rep.errorf(c.doc.line(at...), code, format, args...)
}

func (c checker) warnf(at []any, code, format string, args ...any) {
	c.rep.warnf(c.doc.line(at...), code, format, args...)
}

func (l *linter) check(doc Document) {
	if doc.Broken {
		return
	}
	c := l.at(doc)
	if doc.Project != nil {
		c.project()
	}
	if doc.Task != nil {
		c.task()
		l.references(c)
	}
	l.take(c)
}

func (c checker) project() {
	m := c.doc.Project.Metadata
	c.name(path("metadata", "name"), "a project's name", m.Name)
	c.short(path("metadata", "title"), "the title", m.Title)
	c.short(path("metadata", "department"), "the department", m.Department)
	c.person(path("metadata", "owner"), m.Owner)
}

// reservedName stands where the name of a task does in the paths of the
// interface: GET tasks/export.
const reservedName = "export"

func (c checker) task() {
	m := c.doc.Task.Metadata
	c.name(path("metadata", "name"), "a task's name", m.Name)
	if m.Name == reservedName {
		c.errorf(path("metadata", "name"), CodeBadName, "%s is no name for a task: the interface calls something else that", quoted(m.Name))
	}
	c.name(path("metadata", "project"), "a project's name", m.Project)
	c.short(path("metadata", "title"), "the title", m.Title)
	c.person(path("metadata", "owner"), m.Owner)
	c.labels(path("metadata", "labels"), m.Labels)
	c.schedule()
	c.numbers()
	c.placement()
	c.run()
	c.paths()
	c.others()
	c.parents()
}

// references checks the names of other things against the files and the server.
func (l *linter) references(c checker) {
	m := c.doc.Task.Metadata
	if _, inFiles := l.projects[m.Project]; !inFiles && (l.known == nil || !l.known.Project(m.Project)) {
		l.unknown(c, path("metadata", "project"), fmt.Sprintf("the project %s", quoted(m.Project)), didYouMean(m.Project, names(l.projects)))
	}
	for i, p := range c.doc.Task.Spec.Parents {
		parent, found := l.task(p.Task)
		if !found {
			if _, broken := l.tasks[p.Task]; !broken {
				l.unknown(c, path("spec", "parents", i, "task"), fmt.Sprintf("the parent %s", quoted(p.Task)), didYouMean(p.Task, names(l.tasks)))
			}
			continue
		}
		c.parent(i, parent)
	}
}

// task finds a task whose definition can be used.
func (l *linter) task(name string) (*Task, bool) {
	if doc, found := l.tasks[name]; found {
		return doc.Task, !doc.Broken
	}
	if l.known == nil {
		return nil, false
	}
	return l.known.Task(name)
}

func (l *linter) unknown(c checker, at []any, what, hint string) {
	if l.known == nil {
		c.warnf(at, CodeUnknown, "%s is not in the given files; the server will want to know it%s", what, hint)
		return
	}
	c.errorf(at, CodeUnknown, "%s exists neither in the given files nor on the server%s", what, hint)
}

func names(docs map[string]Document) []string {
	list := make([]string, 0, len(docs))
	for name := range docs {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// cycles refuses circles of tasks that wait for one another in the same
// period. Tasks on the server that the files lead to are walked as well: a
// circle that the files close goes through one of them.
func (l *linter) cycles(docs []Document) {
	tasks := l.closure(docs)
	_, circles := Order(tasks)
	for _, circle := range circles {
		for i, name := range circle {
			doc, inFiles := l.tasks[name]
			if !inFiles {
				continue
			}
			c := l.at(doc)
			around := append(slices.Clone(circle[i:]), circle[:i+1]...)
			c.errorf(c.waitsFor(around[len(around)-2]), CodeCycle, "%s", cycleSentence(around))
			l.take(c)
			break
		}
	}
}

func cycleSentence(around []string) string {
	if len(around) == 2 {
		return fmt.Sprintf("%s waits for itself; it may depend on its own earlier periods only: write offset: -1, or a range that ends at -1", around[0])
	}
	const most = 12
	shown := around
	if len(shown) > most {
		shown = append(slices.Clone(shown[:most-1]), "…", around[len(around)-1])
	}
	return fmt.Sprintf("these tasks wait for one another for ever: %s; remove one dependency, or let one look back with offset: -1",
		strings.Join(shown, " → "))
}

// waitsFor finds where the document names the parent, as a task or by a path.
func (c checker) waitsFor(parent string) []any {
	for i, p := range c.doc.Task.Spec.Parents {
		if p.Task == parent && !p.Window().Past() {
			return path("spec", "parents", i, "task")
		}
	}
	return path("spec", "inputs")
}

// closure returns the tasks of the files and all that the server knows above.
func (l *linter) closure(docs []Document) []*Task {
	var tasks []*Task
	seen := map[string]bool{}
	for _, doc := range docs {
		if doc.Task != nil && !doc.Broken && !seen[doc.Name()] {
			seen[doc.Name()] = true
			tasks = append(tasks, doc.Task)
		}
	}
	for i := 0; i < len(tasks); i++ {
		for _, p := range tasks[i].Spec.Parents {
			parent, found := l.task(p.Task)
			if found && !seen[p.Task] {
				seen[p.Task] = true
				tasks = append(tasks, parent)
			}
		}
	}
	return tasks
}

// zone is where lint does its comparisons: orders of dates are the same in all.
func zone() *time.Location { return time.UTC }
