package watch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/task"
	"capricornus/common/wire"
)

// reasoned gives every absence the same reason.
func reasoned(_ context.Context, keys []store.ParentKey, lang string) (map[store.ParentKey]string, error) {
	out := map[store.ParentKey]string{}
	for _, k := range keys {
		out[k] = "because, in " + lang
	}
	return out, nil
}

func clock(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestEras(t *testing.T) {
	t.Parallel()
	from, to := clock("2026-11-20 00:00:00"), clock("2026-11-21 00:00:00")
	head := func(version int, savedAt string, enabled bool) store.VersionHead {
		return store.VersionHead{TaskID: 7, Version: version, IsEnabled: enabled, SavedAt: clock(savedAt).UnixMilli()}
	}
	row := func(savedAt string, enabled bool) *store.Task {
		return &store.Task{ID: 7, Version: 4, IsEnabled: enabled, SavedAt: clock(savedAt).UnixMilli()}
	}
	cases := []struct {
		name     string
		row      *store.Task
		versions []store.VersionHead
		want     string
	}{
		{"OneThatStoodAllTheTime", row("2026-11-01 00:00:00", true), nil, "v4 00:00-24:00"},
		{"DisabledAllTheTime", row("2026-11-01 00:00:00", false), nil, ""},
		{"NewInTheMiddle", row("2026-11-20 10:00:00", true), nil, "v4 10:00-24:00"},
		{"NewAfterwards", row("2026-11-22 10:00:00", true), nil, ""},
		{"ChangedInTheMiddle", row("2026-11-20 10:00:00", true), []store.VersionHead{head(1, "2026-11-01 00:00:00", true), head(2, "2026-11-20 10:00:00", true)}, "v1 00:00-10:00 v2 10:00-24:00"},
		{"DisabledForAWhile", row("2026-11-20 12:00:00", true), []store.VersionHead{
			head(1, "2026-11-01 00:00:00", true), head(2, "2026-11-20 10:00:00", false), head(3, "2026-11-20 12:00:00", true),
		}, "v1 00:00-10:00 v3 12:00-24:00"},
		{"ChangedLongBefore", row("2026-11-20 10:00:00", true), []store.VersionHead{
			head(1, "2026-11-01 00:00:00", true), head(2, "2026-11-02 10:00:00", true), head(3, "2026-11-20 10:00:00", true),
		}, "v2 00:00-10:00 v3 10:00-24:00"},
		{"Deleted", row("2026-11-20 10:00:00", true), []store.VersionHead{head(1, "2026-11-01 00:00:00", true), {TaskID: 7, Version: 2, IsEnabled: true, IsDeleted: true, SavedAt: clock("2026-11-20 10:00:00").UnixMilli()}}, "v1 00:00-10:00"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range eras(c.row, c.versions, from, to) {
				end := e.to.Format("15:04")
				if e.to.Equal(to) {
					end = "24:00"
				}
				got = append(got, fmt.Sprintf("v%d %s-%s", e.key.Version, e.from.UTC().Format("15:04"), end))
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

func TestExpected(t *testing.T) {
	t.Parallel()
	def := func(spec task.Spec) *task.Task { return &task.Task{Spec: spec} }
	cases := []struct {
		name     string
		def      *task.Task
		from, to string
		want     string
	}{
		{"AnHourTaskEachHour", def(task.Spec{Period: "hour"}), "2026-11-20 09:30:00", "2026-11-20 11:01:00", "2026112010 2026112011"},
		{"TheFirstInstantIsNotIncluded", def(task.Spec{Period: "hour"}), "2026-11-20 10:01:00", "2026-11-20 11:00:59", ""},
		{"ADayTaskOnceADay", def(task.Spec{Period: "day"}), "2026-11-19 12:00:00", "2026-11-21 12:00:00", "20261120 20261121"},
		{"ACronTaskAtItsTimes", def(task.Spec{Period: "cron", Cron: "*/30 * * * *"}), "2026-11-20 10:10:00", "2026-11-20 11:00:00", "20261120103000 20261120110000"},
		{"AManualTaskNever", def(task.Spec{Period: "manual"}), "2026-11-19 12:00:00", "2026-11-21 12:00:00", ""},
		{"OutsideItsValidityNothing", def(task.Spec{Period: "day", Valid: task.Validity{From: "2026-11-20"}}), "2026-11-19 12:00:00", "2026-11-21 12:00:00", "20261121"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			slots, err := expected(c.def, era{from: clock(c.from), to: clock(c.to)}, time.UTC, 100)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range slots {
				got = append(got, s.WorkNo)
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

// aged makes all tasks look as if they had been saved long ago.
func (r *rig) aged() {
	r.t.Helper()
	long := time.Now().AddDate(-1, 0, 0).UnixMilli()
	r.Change("UPDATE capri_task SET createdAt = ?, savedAt = ?", long, long)
	r.Change("UPDATE capri_task_version SET savedAt = ?", long)
}

func hourly(d *task.Task) { d.Spec.Period = "hour" }

// hours are the slots of hour tasks due in the last n hours, newest first.
func hours(n int) []period.Slot {
	cycle, _ := period.NewCycle(period.Hour, "", time.UTC)
	now := time.Now()
	slots := cycle.Due(now.Add(-time.Duration(n)*time.Hour), now, 100)
	slices.Reverse(slots)
	return slots
}

func (r *rig) missing(termSince time.Time) (rows int, next time.Time) {
	r.t.Helper()
	got, err := r.Missing(r.t.Context(), r.Lead, termSince)
	r.must(err)
	return got.Rows, got.Next
}

func TestMissingIsToldOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		complete, gap := r.Define("complete", hourly), r.Define("gap", hourly)
		r.Define("idle", hourly, func(d *task.Task) { d.Spec.Enabled = false })
		r.Define("manual", func(d *task.Task) { d.Spec.Period = "manual" })
		r.aged()
		r.Define("newborn", hourly)
		slots := hours(5)
		for i, s := range slots {
			r.Batch(complete, s.WorkNo, func(b *store.NewBatch) { b.Origin = batch.ByExecute })
			if i != 2 {
				r.Batch(gap, s.WorkNo)
			}
		}
		ago := time.Now().Add(-time.Hour)
		for range 2 {
			if n, _ := r.missing(ago); n != 1 {
				t.Errorf("got %d missing, want one", n)
			}
		}
		object := "gap/" + slots[2].WorkNo
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert"); n != 1 {
			t.Errorf("got %d alerts, want one for all passes", n)
		}
		text := r.Text("SELECT text FROM capri_alert WHERE kind = 'batch-missing' AND level = 'important' AND occurrence = 'once' AND object = '" + object + "'")
		if !strings.Contains(text, slots[2].Base.Format(time.DateTime)) || !strings.Contains(text, "because, in en") {
			t.Errorf("got %q, want since when and why", text)
		}
	})
}

func TestMissingWaitsUntilATermHasSettled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Define("gap", hourly)
		r.aged()
		since := time.Now().Add(-time.Minute)
		if n, next := r.missing(since); n != 0 || !next.Equal(since.Add(missingLag)) {
			t.Errorf("got %d missing and the next pass at %s, want none until the term is five minutes old", n, next)
		}
		if n, _ := r.missing(since.Add(-missingLag)); n < 2 {
			t.Errorf("got %d missing, want those of the last hours", n)
		}
	})
}

func TestManyMissingAreOneSummaryMore(t *testing.T) {
	t.Parallel()
	found := func(n int) (out []absent) {
		for i := range n {
			out = append(out, absent{ParentKey: store.ParentKey{TaskID: int64(i), WorkNo: "1"}, task: fmt.Sprintf("t%d", i), slot: period.Slot{Base: clock("2026-11-20 10:01:00")}})
		}
		return out
	}
	if got := missingAlerts(found(missingTold), nil, time.UTC); len(got) != missingTold || got[missingTold-1].Object != "t49/1" {
		t.Errorf("got %d alerts, want each told", len(got))
	}
	got := missingAlerts(found(missingTold+1), nil, time.UTC)
	if len(got) != missingTold+1 || got[missingTold].Object != "platform" || !strings.Contains(got[missingTold].Text, "51 batches") {
		t.Errorf("got %d alerts, the last %+v, want the first fifty and one of all", len(got), got[len(got)-1])
	}
	if again := missingAlerts(found(missingTold+9), nil, time.UTC); again[missingTold].Occurrence != got[missingTold].Occurrence {
		t.Error("got another occurrence for the same base time, want one summary of it")
	}
}

func TestMissingBatches(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		gap := r.Define("gap", hourly)
		r.Define("daily")
		r.aged()
		slots := hours(30)
		newest := slots[0].Base.UnixMilli()
		for _, s := range slots {
			if s.WorkNo != slots[3].WorkNo && s.WorkNo != slots[27].WorkNo {
				r.Batch(gap, s.WorkNo)
			}
		}
		ask := func(q wire.MissingQuery) []string {
			t.Helper()
			q.Lang = "zh"
			list, err := r.MissingBatches(t.Context(), q)
			r.must(err)
			var out []string
			for _, m := range list.Items {
				out = append(out, m.Batch)
				if m.Project != "web" || m.Reason != "because, in zh" || m.DueAt == 0 || m.Batch != m.Task+"/"+m.WorkNo {
					t.Errorf("got %+v, want all of it", m)
				}
			}
			return out
		}
		today := "daily/" + slots[0].Base.Format("20060102")
		got := ask(wire.MissingQuery{To: newest})
		slices.Sort(got)
		want := []string{today, "gap/" + slots[3].WorkNo}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("got %v of the last day, want %v", got, want)
		}
		from := slots[27].Base.Add(-time.Minute).UnixMilli()
		if got := ask(wire.MissingQuery{From: from, To: slots[27].Base.UnixMilli(), Project: "web"}); !slices.Contains(got, "gap/"+slots[27].WorkNo) {
			t.Errorf("got %v, want the one that was due then", got)
		}
		if got := ask(wire.MissingQuery{Project: "another"}); len(got) != 0 {
			t.Errorf("got %v of a project without tasks, want nothing", got)
		}
		if got := ask(wire.MissingQuery{From: time.Now().Add(time.Hour).UnixMilli()}); len(got) != 0 {
			t.Errorf("got %v of the future, want nothing", got)
		}
		_, err := r.MissingBatches(t.Context(), wire.MissingQuery{From: time.Now().AddDate(0, 0, -36).UnixMilli()})
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("got %v, want 36 days refused", err)
		}
	})
}

func TestMissingBatchesAreBounded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		r.Define("often", func(d *task.Task) { d.Spec.Period, d.Spec.Cron = "cron", "* * * * *" })
		r.aged()
		list, err := r.MissingBatches(t.Context(), wire.MissingQuery{})
		r.must(err)
		if len(list.Items) != missingItems || !list.More {
			t.Errorf("got %d items, more %v, want 500 of a day's minutes and more", len(list.Items), list.More)
		}
		if !slices.IsSortedFunc(list.Items, func(a, b wire.Missing) int { return int(a.DueAt - b.DueAt) }) {
			t.Error("got them in no order, want the oldest first")
		}
	})
}
