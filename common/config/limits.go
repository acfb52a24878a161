package config

// CallLimits bound what callers of the API may do.
type CallLimits struct {
	CallsPerSecond int // of one token or session; 0: not bounded
}

// aboutCallRate is what limits.calls_per_second means.
const aboutCallRate = "calls a second that one token or session may make, four seconds' worth at once; 0: as many as it likes; workers are not bounded"

// mostCalls is more than one master answers.
const mostCalls = 1_000_000

// DefaultCallLimits are what holds for keys nobody sets.
func DefaultCallLimits() CallLimits { return CallLimits{CallsPerSecond: 50} }

func (l *CallLimits) validate(p *InvalidError) {
	if l.CallsPerSecond < 0 || l.CallsPerSecond > mostCalls {
		p.add("limits.calls_per_second", "%d is not possible: write 0 for no bound, or up to %d", l.CallsPerSecond, mostCalls)
	}
}

// Jobs says which file of jobs the masters make tasks of.
type Jobs struct {
	File string // TOML; empty: none
}

// aboutJobsFile is what jobs.file means.
const aboutJobsFile = "`FILE` of [[jobs]] in TOML that become tasks of the project jobs, read when a master starts; the same on all of them; empty: none"
