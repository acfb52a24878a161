package batch

import (
	"fmt"
	"strconv"
	"strings"
)

// Ref names one batch: a task, the period's work number, and the run number
// (0 for the first batch of a work number, +1 for each rerun).
// AnyRun stands for the largest run number that exists.
type Ref struct {
	Task   string
	WorkNo string
	Run    int
}

// AnyRun is the run number of a reference that names none: the largest counts.
const AnyRun = -1

// String writes the reference as people do: task/workNo.run.
func (r Ref) String() string {
	if r.Run == AnyRun {
		return r.Task + "/" + r.WorkNo
	}
	return r.Task + "/" + r.WorkNo + "." + strconv.Itoa(r.Run)
}

// AttemptCode is the seed's task_instance_code: task/workNo.run#attempt.
func (r Ref) AttemptCode(attempt int) string {
	return r.String() + "#" + strconv.Itoa(attempt)
}

// ParseRef reads task/workNo or task/workNo.run.
func ParseRef(text string) (Ref, error) {
	name, rest, found := strings.Cut(text, "/")
	if !found || name == "" || rest == "" {
		return Ref{}, fmt.Errorf("%q is not a batch: write task/workNo or task/workNo.run, for example dwd_access_d/20150518", text)
	}
	workNo, run, hasRun := strings.Cut(rest, ".")
	if !isDigits(workNo) {
		return Ref{}, fmt.Errorf("%q is not a batch: the work number %q must be digits only", text, workNo)
	}
	if !hasRun {
		return Ref{Task: name, WorkNo: workNo, Run: AnyRun}, nil
	}
	n, err := strconv.Atoi(run)
	if err != nil || n < 0 || !isDigits(run) {
		return Ref{}, fmt.Errorf("%q is not a batch: the run number %q must be a number from 0", text, run)
	}
	return Ref{Task: name, WorkNo: workNo, Run: n}, nil
}

func isDigits(s string) bool {
	if s == "" {
		return false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
