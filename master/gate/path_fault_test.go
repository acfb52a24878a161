package gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"capricornus/common/datapath"
	"capricornus/common/store/storetest"
)

// TestPathsUnderFaults: whatever statement fails, a path that is ready is met
// once, one that is away is noted, and one that is denied is told of once.
func TestPathsUnderFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			far, n := newFaraway(), 0
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					n++
					ready, out, denied := fmt.Sprintf("ready%d", n), fmt.Sprintf("out%d", n), fmt.Sprintf("denied%d", n)
					far.says("hdfs://c/"+ready, true, nil)
					far.says("hdfs://c/"+out, true, refused())
					far.says("hdfs://c/"+denied, true, errors.New("permission denied"))
					return w.Batch(w.Define(fmt.Sprintf("reader_%d", n)), "20150518", reads(hdfs(ready), hdfs(out), hdfs(denied)))
				},
				Run: func(ctx context.Context, w *storetest.World, _ any) error {
					g := New(w.DB, datapath.New(datapath.Options{HDFS: far}), func() {}, slog.New(slog.DiscardHandler))
					_, err := g.Paths(ctx, w.Lead)
					return err
				},
				Result: func(w *storetest.World, given any) string {
					id := given.(int64)
					return fmt.Sprint(w.Work(id).Unmet, w.Figure("SELECT COUNT(*) FROM capri_task_data WHERE taskWorkId = ? AND lastError = ?", id, away),
						w.Figure("SELECT COUNT(*) FROM capri_alert a JOIN capri_task_data d ON d.path = a.object WHERE d.taskWorkId = ?", id))
				},
			})
		})
	}
}
