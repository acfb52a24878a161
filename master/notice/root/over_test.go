package root

import (
	"testing"

	"capricornus/common/batch"
	"capricornus/common/store"
)

// TestWhatIsOver is the table of ends by root kind.
func TestWhatIsOver(t *testing.T) {
	t.Parallel()
	const hour = 3_600_000
	key := func(task int64, no string) store.ParentKey { return store.ParentKey{TaskID: task, WorkNo: no} }
	done := func(f batch.Finish) store.Node { return store.Node{State: batch.Done, Finish: f} }
	w := &world{
		now:    10 * hour,
		paths:  map[int64]bool{store.PathHash("/awaited"): true},
		thirds: map[store.ThirdKey]bool{{Code: "pay", DataNo: "awaited"}: true},
		tasks:  map[string]store.TaskID{"t": {ID: 1}, "deleted": {ID: 2, Deleted: true}},
		nodes: map[store.ParentKey]store.Node{
			key(1, "1"): done(batch.Success), key(1, "2"): done(batch.Failed), key(1, "3"): done(batch.Lost), key(1, "4"): done(batch.Killed),
			key(1, "5"): done(batch.Skipped), key(1, "6"): {State: batch.Waiting, Finish: batch.DependTimeout}, key(1, "7"): {State: batch.Running}, key(1, "8"): done(batch.Killed),
		},
		needed: map[store.ParentKey]bool{key(1, "8"): true, key(1, "9"): true, key(1, "7"): true, key(1, ""): true, key(2, "9"): true},
		hosts:  map[string]store.Host{"alive": {LastCheckTime: 10*hour - 1, CheckInterval: 10}, "dead": {LastCheckTime: hour, CheckInterval: 10}, "told": {LastCheckTime: hour, CheckInterval: 10}, "again": {LastCheckTime: hour, CheckInterval: 10}},
		words: map[store.AlertObject]store.LastWord{
			{Kind: "pass-old", Object: "depend"}: {Level: store.LevelCritical}, {Kind: "pass-old", Object: "assign"}: {Level: store.LevelNotice},
			{Kind: store.AlertWorkerLost, Object: "dead"}: {CreatedAt: hour},
			{Kind: store.AlertWorkerLost, Object: "told"}: {CreatedAt: hour}, {Kind: store.AlertWorkerBack, Object: "told"}: {CreatedAt: 2 * hour},
			{Kind: store.AlertWorkerLost, Object: "again"}: {CreatedAt: 3 * hour}, {Kind: store.AlertWorkerBack, Object: "again"}: {CreatedAt: 2 * hour},
		},
		sent: map[store.SentBy]bool{{Channel: "sms", Since: 9 * hour}: true, {Channel: "webhook", Recipient: "hook:room", Since: 9 * hour}: true},
	}
	for _, c := range []struct {
		rootKind, root, kind string
		want                 bool
	}{
		{"path", "/awaited", "depend-timeout", false},
		{"path", "/there", "depend-timeout", true},
		{"path", "/jar", "download-hung", false}, // until nothing is heard of it for an hour
		{"third", "pay/awaited", "depend-timeout", false},
		{"third", "pay/there", "depend-timeout", true},
		{"batch", "t/1", "batch-failed", true},
		{"batch", "t/2", "batch-failed", false},
		{"batch", "t/3", "batch-failed", false},
		{"batch", "t/4", "output-timeout", true},
		{"batch", "t/5", "depend-timeout", true},
		{"batch", "t/6", "depend-timeout", false},
		{"batch", "t/7", "output-timeout", false},
		{"batch", "t/8", "depend-timeout", false}, // somebody waits for it
		{"batch", "t/10", "batch-failed", true},   // it is no more
		{"batch", "nobody/1", "batch-failed", true},
		{"absent", "t/9", "depend-timeout", false},
		{"absent", "t/7", "depend-timeout", false},
		{"absent", "t/6", "depend-timeout", true},
		{"absent", "t/11", "depend-timeout", true},
		{"absent", "t/11", "batch-missing", false},
		{"absent", "t/6", "batch-missing", true},
		{"absent", "t", "depend-timeout", false}, // the newest batch
		{"absent", "deleted/9", "depend-timeout", true},
		{"absent", "nobody/9", "depend-timeout", true},
		{"worker", "alive", "worker-lost", true},
		{"worker", "dead", "worker-lost", false},
		{"worker", "told", "worker-lost", true},
		{"worker", "again", "worker-lost", false},
		{"worker", "gone", "worker-lost", true},
		{"watch", "pass-old:depend", "pass-old", false},
		{"watch", "pass-old:assign", "pass-old", true},
		{"watch", "pass-old:forgotten", "pass-old", true},
		{"channel", "sms", "send-failed", true},
		{"channel", "room", "send-failed", true},
		{"channel", "mail", "send-failed", false},
		{"event", "external.disk:nas", "external.disk", false},
	} {
		in := incident(c.rootKind, c.root, c.kind)
		in.OpenedAt, in.LastAlertAt = hour, 9*hour
		if got := w.over(&in); got != c.want {
			t.Errorf("%s %s (%s): got %v, want %v", c.rootKind, c.root, c.kind, got, c.want)
		}
	}
	for _, kind := range []string{"external.disk", "download-hung"} {
		in := incident("event", kind+":x", kind)
		if in.LastAlertAt = 9*hour - 1; !w.over(&in) {
			t.Errorf("%s: got it open, want it over an hour after its last alert", kind)
		}
	}
}
