package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"capricornus/common/store/storetest"
)

// TestTheDocumentedCallsOfJobs makes the calls of docs/jobs.md with curl, as they
// stand there: a job is made, has records, and each has its output.
func TestTheDocumentedCallsOfJobs(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatalf("curl is missing: %v", err)
	}
	calls := documentedCalls(t)
	s := newSite(t, storetest.SQLite)
	s.dev("--demo", "none", "--workers", "1")
	made := s.curl(calls["createJob"], "")
	if made["created"] != true || made["name"] != "create-http-job-1" {
		t.Fatalf("got %v, want a job that is new", made)
	}
	if again := s.curl(calls["createJob"], ""); again["created"] != false || again["id"] != made["id"] {
		t.Errorf("got %v of the same call again, want the job that is there", again)
	}
	var record map[string]any
	s.await("a record of the job", func() bool {
		list, _ := s.curl(calls["listJobRecord"], "")["list"].([]any)
		if len(list) != 1 {
			return false
		}
		record, _ = list[0].(map[string]any)
		return true
	})
	id, err := json.Marshal(record["id"])
	if err != nil {
		t.Fatal(err)
	}
	result := s.curl(calls["getJobRecordResult"], string(id))
	if result["result"] != "hello\n" || result["status"] != "SUCCESS" || result["name"] != "create-http-job-1" {
		t.Errorf("got %v, want what the job has written", result)
	}
}

// documentedCalls are the commands of docs/jobs.md by the path they call.
func documentedCalls(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../docs/jobs.md")
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^curl .*:8080/(\w+)'$`).FindAllStringSubmatch(string(text), -1) {
		calls[m[1]] = m[0]
	}
	if len(calls) != 3 {
		t.Fatalf("got %d calls in docs/jobs.md, want 3", len(calls))
	}
	return calls
}

// curl runs a documented call against this site's master, for a record of its
// own, and returns the data of the answer.
func (s *site) curl(command, record string) map[string]any {
	s.Helper()
	command = strings.Replace(command, "http://127.0.0.1:8080", strings.TrimSpace(s.read(s.path("data", "address"))), 1)
	if record != "" {
		command = strings.Replace(command, `"recordId": 44`, `"recordId": `+record, 1)
	}
	cmd := exec.CommandContext(s.Context(), "sh", "-c", strings.Replace(command, "curl ", "curl --silent --show-error ", 1))
	cmd.Env = append(s.environment(), "CAPRI_TOKEN="+s.token())
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("%s: %v\n%s", command, err, out)
	}
	var answer struct {
		Code    int
		Message string
		Data    map[string]any
	}
	if err := json.Unmarshal(out, &answer); err != nil || answer.Code != 0 || answer.Message != "ok" {
		s.Fatalf("%s: got %s, want it done", command, out)
	}
	return answer.Data
}
