package why

import (
	"context"
	"strings"
	"testing"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
)

// found writes what a look at a path found, as of some instant.
func (r *rig) found(at int64, states ...store.PathState) {
	r.t.Helper()
	r.Decide("look", func(ctx context.Context, l *store.LeaderTx) error {
		_, err := l.SetPaths(ctx, states)
		return err
	})
	r.Change("UPDATE capri_task_data SET lastCheckedAt = ? WHERE state = 0 AND lastError <> ''", at)
}

// TestWhatCannotBeLookedAtIsNotCalledNotReady: nothing is known of a path whose
// file system is away, and nobody need make it.
func TestWhatCannotBeLookedAtIsNotCalledNotReady(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Batch(r.Define("a"), "20150518", func(b *store.NewBatch) {
			b.Inputs = []store.NewPath{
				{Path: "hdfs://c/a", Ready: "exists"}, {Path: "hdfs://c/b", Ready: "exists"}, {Path: "hdfs://c/c", Ready: "_SUCCESS"},
			}
		})
		outage := &datapath.Outage{Name: "hdfs://c", Cause: "namenode nn1:8020: connection refused"}
		r.found(1000, store.PathState{Path: "hdfs://c/a", Ready: "exists", Error: outage.Error()},
			store.PathState{Path: "hdfs://c/b", Ready: "exists", Error: "look at hdfs://c/b: permission denied"})
		g := gateOf(r.ask("a/20150518"), batch.GateData)
		if len(g.Evidence) != 3 || g.Evidence[0] != "hdfs://c/a cannot be looked at since 1970-01-01 00:00:01: hdfs://c does not answer: namenode nn1:8020: connection refused" ||
			g.Evidence[1] != "hdfs://c/b cannot be looked at since 1970-01-01 00:00:01: look at hdfs://c/b: permission denied" ||
			!strings.HasPrefix(g.Evidence[2], "hdfs://c/c is not ready (_SUCCESS), since ") {
			t.Errorf("got %q, want what is unknown and what is not ready, in order", g.Evidence)
		}
		if !strings.Contains(g.Help, "once hdfs://c answers again") {
			t.Errorf("got help %q, want the file system named", g.Help)
		}
		zh, err := r.Explain(t.Context(), batch.Ref{Task: "a", WorkNo: "20150518"}, Chinese)
		r.must(err)
		if text := gateOf(zh, batch.GateData).Evidence[0]; !strings.HasPrefix(text, "自 1970-01-01 00:00:01 起无法检查 hdfs://c/a：") {
			t.Errorf("got %q, want it in Chinese", text)
		}
		r.found(2000, store.PathState{Path: "hdfs://c/a", Ready: "exists"}, store.PathState{Path: "hdfs://c/b", Ready: "exists"})
		g = gateOf(r.ask("a/20150518"), batch.GateData)
		if !strings.HasPrefix(g.Evidence[0], "hdfs://c/a is not ready (exists), since ") || strings.Contains(g.Help, "hdfs") {
			t.Errorf("got %q, %q, want it not ready as it could be looked at", g.Evidence, g.Help)
		}
	})
}

// TestWhatIsGoneIsNotReady: a worker did look at it.
func TestWhatIsGoneIsNotReady(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Batch(r.Define("a"), "20150518", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: "file:///a", Ready: "exists"}} })
		r.found(1000, store.PathState{Path: "file:///a", Ready: "exists", Met: true})
		r.must(r.DB.Work(t.Context(), store.Actor{Kind: "worker", ID: storetest.Host}, func(tx *store.WorkTx) error { return tx.UnmeetPath(t.Context(), "file:///a") }))
		wantEvidence(t, gateOf(r.ask("a/20150518"), batch.GateData), "file:///a is not ready (exists): gone when a worker looked before running, since ")
	})
}
