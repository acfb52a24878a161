package watch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"capricornus/common/store"
)

func monitored() time.Time { return clock("2026-11-20 12:00:00") }

func ago(d time.Duration) int64 { return monitored().Add(-d).UnixMilli() }

// plain is a platform in a long term that has nothing.
func plain(change func(*sight)) *sight {
	s := &sight{
		platform: Platform{Small: true, Silence: 30 * time.Second}, now: monitored(), termSince: monitored().Add(-24 * time.Hour),
		limits: store.MonitorLimits(nil), runs: map[string]store.ServiceRun{}, zone: time.UTC,
	}
	change(s)
	return s
}

// said is a verdict in short.
func said(v verdict) string {
	var out []string
	for _, f := range v.found {
		out = append(out, fmt.Sprintf("%s %s %s", f.level, f.kind, f.name))
	}
	for o, unknown := range v.unknown {
		if unknown {
			out = append(out, "unknown "+o.kind+" "+o.name)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

type rule struct {
	name   string
	change func(*sight)
	want   string
}

func judgeEach(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			v := plain(r.change).judge()
			if got := said(v); got != r.want {
				t.Errorf("got %q, want %q", got, r.want)
			}
			for _, f := range v.found {
				if f.text == "" {
					t.Errorf("got %+v, want it said in a sentence", f)
				}
			}
		})
	}
}

// masters has live ones, some that are just silent, and some that were for a day.
func masters(live, silent, forgotten int) func(*sight) {
	return func(s *sight) {
		for i := range live + silent + forgotten {
			m := store.Master{ID: fmt.Sprint("m", i), LastSeen: ago(29 * time.Second)}
			if i >= live {
				m.LastSeen = ago(30 * time.Second)
			}
			if i >= live+silent {
				m.LastSeen = ago(24 * time.Hour)
			}
			s.masters = append(s.masters, m)
		}
	}
}

func workers(live, silent, forgotten int) func(*sight) {
	return func(s *sight) {
		for i := range live + silent + forgotten {
			h := store.Host{Host: fmt.Sprint("w", i), CheckInterval: 30_000, LastCheckTime: ago(29 * time.Second)}
			if i >= live {
				h.LastCheckTime = ago(30 * time.Second)
			}
			if i >= live+silent {
				h.LastCheckTime = ago(24 * time.Hour)
			}
			s.hosts = append(s.hosts, h)
		}
	}
}

// of applies several changes.
func of(all ...func(*sight)) func(*sight) {
	return func(s *sight) {
		for _, change := range all {
			change(s)
		}
	}
}

func large(s *sight) { s.platform.Small = false }

func term(age time.Duration) func(*sight) {
	return func(s *sight) { s.termSince = s.now.Add(-age) }
}

func set(key, value string) func(*sight) {
	return func(s *sight) { s.limits = store.MonitorLimits(map[string]string{key: value}) }
}

func TestJudgeMasters(t *testing.T) {
	t.Parallel()
	// A large cluster's workers are another rule's.
	manyWorkers := workers(10, 0, 0)
	judgeEach(t, []rule{
		{"SmallAllLive", masters(3, 0, 0), ""},
		{"SmallAlone", masters(1, 0, 0), ""},
		{"SmallOneOfThreeMissing", masters(2, 1, 0), "important masters-low platform"},
		{"SmallNoMajority", masters(1, 2, 0), "critical masters-low platform"},
		{"SmallOneOfTwoIsNoMajority", masters(1, 1, 0), "critical masters-low platform"},
		{"SmallThreeOfFive", masters(3, 2, 0), "important masters-low platform"},
		{"SmallTwoOfFive", masters(2, 3, 0), "critical masters-low platform"},
		{"SmallForgetsAfterADay", masters(1, 0, 4), ""},
		{"LargeFive", of(large, manyWorkers, masters(5, 2, 0)), ""},
		{"LargeFour", of(large, manyWorkers, masters(4, 0, 0)), "important masters-low platform"},
		{"LargeThree", of(large, manyWorkers, masters(3, 0, 0)), "important masters-low platform"},
		{"LargeTwo", of(large, manyWorkers, masters(2, 0, 0)), "critical masters-low platform"},
		{"LargeBySetting", of(large, manyWorkers, masters(2, 0, 0), set("monitor_masters_critical", "2")), "important masters-low platform"},
		{"ARemovedOneIsNotMissed", of(masters(2, 1, 0), members("m0", "m1")), ""},
		{"ARemovedOneThatRunsDoesNotCount", of(masters(3, 0, 0), members("m0", "m1", "m3")), "important masters-low platform"},
		{"AMemberThatNeverCame", of(masters(2, 0, 0), members("m0", "m1", "m9")), "important masters-low platform"},
		{"AMemberIsMissedAfterADay", of(masters(1, 0, 2), members("m0", "m1", "m2")), "critical masters-low platform"},
		{"ATermBegins", of(masters(1, 2, 0), term(29*time.Second)), "unknown masters-low platform, unknown workers-low platform"},
		{"ATermHasSettled", of(masters(1, 2, 0), term(30*time.Second)), "critical masters-low platform"},
	})
}

func members(names ...string) func(*sight) {
	return func(s *sight) { s.members = names }
}

func TestJudgeClocks(t *testing.T) {
	t.Parallel()
	off := func(master, worker int64) func(*sight) {
		return of(masters(1, 0, 0), workers(1, 0, 0), func(s *sight) { s.masters[0].ClockOffset, s.hosts[0].ClockOffset = master, worker })
	}
	silent := func(s *sight) { s.masters[0].LastSeen, s.hosts[0].LastCheckTime = ago(23*time.Hour), ago(23*time.Hour) }
	judgeEach(t, []rule{
		{"Right", off(5000, -5000), ""},
		{"MasterBehind", off(5001, 0), "important clock-off master m0"},
		{"WorkerAhead", off(0, -3_600_000), "important clock-off worker w0"},
		{"Both", off(-5001, 5001), "important clock-off master m0, important clock-off worker w0"},
		{"TheSilentAreNotJudged", of(off(9000, 9000), silent), "critical masters-low platform, critical workers-low platform"},
	})
}

func TestJudgeWorkers(t *testing.T) {
	t.Parallel()
	change := func(f func(*store.Host)) func(*sight) {
		return func(s *sight) { f(&s.hosts[len(s.hosts)-1]) }
	}
	judgeEach(t, []rule{
		{"SmallNone", workers(0, 0, 0), ""},
		{"SmallAllLive", workers(2, 0, 0), ""},
		{"SmallOneSilent", workers(1, 1, 0), "important workers-low platform"},
		{"SmallAllSilent", workers(0, 2, 0), "critical workers-low platform"},
		{"SmallOneOfThree", workers(1, 2, 0), "critical workers-low platform"},
		{"SmallTwoOfThree", workers(2, 1, 0), "important workers-low platform"},
		{"SmallHalf", workers(2, 2, 0), "important workers-low platform"},
		{"SmallFiveOfTenAsInALargeOne", workers(5, 5, 0), "important workers-low platform"},
		{"SmallFourOfTenAsInALargeOne", workers(4, 6, 0), "critical workers-low platform"},
		{"SmallLimitsAreNotSettings", of(workers(2, 1, 0), set("monitor_workers_critical", "3")), "important workers-low platform"},
		{"SmallForgetsAfterADay", workers(1, 0, 3), ""},
		{"SwitchedOffIsNotMissed", of(workers(1, 1, 0), change(func(h *store.Host) { h.IsStop = true })), ""},
		{"SwitchedOffUntilNow", of(workers(1, 1, 0), change(func(h *store.Host) { h.IsStop, h.StopUntil = true, ago(0) })), "important workers-low platform"},
		{"GroupOffIsNotMissed", of(workers(1, 1, 0), change(func(h *store.Host) { h.GroupOff = true })), ""},
		{"DeclaredDeadIsNotMissed", of(workers(1, 1, 0), change(func(h *store.Host) { h.DeadAt = 5 })), ""},
		{"LargeTen", of(large, masters(5, 0, 0), workers(10, 3, 0)), ""},
		{"LargeNine", of(large, masters(5, 0, 0), workers(9, 0, 0)), "important workers-low platform"},
		{"LargeFour", of(large, masters(5, 0, 0), workers(4, 0, 0)), "critical workers-low platform"},
		{"ItsOwnIntervalCounts", of(workers(1, 1, 0), term(time.Minute), change(func(h *store.Host) { h.CheckInterval, h.LastCheckTime = 61_000, ago(time.Hour) })), "unknown workers-low platform"},
		{"AndIsOver", of(workers(1, 1, 0), term(time.Minute), change(func(h *store.Host) { h.CheckInterval, h.LastCheckTime = 60_000, ago(time.Hour) })), "important workers-low platform"},
	})
}

// ranLately notes a pass that took so long and ended so long ago.
func ranLately(name string, took, ended time.Duration) func(*sight) {
	return func(s *sight) {
		s.runs[name] = store.ServiceRun{Name: name, StartedAt: ago(took + ended), EndedAt: ago(ended), SucceededAt: ago(ended)}
	}
}

// fails notes that the last pass, just now, ended with an error; when one
// succeeded last stands.
func fails(name string) func(*sight) {
	return func(s *sight) {
		run := s.runs[name]
		s.runs[name] = store.ServiceRun{Name: name, StartedAt: ago(0), EndedAt: ago(0), Error: "no such column", SucceededAt: run.SucceededAt}
	}
}

func service(name string, every, going time.Duration) func(*sight) {
	return func(s *sight) {
		v := Service{Name: name, Every: every}
		switch name {
		case "depend":
			v.Slow, v.Old = store.LimitDependMinutes, store.LimitDependAge
		case "generate":
			v.Slow = store.LimitGenerateMinutes
		}
		if going > 0 {
			v.Began = s.now.Add(-going)
		}
		s.services = append(s.services, v)
	}
}

func TestJudgePasses(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	depend, generate := service("depend", time.Hour, 0), service("generate", time.Hour, 0)
	often := service("depend", 15*time.Second, minute)
	judgeEach(t, []rule{
		{"DependInFive", of(depend, ranLately("depend", 5*minute, 0)), ""},
		{"DependInMoreThanFive", of(depend, ranLately("depend", 5*minute+1e6, 0)), "important pass-slow depend"},
		{"DependInTen", of(depend, ranLately("depend", 10*minute, 0)), "important pass-slow depend"},
		{"DependInMoreThanTen", of(depend, ranLately("depend", 10*minute+1e6, 0)), "critical pass-slow depend"},
		{"DependBySetting", of(depend, ranLately("depend", 3*minute, 0), set("monitor_depend_minutes_important", "2")), "important pass-slow depend"},
		{"DependThatGoesOn", of(service("depend", time.Hour, 6*minute), ranLately("depend", 0, 6*minute)), "important pass-slow depend"},
		{"GenerateInTen", of(generate, ranLately("generate", 10*minute, 0)), ""},
		{"GenerateInEleven", of(generate, ranLately("generate", 11*minute, 0)), "important pass-slow generate"},
		{"GenerateInSixteen", of(generate, ranLately("generate", 16*minute, 0)), "critical pass-slow generate"},
		{"OthersMayTakeLong", of(service("create", time.Hour, 0), ranLately("create", 50*minute, 0)), ""},
		{"TenMinutesOldIsNotTooOld", of(often, ranLately("depend", 0, 10*minute)), ""},
		{"OlderIs", of(often, ranLately("depend", 0, 10*minute+1e6)), "critical pass-old depend"},
		{"OlderInAYoungTermIsNot", of(often, ranLately("depend", 0, time.Hour), term(10*minute)), "unknown pass-old depend"},
		{"NeverInATermOfElevenMinutes", of(often, term(11*minute)), "critical pass-old depend"},
		{"ThatFailsForTenMinutes", of(often, ranLately("depend", 0, 10*minute), fails("depend")), ""},
		{"ThatFailsForLonger", of(often, ranLately("depend", 0, 10*minute+1e6), fails("depend")), "critical pass-old depend"},
		{"ThatHasNeverSucceeded", of(often, term(11*minute), fails("depend")), "critical pass-old depend"},
		{"ThatFailsInAYoungTerm", of(often, ranLately("depend", 0, time.Hour), term(10*minute), fails("depend")), "unknown pass-old depend"},
		{"AgeBySetting", of(often, ranLately("depend", 0, 5*minute), set("monitor_depend_age_minutes_critical", "4")), "critical pass-old depend"},
	})
}

func TestJudgeSilence(t *testing.T) {
	t.Parallel()
	create := service("create", time.Minute, 0)
	judgeEach(t, []rule{
		{"ThreePeriods", of(create, ranLately("create", 0, 3*time.Minute)), ""},
		{"More", of(create, ranLately("create", 0, 3*time.Minute+1e6)), "important service-silent create"},
		{"BySetting", of(create, ranLately("create", 0, 4*time.Minute), set("monitor_service_periods_important", "5")), ""},
		{"Never", create, "important service-silent create"},
		{"NeverInAYoungTerm", of(create, term(3*time.Minute)), "unknown service-silent create"},
		{"AMinuteIsGivenToAll", of(service("create", time.Second, 0), ranLately("create", 0, time.Minute)), ""},
		{"AndNoMore", of(service("create", time.Second, 0), ranLately("create", 0, time.Minute+1e6)), "important service-silent create"},
		{"ThoseOfACalendarAreNotAsked", service("retention", 0, 0), ""},
		{"APassThatGoesOn", of(service("create", time.Minute, 14*time.Minute), ranLately("create", 0, 14*time.Minute)), ""},
		{"APassThatHangs", of(service("create", time.Minute, 15*time.Minute), ranLately("create", 0, 15*time.Minute)), "important service-silent create"},
	})
}

func TestJudgeDisplaced(t *testing.T) {
	t.Parallel()
	taken := func(tasks, moves int, memory bool) func(*sight) {
		return func(s *sight) {
			s.displaced = append(s.displaced, store.Displaced{Host: "w1", Tasks: tasks, Moves: moves, ForMemory: memory})
		}
	}
	judgeEach(t, []rule{
		{"AFew", taken(10, 3, false), ""},
		{"ManyTasks", taken(11, 0, false), "important moved-tasks w1"},
		{"VeryManyTasks", taken(16, 0, false), "critical moved-tasks w1"},
		{"ManyMoves", taken(1, 4, false), "important moves w1"},
		{"VeryManyMoves", taken(1, 6, false), "critical moves w1"},
		{"ForMemory", taken(11, 6, true), "critical memory-refusals w1, important memory-refused-tasks w1"},
		{"MemoryIsCountedApart", of(taken(8, 3, true), taken(8, 3, false)), ""},
		{"BySetting", of(taken(2, 0, false), set("monitor_moved_tasks_critical", "1")), "critical moved-tasks w1"},
	})
}

func TestJudgeFileSystems(t *testing.T) {
	t.Parallel()
	fs := func(change func(*FileSystem)) func(*sight) {
		return func(s *sight) {
			f := FileSystem{Name: "hdfs://c", Known: true, Down: true, Since: monitored().Add(-time.Minute), Tries: 1, Cause: "connection refused"}
			change(&f)
			s.fileSystems = append(s.fileSystems, f)
		}
	}
	judgeEach(t, []rule{
		{"Answers", fs(func(f *FileSystem) { f.Down = false }), ""},
		{"NobodyHasAskedIt", fs(func(f *FileSystem) { f.Known, f.Down = false, false }), "unknown hdfs-not-answering hdfs://c"},
		{"DownSinceJustNow", fs(func(*FileSystem) {}), "important hdfs-not-answering hdfs://c"},
		{"BatchesWaitAfterThreeTries", fs(func(f *FileSystem) { f.Tries, f.Waiting = 3, 5 }), "important hdfs-not-answering hdfs://c"},
		{"BatchesWaitAfterFour", fs(func(f *FileSystem) { f.Tries, f.Waiting = 4, 1 }), "critical hdfs-not-answering hdfs://c"},
		{"NobodyWaits", fs(func(f *FileSystem) { f.Tries = 400 }), "important hdfs-not-answering hdfs://c"},
		{"EachByItself", of(fs(func(*FileSystem) {}), fs(func(f *FileSystem) { f.Name, f.Known, f.Down = "hdfs://d", false, false })),
			"important hdfs-not-answering hdfs://c, unknown hdfs-not-answering hdfs://d"},
		{"LocalFilesThatHang", fs(func(f *FileSystem) { f.Name, f.Tries, f.Waiting = "file://", 4, 2 }), "critical files-not-answering file://"},
	})
}
