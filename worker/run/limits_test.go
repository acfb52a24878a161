package run

import (
	"testing"

	"capricornus/worker/cgroup"
)

func TestTheSmallerMemoryLimitHolds(t *testing.T) {
	tests := map[string]struct {
		limits   Limits
		declared int64
		want     int64
	}{
		"None":                  {Limits{}, 100, 0},
		"Fixed":                 {Limits{AttemptMemory: 500}, 100, 500},
		"TimesWhatIsDeclared":   {Limits{MemoryTimes: 1.5}, 100, 150},
		"NothingDeclared":       {Limits{MemoryTimes: 2}, 0, 0},
		"NothingDeclaredButFix": {Limits{MemoryTimes: 2, AttemptMemory: 500}, 0, 500},
		"TimesIsSmaller":        {Limits{MemoryTimes: 2, AttemptMemory: 500}, 100, 200},
		"FixedIsSmaller":        {Limits{MemoryTimes: 20, AttemptMemory: 500}, 100, 500},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.limits.memory(test.declared); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestReasonsNameTheLimitWithNumbers(t *testing.T) {
	l := Limits{AttemptMemory: 512 << 20, Processes: 4096, File: 3 << 20, Log: 16 << 30}
	code := func(n int) Exit { return Exit{Code: &n} }
	killed := func(n int) Exit { return Exit{Code: &n, Trouble: cgroup.Trouble{Killed: 2}} }
	tests := map[string]struct{ got, want string }{
		"Memory":            {l.overUse(Use{Memory: 612<<20 + 7, Threads: 1}, 0), "it used 612 MiB of memory; its limit is 512 MiB"},
		"Processes":         {l.overUse(Use{Threads: 5000}, 0), "it had 5,000 processes and threads; its limit is 4,096"},
		"AtTheLimit":        {l.overUse(Use{Memory: 512 << 20, Threads: 4096}, 0), ""},
		"NoLimits":          {Limits{}.overUse(Use{Memory: 1 << 50, Threads: 1 << 20}, 1), ""},
		"KernelKilled":      {l.overTrouble(cgroup.Trouble{Killed: 1}, 100<<20), "it used all of its limit of 512 MiB of memory, and the kernel killed 1 of its processes"},
		"KernelDenied":      {l.overTrouble(cgroup.Trouble{Denied: 9}, 0), "it had 4,096 processes and threads, its limit, and wanted more"},
		"Log":               {l.overLog(16<<30 + 1), "its log grew over 16 GiB"},
		"LogAtTheLimit":     {l.overLog(16 << 30), ""},
		"LogWithoutLimit":   {Limits{}.overLog(1 << 60), ""},
		"FileSignal":        {l.overEnd(code(153), 0), "a file reached the limit of 3 MiB"},
		"OtherSignal":       {l.overEnd(code(137), 0), ""},
		"FileWithoutLimit":  {Limits{}.overEnd(code(153), 0), ""},
		"KilledAndFailed":   {l.overEnd(killed(137), 0), "it used all of its limit of 512 MiB of memory, and the kernel killed 2 of its processes"},
		"KilledAndCarryOn":  {l.overEnd(killed(0), 0), ""},
		"NoCode":            {l.overEnd(Exit{}, 0), ""},
		"KibibytesOfAFew":   {amount(640 << 10), "640 KiB"},
		"ThousandsOfMebis":  {amount(1234567 << 20), "1,234,567 MiB"},
		"WholeGibibytes":    {amount(2 << 30), "2 GiB"},
		"GibibytesAndABit":  {amount(2<<30 + 1<<20), "2,049 MiB"},
		"ThousandsBoundary": {thousands(1000), "1,000"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.got != test.want {
				t.Errorf("got %q, want %q", test.got, test.want)
			}
		})
	}
}
