// Package vitals measures: memory, load and disk of this host, and the
// processes of each attempt with what they use. It only reads; nothing here
// ends a process. All of it is safe for concurrent use.
package vitals

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/load"
	"github.com/shirou/gopsutil/v3/mem"

	"capricornus/common/wire"
)

// fresh is how long measured figures are used again. Many attempts starting
// together must not each measure the host.
const fresh = time.Second

// Host measures the host and the file system that holds root.
type Host struct {
	root string

	mu   sync.Mutex
	at   time.Time
	last wire.Vitals
}

// NewHost returns the gauge of the host, with the disk of root.
func NewHost(root string) *Host { return &Host{root: root} }

// Read returns figures at most a second old.
func (h *Host) Read() (wire.Vitals, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.at.IsZero() && time.Since(h.at) < fresh {
		return h.last, nil
	}
	memory, err := mem.VirtualMemory()
	if err != nil {
		return wire.Vitals{}, fmt.Errorf("measure memory: %w", err)
	}
	average, err := load.Avg()
	if err != nil {
		return wire.Vitals{}, fmt.Errorf("measure load: %w", err)
	}
	usage, err := disk.Usage(h.root)
	if err != nil {
		return wire.Vitals{}, fmt.Errorf("measure disk of %s: %w", h.root, err)
	}
	h.at = time.Now()
	h.last = wire.Vitals{
		Memory:     int64(memory.Total),
		FreeMemory: int64(memory.Available),
		FreeDisk:   int64(usage.Free),
		Load:       average.Load1 / float64(runtime.NumCPU()),
	}
	return h.last, nil
}
