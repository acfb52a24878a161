package period

import "fmt"

// Kind is a period of output, column capri_task.outputPeriod (seed A3-68).
type Kind int

// The kinds, with the seeds' codes; Manual and Cron are ours.
const (
	Manual Kind = 0
	Cron   Kind = 1
	Hour   Kind = 2
	Day    Kind = 3
	Month  Kind = 4
	Week   Kind = 5
)

// ParseKind returns the kind that a task file names.
func ParseKind(name string) (Kind, error) {
	for kind := Manual; kind <= Week; kind++ {
		if kind.String() == name {
			return kind, nil
		}
	}
	return Manual, fmt.Errorf("period %q is unknown; write hour, day, week, month, cron or manual", name)
}

// String returns the name as task files write it.
func (k Kind) String() string {
	switch k {
	case Manual:
		return "manual"
	case Cron:
		return "cron"
	case Hour:
		return "hour"
	case Day:
		return "day"
	case Month:
		return "month"
	case Week:
		return "week"
	}
	return fmt.Sprintf("kind %d", int(k))
}

// one returns the name with its article, for messages.
func (k Kind) one() string {
	if k == Hour {
		return "an hour"
	}
	return "a " + k.String()
}

// layout is the work number's time.Format layout; a manual number has three
// digits of milliseconds after it.
func (k Kind) layout() string {
	switch k {
	case Hour:
		return "2006010215"
	case Day, Week:
		return "20060102"
	case Month:
		return "200601"
	case Cron, Manual:
	}
	return "20060102150405"
}

// baseSeconds is how long after the period's first second, on the wall clock,
// its batch is generated (seed A3-69).
func (k Kind) baseSeconds() int64 {
	switch k {
	case Hour, Day:
		return 60
	case Week:
		return 120
	case Month:
		return 300
	case Cron, Manual:
	}
	return 0
}
