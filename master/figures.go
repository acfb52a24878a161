package master

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"capricornus/common/batch"
	"capricornus/common/metrics"
	"capricornus/common/trace"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/watch"
)

// figures are what this master shows of the cluster and of itself.
type figures struct {
	master *Master
	probe  atomic.Int64 // nanoseconds that the last look at quiet file systems took; 0: there was none
	moves  moves
}

// newMetrics makes the figures; they are read only when somebody asks.
func (m *Master) newMetrics() {
	m.figures = &figures{master: m}
	m.metrics = metrics.NewMaster(m.cfg.Version,
		[]string{batch.ResultSuccess, batch.ResultFailed, batch.ResultKilled, batch.ResultLost, batch.ResultTimedOut, batch.ResultUnstarted},
		metrics.Sources{Now: m.figures.now, Database: m.figures.database})
}

// Metrics are the figures of this master, to be served.
func (m *Master) Metrics() *metrics.Master { return m.metrics }

// traced is a duty's run with a span around each pass.
func (m *Master) traced(d duty.Duty) func(context.Context, *election.Term) (duty.Pass, error) {
	return func(ctx context.Context, t *election.Term) (duty.Pass, error) {
		ctx, span := m.cfg.Trace.Start(ctx, trace.Internal, "duty "+d.Name)
		pass, err := d.Run(ctx, t)
		span.Set("rows", strconv.Itoa(pass.Rows))
		span.End(err)
		return pass, err
	}
}

// probed looks at the quiet file systems and remembers how long that took.
func (m *Master) probed(ctx context.Context) {
	began := time.Now()
	m.cfg.Paths.Probe(ctx)
	m.figures.probe.Store(int64(max(time.Since(began), 1)))
}

// now are the figures that are in memory.
func (f *figures) now() []metrics.Sample {
	m := f.master
	out := []metrics.Sample{{Name: metrics.RaftLeader, Value: truth(m.term.Load() != nil)}, {Name: metrics.SSEClients, Value: float64(m.live.Clients())}}
	if m.cfg.Members != nil {
		out = append(out, metrics.Sample{Name: metrics.MastersMembers, Value: float64(len(m.cfg.Members.Status().Members))})
	} else {
		out = append(out, metrics.Sample{Name: metrics.MastersMembers, Value: 1})
	}
	for _, h := range m.cfg.Paths.Health() {
		if h.Known {
			out = append(out, metrics.Sample{Name: metrics.HDFSUp, Labels: []string{h.Name}, Value: truth(!h.Down)})
		}
	}
	if took := f.probe.Load(); took > 0 && m.term.Load() != nil {
		out = append(out, metrics.Sample{Name: metrics.HDFSProbe, Value: time.Duration(took).Seconds()})
	}
	if m.term.Load() == nil {
		return out // what another leader has counted is its own to tell
	}
	return append(out, covered(m.watch.Coverage())...)
}

// covered says which batches of the last hours are there.
func covered(c *watch.Coverage) []metrics.Sample {
	if c == nil {
		return nil
	}
	var out []metrics.Sample
	for kind, n := range c.ByPeriod {
		labels := []string{kind.String()}
		out = append(out,
			metrics.Sample{Name: metrics.BatchesExpected, Labels: labels, Value: float64(n.Expected)},
			metrics.Sample{Name: metrics.BatchesGenerated, Labels: labels, Value: float64(n.Expected - n.Missing)},
			metrics.Sample{Name: metrics.BatchesMissing, Labels: labels, Value: float64(n.Missing)})
	}
	return out
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// seconds is an instant of the database as Prometheus has instants.
func seconds(millis int64) float64 { return float64(millis) / 1000 }
