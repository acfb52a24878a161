package config

import "net/url"

// Metrics says where the figures and profiles of a process are shown.
type Metrics struct {
	Listen string // host:port; empty: nowhere
	Open   bool   // Listen may be reached by other machines
}

// Trace says where spans go.
type Trace struct {
	Endpoint string  // URL of an OTLP/HTTP collector; empty: nothing is traced
	Sample   float64 // part of the traces that begin here which are kept, 0 to 1
}

func (m *Metrics) keys() []Key {
	return []Key{
		textKey("metrics.listen", &m.Listen, "`ADDR` that shows /metrics and profiles, host:port; nobody proves who they are there; empty: nowhere"),
		switchKey("metrics.open", &m.Open, "let metrics.listen be an address that other machines reach"),
	}
}

func (t *Trace) keys() []Key {
	return []Key{
		textKey("trace.endpoint", &t.Endpoint, "`URL` of an OpenTelemetry collector that takes OTLP over HTTP, such as http://127.0.0.1:4318; empty: nothing is traced"),
		floatKey("trace.sample", &t.Sample, "part, `X` from 0 to 1, of the traces that begin here that are kept"),
	}
}

func (m *Metrics) validate(p *InvalidError) {
	if m.Listen == "" {
		return
	}
	p.check("metrics.listen", checkListen(m.Listen))
	if checkListen(m.Listen) == nil && !isLoopback(m.Listen) && !m.Open {
		p.add("metrics.listen", "%s is open to other machines, and profiles of this process are there for whoever asks: write 127.0.0.1:port, or allow it with metrics.open: true", m.Listen)
	}
}

func (t *Trace) validate(p *InvalidError) {
	if t.Sample < 0 || t.Sample > 1 {
		p.add("trace.sample", "%g is out of bounds: write 0 to 1", t.Sample)
	}
	if t.Endpoint == "" {
		return
	}
	u, err := url.Parse(t.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		p.add("trace.endpoint", "%q is not the address of a collector: write http://host:4318", t.Endpoint)
	}
}
