package metrics

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Master holds the figures of a master. A nil one takes everything and keeps
// nothing.
type Master struct {
	*Registry

	calls   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	ended   map[string]prometheus.Counter // by outcome, made beforehand: nothing is looked up by labels as attempts end
	strange prometheus.Counter
	ran     prometheus.Observer
	waited  prometheus.Observer
	started prometheus.Observer
	sends   *prometheus.CounterVec
}

// Sources are where figures come from that are read when somebody asks.
type Sources struct {
	Now      func() []Sample                             // from memory: at once
	Database func(ctx context.Context) ([]Sample, error) // at most every 15 s, for 2 s
}

// NewMaster makes the figures of a master; outcomes are those that attempts have.
func NewMaster(version string, outcomes []string, from Sources) *Master {
	counted := countedFigures()
	calls, ends := find(counted, httpCalls), find(counted, attempts)
	m := &Master{
		Registry: newRegistry(version),
		calls:    prometheus.NewCounterVec(counterOpts(calls), calls.Labels),
		seconds:  histogram(find(counted, httpSeconds), callBuckets()),
		ended:    map[string]prometheus.Counter{},
	}
	byOutcome := prometheus.NewCounterVec(counterOpts(ends), ends.Labels)
	for _, outcome := range outcomes {
		m.ended[outcome] = byOutcome.WithLabelValues(outcome)
	}
	m.strange = byOutcome.WithLabelValues("other")
	ran, waited, started := histogram(find(counted, runSeconds), runBuckets()), histogram(find(counted, dispatchTook), latencyBuckets()), histogram(find(counted, startTook), latencyBuckets())
	sends := find(counted, alertSends)
	m.sends = prometheus.NewCounterVec(counterOpts(sends), sends.Labels)
	for _, channel := range []string{"phone", "sms", "mail", "webhook"} {
		for _, result := range []string{"sent", "again", "failed"} {
			m.sends.WithLabelValues(channel, result) // the first failure is an increase, too
		}
	}
	m.ran, m.waited, m.started = ran.WithLabelValues(), waited.WithLabelValues(), started.WithLabelValues()
	m.inner.MustRegister(m.calls, m.seconds, byOutcome, ran, waited, started, m.sends, newSampled(readFigures(), from.Now, from.Database))
	return m
}

// Call notes an HTTP call that has been answered. The route is a pattern.
func (m *Master) Call(route string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.calls.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Ended notes that an attempt has ended.
func (m *Master) Ended(outcome string, ran time.Duration) {
	if m == nil {
		return
	}
	counter, known := m.ended[outcome]
	if !known {
		counter = m.strange
	}
	counter.Inc()
	m.ran.Observe(max(ran, 0).Seconds())
}

// Dispatched notes that a batch has got its place, and how long it waited for it.
func (m *Master) Dispatched(waited time.Duration) {
	if m != nil {
		m.waited.Observe(max(waited, 0).Seconds())
	}
}

// Started notes how long an attempt took from being assigned to its start.
func (m *Master) Started(took time.Duration) {
	if m != nil {
		m.started.Observe(max(took, 0).Seconds())
	}
}

// Sent notes that a try to send a message has ended.
func (m *Master) Sent(channel, result string) {
	if m != nil {
		m.sends.WithLabelValues(channel, result).Inc()
	}
}
