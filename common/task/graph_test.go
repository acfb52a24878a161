package task

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func named(name string, parents ...Parent) *Task {
	t := defaults()
	t.Metadata = Metadata{Name: name, Project: "p", Owner: "o"}
	t.Spec.Period = "day"
	t.Spec.Parents = parents
	t.Spec.Run.Script = "true"
	return t
}

func on(task string) Parent { return Parent{Task: task} }

func back(task string, n int) Parent { return Parent{Task: task, Offset: &n} }

func span(task string, from, to int) Parent { return Parent{Task: task, Range: &[2]int{from, to}} }

func TestOrder(t *testing.T) {
	last := Parent{Task: "b", Last: true}
	data := func(name, in, out string) *Task {
		task := named(name)
		task.Spec.Inputs, task.Spec.Outputs = []Input{{Path: in}}, []Output{{Path: out}}
		return task
	}
	const x, y = "hdfs:///x/{{ biz_date }}", "hdfs:///y/{{ biz_date }}"
	cases := []struct {
		name   string
		tasks  []*Task
		order  []string
		cycles [][]string
	}{
		{"PutsParentsFirst", []*Task{named("c", on("b")), named("b", on("a")), named("a")}, []string{"a", "b", "c"}, nil},
		{"KeepsTheGivenOrderOtherwise", []*Task{named("z"), named("a"), named("m")}, []string{"z", "a", "m"}, nil},
		{"TakesADiamondOnce", []*Task{named("d", on("b"), on("c")), named("b", on("a")), named("c", on("a")), named("a")}, []string{"a", "b", "c", "d"}, nil},
		{"IgnoresParentsOutside", []*Task{named("a", on("elsewhere"))}, []string{"a"}, nil},
		{"FindsACircle", []*Task{named("a", on("c")), named("b", on("a")), named("c", on("b"))}, nil, [][]string{{"b", "c", "a"}}},
		{"FindsASelfDependency", []*Task{named("a", on("a"))}, nil, [][]string{{"a"}}},
		{"AllowsTheOwnPast", []*Task{named("a", back("a", -1), span("a", -7, -1))}, []string{"a"}, nil},
		{"RefusesARangeThatReachesThePresent", []*Task{named("a", span("a", -1, 0))}, nil, [][]string{{"a"}}},
		{"AllowsACircleThroughThePast", []*Task{named("a", back("b", -1)), named("b", on("a"))}, []string{"a", "b"}, nil},
		{"RefusesACircleByOffsetZero", []*Task{named("a", back("b", 0)), named("b", on("a"))}, nil, [][]string{{"b", "a"}}},
		{"RefusesACircleByLast", []*Task{named("a", last), named("b", on("a"))}, nil, [][]string{{"b", "a"}}},
		{"SeesTheWorstOfTwoEdges", []*Task{named("a", back("b", -1), on("b")), named("b", on("a"))}, nil, [][]string{{"b", "a"}}},
		{"FindsACircleOfData", []*Task{data("a", x, y), data("b", y, x)}, nil, [][]string{{"b", "a"}}},
		{"FindsTwoCircles", []*Task{named("a", on("b")), named("b", on("a")), named("c", on("d")), named("d", on("c"), on("a"))}, nil, [][]string{{"b", "a"}, {"d", "c"}}},
		{"DoesNotBlameWhatHangsOnACircle", []*Task{named("z", on("a")), named("a", on("b")), named("b", on("a"))}, nil, [][]string{{"b", "a"}}},
		{"LetsAPathWithoutADateBe", []*Task{data("a", "hdfs:///x", "hdfs:///y"), data("b", "hdfs:///y", "hdfs:///x")}, []string{"a", "b"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			order, cycles := Order(c.tasks)
			if !reflect.DeepEqual(cycles, c.cycles) {
				t.Errorf("got circles %v, want %v", cycles, c.cycles)
			}
			if c.order != nil && !slices.Equal(order, c.order) {
				t.Errorf("got order %v, want %v", order, c.order)
			}
			if len(order) != len(c.tasks) {
				t.Errorf("got %d tasks in the order, want all %d", len(order), len(c.tasks))
			}
		})
	}
}

func TestEdgesNameLogicAndData(t *testing.T) {
	a, b := named("a"), named("b", on("a"), back("b", -1), span("c", -7, -1), Parent{Task: "m", Last: true})
	a.Spec.Outputs = []Output{{Path: "hdfs:///x/{{ biz_date }}"}}
	b.Spec.Inputs = []Input{{Path: "hdfs:///x/{{ biz_date }}"}, {Path: "hdfs:///other"}}
	var got []string
	for _, e := range Edges([]*Task{a, b}) {
		got = append(got, fmt.Sprintf("%s>%s %s %s", e.Parent, e.Child, e.Kind, e.Window))
	}
	want := []string{"a>b logic default", "b>b logic offset -1", "c>b logic range -7..-1", "m>b logic last", "a>b data default"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A random graph whose edges only point back in a hidden order has no circle,
// and the order found respects every edge; one edge forward makes one.
func TestOrderRespectsEveryEdge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "tasks")
		tasks := make([]*Task, n)
		for i := range tasks {
			tasks[i] = named(fmt.Sprintf("t%d", i))
			for range rapid.IntRange(0, min(i, 4)).Draw(t, "parents") {
				tasks[i].Spec.Parents = append(tasks[i].Spec.Parents, on(fmt.Sprintf("t%d", rapid.IntRange(0, i-1).Draw(t, "parent"))))
			}
		}
		shuffled := rapid.Permutation(tasks).Draw(t, "shuffled")
		order, cycles := Order(shuffled)
		if len(cycles) > 0 || len(order) != n {
			t.Fatalf("got circles %v and %d tasks, want none and %d", cycles, len(order), n)
		}
		for _, e := range Edges(tasks) {
			if slices.Index(order, e.Parent) > slices.Index(order, e.Child) {
				t.Fatalf("got %v, want %s before %s", order, e.Parent, e.Child)
			}
		}
		tasks[0].Spec.Parents = []Parent{on(order[n-1])}
		reach := reachable(tasks, "t0")
		if _, cycles = Order(shuffled); (len(cycles) > 0) != reach[order[n-1]] {
			t.Fatalf("got circles %v after t0 depends on %s, want one exactly if that depends on t0", cycles, order[n-1])
		}
	})
}

// reachable returns the tasks that depend on one, itself included.
func reachable(tasks []*Task, from string) map[string]bool {
	found := map[string]bool{from: true}
	for range tasks {
		for _, e := range Edges(tasks) {
			if found[e.Parent] {
				found[e.Child] = true
			}
		}
	}
	return found
}

type server struct{ tasks map[string]*Task }

func (s server) Task(name string) (*Task, bool) { t, found := s.tasks[name]; return t, found }
func (s server) Project(name string) bool       { return name == "p" }

func documents(tasks ...*Task) []Document {
	var docs []Document
	for _, t := range tasks {
		docs = append(docs, Document{File: "f.yaml", Line: 1, Task: t})
	}
	return docs
}

func TestLintWithAServer(t *testing.T) {
	manual := named("m")
	manual.Spec.Period = "manual"
	known := server{map[string]*Task{"up": named("up", on("down")), "fine": named("fine"), "m": manual}}
	stray := named("stray")
	stray.Metadata.Project = "q"
	cases := []struct {
		name  string
		tasks []*Task
		want  string // part of the only finding, "" for none
	}{
		{"KnowsItsTasks", []*Task{named("a", on("fine"))}, ""},
		{"RefusesUnknownParents", []*Task{named("a", on("nobody"))}, `error: the parent "nobody" exists neither`},
		{"RefusesUnknownProjects", []*Task{stray}, `error: the project "q" exists neither`},
		{"SeesACircleThroughTheServer", []*Task{named("down", on("up"))}, "down → up → down"},
		{"PrefersTheFilesOverTheServer", []*Task{named("down", on("up")), named("up")}, ""},
		{"KnowsItsManualTasks", []*Task{named("a", on("m"))}, "write last: true"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			findings := Lint(documents(c.tasks...), known)
			got := text(findings)
			if c.want == "" && got != "" || len(findings) > 1 || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
