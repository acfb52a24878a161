package gate

import (
	"errors"
	"maps"
	"strings"
	"time"

	"capricornus/common/datapath"
)

// LocalFiles names what this host has mounted, where a dead server hangs looks.
const LocalFiles = "file://"

// Away is a file system that does not answer, as the last full pass over paths
// met it.
type Away struct {
	Paths  int // that waiting batches need and nobody could look at
	Cause  string
	Since  time.Time // the first pass that met it so
	Passes int       // in a row
}

// Away lists what is away by its name. It tells nothing before the first full
// pass of a term.
func (g *Gate) Away() (away map[string]Away, known bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.away), g.looked
}

// noteAway keeps what a full pass has met.
func (g *Gate) noteAway(met map[string]Away, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for name, a := range met {
		a.Since, a.Passes = now, 1
		if before, was := g.away[name]; was {
			a.Since, a.Passes = before.Since, before.Passes+1
		}
		met[name] = a
	}
	g.looked, g.away = true, met
}

// outageOf tells which file system does not answer, if that is why a path could
// not be looked at. What has no servers of its own is named by its scheme.
func outageOf(r *datapath.Result) (*datapath.Outage, bool) {
	if out, named := errors.AsType[*datapath.Outage](r.Err); named {
		return out, true
	}
	if !datapath.Unavailable(r.Err) {
		return nil, false
	}
	scheme, _, _ := strings.Cut(r.Path, "://")
	return &datapath.Outage{Name: scheme + "://", Cause: datapath.ErrTimeout.Error()}, true
}
