package worker

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/wire"
	"capricornus/worker/httpcall"
)

// withCalls lets a worker make calls to this machine.
func withCalls(t *testing.T, cfg Config) Config {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.HTTPCommand = []string{"/usr/bin/env", roleVariable + "=http-call", executable}
	cfg.HTTPHosts = []string{"127.0.0.1"}
	return cfg
}

// service is what http tasks call. Calls of /wait are answered on release.
type service struct {
	url      string
	came     chan string // a path for each call
	released chan struct{}
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{came: make(chan string, 100), released: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.came <- r.URL.Path
		switch r.URL.Path {
		case "/wait":
			select {
			case <-s.released:
			case <-r.Context().Done():
			}
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, `{"state":"done","path":%q}`, r.URL.Path)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func httpTask(workID int64, url string) wire.Assignment {
	a := shell(workID, "")
	a.Type, a.HTTP = "http", &wire.HTTPCall{Method: http.MethodGet, URL: url, Timeout: 60_000}
	return a
}

func answerIn(t *testing.T, fact wire.Fact) wire.HTTPAnswer {
	t.Helper()
	var answer wire.HTTPAnswer
	if err := json.Unmarshal([]byte(fact.Result), &answer); err != nil {
		t.Fatalf("got result %q: %v", fact.Result, err)
	}
	return answer
}

func TestHTTPTasks(t *testing.T) {
	m, s := newMaster(t), newService(t)
	startWorker(t, withCalls(t, testConfig(t, m)))
	judged := httpTask(2, s.url+"/ok")
	judged.HTTP.When = `json.state == "running"`
	tests := map[string]struct {
		assignment wire.Assignment
		code       int
		status     int
		last       string
	}{
		"Success":     {httpTask(1, s.url+"/ok"), 0, 200, "success"},
		"ByTheBody":   {judged, httpcall.ExitUnwanted, 200, `failed: json.state is "done": the condition json.state == "running" does not hold`},
		"ByTheStatus": {httpTask(3, s.url+"/broken"), httpcall.ExitUnwanted, 500, "failed: status 500 is not one of 200 to 299"},
		"NotAllowed":  {httpTask(4, "http://169.254.169.254/latest"), httpcall.ExitNoAnswer, 0, "failed: 169.254.169.254:80 is not among the hosts that may be called; the worker's http_hosts says which"},
	}
	for _, test := range tests {
		m.assign(test.assignment)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			fact := m.fact(t, wire.FactFinished, keyOf(test.assignment))
			if fact.ExitCode == nil || *fact.ExitCode != test.code || fact.Infra {
				t.Errorf("got %+v, want exit code %d", fact, test.code)
			}
			if !strings.HasSuffix("\n"+fact.Tail, "\n"+test.last+"\n") {
				t.Errorf("got %q, want the last line %q", fact.Tail, test.last)
			}
			why, failed := strings.CutPrefix(test.last, "failed: ")
			if want := fmt.Sprintf("exit code %d: %s", test.code, why); failed && fact.Reason != want {
				t.Errorf("got reason %q, want %q", fact.Reason, want)
			}
			if test.status == 0 {
				if fact.Result != "" {
					t.Errorf("got result %q, want none", fact.Result)
				}
				return
			}
			if answer := answerIn(t, fact); answer.Status != test.status || !strings.Contains(answer.Body, `"state":"done"`) {
				t.Errorf("got %+v, want status %d and the body", answer, test.status)
			}
		})
	}
}

func TestAWorkerWithoutHostsRefusesHTTPTasks(t *testing.T) {
	m := newMaster(t)
	cfg := withCalls(t, testConfig(t, m))
	cfg.HTTPHosts = nil
	startWorker(t, cfg)
	a := httpTask(1, "http://127.0.0.1:1/")
	m.assign(a)
	if fact := m.fact(t, wire.FactRefused, keyOf(a)); fact.Reason != "this worker makes no calls for http tasks: its http_hosts is empty" {
		t.Errorf("got reason %q, want that it makes no calls", fact.Reason)
	}
}

func TestHostsThatAreNoneKeepAWorkerFromStarting(t *testing.T) {
	m := newMaster(t)
	cfg := testConfig(t, m)
	cfg.HTTPHosts = []string{"http://a/", "b"}
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), `"http://a/" is no host`) {
		t.Errorf("got %v, want the host that is none", err)
	}
}

func TestACallThatWaitsIsKilled(t *testing.T) {
	m, s := newMaster(t), newService(t)
	startWorker(t, withCalls(t, testConfig(t, m)))
	a := httpTask(1, s.url+"/wait")
	m.assign(a)
	<-s.came
	m.update(func() { m.kills = append(m.kills, wire.Kill{WorkID: 1, Attempt: 1, Reason: "by alice"}) })
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); !fact.Killed || fact.Result != "" {
		t.Errorf("got %+v, want it killed, without an answer", fact)
	}
}

func TestTheRunTimeoutEndsACall(t *testing.T) {
	m, s := newMaster(t), newService(t)
	startWorker(t, withCalls(t, testConfig(t, m)))
	a := httpTask(1, s.url+"/wait")
	a.RunTimeout = 500
	m.assign(a)
	if fact := m.fact(t, wire.FactFinished, keyOf(a)); !fact.TimedOut || fact.ResultCode != batch.ResultTimeout {
		t.Errorf("got %+v, want a timeout", fact)
	}
}

func TestACallOutlivesItsWorker(t *testing.T) {
	m, s := newMaster(t), newService(t)
	cfg := withKeeper(t, withCalls(t, testConfig(t, m)))
	worker := spawnWorker(t, cfg)
	a := httpTask(1, s.url+"/wait")
	started(t, m, cfg, a)
	<-s.came
	awaitFile(t, cfg.Root+"/keeper.lock")
	kill9(worker)
	close(s.released)
	fact := m.fact(t, wire.FactFinished, keyOf(a))
	if fact.ExitCode == nil || *fact.ExitCode != 0 || answerIn(t, fact).Body != `{"state":"done","path":"/wait"}` {
		t.Errorf("got %+v, want the answer by the keeper", fact)
	}
	if len(s.came) != 0 {
		t.Errorf("got %d more calls, want none", len(s.came))
	}
}

// Parameters are environment variables and nothing else: no kind of task puts
// them where something could execute them.
func TestParametersAreNeverExecuted(t *testing.T) {
	m, s := newMaster(t), newService(t)
	cfg := withCalls(t, testConfig(t, m))
	startWorker(t, cfg)
	const evil = "$(touch owned)`touch owned`;touch owned\n'\"|touch owned&"
	python, direct, call := shell(2, "import os; print(os.environ['P'])"), shell(3, ""), httpTask(4, s.url+"/ok?"+"$(touch+owned);`touch+owned`")
	python.Type = "python"
	direct.Type, direct.Command = "exec", []string{"printenv", "P"}
	call.HTTP.Method, call.HTTP.Body, call.HTTP.Headers = http.MethodPost, evil, map[string]string{"X-P": "$(touch owned)"}
	for name, a := range map[string]wire.Assignment{"shell": shell(1, `echo "$P"`), "python": python, "exec": direct, "http": call} {
		a.Env["P"] = evil
		m.assign(a)
		fact := m.fact(t, wire.FactFinished, keyOf(a))
		if fact.ExitCode == nil || *fact.ExitCode != 0 {
			t.Errorf("%s: got %+v, want success", name, fact)
		}
		if name != "http" && fact.Tail != evil+"\n" {
			t.Errorf("%s: got %q, want %q", name, fact.Tail, evil)
		}
	}
	found, err := filepath.Glob(cfg.Root + "/attempts/*/work/*")
	if err != nil || len(found) > 0 {
		t.Errorf("got files %v, %v: something was executed", found, err)
	}
}
