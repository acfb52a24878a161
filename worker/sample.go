package worker

import (
	"context"
	"time"

	"capricornus/common/logs"
	"capricornus/worker/vitals"
)

// sampleAfter spares short attempts: they cost nothing to watch.
const sampleAfter = time.Second

// sample measures the attempts that have run for some time, all in one pass.
func (w *Worker) sample(ctx context.Context) error {
	ticker := time.NewTicker(w.cfg.Sample)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		w.sampleOnce()
	}
}

func (w *Worker) sampleOnce() {
	grips := make(map[int]*grip)
	var leaders []int
	for _, g := range w.hand.grips() {
		if leader := g.leader(sampleAfter); leader != 0 {
			grips[leader] = g
			leaders = append(leaders, leader)
		}
	}
	if len(leaders) == 0 {
		return
	}
	usage, err := vitals.Processes{}.Sample(leaders)
	if err != nil {
		w.log.Warn("attempts cannot be measured", logs.Error(err))
		return
	}
	for leader, used := range usage {
		grips[leader].sampled(used)
	}
}
