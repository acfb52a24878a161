package intake

import (
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestWhichAttemptsCountAsStalled(t *testing.T) {
	t.Parallel()
	const now = int64(1_700_000_000_000)
	type world struct {
		batch   store.Batch
		learned time.Duration
		still   time.Duration
	}
	ranFor := func(d time.Duration) func(*world) {
		return func(w *world) { w.batch.StartTime = now - d.Milliseconds() }
	}
	for name, c := range map[string]struct {
		change func(*world)
		told   bool
	}{
		"LongAndStill":                 {func(*world) {}, true},
		"NotStillForLong":              {func(w *world) { w.still = 30*time.Minute - time.Millisecond }, false},
		"HasNotRunForLong":             {ranFor(29 * time.Minute), false},
		"LongEnoughByItself":           {ranFor(30 * time.Minute), true},
		"ItsTaskTakesLong":             {func(w *world) { w.learned = 31 * time.Minute }, false},
		"LongerThanTwiceWhatItTakes":   {func(w *world) { w.learned = 30 * time.Minute }, true},
		"ItsTaskIsQuickAndHalfAnHour":  {func(w *world) { w.learned = time.Second; ranFor(29 * time.Minute)(w) }, false},
		"ItIsOver":                     {func(w *world) { w.batch.State = batch.Done }, false},
		"ItHasNotBegun":                {func(w *world) { w.batch.State = batch.Assigned }, false},
		"AnotherAttemptRuns":           {func(w *world) { w.batch.Attempt = 3 }, false},
		"ItRunsElsewhere":              {func(w *world) { w.batch.Host = "w2" }, false},
		"TheBatchIsGone":               {func(w *world) { w.batch.ID = 8 }, false},
		"NothingWasLearnedAndAllRight": {func(w *world) { w.learned = 0 }, true},
	} {
		w := world{still: 30 * time.Minute, batch: store.Batch{Task: "etl", Work: store.Work{
			ID: 7, TaskID: 5, WorkNo: "20150518", State: batch.Running, Attempt: 2, Host: "w1", StartTime: now - time.Hour.Milliseconds(),
		}}}
		c.change(&w)
		s := stalls{now: now, after: 30 * time.Minute, batches: map[int64]*store.Batch{w.batch.ID: &w.batch}, learned: map[int64]store.TaskStat{}}
		if w.learned > 0 {
			s.learned[5] = store.TaskStat{P95Millis: w.learned.Milliseconds()}
		}
		got := s.alerts(wire.Notice{Kind: store.AlertStalled, Host: "w1", WorkID: 7, Attempt: 2, StillMillis: w.still.Milliseconds()})
		if (len(got) == 2) != c.told || len(got) == 1 {
			t.Errorf("%s: got %+v, want it told %v", name, got, c.told)
		}
		for _, a := range got {
			if says := strings.Contains(a.Text, "95 of 100"); a.Object != "etl/20150518.0#2" || a.TaskID != 5 || a.WorkID != 7 || says != (w.learned > 0) {
				t.Errorf("%s: got %+v, want the attempt, and what is usual if that is known", name, a)
			}
		}
	}
}

// TestStalledAttemptsAreToldOnce: workers say it again and again.
func TestStalledAttemptsAreToldOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		taskID := r.Define("wait")
		id := r.Batch(taskID, "20150518")
		r.must(r.Assign(storetest.Host, id))
		r.say(of(wire.FactStarted, id, 1))
		take := func(still time.Duration, want int) {
			t.Helper()
			reply, err := r.Notices(t.Context(), wire.NoticesRequest{Notices: []wire.Notice{
				{Kind: store.AlertStalled, Host: storetest.Host, WorkID: id, Attempt: 1, Object: "x", Occurrence: "once", Level: "critical", StillMillis: still.Milliseconds()},
			}})
			if err != nil || reply.New != want {
				t.Errorf("got %+v, %v, want %d new", reply, err, want)
			}
		}
		take(35*time.Minute, 0) // it has just begun, by the masters' clock
		w.Change("UPDATE capri_task_work SET startTime = startTime - 2400000 WHERE id = ?", id)
		take(25*time.Minute, 0)
		w.Change("UPDATE capri_dic_data SET dicValue = '20' WHERE dicKey = ?", store.SettingStallMinutes)
		take(25*time.Minute, 2)
		take(30*time.Minute, 0)
		for level, n := range map[string]int{"important": 1, "task": 1} {
			if got := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ? AND object = 'wait/20150518.0#1' AND level = ? AND taskId = ?", store.AlertStalled, level, taskID); got != n {
				t.Errorf("got %d alerts of level %s, want %d", got, level, n)
			}
		}
		if text := r.Text("SELECT text FROM capri_alert WHERE level = 'important'"); !strings.Contains(text, "for 25m0s") || !strings.Contains(text, "has run for 40m") {
			t.Errorf("got %q, want both times", text)
		}
	})
}
