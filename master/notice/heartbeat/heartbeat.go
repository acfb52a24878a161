package heartbeat

import (
	"context"
	"slices"
	"strings"
	"time"

	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/master/duty"
)

// Duty is the name of the duty that calls, and Timeout bounds one pass of it.
const (
	Duty    = "heartbeat"
	Timeout = 20 * time.Second
)

// silence is for how long a duty that tells people may have failed, or hung: no
// alert is to wait longer than that.
const silence = 2 * time.Minute

// Deps are what a heartbeat goes by.
type Deps struct {
	// Call calls the outside monitor once, with a deadline of its own.
	Call func(ctx context.Context) error
	// Needed are the duties without which nobody is told.
	Needed []string
	// Since is when the present term began, on the database's clock.
	Since func() time.Time
}

// Heartbeat calls an outside monitor.
type Heartbeat struct{ deps Deps }

// New wires a heartbeat; nobody is called before Beat.
func New(d Deps) *Heartbeat { return &Heartbeat{deps: d} }

// Beat calls the monitor if people can be told: this term is the present one, the
// database answers, and the duties that are needed have succeeded of late.
// Otherwise, and when the call fails, the error says why the monitor hears nothing.
func (h *Heartbeat) Beat(ctx context.Context, lead *store.Lead) (duty.Pass, error) {
	var runs []store.ServiceRun
	var now int64
	err := lead.Tx(ctx, Duty, func(t *store.LeaderTx) (err error) {
		now = t.Now()
		runs, err = t.ServiceRuns(ctx)
		return err
	})
	if err != nil {
		return duty.Pass{}, err
	}
	if silent := Silent(h.deps.Needed, runs, h.deps.Since().UnixMilli(), now); len(silent) > 0 {
		return duty.Pass{}, fault.New(fault.Unavailable, "the outside monitor is not called: people may not be told of alerts, %s has not succeeded for %s", strings.Join(silent, ", "), silence).
			WithHint("capri service list shows what is wrong with it")
	}
	if err := h.deps.Call(ctx); err != nil {
		return duty.Pass{}, err
	}
	return duty.Pass{Rows: 1}, nil
}

// Silent lists those of the duties that have not succeeded for too long, in the
// order given. A new leader is given as long as an old one. Instants are
// milliseconds.
func Silent(needed []string, runs []store.ServiceRun, since, now int64) []string {
	var out []string
	for _, name := range needed {
		last := since
		if i := slices.IndexFunc(runs, func(r store.ServiceRun) bool { return r.Name == name }); i >= 0 {
			last = max(last, runs[i].SucceededAt)
		}
		if now-last > silence.Milliseconds() {
			out = append(out, name)
		}
	}
	return out
}
