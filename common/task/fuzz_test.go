package task

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Whatever the bytes: no panic, findings inside the file, and what was read
// survives being stored, exported and read again.
func FuzzParse(f *testing.F) {
	for _, file := range append(badFiles(f), "testdata/good/full.yaml", "testdata/good/full.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Ext(file), data)
	}
	f.Fuzz(func(t *testing.T, suffix string, data []byte) {
		docs, findings := Parse("file"+suffix, data)
		lint := Lint(docs, nil)
		checkFindings(t, append(findings, lint...), data)
		for _, doc := range docs {
			if doc.Task != nil && !doc.Broken && !HasErrors(lint) {
				roundTrip(t, doc.Task)
				sameAgain(t, doc.Task)
			}
		}
	})
}

func checkFindings(t *testing.T, findings []Finding, data []byte) {
	t.Helper()
	lines := 1
	for _, b := range data {
		if b == '\n' {
			lines++
		}
	}
	for _, f := range findings {
		if f.Line < 1 || f.Line > lines+1 || f.Message == "" || f.Code == "" || !utf8.ValidString(f.Message) {
			t.Errorf("got finding %+v, want one inside the file's %d lines, with a sentence", f, lines)
		}
	}
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func roundTrip(t fataler, task *Task) {
	data, err := json.Marshal(task)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	var stored Task
	if err := json.Unmarshal(data, &stored); err != nil {
		t.Fatalf("unmarshal %s: %v", data, err)
	}
	if !reflect.DeepEqual(&stored, task) {
		t.Fatalf("got %+v from the store, want %+v (%s)", stored, *task, data)
	}
	docs, findings := Parse("exported.json", data)
	if len(findings) > 0 || len(docs) != 1 {
		t.Fatalf("got findings about the export %s:\n%swant none", data, text(findings))
	}
	if !reflect.DeepEqual(docs[0].Task, task) {
		t.Fatalf("got %+v from the export, want %+v (%s)", docs[0].Task, *task, data)
	}
}

func TestDefinitionsSurviveStoreAndExport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { roundTrip(t, drawTask(t)) })
}

func drawTask(t *rapid.T) *Task {
	word := rapid.StringMatching(`[a-z][a-z0-9_]{0,8}`)
	anyText := rapid.StringMatching(`[ -~\n\t中文é{}"\\]{0,20}`)
	word1 := func(name string, words []string) string { return rapid.SampledFrom(words).Draw(t, name) }
	task := defaults()
	task.Metadata = Metadata{Name: word.Draw(t, "name"), Title: anyText.Draw(t, "title"), Project: word.Draw(t, "project"), Owner: word.Draw(t, "owner")}
	s := &task.Spec
	s.Period = word1("period", periodWords())
	s.Enabled = rapid.Bool().Draw(t, "enabled")
	s.Priority = rapid.IntRange(0, 9).Draw(t, "priority")
	s.Earliest = drawOffset(t, s.Period)
	s.Timeouts = Timeouts{Depend: drawOffset(t, s.Period), Output: drawOffset(t, s.Period), Run: drawDuration(t)}
	s.Workers = Workers{Group: word.Draw(t, "group"), Policy: word1("policy", policyWords()), Memory: Bytes(rapid.Int64Range(0, 1<<50).Draw(t, "memory"))}
	s.Success = word1("success", successWords())
	s.Retry.Times = rapid.IntRange(0, 9).Draw(t, "times")
	s.Retry.Interval = drawDuration(t)
	s.Retry.Backoff = rapid.Float64Range(1, 10).Draw(t, "backoff")
	if rapid.Bool().Draw(t, "codes") {
		s.Retry.ExitCodes = rapid.SliceOfN(rapid.IntRange(0, 255), 1, 3).Draw(t, "exitCodes")
	}
	if rapid.Bool().Draw(t, "env") {
		s.Env = rapid.MapOfN(word, anyText, 1, 3).Draw(t, "envs")
	}
	s.Run = Run{Type: word1("type", typeWords()), Script: anyText.Draw(t, "script")}
	s.Inputs = []Input{{Path: anyText.Draw(t, "input"), Ready: word1("ready", readyWords()), Window: word1("window", windowWords())}}
	s.Parents = drawParents(t)
	s.Alerts.Default = rapid.Bool().Draw(t, "default")
	s.Alerts.OwnerOnly = rapid.Bool().Draw(t, "ownerOnly")
	return task
}

func drawParents(t *rapid.T) []Parent {
	offset := rapid.IntRange(-100, 0).Draw(t, "offset")
	return []Parent{
		{Task: "a"}, {Task: "b", Offset: &offset}, {Task: "c", Range: &[2]int{offset, 0}},
		{Task: "d", Last: rapid.Bool().Draw(t, "last")},
	}
}

func drawOffset(t *rapid.T, period string) Offset {
	minutes := rapid.IntRange(0, 1400).Draw(t, "minutes")
	switch {
	case !rapid.Bool().Draw(t, "set"):
		return Offset{}
	case period == "day" && rapid.Bool().Draw(t, "clock"):
		return Offset{Set: true, Minutes: minutes, Text: time.Unix(int64(minutes+1)*60, 0).UTC().Format("15:04")}
	}
	return Offset{Set: true, Minutes: minutes, Text: strconv.Itoa(minutes)}
}

func drawDuration(t *rapid.T) Duration {
	unit := rapid.SampledFrom([]time.Duration{time.Nanosecond, time.Millisecond, time.Second, time.Minute, time.Hour}).Draw(t, "unit")
	return Duration(time.Duration(rapid.IntRange(0, 10_000).Draw(t, "amount")) * unit)
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/good/full.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		docs, _ := Parse("full.yaml", data)
		if len(Lint(docs, nil)) > 0 {
			b.Fatal("got findings, want none")
		}
	}
}
