// Package trace is the door to OpenTelemetry: spans of calls, passes and
// attempts, sent to a collector by OTLP over HTTP. A nil Tracer makes no spans
// and costs nothing, but a trace that somebody else has begun goes on through
// it: its name is passed on as a W3C traceparent.
package trace

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

// Header is the HTTP header that names a trace, and Environ the variable of an
// attempt's environment.
const (
	Header  = "Traceparent"
	Environ = "TRACEPARENT"
)

const (
	sendTimeout = 5 * time.Second // for one call of the collector
	flushGrace  = 2 * time.Second // for what is left when the process stops
	queued      = 4096            // spans that wait to be sent; what is beyond is dropped
)

// Config says who traces and where spans go.
type Config struct {
	Endpoint string  // URL of the collector; a path is kept, none means /v1/traces
	Sample   float64 // part of the traces that begin here that are kept
	Service  string  // capri-master or capri-worker
	Instance string  // node or host
	Version  string
}

// Tracer makes spans. A nil one makes none.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   api.Tracer
}

// New makes a tracer; it connects to nothing yet. Without an endpoint there is
// none. What cannot be sent is dropped: nobody waits for a collector.
func New(ctx context.Context, cfg Config) (*Tracer, error) {
	if cfg.Endpoint == "" {
		return nil, nil //nolint:nilnil // nil is a tracer
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint(cfg.Endpoint)), otlptracehttp.WithTimeout(sendTimeout),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}))
	if err != nil {
		return nil, fmt.Errorf("trace to %s: %w", cfg.Endpoint, err)
	}
	who := resource.NewSchemaless(attribute.String("service.name", cfg.Service), attribute.String("service.instance.id", cfg.Instance),
		attribute.String("service.version", cfg.Version))
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(quiet{exporter}, sdk.WithMaxQueueSize(queued), sdk.WithExportTimeout(sendTimeout)),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(cfg.Sample))), sdk.WithResource(who))
	return &Tracer{provider: provider, tracer: provider.Tracer("capricornus")}, nil
}

// quiet drops what the collector does not take: OpenTelemetry would write to
// the standard error stream.
type quiet struct{ sdk.SpanExporter }

// ExportSpans implements sdk.SpanExporter.
func (q quiet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	_ = q.SpanExporter.ExportSpans(ctx, spans)
	return nil
}

// Close sends what is left, for a short while.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushGrace) //nolint:forbidigo // the process is ending: its own context is over
	defer cancel()
	_ = t.provider.Shutdown(ctx)
}

// Span is one piece of work. A nil one takes everything.
type Span struct{ inner api.Span }

// Kind says which side of a call a span is.
type Kind int

// The kinds.
const (
	Internal Kind = iota
	Server
)

// Start begins a span below that of ctx; the returned context is below it.
// Pairs are names and values of attributes.
func (t *Tracer) Start(ctx context.Context, kind Kind, name string, pairs ...string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	attrs := make([]attribute.KeyValue, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		attrs = append(attrs, attribute.String(pairs[i], pairs[i+1]))
	}
	spanKind := api.SpanKindInternal
	if kind == Server {
		spanKind = api.SpanKindServer
	}
	ctx, span := t.tracer.Start(ctx, name, api.WithSpanKind(spanKind), api.WithAttributes(attrs...)) //nolint:spancheck // End ends it
	return ctx, &Span{span}
}

// Name gives a span the name that became known later.
func (s *Span) Name(name string) {
	if s != nil {
		s.inner.SetName(name)
	}
}

// Set adds an attribute.
func (s *Span) Set(name, value string) {
	if s != nil {
		s.inner.SetAttributes(attribute.String(name, value))
	}
}

// End ends a span; an error marks it as failed. Work that was cancelled has not failed.
func (s *Span) End(err error) {
	if s == nil {
		return
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		s.inner.SetStatus(codes.Error, err.Error())
	}
	s.inner.End()
}

// Parent names the span of a context as a traceparent; empty for none.
func Parent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}

// Under returns a context below the span that a traceparent names; what is no
// traceparent changes nothing.
func Under(ctx context.Context, parent string) context.Context {
	if parent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": parent})
}

// Pass names the span of a context in the head of a call.
func Pass(ctx context.Context, head http.Header) {
	if !api.SpanContextFromContext(ctx).IsValid() {
		return
	}
	if parent := Parent(ctx); parent != "" {
		head.Set(Header, parent)
	}
}

// endpoint adds the path of OTLP to an address that has none.
func endpoint(address string) string {
	u, err := url.Parse(address)
	if err != nil || strings.Trim(u.Path, "/") != "" {
		return address
	}
	u.Path = "/v1/traces"
	return u.String()
}
