package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"capricornus/common/wire"
)

// answers is a server that http tasks call. A call of /wait is answered when
// let go.
type answers struct {
	url, elsewhere string
	letGo          chan struct{}

	mu    sync.Mutex
	calls map[string]int
}

func newAnswers(t *testing.T) *answers {
	t.Helper()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("got a call elsewhere, want none") }))
	t.Cleanup(elsewhere.Close)
	a := &answers{elsewhere: elsewhere.URL, letGo: make(chan struct{}), calls: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(a.answer))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *answers) answer(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.calls[r.URL.Path]++
	a.mu.Unlock()
	switch r.URL.Path {
	case "/away":
		http.Redirect(w, r, a.elsewhere, http.StatusFound)
		return
	case "/broken":
		w.WriteHeader(http.StatusInternalServerError)
	case "/wait":
		select {
		case <-a.letGo:
		case <-r.Context().Done():
		}
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\n  \"state\": \"done\",\n  \"day\": %q\n}\n", r.URL.Query().Get("day"))
}

func (a *answers) called(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.calls[path]
}

// calls writes the file of an http task that is not tried again.
func (s *site) calls(name, url, success string) {
	s.Helper()
	s.taskFile(name, fmt.Sprintf("  period: day\n  retry: {times: 0}\n  run:\n    type: http\n    http:\n      url: \"%s?day={{ biz_date }}\"\n      success: %s\n", url, success))
}

// What an http task was answered decides, is kept and is shown; where it may
// not call, it does not.
func TestHTTPTasks(t *testing.T) {
	onEngines(t, func(s *site) {
		server := newAnswers(s.T)
		s.dev("--demo", "none")
		s.write("tasks/project.yaml", projectText)
		s.calls("by_status", server.url+"/ok", "{}")
		s.calls("by_body", server.url+"/ok", `{status: [200], when: 'json.state == "done" && len(json.day) == 8'}`)
		s.calls("not_yet", server.url+"/ok", `{when: 'json.state == "running"'}`)
		s.calls("broken", server.url+"/broken", "{}")
		s.calls("forbidden", "http://169.254.169.254/latest", "{}")
		s.calls("redirected", server.url+"/away", "{}")
		s.calls("killed", server.url+"/wait", "{}")
		s.capri("task", "apply", "-f", s.path("tasks"))

		waiting := s.runAll("killed")[0]
		s.await("the call", func() bool { return server.called("/wait") == 1 })
		s.capri("batch", "kill", waiting, "--reason", "not wanted", "--yes")
		s.refuses(20, []string{waiting}, "batch", "wait", waiting, "--timeout", patience.String())
		if n := s.batches()[waiting]; n.Finish != "killed" {
			s.Errorf("got %s, want killed", n.Finish)
		}

		good := s.runAll("by_status", "by_body")
		s.capri(append([]string{"batch", "wait", "--timeout", patience.String()}, good...)...)
		shown := s.capri("batch", "show", good[0])
		s.wants("the batch", shown, "Answer of attempt 1: status 200, ", `"state": "done"`)
		s.wants("the log", s.capri("batch", "logs", good[0]), "GET "+server.url+"/ok?day=", "HTTP/1.1 200 OK\n", "content-type: application/json\n", `"state": "done"`, "\nsuccess\n")
		attempt := show[wire.BatchDetail](s, "batch", "show", good[1]).Attempts[0]
		if attempt.Answer == nil || attempt.Answer.Status != http.StatusOK || attempt.Answer.Headers["content-type"] != "application/json" {
			s.Errorf("got %+v, want the answer", attempt)
		}

		for name, why := range map[string][]string{
			"not_yet":    {"exit code 1", `json.state is "done"`, "does not hold"},
			"broken":     {"exit code 1", "status 500 is not one of 200 to 299"},
			"forbidden":  {"exit code 2", "169.254.169.254:80 is not among the hosts that may be called"},
			"redirected": {"exit code 2", "a redirect is followed at the same host only"},
		} {
			bad := s.runAll(name)[0]
			s.refuses(20, []string{bad, "failed"}, "batch", "wait", bad, "--timeout", patience.String())
			s.wants("why", s.capri("batch", "why", bad), append(why, "failed")...)
			s.wants("the batch", s.capri("batch", "show", bad), why...)
		}
		s.sound()
	})
}

// A call outlives the worker that began it: its end comes from the keeper, and
// it is not made again.
func TestACallOutlivesItsWorker(t *testing.T) {
	onEngines(t, func(s *site) {
		server := newAnswers(s.T)
		c := newCluster(s)
		s.write("worker.yaml", s.read(s.path("worker.yaml"))+"http_hosts: [127.0.0.1]\n")
		c.master()
		worker := c.worker()
		s.write("tasks/project.yaml", projectText)
		s.calls("slow", server.url+"/wait", "{}")
		s.capri("task", "apply", "-f", s.path("tasks"))
		name := s.runAll("slow")[0]
		s.await("the call", func() bool { return server.called("/wait") == 1 })
		s.await("the keeper", func() bool {
			_, err := os.Stat(s.path("work", "keeper.lock"))
			return err == nil
		})
		worker.kill()
		close(server.letGo)
		s.capri("batch", "wait", name, "--timeout", patience.String())
		if n := server.called("/wait"); n != 1 {
			s.Errorf("got %d calls, want 1", n)
		}
		s.wants("the batch", s.capri("batch", "show", name), "Answer of attempt 1: status 200", `"state": "done"`)
		s.sound()
	})
}

// Where no worker may call anything, an http task waits and says why.
func TestNoWorkerMakesCalls(t *testing.T) {
	onEngines(t, func(s *site) {
		server := newAnswers(s.T)
		c := newCluster(s)
		c.master()
		c.worker()
		s.write("tasks/project.yaml", projectText)
		s.calls("ask", server.url+"/ok", "{}")
		s.capri("task", "apply", "-f", s.path("tasks"))
		name := s.runAll("ask")[0]
		s.await("the reason", func() bool { return strings.Contains(s.capri("batch", "why", name), "its http_hosts is empty") })
		if b := s.batches()[name]; b.State == "running" || b.State == "done" || server.called("/ok") != 0 {
			s.Errorf("got %s after %d calls, want it waiting", b.State, server.called("/ok"))
		}
		s.sound()
	})
}
