package master_test

import (
	"context"
	"strings"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// turned is what somebody did to a worker's switch.
type turned struct {
	at  int64
	off bool
}

// turn turns a worker's switch, beside the masters, and remembers it.
func (s *story) turn(host string, off bool) {
	s.t.Helper()
	s.operate(func(ctx context.Context, o *store.OperateTx) error {
		_, _, err := o.SwitchHost(ctx, host, store.Switch{Off: off, Reason: "story"})
		return err
	})
	if s.switches == nil {
		s.switches = map[string][]turned{}
	}
	s.switches[host] = append(s.switches[host], turned{time.Now().UnixMilli(), off})
}

// offAt says that a worker was off at an instant, and was not switched in that very one.
func (s *story) offAt(host string, at int64) bool {
	off := false
	for _, t := range s.switches[host] {
		if t.at == at {
			return false
		}
		if t.at < at {
			off = t.off
		}
	}
	return off
}

// judgeSwitches holds that nothing was assigned to a worker that was off, and
// that nothing began there.
func (s *story) judgeSwitches(w *world) {
	s.t.Helper()
	for i := range w.batches {
		b, host := &w.batches[i], ""
		for _, e := range s.history(b.ID) {
			switch e.Move {
			case batch.MoveAssign, batch.MoveReassign:
				_, host, _ = strings.Cut(e.Detail[max(strings.LastIndex(e.Detail, "; "), 0):], "to ")
			case batch.MoveStart:
			default:
				continue
			}
			if s.machines[host] == nil {
				s.t.Errorf("got %+v of %s, want its worker named", e, b.Ref())
			}
			if s.offAt(host, e.At) {
				s.t.Errorf("got %s of %s on %s at %s, which was off: %+v", e.Move, b.Ref(), host, time.UnixMilli(e.At).UTC(), s.switches[host])
			}
		}
	}
}
