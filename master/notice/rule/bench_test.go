package rule_test

import (
	"fmt"
	"testing"

	"capricornus/common/task"
	"capricornus/master/notice/rule"
)

// BenchmarkDecide decides about a task of a department of 500 people.
func BenchmarkDecide(b *testing.B) {
	q := rule.Question{Level: rule.ByTask, Task: &rule.Task{Owner: "p0001", Department: "data", Alerts: task.Alerts{Default: true}}}
	for i := range 500 {
		q.People = append(q.People, rule.Person{Name: fmt.Sprintf("p%04d", i), Department: "data", Mail: fmt.Sprintf("p%04d@x", i), Phone: fmt.Sprint(1380000000 + i), Admin: i == 0})
	}
	for b.Loop() {
		if told, _ := rule.Decide(q); len(told) != 500 {
			b.Fatalf("got %d told, want 500", len(told))
		}
	}
}
