package guard

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"capricornus/common/datapath"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

// TestFaults disturbs every statement of every duty once: marks, ends and
// alerts come together or not at all, and once.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		for name, scenario := range map[string]storetest.Scenario{"Timeout": overdue(), "Repair": abandoned(), "Hosts": lostWorker()} {
			t.Run(engine+"/"+name, func(t *testing.T) {
				t.Parallel()
				storetest.ForEachFault(t, engine, scenario)
			})
		}
	}
}

func guardOf(w *storetest.World) *Guard {
	return New(Deps{
		DB: w.DB, Defs: store.NewDefinitions(w.DB, 1000), Zone: time.UTC, Paths: datapath.New(datapath.Options{}), Log: slog.New(slog.DiscardHandler),
		Absent: func(string, string, wire.Held) (bool, bool) { return false, true },
		Notify: Notify{Finished: func([]int64, []store.ParentKey) {}, Freed: func() {}, Repair: func() {}},
	})
}

// alertsAbout counts the alerts about a task's batches.
func alertsAbout(w *storetest.World, task string) int {
	return w.Figure("SELECT COUNT(*) FROM capri_alert WHERE object LIKE ?", task+"/%")
}

// overdue marks three batches, two timeouts each.
func overdue() storetest.Scenario {
	n := 0
	return storetest.Scenario{
		Prepare: func(w *storetest.World) any {
			n++
			name := fmt.Sprint("overdue", n)
			task := w.Define(name)
			for i := range 3 {
				w.Batch(task, fmt.Sprint(20150518+i), waits, due(time.Minute, time.Minute))
			}
			return name
		},
		Run: func(ctx context.Context, w *storetest.World, _ any) error {
			_, err := guardOf(w).Timeout(ctx, w.Lead)
			return err
		},
		Result: func(w *storetest.World, given any) string {
			marked := w.Figure(`SELECT COUNT(*) FROM capri_task_work w JOIN capri_task k ON k.id = w.taskId
WHERE k.name = ? AND w.dependTimeoutAt > 0 AND w.outputTimeoutAt > 0 AND w.finishState = 4 AND w.seq = 3`, given)
			return fmt.Sprint(marked, alertsAbout(w, given.(string)))
		},
	}
}

// abandoned ends two batches of a worker that is silent past its lease: one is
// tried again, one was tried often enough.
func abandoned() storetest.Scenario {
	n := 0
	return storetest.Scenario{
		Prepare: func(w *storetest.World) any {
			n++
			name := fmt.Sprint("abandoned", n)
			task := w.Define(name, fenced)
			ids := []int64{w.Batch(task, "20150518"), w.Batch(task, "20150519")}
			w.Beat(storetest.Host, 1000)
			if err := w.Assign(storetest.Host, ids...); err != nil {
				panic(err)
			}
			if err := w.Start(ids...); err != nil {
				panic(err)
			}
			w.Change("UPDATE capri_task_work SET infraFailures = 3 WHERE id = ?", ids[1])
			w.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 3600000 WHERE host = ?", storetest.Host)
			return name
		},
		Run: func(ctx context.Context, w *storetest.World, _ any) error {
			_, err := guardOf(w).Repair(ctx, w.Lead, time.Now().Add(-time.Hour))
			return err
		},
		Result: func(w *storetest.World, given any) string {
			count := func(where string) int {
				return w.Figure("SELECT COUNT(*) FROM capri_task_work w JOIN capri_task k ON k.id = w.taskId WHERE k.name = ? AND "+where, given)
			}
			return fmt.Sprint(count("w.state = 0 AND w.infraFailures = 1"), count("w.state = 3 AND w.finishState = 7"), alertsAbout(w, given.(string)))
		},
	}
}

// lostWorker tells of one loss.
func lostWorker() storetest.Scenario {
	n := 0
	return storetest.Scenario{
		Prepare: func(w *storetest.World) any {
			n++
			host := fmt.Sprint("lost", n)
			w.Beat(host, 4)
			w.Change("UPDATE capri_schedul_cluster SET lastCheckTime = lastCheckTime - 3600000 WHERE host = ?", host)
			return host
		},
		Run: func(ctx context.Context, w *storetest.World, _ any) error {
			_, err := guardOf(w).Hosts(ctx, w.Lead, time.Now().Add(-time.Hour))
			return err
		},
		Result: func(w *storetest.World, given any) string {
			return fmt.Sprint(w.Figure("SELECT COUNT(*) FROM capri_alert WHERE object = ?", given))
		},
	}
}
