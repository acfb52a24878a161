package worker

import (
	"context"
	"sync"
	"time"

	"capricornus/common/logs"
	"capricornus/common/pause"
	"capricornus/common/wire"
)

// maxNotices bounds what waits to be told: masters that are away for long get
// the last ones.
const maxNotices = 200

// noticeAgain is when notices that could not be told are told again.
const noticeAgain = 10 * time.Second

// notices wait to be told to the masters, in memory only: what goes on is
// noticed again. It is safe for concurrent use; the zero value is not ready.
type notices struct {
	mu    sync.Mutex
	queue []wire.Notice
	bell  chan struct{}
}

func newNotices() *notices { return &notices{bell: make(chan struct{}, 1)} }

// add never blocks. When there is no room the oldest makes way.
func (n *notices) add(notice wire.Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.queue = append(n.queue, notice)
	if over := len(n.queue) - maxNotices; over > 0 {
		n.queue = n.queue[over:]
	}
	select {
	case n.bell <- struct{}{}:
	default:
	}
}

// take empties the queue.
func (n *notices) take() []wire.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.queue
	n.queue = nil
	return all
}

// back puts notices before those that have come meanwhile.
func (n *notices) back(all []wire.Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.queue = append(all, n.queue...)
	n.queue = n.queue[max(0, len(n.queue)-maxNotices):]
}

// tell sends notices until ctx ends. Masters take each once, so one of which
// the answer was lost is told again.
func (w *Worker) tell(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.notices.bell:
		}
		for all := w.notices.take(); len(all) > 0 && ctx.Err() == nil; all = w.notices.take() {
			w.tellAll(ctx, all)
		}
	}
}

// tellAll makes one call. What could not be told goes back, and a while goes by.
func (w *Worker) tellAll(ctx context.Context, all []wire.Notice) {
	_, err := w.client.Notices(ctx, all)
	switch {
	case err == nil || ctx.Err() != nil:
	case refused(err):
		w.log.Warn("notices are refused", logs.Count, len(all), logs.Error(err))
	default:
		w.log.Warn("notices are told again later", logs.Count, len(all), logs.Error(err))
		w.notices.back(all)
		_ = pause.For(ctx, noticeAgain)
	}
}
