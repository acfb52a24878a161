package master

import (
	"context"
	"slices"
	"time"

	"capricornus/common/store"
	"capricornus/master/duty"
	"capricornus/master/election"
	"capricornus/master/notice"
	"capricornus/master/notice/deliver"
	"capricornus/master/notice/heartbeat"
)

// Heartbeat says how an outside monitor hears that people can be told of alerts.
type Heartbeat struct {
	Every time.Duration
	Call  func(ctx context.Context) error // one call, with a deadline; nil: there is no monitor
}

// heartbeatDuties call the outside monitor, if there is one; all are the other
// duties of a leader.
func (m *Master) heartbeatDuties(lead func(*election.Term) *store.Lead, all []duty.Duty) []duty.Duty {
	if m.cfg.Heartbeat.Call == nil {
		return nil
	}
	var needed []string
	for _, d := range all {
		if slices.Contains([]string{notice.Duty, deliver.Duty}, d.Name) {
			needed = append(needed, d.Name)
		}
	}
	beat := heartbeat.New(heartbeat.Deps{Call: m.cfg.Heartbeat.Call, Needed: needed, Since: m.termSince})
	return []duty.Duty{{
		Name: heartbeat.Duty, Every: m.cfg.stretched(m.cfg.Heartbeat.Every), Timeout: heartbeat.Timeout,
		Run: func(ctx context.Context, t *election.Term) (duty.Pass, error) { return beat.Beat(ctx, lead(t)) },
	}}
}
