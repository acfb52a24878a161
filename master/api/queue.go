package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"capricornus/common/permit"
	"capricornus/common/wire"
	"capricornus/master/fleet"
)

// queueMemory is how long a count of the queue is good: whoever scales by it
// asks often, and many may ask.
const queueMemory = 5 * time.Second

// queueCount remembers the last count.
type queueCount struct {
	mu   sync.Mutex // one counts at a time
	last wire.Queue
	at   time.Time
}

func (a *api) queueRoutes() {
	call(a, route{method: http.MethodGet, path: root + "/queue", may: permit.View, id: "get-queue", tag: tagCluster,
		summary: "What waits for nothing but a worker, by group and priority, and the slots there are: for who scales workers; counted every 5 s at most"}, a.getQueue)
}

func (a *api) getQueue(ctx context.Context, _ *struct{}) (wire.Queue, error) {
	a.queue.mu.Lock()
	defer a.queue.mu.Unlock()
	now := a.DB.Now()
	if age := now.Sub(a.queue.at); age >= 0 && age < queueMemory {
		return a.queue.last, nil
	}
	counted, err := fleet.Queue(ctx, a.DB, a.Defs)
	if err == nil {
		a.queue.last, a.queue.at = counted, now
	}
	return counted, err
}
