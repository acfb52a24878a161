package worker

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/run/runtest"
)

func TestNoticesThatFindNoRoomMakeWay(t *testing.T) {
	t.Parallel()
	n := newNotices()
	for i := range maxNotices + 3 {
		n.add(wire.Notice{Text: fmt.Sprint(i)})
	}
	all := n.take()
	if len(all) != maxNotices || all[0].Text != "3" {
		t.Fatalf("got %d notices from %q on, want the last %d", len(all), all[0].Text, maxNotices)
	}
	n.add(wire.Notice{Text: "new"})
	n.back(all)
	again := n.take()
	if len(again) != maxNotices || again[0].Text != "4" || again[len(again)-1].Text != "new" {
		t.Errorf("got %q to %q, want those that came back before the new one, and the oldest gone", again[0].Text, again[len(again)-1].Text)
	}
}

func TestNoticesWaitForTheMasters(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		m := emptyMaster()
		w, stop := workerInBubble(t, m, root, runtest.New(func(context.Context, run.Spec) int { return 0 }))
		pass(time.Minute)
		m.update(func() { m.down = true })
		for i := range 3 {
			w.notices.add(wire.Notice{Text: fmt.Sprint(i)})
			pass(time.Minute)
		}
		if got := m.told(); len(got) != 0 {
			t.Errorf("got %v while the masters are away", got)
		}
		m.update(func() { m.down = false })
		pass(time.Minute)
		if got := m.told(); len(got) != 3 || got[0].Text != "0" || got[2].Text != "2" {
			t.Errorf("got %+v, want all three in order", got)
		}
		m.update(func() { m.picky = true })
		w.notices.add(wire.Notice{Text: "refused"})
		pass(time.Minute)
		m.update(func() { m.picky = false })
		pass(time.Minute)
		if got := m.told(); len(got) != 3 {
			t.Errorf("got %+v, want one that masters refuse not told again", got)
		}
		stop()
	})
}
