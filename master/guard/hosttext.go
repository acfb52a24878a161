package guard

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"capricornus/common/store"
)

// named is how many batches an alert lists by name.
const named = 20

// lostText tells people that a worker is lost, what runs on it and what will
// become of that.
func (g *Guard) lostText(h *store.Host, works []running) string {
	text := fmt.Sprintf("worker %s has not been heard of since %s.", h.Host, g.clock(h.LastCheckTime))
	if len(works) == 0 {
		return text + " No batch runs on it."
	}
	names := make([]string, 0, named)
	waits, fenced := 0, 0
	for _, w := range works {
		if len(names) < named {
			names = append(names, w.ref)
		}
		if w.fence {
			fenced++
		} else {
			waits++
		}
	}
	text += fmt.Sprintf(" Batches that run on it: %d: %s", len(works), strings.Join(names, ", "))
	if more := len(works) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	text += "."
	if waits > 0 {
		text += fmt.Sprintf(" With policy wait: %d. They go on there and count as running until %s reports their end; if it is gone for good, say so: capri host dead %s --reason TEXT.",
			waits, h.Host, h.Host)
	}
	if fenced > 0 {
		text += fmt.Sprintf(" With policy fence: %d. %s ends them itself; they are started elsewhere from %s on.",
			fenced, h.Host, g.clock(h.LastCheckTime+leaseOf(h.LeaseMillis)+leaseMargin.Milliseconds()))
	}
	return text
}

// backText tells people that a lost worker is heard of again.
func (g *Guard) backText(h *store.Host, lost string, works int) string {
	text := fmt.Sprintf("worker %s is back", h.Host)
	if since, err := strconv.ParseInt(lost, 10, 64); err == nil {
		silence := time.Duration(h.LastCheckTime-since) * time.Millisecond
		text += fmt.Sprintf(" after %s of silence since %s", max(silence, 0).Round(time.Second), g.clock(since))
	}
	return fmt.Sprintf("%s. Batches that run on it: %d.", text, works)
}
