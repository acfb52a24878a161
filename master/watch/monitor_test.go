package watch

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
	"capricornus/common/store/storetest"
	"capricornus/common/wire"
)

func TestTell(t *testing.T) {
	t.Parallel()
	slow := object{KindPassSlow, "depend"}
	open := func(level string) []store.Condition {
		return []store.Condition{{Kind: slow.kind, Object: slow.name, Level: level, Since: 7}}
	}
	found := func(level string) verdict { return verdict{found: []finding{{slow, level, "slow"}}} }
	unknown := verdict{unknown: map[object]bool{slow: true}}
	began := clock("2026-11-20 12:00:00").UnixMilli()
	cases := []struct {
		name  string
		open  []store.Condition
		v     verdict
		tells string // level and occurrence
		state string
	}{
		{"NothingIsWrong", nil, verdict{}, "", ""},
		{"Begins", nil, found("important"), fmt.Sprintf("important %d/important", began), fmt.Sprintf("put important %d", began)},
		{"BeginsBadly", nil, found("critical"), fmt.Sprintf("critical %d/critical", began), fmt.Sprintf("put critical %d", began)},
		{"GoesOn", open("important"), found("important"), "", ""},
		{"BecomesWorse", open("important"), found("critical"), "critical 7/critical", "put critical 7"},
		{"StaysCritical", open("critical"), found("critical"), "", ""},
		{"BecomesLessBadAndIsNotOver", open("critical"), found("important"), "", ""},
		{"IsOver", open("critical"), verdict{}, "notice 7/notice", "drop critical 7"},
		{"CannotBeTold", open("critical"), unknown, "", ""},
		{"CannotBeToldAndNeverBegan", nil, unknown, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := tell(c.open, c.v, clock("2026-11-20 12:00:00"))
			var tells, state []string
			for _, a := range n.alerts {
				tells = append(tells, a.Level+" "+a.Occurrence)
				if a.Kind != slow.kind || a.Object != slow.name || a.Text == "" {
					t.Errorf("got %+v, want what it is about", a)
				}
			}
			for _, p := range n.worse {
				state = append(state, fmt.Sprintf("put %s %d", p.Level, p.Since))
			}
			for _, p := range n.over {
				state = append(state, fmt.Sprintf("drop %s %d", p.Level, p.Since))
			}
			if got := strings.Join(tells, ", "); got != c.tells {
				t.Errorf("got told %q, want %q", got, c.tells)
			}
			if got := strings.Join(state, ", "); got != c.state {
				t.Errorf("got %q, want %q", got, c.state)
			}
		})
	}
}

func (r *rig) monitor(lead *store.Lead) {
	r.t.Helper()
	_, err := r.Monitor(r.t.Context(), lead, time.Now().Add(-time.Hour))
	r.must(err)
}

// nobodyHome switches the worker off, so that it is missed by nobody however
// long a test takes.
func nobodyHome(w *storetest.World) { w.Change("UPDATE capri_schedul_cluster SET isStop = 1") }

// tookPass records a pass of a service that took so long.
func tookPass(w *storetest.World, name string, took time.Duration) {
	now := time.Now().UnixMilli()
	w.Decide("record", func(ctx context.Context, t *store.LeaderTx) error {
		return t.PutServiceRun(ctx, store.ServiceRun{Name: name, StartedAt: now - took.Milliseconds(), EndedAt: now})
	})
}

// levels counts the alerts there are by level.
func (r *rig) levels() string {
	r.t.Helper()
	var out []string
	for _, level := range []string{"important", "critical", "notice"} {
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE level = ?", level); n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, level))
		}
	}
	return strings.Join(out, ", ")
}

func TestMonitorTellsOnceWorseAndOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		nobodyHome(w)
		r.Platform = Platform{Small: true, Silence: 30 * time.Second, Services: func() []Service { return []Service{{Name: "depend", Every: time.Hour, Slow: store.LimitDependMinutes}} }}
		want := func(levels string, open int) {
			t.Helper()
			if got := r.levels(); got != levels {
				t.Fatalf("got alerts %q, want %q", got, levels)
			}
			if n := r.Figure("SELECT COUNT(*) FROM capri_monitor_state"); n != open {
				t.Fatalf("got %d open conditions, want %d", n, open)
			}
		}
		tookPass(w, "depend", time.Minute)
		r.monitor(r.Lead)
		want("", 0)
		tookPass(w, "depend", 6*time.Minute)
		r.monitor(r.Lead)
		r.monitor(r.Lead)
		want("1 important", 1)

		epoch, err := r.DB.Claim(t.Context(), store.Claim{ClusterID: "cluster", RaftIndex: 2, Holder: "m2"})
		r.must(err)
		former, lead := r.Lead, r.DB.Lead(epoch, "m2")
		r.Lead = lead
		r.monitor(lead)
		want("1 important", 1)
		tookPass(w, "depend", 11*time.Minute)
		r.monitor(lead)
		r.monitor(lead)
		want("1 important, 1 critical", 1)
		tookPass(w, "depend", 6*time.Minute)
		r.monitor(lead)
		want("1 important, 1 critical", 1)
		tookPass(w, "depend", time.Second)
		if _, err := r.Monitor(t.Context(), former, time.Now().Add(-time.Hour)); err == nil {
			t.Error("got no error, want the former leader to be fenced")
		}
		r.monitor(lead)
		r.monitor(lead)
		want("1 important, 1 critical, 1 notice", 0)
		if text := r.Text("SELECT text FROM capri_alert WHERE level = 'notice' AND kind = 'pass-slow' AND object = 'depend'"); !strings.Contains(text, "it was critical") {
			t.Errorf("got %q, want how bad it was", text)
		}
		tookPass(w, "depend", 6*time.Minute)
		r.monitor(lead)
		want("2 important, 1 critical, 1 notice", 1)
	})
}

func TestMonitorCountsWhatLeavesAWorker(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		nobodyHome(w)
		r.Platform = Platform{Small: true, Silence: 30 * time.Second}
		now := time.Now()
		log := func(work int64, attempt int, back time.Duration, reason string) {
			r.Change("INSERT INTO capri_reschedule_log (taskWorkId, attempt, oldHost, oldAssignTime, newHost, reason, at) VALUES (?, ?, ?, 1, '', ?, ?)",
				work, attempt, storetest.Host, reason, now.Add(-back).UnixMilli())
		}
		memory := storetest.Host + " refused: " + wire.RefusedForMemory + "1 MiB is less than the 2 MiB needed"
		for i := range 11 { // of eleven tasks in half an hour, one of them twice, and one long ago
			id := r.Batch(r.Task(), "20260101")
			log(id, 1, 20*time.Minute, "w1 is silent")
			if i < 3 {
				log(id, 2, 5*time.Minute, "not started on w1 within 5m0s")
				log(id, 3, 5*time.Minute, memory)
			}
			log(id, 4, 31*time.Minute, memory)
		}
		r.monitor(r.Lead)
		if got := r.Text("SELECT text FROM capri_alert"); r.levels() != "1 important" || got != "batches of 11 tasks were re-assigned away from w1 in 30 minutes" {
			t.Fatalf("got %s %q, want the tasks of half an hour alone", r.levels(), got)
		}
		for i := range 3 {
			id := r.Batch(r.Task(), "20260101")
			log(id, 1, 5*time.Minute, memory)
			if i == 0 {
				log(id, 2, 5*time.Minute, "w1 is silent")
			}
		}
		r.monitor(r.Lead)
		for kind, level := range map[string]string{KindMovedTasks: "important", KindMoves: "important", KindMemoryMoves: "critical"} {
			if n := r.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = ? AND object = 'w1' AND level = ?", kind, level); n != 1 {
				t.Errorf("got %d alerts %s %s, want one", n, level, kind)
			}
		}
		if n := r.Figure("SELECT COUNT(*) FROM capri_alert"); n != 3 {
			t.Errorf("got %d alerts, want three", n)
		}
	})
}

// TestMonitorUnderFaults: what people are told and what is noted as told go
// together, whatever statement fails.
func TestMonitorUnderFaults(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			storetest.ForEachFault(t, engine, storetest.Scenario{
				Prepare: func(w *storetest.World) any {
					nobodyHome(w)
					w.Change("DELETE FROM capri_alert")
					w.Change("DELETE FROM capri_monitor_state")
					w.Change("INSERT INTO capri_monitor_state (kind, object, level, since) VALUES ('pass-slow', 'depend', 'important', 5)")
					tookPass(w, "generate", 20*time.Minute)
					tookPass(w, "depend", time.Second)
					return nil
				},
				Run: func(ctx context.Context, w *storetest.World, _ any) error {
					services := func() []Service {
						return []Service{{Name: "depend", Every: time.Hour, Slow: store.LimitDependMinutes}, {Name: "generate", Every: time.Hour, Slow: store.LimitGenerateMinutes}}
					}
					watch := New(Deps{DB: w.DB, Zone: time.UTC, Platform: Platform{Small: true, Silence: 30 * time.Second, Services: services}})
					_, err := watch.Monitor(ctx, w.Lead, time.Now().Add(-time.Hour))
					return err
				},
				Result: func(w *storetest.World, _ any) string {
					return fmt.Sprint(w.Figure("SELECT COUNT(*) FROM capri_alert WHERE kind = 'pass-slow' AND (level = 'critical' AND object = 'generate' OR level = 'notice' AND object = 'depend')"),
						w.Figure("SELECT COUNT(*) FROM capri_alert"), w.Text("SELECT object FROM capri_monitor_state"))
				},
			})
		})
	}
}

// TestMonitorTellsOfAnOutage: once as it begins, once more as batches wait for
// it, not again by the next leader, which has asked nobody yet, and as it ends.
func TestMonitorTellsOfAnOutage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		r := newRig(t, w)
		nobodyHome(w)
		fs, probes := FileSystem{Name: "hdfs://c"}, 0
		r.Platform = Platform{
			Small: true, Silence: 30 * time.Second, FileSystems: func() []FileSystem { return []FileSystem{fs} },
			Probe: func(ctx context.Context) {
				if _, bounded := ctx.Deadline(); !bounded {
					t.Error("got no deadline for asking, want one")
				}
				probes++
				fs.Known = true
			},
		}
		want := func(levels string) {
			t.Helper()
			r.monitor(r.Lead)
			if got := r.levels(); got != levels {
				t.Fatalf("got alerts %q, want %q", got, levels)
			}
		}
		want("")
		fs.Down, fs.Since, fs.Tries, fs.Cause = true, time.Now().Add(-time.Minute), 1, "connection refused"
		want("1 important")
		fs.Tries = 9
		want("1 important")
		fs.Waiting = 7
		want("1 important, 1 critical")
		if text := r.Text("SELECT text FROM capri_alert WHERE level = 'critical'"); !strings.Contains(text, "connection refused") || !strings.Contains(text, "7 paths") {
			t.Errorf("got %q, want the cause and how many wait", text)
		}
		fs = FileSystem{Name: "hdfs://c"}
		r.Platform.Probe = func(context.Context) {} // the namenodes are slow to tell
		want("1 important, 1 critical")
		fs.Known = true
		want("1 important, 1 critical, 1 notice")
		want("1 important, 1 critical, 1 notice")
		if probes != 4 {
			t.Errorf("got %d probes, want one in each of four passes", probes)
		}
	})
}
