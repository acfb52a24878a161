package plan

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/master/duty"
)

// rig is a planner over a world.
type rig struct {
	*storetest.World
	*Planner
	t         *testing.T
	generated []int64
	applied   int
}

func newRig(t *testing.T, w *storetest.World) *rig {
	t.Helper()
	r := &rig{World: w, t: t}
	r.Planner = New(w.DB, store.NewDefinitions(w.DB, 1000), time.UTC, Notify{
		Generated: func(ids []int64) { r.generated = append(r.generated, ids...) }, Operation: func() { r.applied++ },
	}, slog.New(slog.DiscardHandler))
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("got %v, want no error", err)
	}
}

func (r *rig) generate() duty.Pass {
	r.t.Helper()
	got, err := r.Generate(r.t.Context(), r.Lead)
	r.must(err)
	return got
}

// since moves the watermarks of these periods back to an instant.
func (r *rig) since(at time.Time, kinds ...period.Kind) {
	r.t.Helper()
	marks := map[string]int64{}
	for _, k := range kinds {
		marks[markOf(k)] = at.UnixMilli()
	}
	r.Decide("put marks", func(ctx context.Context, t *store.LeaderTx) error { return t.PutMarks(ctx, marks) })
}

// older makes all tasks so far look as if they had been saved days earlier.
func (r *rig) older(days int) {
	r.t.Helper()
	r.must(r.DB.Backdate(r.t.Context(), time.Duration(days)*24*time.Hour))
}

func (r *rig) batches(id int64) int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_task_work WHERE taskId = ?", id)
}

func (r *rig) wantBatches(what string, id int64, want int) {
	r.t.Helper()
	if got := r.batches(id); got != want {
		r.t.Errorf("%s: got %d batches, want %d", what, got, want)
	}
}

func (r *rig) alerts(kind string) int {
	r.t.Helper()
	return r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ?", kind)
}

// noonBefore is the middle of a day some days ago: no base time is near.
func noonBefore(days int) time.Time {
	n := time.Now().UTC()
	return time.Date(n.Year(), n.Month(), n.Day()-days, 12, 0, 0, 0, time.UTC)
}

func spec(change func(*task.Spec)) func(*task.Task) {
	return func(d *task.Task) { change(&d.Spec) }
}

func TestGenerateFillsEveryPeriod(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		from := noonBefore(40)
		ids := map[period.Kind]int64{}
		for _, kind := range timed() {
			ids[kind] = r.Define(kind.String(), spec(func(s *task.Spec) { s.Period = kind.String() }))
		}
		r.older(50)
		r.since(from, timed()...)
		begun := time.Now()
		for r.generate().More {
		}
		for _, kind := range timed() {
			cycle, err := period.NewCycle(kind, "", time.UTC)
			r.must(err)
			slots := cycle.Due(from, begun, 2000)
			if n := r.batches(ids[kind]); n < len(slots) || n > len(slots)+1 {
				t.Errorf("%s: got %d batches, want each of the %d that were due", kind, n, len(slots))
			}
			first := slots[0]
			n := r.Figure("SELECT COUNT(*) FROM capri_task_work WHERE taskId = ? AND workNo = ? AND type = 0 AND origin = 'timer' AND scheduleTime = ? AND bizStart = ? AND bizEnd = ?",
				ids[kind], first.WorkNo, first.Base.UnixMilli(), first.BizStart.UnixMilli(), first.BizEnd.UnixMilli())
			if n != 1 {
				t.Errorf("%s: got %d batches of %s with its base time and interval, want 1", kind, n, first.WorkNo)
			}
		}
		if n := len(r.generated); n == 0 {
			t.Error("got nobody told of new batches, want them told")
		}
	})
}

func TestGenerateTwiceMakesNothingTwice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("day")
		r.older(10)
		r.since(noonBefore(3), period.Day)
		got := r.generate()
		r.wantBatches("first pass", id, 3)
		if got.Rows != 3 || got.Next.IsZero() || got.Next.After(time.Now().Add(time.Hour+time.Minute)) {
			t.Errorf("got %+v, want 3 rows and the next base time", got)
		}
		r.since(noonBefore(3), period.Day) // a second leader with an old watermark
		if got := r.generate(); got.Rows != 0 {
			t.Errorf("got %d made again, want none", got.Rows)
		}
		r.wantBatches("second pass", id, 3)
	})
}

func TestFirstPassBeginsNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("day")
		r.older(10)
		r.generate()
		r.wantBatches("without a watermark", id, 0)
		if n := r.Figure("SELECT COUNT(*) FROM capri_generate_mark"); n != len(timed()) {
			t.Errorf("got %d watermarks, want one for each period", n)
		}
	})
}

func TestGenerateHeedsVersionsSwitchesAndValidity(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		noon := noonBefore(3)
		disabled := r.Define("disabled", spec(func(s *task.Spec) { s.Enabled = false }))
		bounded := r.Define("bounded", spec(func(s *task.Spec) { s.Valid.From = noon.AddDate(0, 0, 1).Format(time.DateOnly) }))
		changed := r.Define("changed")
		off := r.Define("off")
		r.older(10)
		// Saved now, after all the slots: they are made from the version before.
		second := r.Definition("changed")
		second.Spec.Priority = 1
		r.Redefine(changed, 2, second)
		last := r.Definition("off")
		last.Spec.Enabled = false
		r.Redefine(off, 2, last)
		fresh := r.Define("fresh")
		r.since(noon, period.Day)
		r.generate()
		r.wantBatches("disabled", disabled, 0)
		r.wantBatches("valid for the last two days", bounded, 2)
		r.wantBatches("changed since", changed, 3)
		r.wantBatches("switched off since", off, 3)
		r.wantBatches("new", fresh, 0)
		if n := r.Figure("SELECT COUNT(*) FROM capri_task_work WHERE taskId = ? AND taskVersion = 1 AND priority = 5", changed); n != 3 {
			t.Errorf("got %d batches of the old version, want 3", n)
		}
	})
}

func TestGenerateMakesCronTasksByTheirOwnMarks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		cron := func(expr string) func(*task.Task) {
			return spec(func(s *task.Spec) { s.Period, s.Cron = "cron", expr })
		}
		twice, yearly := r.Define("twice", cron("0 6,18 * * *")), r.Define("yearly", cron("0 0 29 2 *"))
		r.older(100)
		r.Decide("put marks", func(ctx context.Context, l *store.LeaderTx) error {
			return l.PutMarks(ctx, map[string]int64{cronMark(twice): noonBefore(3).UnixMilli()})
		})
		begun := time.Now()
		for r.generate().More {
		}
		cycle, err := period.NewCycle(period.Cron, "0 6,18 * * *", time.UTC)
		r.must(err)
		r.wantBatches("twice a day", twice, len(cycle.Due(noonBefore(3), begun, 100)))
		r.wantBatches("not due", yearly, 0)
		if n := r.alerts("generate-too-old"); n != 0 {
			t.Errorf("got %d alerts about missed batches, want none: nothing was missed", n)
		}
		if got := r.generate(); got.Rows != 0 {
			t.Errorf("got %d made again, want none", got.Rows)
		}
	})
}

func TestGenerateTellsWhatIsTooOld(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("day")
		r.older(100)
		r.Operate("set", func(ctx context.Context, o *store.OperateTx) error {
			return o.PutSetting(ctx, store.SettingRecoverDays, "2")
		})
		r.since(noonBefore(7), period.Day)
		r.generate()
		r.generate()
		if n := r.batches(id); n != 2 {
			t.Errorf("got %d batches, want those of the last two days", n)
		}
		if n := r.alerts("generate-too-old"); n != 1 {
			t.Errorf("got %d alerts, want one for the gap", n)
		}
		text := r.Text("SELECT text FROM capri_alert WHERE kind = 'generate-too-old' AND level = 'important'")
		if !strings.Contains(text, "batches of day") || !strings.Contains(text, "(2 days)") {
			t.Errorf("got %q, want the period and the limit", text)
		}
	})
}

func TestExecuteMakesOneBatchForNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		id := r.Define("hand")
		by := ann()
		got, err := r.Execute(t.Context(), by, "hand")
		r.must(err)
		w1 := r.Work(got.ID)
		if got.Ref.Run != 0 || w1.TaskID != id || w1.State != batch.Waiting || time.Since(time.UnixMilli(w1.ScheduleTime)) > time.Minute {
			t.Errorf("got %+v, %+v, want run 0 scheduled now", got, w1)
		}
		if _, err := r.Execute(t.Context(), by, "hand"); err == nil || !strings.Contains(err.Error(), got.Ref.String()) {
			t.Errorf("got %v, want the unfinished batch named", err)
		}
		r.Succeed(got.ID)
		again, err := r.Execute(t.Context(), by, "hand")
		if err != nil || (again.Ref.WorkNo == got.Ref.WorkNo && again.Ref.Run != 1) {
			t.Errorf("got %+v, %v, want the next run", again, err)
		}
		if _, err := r.Execute(t.Context(), Caller{Actor: store.Actor{Kind: "person", ID: "bob"}}, "hand"); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("got %v from somebody else's developer, want it forbidden", err)
		}
		if _, err := r.Execute(t.Context(), by, "nobody"); err == nil {
			t.Error("got no error for an unknown task, want one")
		}
	})
}
