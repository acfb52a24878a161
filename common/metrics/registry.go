package metrics

import (
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Registry holds the figures of one process. A zero Registry shows nothing.
type Registry struct {
	inner *prometheus.Registry
}

func newRegistry(version string) *Registry {
	r := &Registry{inner: prometheus.NewRegistry()}
	build := prometheus.NewGaugeVec(gaugeOpts(find(OfMaster(), buildInfo)), []string{"version"})
	build.WithLabelValues(version).Set(1)
	r.inner.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build)
	return r
}

// Handler answers with all figures as text.
func (r *Registry) Handler() http.Handler {
	return promhttp.HandlerFor(r.inner, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

func find(catalog []Metric, name string) Metric {
	return catalog[slices.IndexFunc(catalog, func(m Metric) bool { return m.Name == name })]
}

func gaugeOpts(m Metric) prometheus.GaugeOpts {
	return prometheus.GaugeOpts{Name: m.Name, Help: m.Help}
}

func counterOpts(m Metric) prometheus.CounterOpts {
	return prometheus.CounterOpts{Name: m.Name, Help: m.Help}
}

func histogram(m Metric, buckets []float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: m.Name, Help: m.Help, Buckets: buckets}, m.Labels)
}

// The buckets, in seconds. Those of latencies have the limits of the alerts
// among them.
func callBuckets() []float64 {
	return []float64{.005, .025, .1, .5, 2, 10, 60}
}

func latencyBuckets() []float64 {
	return []float64{.1, .5, 1, 5, 10, 30, 60, 120, 300, 600, 1800}
}

func runBuckets() []float64 {
	return []float64{1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 12 * 3600}
}
