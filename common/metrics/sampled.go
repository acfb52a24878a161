package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	freshFor = 15 * time.Second // figures of the database are read at most so often
	patience = 2 * time.Second  // for reading them
)

// Sample is one figure that was read: the values of its labels in the order of
// the catalog.
type Sample struct {
	Name   string
	Labels []string
	Value  float64
}

// sampler keeps what was read last. One reading is under way at most, and
// whoever asks meanwhile waits for it; nobody waits longer than patience.
type sampler struct {
	read func(ctx context.Context) ([]Sample, error)

	mu    sync.Mutex
	last  []Sample
	at    time.Time     // of the last that succeeded
	stale bool          // the last one failed
	busy  chan struct{} // closed at the end of the reading under way; nil: none is
}

// latest returns the figures, and whether they are old.
func (s *sampler) latest() ([]Sample, bool) {
	done, begun := s.begin()
	if done != nil {
		if begun {
			go s.run(done)
		}
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.stale || s.busy != nil
}

// begin says which reading to wait for, nil for none, and whether it is the
// caller's to do.
func (s *sampler) begin() (done chan struct{}, begun bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy != nil {
		return s.busy, false
	}
	if !s.stale && !s.at.IsZero() && time.Since(s.at) < freshFor {
		return nil, false
	}
	s.busy = make(chan struct{})
	return s.busy, true
}

func (s *sampler) run(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), patience) //nolint:forbidigo // Prometheus asks without a context
	defer cancel()
	samples, err := s.read(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy, s.stale = nil, err != nil
	if err == nil {
		s.last, s.at = samples, time.Now()
	}
	close(done)
}

// sampled shows what is read when somebody asks.
type sampled struct {
	known map[string]figure
	now   func() []Sample // from memory
	slow  *sampler        // from the database; nil: there is none
}

type figure struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func newSampled(catalog []Metric, now func() []Sample, read func(ctx context.Context) ([]Sample, error)) *sampled {
	s := &sampled{known: map[string]figure{}, now: now}
	if read != nil {
		s.slow = &sampler{read: read}
	}
	for _, m := range catalog {
		f := figure{desc: prometheus.NewDesc(m.Name, m.Help, m.Labels, nil), kind: prometheus.GaugeValue}
		if m.Kind == Counter {
			f.kind = prometheus.CounterValue
		}
		s.known[m.Name] = f
	}
	return s
}

// Describe implements prometheus.Collector.
func (s *sampled) Describe(out chan<- *prometheus.Desc) {
	for _, f := range s.known {
		out <- f.desc
	}
}

// Collect implements prometheus.Collector.
func (s *sampled) Collect(out chan<- prometheus.Metric) {
	if s.now != nil {
		s.send(out, s.now())
	}
	if s.slow == nil {
		return
	}
	samples, stale := s.slow.latest()
	s.send(out, samples)
	s.send(out, []Sample{{Name: Stale, Value: number(stale)}})
}

func (s *sampled) send(out chan<- prometheus.Metric, samples []Sample) {
	for _, sample := range samples {
		f, ok := s.known[sample.Name]
		if !ok {
			continue // whoever reads it names a figure of the catalog; a test holds that
		}
		if metric, err := prometheus.NewConstMetric(f.desc, f.kind, sample.Value, sample.Labels...); err == nil {
			out <- metric
		}
	}
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
