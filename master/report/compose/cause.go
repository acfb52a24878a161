package compose

import (
	"strings"

	"capricornus/common/batch"
	"capricornus/common/wire"
)

// Attempt is what is known of the last attempt of a failed batch.
type Attempt struct {
	Outcome  string // as in the attempt's row
	HasExit  bool
	ExitCode int
	Reason   string
}

// exitKilled is the code of a script that a signal 9 ended: what the kernel does
// when memory runs out.
const exitKilled = 137

// CauseOf is the class of the cause of a failure. What the platform did is known
// by the outcome; the rest is read from the reason, whose words are our own.
func CauseOf(a Attempt) string {
	reason := strings.ToLower(a.Reason)
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(reason, w) {
				return true
			}
		}
		return false
	}
	switch {
	case a.Outcome == batch.ResultTimedOut:
		return wire.CauseTimeout
	case says("memory"), a.HasExit && a.ExitCode == exitKilled:
		return wire.CauseMemory
	case a.Outcome == batch.ResultLost, says("no process and no exit code"):
		return wire.CauseLost
	case says("the account "), says("account \""):
		return wire.CauseAccount
	case says("output", "path", "no such file", "hdfs", "package", "download"):
		return wire.CausePath
	case !a.HasExit || a.ExitCode == 0:
		return wire.CauseInfrastructure
	}
	return wire.CauseExitCode
}
