package e2e_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"capricornus/common/wire"
)

const gatedSpec = `  period: day
  quality: {enabled: true, onSilence: wait, after: 30m}
  env: {SITE: SITE_DIR}
  run:
    type: shell
    script: |
      printf 'start %s\n' "$CAPRI_ATTEMPT" >>"$SITE/journal"
`

// A data-quality service is asked before a batch runs, blocks it by the call it
// was told, and an operator lets the batch run all the same.
func TestQualityGate(t *testing.T) {
	onEngines(t, func(s *site) {
		asked := make(chan wire.QualityQuestion, 16)
		service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			var q wire.QualityQuestion
			if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
				s.Errorf("got %v, want a question", err)
			}
			asked <- q
		}))
		defer service.Close()
		s.env["CAPRI_DEV_QUALITY_URL"] = service.URL
		s.dev("--demo", "none")
		s.write("tasks/project.yaml", projectText)
		s.taskFile("gated", strings.ReplaceAll(gatedSpec, "SITE_DIR", s.dir))
		s.capri("task", "apply", "-f", s.path("tasks"))

		name := s.runAll("gated")[0]
		question := <-asked
		if question.Batch != name || question.Task != "gated" {
			s.Errorf("got %+v, want a question about %s", question, name)
		}
		s.await("the note of the question", func() bool { return strings.Contains(s.capri("batch", "why", name), "asked at") })
		if reply := s.answer(question.Answer, "block"); !reply.Changed {
			s.Errorf("got %+v, want the batch blocked", reply)
		}
		s.await("the block", func() bool { return strings.Contains(s.capri("batch", "why", name), "half of it is missing") })
		s.refuses(8, []string{"1 batch is not done", name}, "batch", "wait", name, "--timeout", "300ms")
		s.capri("quality", "set", name, "run", "--reason", "looked at by hand")
		s.capri("batch", "wait", name, "--timeout", patience.String())
		s.ranOnce([]string{"start"}, name)
		if reply := s.answer(question.Answer, "block"); reply.Changed || !strings.Contains(reply.Note, "ended") {
			s.Errorf("got %+v, want a late answer to change nothing", reply)
		}
		s.sound()
	})
}

// answer answers as a data-quality service would.
func (s *site) answer(url, answer string) wire.QualityReply {
	s.Helper()
	body, err := json.Marshal(wire.QualityAnswer{Answer: answer, Reason: "half of it is missing"})
	if err != nil {
		s.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(s.read(s.path("data", "token"))))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	var reply wire.QualityReply
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil || response.StatusCode != http.StatusOK {
		s.Fatalf("got %s and %v, want the answer taken", response.Status, err)
	}
	return reply
}
