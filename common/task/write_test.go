package task

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// sameAgain wants the written form of a definition to be read as the same value.
func sameAgain(t *testing.T, def *Task) string {
	t.Helper()
	text, err := YAML(def)
	if err != nil {
		t.Fatal(err)
	}
	docs, findings := Parse("again.yaml", []byte(text))
	if len(docs) != 1 || docs[0].Task == nil || HasErrors(findings) {
		t.Fatalf("got %d documents and %v, want the task back from\n%s", len(docs), findings, text)
	}
	got, err1 := json.Marshal(docs[0].Task)
	want, err2 := json.Marshal(def)
	if err1 != nil || err2 != nil || string(got) != string(want) {
		t.Fatalf("got %s\nwant %s\nfrom\n%s", got, want, text)
	}
	return text
}

func TestWrittenIsReadAsTheSame(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got no files (%v), want some", err)
	}
	for _, pattern := range []string{"../../examples/*/tasks/*.yaml", "../../examples/*/*.yaml"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	tasks := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		docs, _ := Parse(file, data)
		for _, d := range docs {
			if d.Task != nil && !d.Broken {
				tasks++
				sameAgain(t, d.Task)
			}
		}
	}
	if tasks < 10 {
		t.Errorf("got %d tasks, want the examples among them", tasks)
	}
}

// TestStringsAreWrittenWhole puts what YAML might take for something else into
// every place that takes text.
func TestStringsAreWrittenWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"true", "No", "null", "~", "12", "1e3", "0x1f", "-", "- a", "a: b", "a:", "a #b", "#a", "'", "\"", "\\", "{{ biz_date }}", "[a", "{a", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a",
		" a", "a ", "a  b", "每日 明细", "a\nb", "a\nb\n", "a\n\nb\n", "a\n  b\n    c\n", "\na", "a\n\n", "  a\n  b\n", "a\n \nb", "a \nb", "a\n\tb\n", "\ta\nb", "---\na\n", "a\n---\nb\n", "...\nb",
		"# comment\nset -e\necho \"$A: b\"\n", "a\u2028b", "a\tb", "2015-05-01", "12:30", ".", "..", "/a/b", "=", "?", "? a", "a, b", "<<", "emoji 😀", "\u00a0", "a\nb\u00a0\n", "\ufeffa", "\ufeffa\nb\n", "é\nb",
	} {
		def := defaults()
		def.Metadata = Metadata{Name: "a", Project: "p", Owner: "o", Title: strings.ReplaceAll(text, "\n", " "), Labels: map[string]string{"k": "v", "on": "off"}}
		def.Spec.Period, def.Spec.Run.Script = "day", text
		def.Spec.Env = map[string]string{"A": text, "NO": "1"}
		def.Spec.Run.Command = []string{text, "-c"}
		sameAgain(t, def)
	}
}

func TestWrittenForm(t *testing.T) {
	t.Parallel()
	docs, findings := Parse("a.yaml", []byte(`apiVersion: capri/v1
kind: Task
metadata: {name: a, project: p, owner: o, title: Daily access, labels: {layer: dwd}}
spec:
  period: day
  earliest: "02:00"
  parents: [{task: b, range: [-7, -1]}, {task: c}]
  inputs: [{path: "hdfs:///ods/{{ biz_date }}"}]
  retry: {exitCodes: [1, 75]}
  run: {type: shell, script: "set -e\necho 1\n"}
`))
	if HasErrors(findings) {
		t.Fatal(findings)
	}
	want := `apiVersion: capri/v1
kind: Task
metadata:
  name: a
  title: Daily access
  project: p
  owner: o
  labels:
    layer: dwd
spec:
  period: day
  enabled: true
  priority: 5
  earliest: "02:00"
  maxRunning: 1
  workers:
    group: default
    policy: health-first
  inputs:
    - path: "hdfs:///ods/{{ biz_date }}"
      ready: _SUCCESS
  parents:
    - task: b
      range: [-7, -1]
    - task: c
  success: exit-code
  quality:
    enabled: false
    onSilence: wait
    after: 30m
  retry:
    times: 3
    interval: 30s
    backoff: 2
    exitCodes: [1, 75]
  onWorkerLost: wait
  run:
    type: shell
    script: |
      set -e
      echo 1
  alerts:
    default: true
`
	if got := sameAgain(t, docs[0].Task); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestProjectIsWrittenAndReadAgain(t *testing.T) {
	t.Parallel()
	p := &Project{APIVersion: APIVersion, Kind: KindProject, Metadata: ProjectMetadata{Name: "p", Title: "yes: no", Department: "数据", Owner: "on"}}
	text, err := YAML(p)
	docs, findings := Parse("p.yaml", []byte(text))
	if err != nil || len(docs) != 1 || HasErrors(findings) || !reflect.DeepEqual(docs[0].Project, p) {
		t.Errorf("got %v, %v, %v, want the project back from\n%s", docs, findings, err, text)
	}
}
