package fleet

import (
	"reflect"
	"testing"

	"capricornus/common/store"
	"capricornus/common/wire"
)

func TestQueueOf(t *testing.T) {
	t.Parallel()
	shares := []store.QueueShare{{TaskID: 1, Priority: 2, Count: 3, Since: 50}, {TaskID: 1, Priority: 0, Count: 1, Since: 70}, {TaskID: 2, Priority: 2, Count: 4, Since: 40}, {TaskID: 3, Priority: 5, Count: 9, Since: 60}}
	groupOf := func(s store.QueueShare) string {
		if s.TaskID == 3 {
			return "gpu"
		}
		return defaultGroup
	}
	hosts := []wire.Host{
		{Host: "w1", Group: "default", Alive: true, Slots: 4, Running: 2, Assigned: 1},
		{Host: "w2", Group: "default", Alive: true, Stopped: true, Slots: 8, Running: 5},
		{Host: "w3", Group: "default", Slots: 8},
		{Host: "w4", Group: "spare", Alive: true, Slots: 2, Running: 3},
	}
	want := wire.Queue{At: 100, Ready: 17, Groups: []wire.QueueGroup{
		{Group: "default", Ready: 8, OldestAt: 40, Priorities: []wire.QueuePriority{{Priority: 0, Ready: 1, OldestAt: 70}, {Priority: 2, Ready: 7, OldestAt: 40}}, Workers: 1, SlotsTotal: 4, SlotsUsed: 8, SlotsFree: 1, SlotsWanted: 16},
		{Group: "gpu", Ready: 9, OldestAt: 60, Priorities: []wire.QueuePriority{{Priority: 5, Ready: 9, OldestAt: 60}}, SlotsWanted: 9},
		{Group: "spare", Priorities: []wire.QueuePriority{}, Workers: 1, SlotsTotal: 2, SlotsUsed: 3, SlotsWanted: 3},
	}}
	if got := queueOf(shares, hosts, groupOf, 100); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got := queueOf(nil, nil, groupOf, 1); got.Ready != 0 || got.Groups == nil {
		t.Errorf("got %+v, want an empty list of groups", got)
	}
}
