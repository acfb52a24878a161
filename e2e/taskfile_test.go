package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"capricornus/common/store/storetest"
)

// head is the begin of a good task; its last line is line 4.
const head = "apiVersion: capri/v1\nkind: Task\nmetadata: {name: bad, project: e2e, owner: admin}\nspec:\n"

// wrongFiles are task files with one mistake each, in the line that ends in
// "#!", and a part of the sentence that is wanted.
func wrongFiles() map[string][2]string {
	const run = "  run: {type: shell, script: \"true\"}\n"
	good := head + "  period: day\n" + run
	return map[string][2]string{
		"NotYAML":           {head + "  period: [day #!\n", ""},
		"ATab":              {head + "\tperiod: day #!\n", ""},
		"NotATask":          {"just a sentence #!\n", ""},
		"UnknownKind":       {strings.Replace(good, "kind: Task", "kind: Tusk #!", 1), "Task"},
		"UnknownVersion":    {strings.Replace(good, "capri/v1", "capri/v9 #!", 1), "capri/v1"},
		"UnknownKey":        {good + "  retires: {times: 3} #!\n", "retry"},
		"UnknownKeyBelow":   {good + "  retry: {tims: 3} #!\n", "times"},
		"WrongType":         {good + "  priority: high #!\n", "priority"},
		"OutOfRange":        {good + "  priority: 12 #!\n", "from 0 to 9"},
		"NoName":            {strings.Replace(good, "{name: bad, project: e2e, owner: admin}", "{project: e2e, owner: admin} #!", 1), "name"},
		"BadName":           {strings.Replace(good, "{name: bad, project: e2e, owner: admin}", "{name: Bad-Name, project: e2e, owner: admin} #!", 1), "small letters"},
		"UnknownProject":    {strings.Replace(good, "{name: bad, project: e2e, owner: admin}", "{name: bad, project: nowhere, owner: admin} #!", 1), "nowhere"},
		"UnknownPeriod":     {head + "  period: dayly #!\n" + run, "day"},
		"CronWithout":       {head + "  period: cron #!\n" + run, "spec.cron"},
		"BadCron":           {head + "  period: cron\n  cron: \"61 * * * *\" #!\n" + run, "61"},
		"BadMacro":          {good + "  env: {DAY: \"{{ biz_dat }}\"} #!\n", "biz_dat"},
		"MacroLeftOpen":     {good + "  env: {DAY: \"{{ biz_date\"} #!\n", "macro"},
		"OutputWithoutDate": {good + "  outputs: [{path: \"file:///data/out\"}] #!\n", "no date"},
		"RelativePath":      {good + "  inputs: [{path: \"data/{{ biz_date }}\"}] #!\n", "file://"},
		"UnknownParent":     {good + "  parents: [{task: nobody}] #!\n", "nobody"},
		"OwnParent":         {good + "  parents: [{task: bad}] #!\n", "bad"},
		"WindowOfTheFuture": {good + "  parents: [{task: good, offset: 1}] #!\n", "future"},
		"TwoWindows":        {good + "  parents: [{task: good, offset: -1, last: true}] #!\n", "alternatives"},
		"BadDuration":       {good + "  timeouts: {run: soon} #!\n", "soon"},
		"BadSize":           {good + "  workers: {memory: much} #!\n", "much"},
		"ValidBackwards":    {good + "  valid: {from: 2026-02-01, to: 2026-01-01} #!\n", "not before"},
		"RootAccount":       {good + "  account: root #!\n", "root"},
		"BadVariable":       {good + "  env: {\"A-B\": x} #!\n", "A-B"},
		"ReservedVariable":  {good + "  env: {CAPRI_TASK: x} #!\n", "CAPRI_"},
		"OutputToLookAt":    {good + "  success: output-path #!\n", "output"},
		"UnknownSuccess":    {good + "  success: maybe #!\n", "exit-code"},
		"NoScript":          {head + "  period: day\n  run: {type: shell} #!\n", "run.script"},
		"NoCommand":         {head + "  period: day\n  run: {type: exec} #!\n", "run.command"},
		"NotSupported":      {head + "  period: day\n  run: {type: http} #!\n", "http"},
		"NoRun":             {head + "  period: day #!\n", "run"},
		"DefinedTwice":      {good + "---\n" + strings.Replace(good, "owner: admin}", "owner: admin} #!", 1), "twice"},
		"CycleOfTwo": {good + "  parents: [{task: other}] #!\n---\n" +
			strings.Replace(good, "name: bad", "name: other", 1) + "  parents: [{task: bad}] #!\n", "other"},
	}
}

func TestWrongTaskFilesAreRefusedByLine(t *testing.T) {
	t.Parallel()
	s := newSite(t, storetest.SQLite)
	s.dev("--demo", "none")
	s.write("good/project.yaml", projectText)
	s.write("good/good.yaml", strings.Replace(head, "name: bad", "name: good", 1)+"  period: day\n  run: {type: shell, script: \"true\"}\n")
	s.capri("task", "apply", "-f", s.path("good"))
	before := s.capri("task", "list")
	for name, file := range wrongFiles() {
		path := s.write(filepath.Join("wrong", name+".yaml"), strings.ReplaceAll(file[0], " #!\n", "\n"))
		r := s.refuses(9, []string{"nothing was applied", "error"}, "task", "apply", "-f", path)
		lines := strings.Split(file[0], "\n")
		told := slices.ContainsFunc(lines, func(line string) bool { return strings.HasSuffix(line, " #!") })
		if !told {
			s.Errorf("%s: no line is marked as wrong", name)
		}
		if !slices.ContainsFunc(lines, func(line string) bool {
			at := slices.Index(lines, line)
			return strings.HasSuffix(line, " #!") && strings.Contains(r.err, fmt.Sprintf("%s:%d: ", path, at+1))
		}) {
			s.Errorf("%s: got\n%s\nwant the line that is wrong in\n%s", name, r.err, file[0])
		}
		if !strings.Contains(r.err, file[1]) {
			s.Errorf("%s: got\n%s\nwant %q in it", name, r.err, file[1])
		}
	}
	s.wrongAsAWhole()
	if after := s.capri("task", "list"); after != before {
		s.Errorf("got tasks\n%s\nwant nothing changed:\n%s", after, before)
	}
	s.sound()
}

// wrongAsAWhole are inputs that cannot be read at all, and a good file beside
// a wrong one.
func (s *site) wrongAsAWhole() {
	s.Helper()
	s.write("mixed/new.yaml", strings.Replace(head, "name: bad", "name: newcomer", 1)+"  period: day\n  run: {type: shell, script: \"true\"}\n")
	s.write("mixed/wrong.yaml", head+"  period: day\n")
	r := s.refuses(9, []string{"nothing was applied"}, "task", "apply", "-f", s.path("mixed"))
	s.wants("what apply says", r.err, s.path("mixed", "wrong.yaml")+":")
	s.refuses(9, []string{"not UTF-8"}, "task", "apply", "-f", s.write("latin.yaml", "kind: T\xe4sk\n"))
	s.refuses(3, []string{"does not exist"}, "task", "apply", "-f", s.path("nowhere.yaml"))
	if err := os.Mkdir(s.path("empty"), 0o700); err != nil {
		s.Fatal(err)
	}
	s.refuses(3, []string{"has no task files"}, "task", "apply", "-f", s.path("empty"))
	s.refuses(9, []string{"1 error"}, "task", "lint", s.path("mixed", "wrong.yaml"))
	s.refuses(2, []string{"name the files"}, "task", "apply")
}
