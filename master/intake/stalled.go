package intake

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/wire"
)

// stallFrom is how long an attempt runs at least before it can count as stalled;
// where the task's recent runs have taught more, it is twice what they took.
const stallFrom = 30 * time.Minute

// stalls is what notices of attempts that get nowhere are judged by.
type stalls struct {
	now     int64
	after   time.Duration // without progress
	batches map[int64]*store.Batch
	learned map[int64]store.TaskStat // by task
}

// readStalls reads it; without such notices it reads nothing.
func readStalls(ctx context.Context, t *store.WorkTx, known []wire.Notice, batches []store.Batch) (stalls, error) {
	s := stalls{now: t.Now(), batches: map[int64]*store.Batch{}}
	for i := range batches {
		s.batches[batches[i].ID] = &batches[i]
	}
	var tasks []int64
	for i := range known {
		if b := s.batches[known[i].WorkID]; b != nil && known[i].Kind == store.AlertStalled {
			tasks = append(tasks, b.TaskID)
		}
	}
	if len(tasks) == 0 {
		return s, nil
	}
	settings, err := t.Settings(ctx)
	if err != nil {
		return s, err
	}
	s.after = store.StallAfter(settings)
	s.learned, err = t.TaskStats(ctx, tasks)
	return s, err
}

// alerts are those of one notice (domain.md §9, seed A3-39): once per attempt to
// the administrators, and once to the people of its task, who know best what it
// should be doing. An attempt that is over, or elsewhere, is none of them.
func (s stalls) alerts(n wire.Notice) []store.Alert {
	b := s.batches[n.WorkID]
	if b == nil || b.State != batch.Running || b.Attempt != n.Attempt || b.Host != n.Host {
		return nil
	}
	ran := time.Duration(s.now-b.StartTime) * time.Millisecond
	still := time.Duration(n.StillMillis) * time.Millisecond
	usual := time.Duration(s.learned[b.TaskID].P95Millis) * time.Millisecond
	if still < s.after || ran < max(stallFrom, 2*usual) {
		return nil
	}
	code := b.Ref().AttemptCode(n.Attempt)
	text := fmt.Sprintf("%s on %s has run for %s, has written nothing and used next to no processor time for %s", code, n.Host, inWords(ran), inWords(still))
	if usual > 0 {
		text += fmt.Sprintf("; 95 of 100 runs of its task take less than %s", inWords(usual))
	}
	out := make([]store.Alert, 0, 2)
	for _, level := range []string{store.LevelImportant, store.LevelTask} {
		out = append(out, store.Alert{
			Kind: store.AlertStalled, Object: cut(code, noticeObject), Occurrence: level, Level: level, TaskID: b.TaskID, WorkID: b.ID, Text: cut(text, noticeText),
		})
	}
	return out
}

func inWords(d time.Duration) string { return d.Round(time.Second).String() }
