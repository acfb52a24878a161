package watch

import (
	"context"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
)

func TestJudgeCanary(t *testing.T) {
	t.Parallel()
	late := func(d time.Duration) func(*sight) {
		return func(s *sight) {
			s.canary = &Canary{Task: "capri_canary", Due: s.now.Add(-d), WorkNo: "20261120115000", Where: "its batch is not made"}
		}
	}
	judgeEach(t, []rule{
		{"ThereIsNone", func(*sight) {}, ""},
		{"NothingIsDue", func(s *sight) { s.canary = &Canary{Task: "capri_canary"} }, ""},
		{"TenMinutes", late(10 * time.Minute), ""},
		{"MoreThanTen", late(10*time.Minute + 1e6), "important canary-late capri_canary"},
		{"Twenty", late(20 * time.Minute), "important canary-late capri_canary"},
		{"MoreThanTwenty", late(20*time.Minute + 1e6), "critical canary-late capri_canary"},
		{"DaysLate", late(50 * time.Hour), "critical canary-late capri_canary"},
		{"NotYetDue", late(-time.Hour), ""},
		{"ATermBegins", of(late(time.Hour), term(10*time.Minute)), "unknown canary-late capri_canary"},
		{"ATermHasHadItsTime", of(late(time.Hour), term(11*time.Minute)), "important canary-late capri_canary"},
		{"BySetting", of(late(7*time.Minute), set("monitor_canary_minutes_important", "6")), "important canary-late capri_canary"},
		{"CriticalBySetting", of(late(7*time.Minute), set("monitor_canary_minutes_critical", "6")), "critical canary-late capri_canary"},
	})
}

func TestWhereabouts(t *testing.T) {
	t.Parallel()
	key := store.ParentKey{TaskID: 1, WorkNo: "20261120115000"}
	for name, c := range map[string]struct {
		work store.Work
		want string
	}{
		"Dependencies": {store.Work{State: batch.Waiting, Unmet: 2}, "it waits for 2 dependencies"},
		"Gate":         {store.Work{State: batch.Waiting, Gate: string(batch.GateWorker), Message: batch.Message(batch.GateWorker, "0 of 3 workers fit")}, "it waits: "},
		"NotLookedAt":  {store.Work{State: batch.Waiting}, "it waits for a worker"},
		"Assigned":     {store.Work{State: batch.Assigned, Host: "w1"}, "it is assigned to w1"},
		"Running":      {store.Work{State: batch.Running, Host: "w1"}, "it runs on w1"},
		"Failed":       {store.Work{State: batch.Done, Finish: batch.Failed}, "it has ended, failed"},
	} {
		if got := whereabouts(map[store.ParentKey]store.Batch{key: {Work: c.work}}, key, time.UTC); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := whereabouts(nil, key, time.UTC); got != "its batch is not made" {
		t.Errorf("got %q of no batch", got)
	}
}

func TestJudgeDatabase(t *testing.T) {
	t.Parallel()
	took := func(all ...int) func(*sight) {
		return func(s *sight) {
			s.slow = time.Second
			for _, ms := range all {
				s.trips = append(s.trips, roundTrip{took: time.Duration(ms) * time.Millisecond})
			}
		}
	}
	judgeEach(t, []rule{
		{"NobodyHasAsked", took(), ""},
		{"Fast", took(1, 2, 1), ""},
		{"AtTheLimit", took(1000, 1000, 1000), ""},
		{"ThreeInARow", took(1001, 1500, 2000), "important database-slow platform"},
		{"OnceCannotBeTold", took(1, 1, 1001), "unknown database-slow platform"},
		{"TwiceCannotBeTold", took(1, 1001, 1001), "unknown database-slow platform"},
		{"ANewLeaderCannotTell", took(5000), "unknown database-slow platform"},
		{"OverAtTheFirstThatIsFast", took(3000, 3000, 5), ""},
	})
}

// TestTheDatabaseIsSlowAtThreeLooksInARow has a database that answers slowly for a
// while; the next leader does not tell of it again.
func TestTheDatabaseIsSlowAtThreeLooksInARow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		nobodyHome(w)
		slow := false
		r.Platform = Platform{Small: true, Silence: 30 * time.Second, Database: func(ctx context.Context) error {
			if began := time.Now(); slow {
				for time.Since(began) < 3*time.Millisecond {
					if err := w.DB.Ping(ctx); err != nil {
						return err
					}
				}
			}
			return nil
		}}
		w.Change("UPDATE capri_dic_data SET dicValue = '2' WHERE dicKey = ?", store.SettingDatabaseMillis)
		told := func(want string) {
			t.Helper()
			r.monitor(r.Lead)
			if got := r.levels(); got != want {
				t.Fatalf("got alerts %q, want %q", got, want)
			}
		}
		slow = true
		told("")
		told("")
		told("1 important")
		told("1 important")
		epoch, err := r.DB.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
		r.must(err)
		next := New(r.Deps)
		r.Watch, r.Lead = next, r.DB.Lead(epoch, "m2")
		told("1 important")
		w.Change("UPDATE capri_dic_data SET dicValue = '60000' WHERE dicKey = ?", store.SettingDatabaseMillis)
		told("1 important, 1 notice")
	})
}

// canaried is a cluster with a canary that was saved half a day ago.
func canaried(t *testing.T, w *storetest.World) (r *rig, id int64) {
	t.Helper()
	r = newRig(t, w)
	nobodyHome(w)
	r.Platform = Platform{Small: true, Silence: 30 * time.Second}
	id = w.Define("capri_canary", func(d *task.Task) { d.Spec.Period, d.Spec.Cron = "cron", "*/5 * * * *" })
	w.Change("UPDATE capri_task SET savedAt = savedAt - 43200000 WHERE id = ?", id)
	return r, id
}

// base is a base time of the canary, so many ago: 0 is the last one.
func base(ago int) time.Time {
	return time.Now().UTC().Truncate(5 * time.Minute).Add(-time.Duration(ago) * 5 * time.Minute)
}

// made makes a batch of the canary.
func made(w *storetest.World, id int64, at time.Time) int64 {
	return w.Batch(id, at.Format("20060102150405"), func(b *store.NewBatch) { b.ScheduleTime = at.UnixMilli() })
}

func TestTheCanaryIsMissedAndComesBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r, id := canaried(t, w)
		told := func(want, text string) {
			t.Helper()
			r.monitor(r.Lead)
			if got := r.levels(); got != want {
				t.Fatalf("got alerts %q, want %q", got, want)
			}
			if got := r.Text("SELECT COALESCE(MAX(text), '') FROM capri_alert WHERE id = (SELECT MAX(id) FROM capri_alert)"); !strings.Contains(got, text) {
				t.Fatalf("got %q, want %q in it", got, text)
			}
		}
		w.Succeed(made(w, id, base(1)))
		told("", "")
		w.Change("UPDATE capri_task_work SET scheduleTime = scheduleTime - 900000, workNo = 'old' WHERE taskId = ?", id) // now the last that succeeded is base(4)
		told("1 important", "not made")
		made(w, id, base(6))
		w.Change("UPDATE capri_task_work SET scheduleTime = scheduleTime - 900000 WHERE workNo = 'old'")
		told("1 important, 1 critical", "it waits for a worker")
		w.Succeed(made(w, id, base(0)))
		told("1 important, 1 critical, 1 notice", "is over")
		c, err := r.ShowCanary(t.Context())
		if err != nil || c == nil || c.Level != "" || c.DueAt != 0 || c.Task != "capri_canary" {
			t.Errorf("got %+v, %v, want it in time", c, err)
		}
	})
}

// TestWhichCanaryIsWatched: one that is there, enabled and has base times.
func TestWhichCanaryIsWatched(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r, id := canaried(t, w)
		shown := func() string {
			t.Helper()
			c, err := r.ShowCanary(t.Context())
			r.must(err)
			if c == nil {
				return "none"
			}
			return c.Task + " " + c.Level
		}
		if got := shown(); got != "capri_canary critical" {
			t.Errorf("got %q of one that has never succeeded, want it late since it was saved", got)
		}
		w.Change("UPDATE capri_task SET savedAt = savedAt + 43200000 WHERE id = ?", id)
		if got := shown(); got != "capri_canary " {
			t.Errorf("got %q of one that was just saved, want it in time", got)
		}
		w.Change("UPDATE capri_task SET isEnabled = 0 WHERE id = ?", id)
		if got := shown(); got != "none" {
			t.Errorf("got %q of one that is off, want none", got)
		}
		w.Change("UPDATE capri_task SET isEnabled = 1 WHERE id = ?", id)
		w.Change("UPDATE capri_dic_data SET dicValue = 'another' WHERE dicKey = ?", store.SettingCanary)
		if got := shown(); got != "none" {
			t.Errorf("got %q of a name that is no task's, want none", got)
		}
		w.Change("UPDATE capri_dic_data SET dicValue = '' WHERE dicKey = ?", store.SettingCanary)
		if got := shown(); got != "none" {
			t.Errorf("got %q of no name, want none", got)
		}
	})
}
