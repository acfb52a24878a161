package config

import (
	"strings"
	"testing"
)

func TestMetricsAreForThisMachineUnlessOpened(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		listen string
		open   bool
		want   string // part of the problem; empty: none
	}{
		{"", false, ""},
		{"127.0.0.1:9120", false, ""},
		{"[::1]:9120", false, ""},
		{"localhost:9120", false, ""},
		{"0.0.0.0:9120", false, "metrics.open: true"},
		{":9120", false, "metrics.open: true"},
		{"10.0.0.7:9120", false, "metrics.open: true"},
		{"10.0.0.7:9120", true, ""},
		{"10.0.0.7", true, "metrics.listen"},
	} {
		var p InvalidError
		(&Metrics{Listen: c.listen, Open: c.open}).validate(&p)
		got := ""
		if err := p.err(); err != nil {
			got = err.Error()
		}
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%q, open %v: got %q, want %q", c.listen, c.open, got, c.want)
		}
	}
}

func TestTraceNamesACollector(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		trace Trace
		good  bool
	}{
		{Trace{}, true},
		{Trace{Endpoint: "http://127.0.0.1:4318", Sample: 1}, true},
		{Trace{Endpoint: "https://otel.example/v1/traces", Sample: 0.01}, true},
		{Trace{Endpoint: "127.0.0.1:4318"}, false},
		{Trace{Sample: 1.1}, false},
		{Trace{Sample: -1}, false},
	} {
		var p InvalidError
		c.trace.validate(&p)
		if got := p.err() == nil; got != c.good {
			t.Errorf("%+v: got good %v, want %v", c.trace, got, c.good)
		}
	}
}
