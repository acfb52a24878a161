package task

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const httpTask = `apiVersion: capri/v1
kind: Project
metadata: {name: web}
---
apiVersion: capri/v1
kind: Task
metadata: {name: ask, project: web, owner: admin}
spec:
  period: day
  run:
    type: http
    http:
      method: POST
      url: "https://api.example.com:8443/jobs/{{ biz_date }}?run={{ run }}"
      headers: {Content-Type: application/json, Idempotency-Key: "{{ task }}-{{ work_no }}"}
      headerFiles: {Authorization: /etc/etl/api.token}
      body: '{"day": {"is": "{{ biz_date }}"}}'
      timeout: 30s
      success: {status: [200, 202], when: 'json.state == "done" && json.rows > 0'}
`

func TestHTTPTask(t *testing.T) {
	docs := load(t, "http.yaml", httpTask)
	if got := Lint(docs, nil); len(got) != 0 {
		t.Errorf("got findings:\n%swant none", text(got))
	}
	got := docs[1].Task
	want := &HTTP{
		Method: "POST", URL: "https://api.example.com:8443/jobs/{{ biz_date }}?run={{ run }}",
		Headers:     map[string]string{"Content-Type": "application/json", "Idempotency-Key": "{{ task }}-{{ work_no }}"},
		HeaderFiles: map[string]string{"Authorization": "/etc/etl/api.token"},
		Body:        `{"day": {"is": "{{ biz_date }}"}}`, Timeout: Duration(30 * time.Second),
		Success: HTTPSuccess{Status: []int{200, 202}, When: `json.state == "done" && json.rows > 0`},
	}
	if !reflect.DeepEqual(got.Spec.Run.HTTP, want) {
		t.Errorf("got %+v, want %+v", got.Spec.Run.HTTP, want)
	}
	exported, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if again := load(t, "http.json", string(exported))[0].Task; !reflect.DeepEqual(again, got) {
		t.Errorf("got %+v after export, want %+v", again, got)
	}
}

func TestHTTPDefaults(t *testing.T) {
	short := strings.Replace(minimal, "{script: x}", "{type: http, http: {url: \"http://a?x={{ biz_date }}\"}}", 1)
	docs := load(t, "a.yaml", short)
	want := &HTTP{Method: "GET", URL: "http://a?x={{ biz_date }}", Timeout: Duration(time.Minute)}
	if got := docs[0].Task.Spec.Run.HTTP; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Lint(docs, nil); HasErrors(got) {
		t.Errorf("got findings:\n%swant no error", text(got))
	}
}

func TestTheExamplesOfCallsAreGood(t *testing.T) {
	files, err := filepath.Glob("../../examples/http/tasks/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, %v, want some", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := Lint(load(t, file, string(data)), nil); len(got) != 0 {
			t.Errorf("got findings:\n%swant none", text(got))
		}
	}
}
