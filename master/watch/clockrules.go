package watch

import (
	"fmt"
	"time"

	"capricornus/common/store"
)

// memberRows are the masters that count: the members, where they are known,
// even those that were never heard of. A master that was removed and goes on
// running is none of them.
func (s *sight) memberRows() []store.Master {
	if s.members == nil {
		return s.masters
	}
	rows := make([]store.Master, 0, len(s.members))
	for _, name := range s.members {
		row := store.Master{ID: name}
		for _, m := range s.masters {
			if m.ID == name {
				row = m
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// clockLimit is how far a clock may be off the cluster's time: signed calls are
// good for a minute, and logs of several hosts are read side by side.
const clockLimit = 5 * time.Second

// judgeClocks looks at the clocks of the hosts that are live. Decisions are
// made by the database's clock alone, so a wrong one does no harm at once.
func (s *sight) judgeClocks(v *verdict) {
	judge := func(what, name string, offset int64) {
		off := time.Duration(offset) * time.Millisecond
		if off.Abs() <= clockLimit {
			return
		}
		way := "behind"
		if off < 0 {
			way = "ahead of"
		}
		v.add(object{KindClock, what + " " + name}, store.LevelImportant,
			fmt.Sprintf("the clock of %s %s is %s %s the cluster's time, which is the database's", what, name, off.Abs().Round(100*time.Millisecond), way))
	}
	for _, m := range s.masters {
		if s.since(m.LastSeen) < s.platform.Silence {
			judge("master", m.ID, m.ClockOffset)
		}
	}
	for i := range s.hosts {
		if h := &s.hosts[i]; h.AliveAt(s.now.UnixMilli()) {
			judge("worker", h.Host, h.ClockOffset)
		}
	}
}
