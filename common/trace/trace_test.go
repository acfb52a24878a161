package trace_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"capricornus/common/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector keeps the spans that it is sent.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans map[string]*spans.Span
	who   string
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{spans: map[string]*spans.Span{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var request v1.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &request); err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("got %s with %d bytes: %v, want spans at /v1/traces", r.URL.Path, len(body), err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range request.GetResourceSpans() {
			c.who = resource.GetResource().String()
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					c.spans[span.GetName()] = span
				}
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func tracer(t *testing.T, endpoint string, sample float64) *trace.Tracer {
	t.Helper()
	made, err := trace.New(t.Context(), trace.Config{Endpoint: endpoint, Sample: sample, Service: "capri-master", Instance: "m1", Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestSpansReachTheCollectorWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	tr := tracer(t, c.URL, 1)
	ctx, outer := tr.Start(trace.Under(t.Context(), parent), trace.Server, "call", "request", "r-1")
	_, inner := tr.Start(ctx, trace.Internal, "pass")
	outer.Name("GET /api/v1/batches")
	outer.Set("status", "200")
	inner.End(errors.New("no database"))
	outer.End(context.Canceled)
	head := http.Header{}
	trace.Pass(ctx, head)
	tr.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	call, pass := c.spans["GET /api/v1/batches"], c.spans["pass"]
	if len(c.spans) != 2 || call == nil || pass == nil {
		t.Fatalf("got %v, want two spans", c.spans)
	}
	if string(pass.GetParentSpanId()) != string(call.GetSpanId()) || string(pass.GetTraceId()) != string(call.GetTraceId()) {
		t.Error("got spans that do not belong together")
	}
	if pass.GetStatus().GetMessage() != "no database" || call.GetStatus().GetMessage() != "" || call.GetKind() != spans.Span_SPAN_KIND_SERVER {
		t.Errorf("got %v and %v, want a failed pass below a call", pass.GetStatus(), call)
	}
	if got := head.Get(trace.Header); !strings.HasPrefix(got, "00-0af7651916cd43dd8448eb211c80319c-") || got == parent {
		t.Errorf("got %q, want the call's span in the trace it came with", got)
	}
	if !strings.Contains(c.who, "capri-master") || !strings.Contains(c.who, "m1") {
		t.Errorf("got spans of %s, want those of m1", c.who)
	}
}

func TestNothingIsKeptOfASampleOfNone(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	tr := tracer(t, c.URL+"/v1/traces", 0)
	_, span := tr.Start(t.Context(), trace.Internal, "left out")
	span.End(nil)
	_, kept := tr.Start(trace.Under(t.Context(), parent), trace.Internal, "somebody wants it")
	kept.End(nil)
	tr.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.spans) != 1 || c.spans["somebody wants it"] == nil {
		t.Errorf("got %v, want only what belongs to a trace that is kept", c.spans)
	}
}

func TestACollectorThatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	defer hangs.Close()
	defer close(over)
	tr := tracer(t, hangs.URL, 1)
	for range 10_000 { // more than wait to be sent
		_, span := tr.Start(t.Context(), trace.Internal, "work")
		span.End(nil)
	}
	closed := make(chan struct{})
	go func() { tr.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(20 * time.Second): // ten times what is promised: only a hang takes so long
		t.Error("got no end, want one after two seconds")
	}
}

func TestWithoutATracerTracesOfOthersGoOn(t *testing.T) {
	t.Parallel()
	var nobody *trace.Tracer
	if tr := tracer(t, "", 1); tr != nil {
		t.Error("got a tracer without an endpoint")
	}
	ctx, span := nobody.Start(trace.Under(t.Context(), parent), trace.Internal, "work", "a", "b")
	span.Name("x")
	span.Set("a", "b")
	span.End(nil)
	nobody.Close()
	head := http.Header{}
	trace.Pass(ctx, head)
	if head.Get(trace.Header) != parent || trace.Parent(ctx) != parent {
		t.Errorf("got %v, want %s", head, parent)
	}
	empty := http.Header{}
	trace.Pass(trace.Under(t.Context(), "nonsense"), empty)
	if len(empty) != 0 || trace.Parent(t.Context()) != "" {
		t.Errorf("got %v of nonsense, want nothing", empty)
	}
}
