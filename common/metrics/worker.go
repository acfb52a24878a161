package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// HostFigures are what a worker shows of itself and its host.
type HostFigures struct {
	Slots, Running, Outbox int
	Stalled                int
	FreeMemory, FreeDisk   int64
	Load                   float64
	Contact                time.Time // zero: never
}

// Worker holds the figures of a worker. A nil one takes everything and keeps
// nothing.
type Worker struct {
	*Registry

	ended *prometheus.CounterVec
	ran   prometheus.Observer
	hung  *prometheus.CounterVec
}

// NewWorker makes the figures of a worker; figures tells the present ones.
func NewWorker(version string, figures func() HostFigures) *Worker {
	all := OfWorker()
	ends, hung := find(all, hostAttempts), find(all, hostHung)
	ran := histogram(find(all, hostRun), runBuckets())
	w := &Worker{Registry: newRegistry(version), ended: prometheus.NewCounterVec(counterOpts(ends), ends.Labels), ran: ran.WithLabelValues()}
	w.hung = prometheus.NewCounterVec(counterOpts(hung), hung.Labels)
	for _, what := range []string{HungDownload, HungProcess} {
		w.hung.WithLabelValues(what) // so that there is a zero to count up from
	}
	var read []Metric
	for _, name := range []string{hostSlots, hostRunning, hostMemory, hostDisk, hostLoad, hostOutbox, hostContact, hostStalled} {
		read = append(read, find(all, name))
	}
	w.inner.MustRegister(w.ended, ran, w.hung, newSampled(read, func() []Sample { return figures().samples() }, nil))
	return w
}

func (f HostFigures) samples() []Sample {
	out := []Sample{
		{Name: hostSlots, Value: float64(f.Slots)}, {Name: hostRunning, Value: float64(f.Running)}, {Name: hostOutbox, Value: float64(f.Outbox)},
		{Name: hostMemory, Value: float64(f.FreeMemory)}, {Name: hostDisk, Value: float64(f.FreeDisk)}, {Name: hostLoad, Value: f.Load},
		{Name: hostStalled, Value: float64(f.Stalled)},
	}
	if !f.Contact.IsZero() {
		out = append(out, Sample{Name: hostContact, Value: float64(f.Contact.UnixMilli()) / 1000})
	}
	return out
}

// What hangs on HDFS and is ended.
const (
	HungDownload = "download"
	HungProcess  = "process"
)

// Hung notes that something hung on HDFS and was ended.
func (w *Worker) Hung(what string) {
	if w != nil {
		w.hung.WithLabelValues(what).Inc()
	}
}

// Ended notes that an attempt has ended here.
func (w *Worker) Ended(outcome string, ran time.Duration) {
	if w == nil {
		return
	}
	w.ended.WithLabelValues(outcome).Inc()
	w.ran.Observe(max(ran, 0).Seconds())
}
