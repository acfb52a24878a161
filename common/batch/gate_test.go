package batch

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// noon is the present of these tests, in UTC milliseconds.
const noon = int64(1_431_950_400_000) // 2015-05-18 12:00:00

// free is a case in which every gate is open.
func free() Case {
	return Case{ScheduleAt: noon - 1, TaskEnabled: true, MaxRunning: 1}
}

func TestGatesStandInTheOrderOfTheScheduler(t *testing.T) {
	t.Parallel()
	var got []GateCode
	for _, v := range free().Gates(noon) {
		got = append(got, v.Gate)
		if !v.Open {
			t.Errorf("got %s shut, want a free batch to pass every gate", v.Gate)
		}
	}
	want := []GateCode{
		GateOperation, GateLatest, GateDisabled, GateHeld, GateQuality, GateEarliest, GateRetry, GateMaximum, GateAccount,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestGates(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*Case)
		shut   GateCode // "" when none is
		opens  int64
		args   []string
	}{
		{"OperationStillMakingBatchesShuts", func(c *Case) { c.OperationPending = true }, GateOperation, 0, nil},
		{"ScheduledNowPasses", func(c *Case) { c.ScheduleAt = noon }, "", 0, nil},
		{"ScheduledLaterOpensThen", func(c *Case) { c.ScheduleAt = noon + 5 }, GateLatest, noon + 5, []string{"1431950400000"}},
		{"LatestScheduleTimeFreezesNewer", func(c *Case) { c.LatestAt = noon - 2 }, GateLatest, 0, []string{"1431950399998"}},
		{"LatestScheduleTimeLetsItselfPass", func(c *Case) { c.LatestAt = noon - 1 }, "", 0, nil},
		{"LatestScheduleTimeMayLieAhead", func(c *Case) { c.LatestAt, c.ScheduleAt = noon+9, noon+9 }, "", 0, nil},
		{"DisabledTaskShuts", func(c *Case) { c.TaskEnabled = false }, GateDisabled, 0, nil},
		{
			"HoldShutsUntilReleased", func(c *Case) { c.Hold = &Held{Object: "task", Actor: "ann", Reason: "disk"} },
			GateHeld, 0, []string{"task", "ann", "disk"},
		},
		{
			"HoldWithAnEndOpensThen", func(c *Case) { c.Hold = &Held{Object: "batch", Actor: "ann", Until: noon + 7} },
			GateHeld, noon + 7, []string{"batch", "ann", ""},
		},
		{"QualityShutsBeforeTheAnswer", func(c *Case) { c.Quality = true }, GateQuality, 0, nil},
		{"QualityShutsWhileAsked", func(c *Case) { c.Quality, c.QualityState = true, QualitySent }, GateQuality, 0, nil},
		{"QualityBlockShuts", func(c *Case) { c.Quality, c.QualityState = true, QualityBlock }, GateQuality, 0, nil},
		{"QualityRunOpens", func(c *Case) { c.Quality, c.QualityState = true, QualityRun }, "", 0, nil},
		{"QualityAnswerIsIgnoredWithoutTheGate", func(c *Case) { c.QualityState = QualityBlock }, "", 0, nil},
		{"EarliestStartReachedPasses", func(c *Case) { c.EarliestAt = noon }, "", 0, nil},
		{"EarliestStartAheadOpensThen", func(c *Case) { c.EarliestAt = noon + 1 }, GateEarliest, noon + 1, []string{"1431950400001"}},
		{"RetryReachedPasses", func(c *Case) { c.RetryAt = noon }, "", 0, nil},
		{"RetryAheadOpensThen", func(c *Case) { c.RetryAt, c.Failures = noon+1, 1 }, GateRetry, noon + 1, []string{"1431950400001"}},
		{"GivenBackOpensThen", func(c *Case) { c.RetryAt = noon + 1 }, GateRetry, noon + 1, []string{"1431950400001", "given back"}},
		{"BelowTheMaximumPasses", func(c *Case) { c.Active, c.MaxRunning = 2, 3 }, "", 0, nil},
		{"AtTheMaximumShuts", func(c *Case) { c.Active, c.MaxRunning = 3, 3 }, GateMaximum, 0, []string{"3"}},
		{"AboveTheMaximumShuts", func(c *Case) { c.Active, c.MaxRunning = 4, 3 }, GateMaximum, 0, []string{"3"}},
		{"AccountGrantedPasses", func(c *Case) { c.Account, c.AccountAllowed = "etl", true }, "", 0, nil},
		{"AccountNotGrantedShuts", func(c *Case) { c.Account = "etl" }, GateAccount, 0, []string{"etl"}},
		{"NoAccountNeedsNoGrant", func(c *Case) { c.Account = "" }, "", 0, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := free()
			c.change(&k)
			v, shut := k.FirstShut(noon)
			if v.Gate != c.shut || shut != (c.shut != "") {
				t.Fatalf("got %q shut, want %q", v.Gate, c.shut)
			}
			if shut && (v.OpensAt != c.opens || !slices.Equal(v.Args, c.args)) {
				t.Errorf("got %v opening at %d, want %v at %d", v.Args, v.OpensAt, c.args, c.opens)
			}
		})
	}
}

func TestFirstShutGateIsTheOneShown(t *testing.T) {
	t.Parallel()
	shut := Case{
		OperationPending: true, ScheduleAt: noon + 1, Hold: &Held{}, Quality: true, EarliestAt: noon + 1, RetryAt: noon + 1, Account: "etl",
	}
	open := []func(*Case){
		func(c *Case) { c.OperationPending = false },
		func(c *Case) { c.ScheduleAt = noon },
		func(c *Case) { c.TaskEnabled = true },
		func(c *Case) { c.Hold = nil },
		func(c *Case) { c.Quality = false },
		func(c *Case) { c.EarliestAt = 0 },
		func(c *Case) { c.RetryAt = 0 },
		func(c *Case) { c.MaxRunning = 1 },
		func(c *Case) { c.AccountAllowed = true },
	}
	for n, v := range free().Gates(noon) {
		if got, _ := shut.FirstShut(noon); got.Gate != v.Gate {
			t.Errorf("with %d gates opened: got %s, want %s", n, got.Gate, v.Gate)
		}
		open[n](&shut)
	}
	if got, still := shut.FirstShut(noon); still {
		t.Errorf("got %s shut after all were opened, want none", got.Gate)
	}
}

// TestReasonsOfOutcomesAreSaidInChinese keeps the list of reasons complete.
func TestReasonsOfOutcomesAreSaidInChinese(t *testing.T) {
	t.Parallel()
	boolean := []*bool{nil, new(false), new(true)}
	for _, success := range []string{"exit-code", "output-path"} {
		for _, exit := range []*int{nil, new(0), new(3)} {
			for _, ready := range boolean {
				for _, e := range []Ended{{}, {Killed: true}, {TimedOut: true}, {Infra: true}, {Lost: true}} {
					e.ExitCode, e.OutputReady = exit, ready
					reason := After(e, Policy{Success: success}, Tries{}, time.UnixMilli(0)).Reason
					if got := Say(reason, "zh", time.UTC); !strings.ContainsFunc(got, func(r rune) bool { return r >= 0x4E00 && r < 0xA000 }) {
						t.Errorf("got %q for %q, want it in Chinese", got, reason)
					}
				}
			}
		}
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("CST", 8*3600)
	cases := []struct {
		message string
		zh, en  string
	}{
		{Message(GateMaximum, "3"), "此任务同时运行的任务数达到最大 3 个,等待下次调度", "3 batches of this task are running, which is its maximum"},
		{
			Message(GateAccount, "etl"), "调度失败,失败原因:此任务负责人没有权限使用此账号 etl 运行任务",
			"the task's owner may not use the execution account etl",
		},
		{Message(GateHeld, "task", "ann", "disk"), "任务已被 ann 暂停:disk", "the task is held by ann: disk"},
		{Message(GateEarliest, "1431950400000"), "未到最早执行时间 2015-05-18 20:00:00", "may not start before 2015-05-18 20:00:00"},
		{
			Message(GateRetry, "1431950400000"), "上次执行失败,将于 2015-05-18 20:00:00 重试",
			"the last attempt failed; the next one begins at 2015-05-18 20:00:00",
		},
		{
			Message(GateRetry, "1431950400000", "given back"), "执行机无法开始执行,已退回,将于 2015-05-18 20:00:00 重新分配",
			"a worker could not begin it and gave it back; the next one may have it at 2015-05-18 20:00:00",
		},
		{Message(GateEarliest, "soon"), "未到最早执行时间 soon", "may not start before soon"},
		{Message(GateWorker, "0 known"), "没有合适的机器:0 known", "no worker fits: 0 known"},
		{Message(GateHeld), "已被  暂停:", "the  is held by : "}, // arguments that are missing are empty, no panic
		{Message("NEW_CODE", "x"), "NEW_CODE", "NEW_CODE"},
		{"exit code 1", "退出码 1", "exit code 1"},
		{"the disk is full", "the disk is full", "the disk is full"},
		{"", "", ""},
	}
	for _, c := range cases {
		if got := Say(c.message, "zh", shanghai); got != c.zh {
			t.Errorf("%s in zh: got %q, want %q", c.message, got, c.zh)
		}
		if got := Say(c.message, "en", shanghai); got != c.en {
			t.Errorf("%s in en: got %q, want %q", c.message, got, c.en)
		}
	}
}

func TestEveryGateHasASentenceInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, g := range []GateCode{
		GateData, GateThird, GateParent, GateOperation, GateLatest, GateDisabled, GateHeld, GateQuality, GateEarliest,
		GateRetry, GateMaximum, GateAccount, GateWorker, GateQueue,
	} {
		for _, lang := range []string{"zh", "en"} {
			if text := Say(Message(g), lang, time.UTC); text == "" || strings.Contains(text, string(g)) {
				t.Errorf("%s in %s: got %q, want a sentence", g, lang, text)
			}
		}
	}
}
