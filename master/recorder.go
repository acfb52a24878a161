package master

import (
	"context"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/common/store"
)

// recorder keeps the last run of every duty in capri_service_run, while this
// master leads.
type recorder struct {
	master *Master
	mu     sync.Mutex
	began  map[string]int64
}

// Started remembers when a recorded run began.
func (r *recorder) Started(_ context.Context, name string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.began == nil {
		r.began = map[string]int64{}
	}
	r.began[name] = r.millis(at)
}

// Ended writes the run. One that cannot be written is worth a line, not the term.
func (r *recorder) Ended(ctx context.Context, name string, at time.Time, rows int, err error) {
	reign := r.master.term.Load()
	if reign == nil || ctx.Err() != nil {
		return
	}
	row := store.ServiceRun{Name: name, StartedAt: r.start(name, at), EndedAt: r.millis(at), Rows: int64(rows)}
	if err != nil {
		row.Error = err.Error()
	}
	lead := r.master.db.Lead(reign.Epoch, r.master.cfg.Node)
	if err := lead.Tx(ctx, name, func(t *store.LeaderTx) error { return t.PutServiceRun(ctx, row) }); err != nil {
		r.master.log.Warn("service run not recorded", logs.Duty, name, logs.Error(err))
	}
}

func (r *recorder) start(name string, end time.Time) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.began[name]; ok {
		delete(r.began, name)
		return at
	}
	return r.millis(end)
}

// millis is an instant of this process on the cluster's clock.
func (r *recorder) millis(at time.Time) int64 {
	return at.Add(r.master.db.ClockOffset()).UnixMilli()
}
