package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

// seen is what a master was asked.
type seen struct {
	call, body, auth string
}

// master answers every call with the same status, head and body.
func master(t *testing.T, status int, kind, body string) (*wire.Client, *seen) {
	t.Helper()
	last := &seen{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		*last = seen{call: r.Method + " " + r.URL.RequestURI(), body: string(text), auth: r.Header.Get("Authorization")}
		w.Header().Set("Content-Type", kind)
		w.Header().Set(wire.HeaderSize, "900")
		w.Header().Set(wire.HeaderAttempt, "2")
		w.Header().Set(wire.HeaderDone, "true")
		w.Header().Set(wire.HeaderHost, "w1")
		w.Header().Set(wire.HeaderOffset, "10")
		w.Header().Set(wire.HeaderNext, "16")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return &wire.Client{Base: server.URL, Token: "sesame", HTTP: server.Client()}, last
}

func TestClientCalls(t *testing.T) {
	ref := batch.Ref{Task: "a", WorkNo: "20150518", Run: 1}
	newest := batch.Ref{Task: "a", WorkNo: "20150518", Run: batch.AnyRun}
	type call = func(context.Context, *wire.Client) (any, error)
	cases := map[string]struct {
		want, body string
		call       call
	}{
		"Apply": {"POST /api/v1/tasks/apply", `{"files":[{"name":"a.yaml","text":"x"}],"dryRun":true}`,
			func(ctx context.Context, c *wire.Client) (any, error) {
				return c.Apply(ctx, wire.ApplyRequest{Files: []wire.File{{Name: "a.yaml", Text: "x"}}, DryRun: true})
			}},
		"Lint": {"POST /api/v1/tasks/lint", `{"files":null}`,
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Lint(ctx, wire.ApplyRequest{}) }},
		"Tasks": {"GET /api/v1/tasks?cursor=n+1&limit=7&project=p", "",
			func(ctx context.Context, c *wire.Client) (any, error) {
				return c.Tasks(ctx, wire.TaskQuery{Project: "p", Cursor: "n 1", Limit: 7})
			}},
		"TasksWithoutFilter": {"GET /api/v1/tasks", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Tasks(ctx, wire.TaskQuery{}) }},
		"Task": {"GET /api/v1/tasks/a%2Fb", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Task(ctx, "a/b") }},
		"RunTask": {"POST /api/v1/tasks/a/run", "{}",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.RunTask(ctx, "a") }},
		"Batches": {"GET /api/v1/batches?from=20150518&late=true&limit=5&state=done&task=a&to=20150519", "",
			func(ctx context.Context, c *wire.Client) (any, error) {
				return c.Batches(ctx, wire.BatchQuery{Task: "a", State: "done", From: "20150518", To: "20150519", Late: true, Limit: 5})
			}},
		"Batch": {"GET /api/v1/batches/a/20150518.1", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Batch(ctx, ref) }},
		"BatchOfTheNewestRun": {"GET /api/v1/batches/a/20150518", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Batch(ctx, newest) }},
		"Why": {"GET /api/v1/batches/a/20150518.1/why", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Why(ctx, ref) }},
		"Events": {"GET /api/v1/batches/a/20150518.1/events", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Events(ctx, ref) }},
		"Plan": {"POST /api/v1/plans", `{"kind":"coldstart","from":"1","to":"2","tasks":["a"]}`,
			func(ctx context.Context, c *wire.Client) (any, error) {
				return c.Plan(ctx, wire.PlanRequest{Kind: "coldstart", From: "1", To: "2", Tasks: []string{"a"}})
			}},
		"ApplyPlan": {"POST /api/v1/plans/9/apply", `{"fingerprint":"f"}`,
			func(ctx context.Context, c *wire.Client) (any, error) {
				return c.ApplyPlan(ctx, wire.Plan{ID: 9, Fingerprint: "f"})
			}},
		"Operations": {"GET /api/v1/operations?limit=3", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Operations(ctx, "", 3) }},
		"Operation": {"GET /api/v1/operations/4", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Operation(ctx, 4) }},
		"Announce": {"POST /api/v1/third-parties", `{"code":"pay","key":"20150518"}`,
			func(ctx context.Context, c *wire.Client) (any, error) {
				return nil, c.Announce(ctx, wire.ThirdPartyRequest{Code: "pay", Key: "20150518"})
			}},
		"Hosts": {"GET /api/v1/hosts", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Hosts(ctx) }},
		"Services": {"GET /api/v1/services", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Services(ctx) }},
		"RunService": {"POST /api/v1/services/depend/run", "{}",
			func(ctx context.Context, c *wire.Client) (any, error) { return nil, c.RunService(ctx, "depend") }},
		"Status": {"GET /api/v1/status", "",
			func(ctx context.Context, c *wire.Client) (any, error) { return c.Status(ctx) }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client, last := master(t, http.StatusOK, "application/json", `{}`)
			if _, err := c.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if want := (seen{call: c.want, body: c.body, auth: "Bearer sesame"}); *last != want {
				t.Errorf("got %+v, want %+v", *last, want)
			}
		})
	}
}

func TestClientDecodesTheAnswer(t *testing.T) {
	want := wire.BatchDetail{
		Batch:    wire.Batch{Ref: "a/20150518.0", State: "done", Finish: "success", Attempt: 1},
		Attempts: []wire.Attempt{{Attempt: 1, Host: "w1"}},
		Depends:  []wire.Depend{{Kind: "parent", What: "b/20150518"}},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	client, _ := master(t, http.StatusOK, "application/json", string(text))
	got, err := client.Batch(t.Context(), batch.Ref{Task: "a", WorkNo: "20150518"})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestClientLogs(t *testing.T) {
	ref := batch.Ref{Task: "a", WorkNo: "20150518", Run: 0}
	client, last := master(t, http.StatusOK, "text/plain", "hello\n")
	part := func(query wire.LogQuery) wire.LogPart {
		t.Helper()
		got, err := client.Logs(t.Context(), ref, query)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(got.Body)
		if err != nil || got.Body.Close() != nil || string(text) != "hello\n" {
			t.Errorf("got %q, %v, want the text", text, err)
		}
		got.Body = nil
		return *got
	}
	want := wire.LogPart{Attempt: 2, Host: "w1", Size: 900, Offset: 10, Next: 16, Done: true}
	if got := part(wire.LogQuery{Attempt: 2, Offset: 10, Limit: 20}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if want := "GET /api/v1/batches/a/20150518.0/logs?attempt=2&limit=20&offset=10"; last.call != want {
		t.Errorf("got %s, want %s", last.call, want)
	}
	part(wire.LogQuery{Tail: 5, Wait: 25 * time.Second})
	if want := "GET /api/v1/batches/a/20150518.0/logs?tail=5&wait=25"; last.call != want {
		t.Errorf("got %s, want %s", last.call, want)
	}
	bare := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer bare.Close()
	client.Base = bare.URL
	if _, err := client.Logs(t.Context(), ref, wire.LogQuery{}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("got %v, want an error about the missing head", err)
	}
}

func TestClientKeepsTheCodeOfAProblem(t *testing.T) {
	body := `{"title":"Conflict","status":409,"detail":"the plan is stale","code":"PLAN_STALE","hint":"plan again"}`
	client, _ := master(t, http.StatusConflict, "application/problem+json; charset=utf-8", body)
	_, err := client.ApplyPlan(t.Context(), wire.Plan{ID: 1})
	if fault.CodeOf(err) != fault.PlanStale || err.Error() != "the plan is stale (plan again)" {
		t.Errorf("got %v, want PLAN_STALE with its sentence and hint", err)
	}
	client, _ = master(t, http.StatusForbidden, "application/problem+json", `{"title":"Forbidden","code":"FORBIDDEN"}`)
	if _, err := client.Status(t.Context()); err == nil || err.Error() != "Forbidden" {
		t.Errorf("got %v, want the title where there is no detail", err)
	}
}

func TestClientReadsTheStatusOfOthers(t *testing.T) {
	for status, want := range map[int]fault.Code{
		302: fault.Internal, 400: fault.Usage, 401: fault.Unauthed, 403: fault.Forbidden, 404: fault.NotFound,
		405: fault.Usage, 409: fault.Conflict, 413: fault.TooLarge, 422: fault.Invalid, 429: fault.Unavailable,
		500: fault.Internal, 502: fault.Unavailable, 503: fault.Unavailable, 504: fault.Unavailable,
	} {
		client, _ := master(t, status, "text/html", "<h1>proxy</h1>")
		_, err := client.Status(t.Context())
		if fault.CodeOf(err) != want || strings.Contains(err.Error(), "<h1>") {
			t.Errorf("status %d: got %v (%s), want %s without the page", status, err, fault.CodeOf(err), want)
		}
	}
	client, _ := master(t, http.StatusOK, "text/html", "<h1>hello</h1>")
	if _, err := client.Status(t.Context()); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("got %v, want %s for a page that is no answer", err, fault.Unavailable)
	}
}

func TestClientSendsTheTokenToNobodyElse(t *testing.T) {
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer other.Close()
	redirect := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer redirect.Close()
	client := wire.Client{Base: redirect.URL, Token: "sesame"}
	if _, err := client.Status(t.Context()); err == nil || asked {
		t.Errorf("got %v, asked %v, want an error and no second call", err, asked)
	}
}

func TestClientWithoutAMaster(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	client := wire.Client{Base: base}
	_, err = client.Hosts(t.Context())
	if fault.CodeOf(err) != fault.Unavailable || err.Error() != "no master reachable at "+base {
		t.Errorf("got %v, want a sentence naming %s", err, base)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Hosts(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	client.Base = "http://no good"
	if _, err := client.Hosts(t.Context()); fault.CodeOf(err) != fault.Usage {
		t.Errorf("got %v, want %s", err, fault.Usage)
	}
}

// Whoever is there is asked, and once found is asked first; what one master
// refuses is not said to another.
func TestClientAsksWhoIsThere(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	there, last := master(t, http.StatusOK, "application/json", `{"node":"m2"}`)
	client := &wire.Client{Base: gone.URL, Others: []string{gone.URL, there.Base}}
	for range 2 {
		status, err := client.Status(t.Context())
		if err != nil || status.Node != "m2" {
			t.Errorf("got %+v, %v, want the answer of the one that is there", status, err)
		}
	}
	if last.call == "" {
		t.Error("the one that is there was not asked")
	}
	refusing, _ := master(t, http.StatusForbidden, "application/problem+json", `{"title":"Forbidden","code":"FORBIDDEN"}`)
	client = &wire.Client{Base: refusing.Base, Others: []string{there.Base}}
	if _, err := client.Status(t.Context()); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("got %v, want the refusal of the first", err)
	}
	client = &wire.Client{Base: gone.URL, Others: []string{gone.URL + "1"}}
	if _, err := client.Status(t.Context()); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), gone.URL+", "+gone.URL+"1") {
		t.Errorf("got %v, want that nobody is reachable, and where", err)
	}
}
