package report

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
	"capricornus/master/report/compose"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is the making of reports over a world, with what other packages know
// stood for by functions.
type rig struct {
	*storetest.World
	*Reports
	t     *testing.T
	asked int // how often somebody asked what should be there
	span  compose.Span
}

func newRig(t *testing.T, w *storetest.World) *rig {
	t.Helper()
	r := &rig{World: w, t: t}
	w.Change("UPDATE capri_master_epoch SET since = since - 10 * 86400000") // the past of a test is in its term
	r.Reports = New(Deps{
		DB: w.DB, Zone: time.UTC,
		Why: func(_ context.Context, ref batch.Ref, lang string) (wire.Why, error) {
			if ref.Task == "gone" {
				return wire.Why{}, fault.New(fault.NotFound, "it is gone")
			}
			return wire.Why{Summary: "waits, in " + lang, Roots: []wire.WhyRoot{{Batch: "root/1", Sentence: "the root, in " + lang}}}, nil
		},
		Cover: func(_ context.Context, from, to time.Time, few int) (expected, missing int, gone []string, err error) {
			r.asked++
			if few < 1 || !from.Before(to) {
				t.Errorf("got %d of %s to %s asked for", few, from, to)
			}
			return 20, 2, []string{"a/1", "b/1"}, nil
		},
		Ahead: func(_ context.Context, from, _ time.Time) (map[int64][]time.Time, error) {
			return map[int64][]time.Time{1: {from.Add(time.Minute), from.Add(time.Hour)}}, nil
		},
		Services: func() []Service {
			return []Service{{Name: "generate", Every: time.Hour, Limit: time.Minute, Core: true}}
		},
	})
	r.span = compose.SpanOf(wire.ReportHourly, w.DB.Now().UTC().Add(-compose.Minute*time.Minute))
	return r
}

// inSpan puts all that batches went through into the hour of the report.
func (r *rig) inSpan(ids ...int64) {
	for _, id := range ids {
		at := r.span.From.UnixMilli()
		r.Change("UPDATE capri_batch_event SET at = ? + seq WHERE workId = ?", at, id)
		r.Change("UPDATE capri_task_work SET endTime = ? + 1000, startTime = ? - 9000000 WHERE id = ? AND endTime > 0", at, at, id)
	}
}

func (r *rig) fail(id int64) {
	for _, err := range []error{r.Assign(storetest.Host, id), r.Start(id), r.Finish(3, id)} {
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// make makes what is owed and tells how many.
func (r *rig) make() int {
	r.t.Helper()
	pass, err := r.Make(r.t.Context(), r.Lead)
	if err != nil {
		r.t.Fatal(err)
	}
	return pass.Rows
}

// TestReportOfAnHour: batches that failed, what waits behind them over parents
// and paths, and all else, from the tables to the report that is kept.
func TestReportOfAnHour(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		task := func(no int) (int64, string) { id := w.Task(); return id, fmt.Sprint("/out/", no, "/", id) }
		first, path := task(1)
		second, _ := task(2)
		third, _ := task(3)
		root := w.Batch(first, "1", func(b *store.NewBatch) { b.Outputs = []store.NewPath{{Path: path, Ready: "exists"}} })
		child := w.Batch(second, "1", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: first, WorkNo: "1"}} })
		w.Batch(third, "1", func(b *store.NewBatch) { b.Parents = []store.NewParent{{TaskID: second, WorkNo: "1"}} })
		w.Batch(third, "2", func(b *store.NewBatch) { b.Inputs = []store.NewPath{{Path: path, Ready: "exists"}} })
		lonely, well := w.Batch(third, "3"), w.Batch(third, "4")
		r.fail(root)
		r.fail(lonely)
		w.Succeed(well)
		r.inSpan(root, lonely, well)
		w.Change("INSERT INTO capri_alert (id, kind, object, occurrence, level, taskId, text, createdAt, deliveredAt) VALUES (1, 'worker-lost', 'w9', 'once', 'critical', 0, '', ?, 0)", r.span.From.UnixMilli())
		for i, action := range []string{"task.hold", "user.", "token.add", "login"} {
			w.Change("INSERT INTO capri_audit_log (id, at, actor, action, object, source, detail) VALUES (?, ?, 'admin', ?, 'it', '', '')", i+1, r.span.From.UnixMilli(), action)
		}
		if n := r.make(); n < 1 || n > 2 { // from 08:03 on also of yesterday
			t.Errorf("got %d reports made", n)
		}
		if n := r.make(); n != 0 {
			t.Errorf("got %d reports made again, want none", n)
		}
		got, err := r.Report(t.Context(), wire.ReportHourly, r.span.At.UnixMilli()+5)
		if err != nil {
			t.Fatal(err)
		}
		if got.At != r.span.At.UnixMilli() || got.Green || got.Normal != 200 || strings.Join(got.FirstGone, " ") != "a/1 b/1" {
			t.Errorf("got %+v, want 1 of 5 normal", got)
		}
		scores := map[string]int64{}
		for _, s := range got.Scores {
			scores[s.Name] = *s.Now
		}
		if want := "map[dependLate:0 expected:20 failed:2 generated:18 missing:2 ok:1 outputLate:0 reruns:0 running:0 waiting:3]"; fmt.Sprint(scores) != want {
			t.Errorf("got %v, want %s", scores, want)
		}
		if len(got.Failures) != 2 || got.Failures[0].Impact != 3 || got.Failures[1].Impact != 0 || got.Failures[0].ExitCode != 3 || got.Failures[0].Cause != wire.CauseExitCode || got.Failures[0].Owner != "admin" {
			t.Errorf("got %+v, want the one first that 3 wait for", got.Failures)
		}
		if len(got.Waits) != 3 || got.Waits[0].Root != "root/1" || got.Waits[0].Why != (wire.ReportWords{En: "the root, in en", Zh: "the root, in zh"}) || w.Work(child).State != batch.Waiting {
			t.Errorf("got %+v, want those that wait, with their root", got.Waits)
		}
		if len(got.Changes) != 1 || got.Changes[0].Action != "task.hold" {
			t.Errorf("got %+v, want nothing of logins and users: everybody reads reports", got.Changes)
		}
		if got.Alerts.Undelivered != 1 || got.Fleet.On != 1 || got.Forecast.Due != 2 || got.Forecast.Slots != 1000 || len(got.Services) != 1 || got.Services[0].OK || got.Services[0].EndedAt != 0 {
			t.Errorf("got %+v %+v %+v %+v", got.Alerts, got.Fleet, got.Forecast, got.Services)
		}
	})
}

// TestReportIsKeptOnce: whoever comes second changes nothing, and hours that
// were missed are made up.
func TestReportIsKeptOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.make()
		w.Change("UPDATE capri_report SET body = '{}' WHERE kind = 'hourly'")
		r.make()
		if body := w.Text("SELECT body FROM capri_report WHERE kind = 'hourly'"); body != "{}" {
			t.Errorf("got %s, want what was there", body)
		}
		w.Change("UPDATE capri_report SET at = at - 4 * 3600000 WHERE kind = 'hourly'")
		if n := r.make(); n != 4 {
			t.Errorf("got %d reports made, want this hour's and three missed ones", n)
		}
		if n := w.Figure("SELECT COUNT(*) FROM capri_report WHERE kind = 'hourly' AND sentAt = 0"); n != 5 {
			t.Errorf("got %d reports, want 5, none of them sent", n)
		}
	})
}

// TestEarlierFigures: those of a report that was kept count; of an hour without
// one there are those that journals tell.
func TestEarlierFigures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		n := int64(77)
		body, err := json.Marshal(wire.Report{Scores: []wire.ReportScore{{Name: wire.ScoreWaiting, Now: &n}, {Name: wire.ScoreOK, Now: &n}}})
		if err != nil {
			t.Fatal(err)
		}
		day, week := r.span.Earlier(1), r.span.Earlier(7)
		w.Decide("keep yesterday's", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutReport(ctx, store.Report{Kind: wire.ReportHourly, At: day.At.UnixMilli(), Body: string(body)})
		})
		then := w.Batch(w.Task(), "1")
		w.Succeed(then)
		w.Change("UPDATE capri_batch_event SET at = ? WHERE workId = ?", week.From.UnixMilli(), then)
		got, err := r.Report(t.Context(), wire.ReportHourly, r.span.At.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		at := func(name string) wire.ReportScore {
			return got.Scores[slices.IndexFunc(got.Scores, func(s wire.ReportScore) bool { return s.Name == name })]
		}
		if s := at(wire.ScoreOK); *s.Yesterday != 77 || *s.LastWeek != 1 {
			t.Errorf("got %+v, want 77 as kept and 1 as the journal has it", s)
		}
		if s := at(wire.ScoreWaiting); *s.Yesterday != 77 || s.LastWeek != nil {
			t.Errorf("got %+v, want nothing of what cannot be known any more", s)
		}
	})
}

// TestReportOfADay has the sections that an hour has not.
func TestReportOfADay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.span = compose.SpanOf(wire.ReportDaily, w.DB.Now().UTC())
		task := w.Task()
		id := w.Batch(task, "1", func(b *store.NewBatch) { b.ScheduleTime = r.span.From.UnixMilli() })
		w.Succeed(id)
		r.inSpan(id)
		then := w.Batch(task, "2")
		w.Succeed(then)
		week := r.span.Earlier(7).From.UnixMilli()
		w.Change("UPDATE capri_task_work SET startTime = ?, endTime = ? WHERE id = ?", week, week+1000, then)
		w.Change("UPDATE capri_batch_event SET at = ? WHERE workId = ?", week, then)
		w.Change("INSERT INTO capri_alert (id, kind, object, occurrence, level, taskId, text, createdAt, deliveredAt) VALUES (1, 'big-task', 'slow', 'once', 'task', 0, ?, ?, 0)",
			"slow took 3h0m0s on 2015-05-18 and was expected to take 1m0s; from now on 3h0m0s is expected", r.span.From.UnixMilli())
		got, err := r.Report(t.Context(), wire.ReportDaily, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Departments) != 1 || got.Departments[0].Batches != 1 || got.Departments[0].OK != 1 {
			t.Errorf("got %+v, want the one", got.Departments)
		}
		if len(got.BigTasks) != 1 || got.BigTasks[0].Millis != 9_001_000 || got.LongMinutes != 120 {
			t.Errorf("got %+v, want the long run", got.BigTasks)
		}
		if len(got.Growth) != 1 || got.Growth[0].Owner != "admin" || got.Growth[0].Millis != 9_001_000 || got.Growth[0].Was != 1000 || got.Growth[0].Runs != 1 || got.Growth[0].WasRuns != 1 {
			t.Errorf("got %+v, want the task that took longer than a week before", got.Growth)
		}
		if len(got.Corrections) != 1 || got.Corrections[0].Was != 60 || got.Corrections[0].Now != 3*3600 {
			t.Errorf("got %+v, want both durations", got.Corrections)
		}
	})
}

// TestManyWhoAskAreAnsweredByOneReport: composing is dear.
func TestManyWhoAskAreAnsweredByOneReport(t *testing.T) {
	t.Parallel()
	w := storetest.NewWorld(t, storetest.Open(t, storetest.SQLite))
	r := newRig(t, w)
	done := make(chan error)
	for range 8 {
		go func() {
			_, err := r.Report(t.Context(), wire.ReportHourly, r.span.At.UnixMilli())
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if r.asked != 1 {
		t.Errorf("got %d reports made, want 1", r.asked)
	}
	if _, err := r.Report(t.Context(), wire.ReportHourly, w.DB.Now().Add(time.Hour).UnixMilli()); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("got %v, want no report of what is to come", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.turn <- struct{}{}
	if _, err := r.once(ctx, r.span); err == nil {
		t.Error("got an answer, want none for who has gone away")
	}
}

func TestCorrectionThatReadsOtherwise(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "something else", " took long on x and was expected to take short; from now on "} {
		if got := correction("a", text); got.Now != 0 || got.Text != text {
			t.Errorf("%q: got %+v, want the text as it is", text, got)
		}
	}
}
