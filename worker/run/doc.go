// Package run is the life of an attempt's processes: app.sh is made, started in
// a session of its own, watched, ended when it must be, and judged. The
// processes outlive the worker; a later one, or the keeper, adopts them.
//
// The file exit decides the end. A process table entry, the lock on the log
// and the tag in the environment only say whether something still lives.
// Nothing is reported as ended while a process of an attempt that was to be
// killed, or that lost its app.sh, is left.
package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"capricornus/common/batch"
	"capricornus/common/datapath"
	"capricornus/common/wire"
	"capricornus/worker/cgroup"
)

// SuccessByOutput is the success rule that looks at outputs instead of the
// exit code.
const SuccessByOutput = "output-path"

// Spec is all that is needed to run an attempt and to judge it later; it is
// kept in the attempt's directory.
type Spec struct {
	wire.Assignment
	Host        string              `json:"host"`
	Incarnation string              `json:"incarnation"`
	StartedAt   int64               `json:"startedAt"`
	Before      []datapath.Identity `json:"before,omitempty"` // of Outputs, seen before the start
}

// Key names the attempt.
func (s Spec) Key() wire.Held { return wire.Held{WorkID: s.WorkID, Attempt: s.Attempt} }

// Code is the name of the attempt for people: task/workNo.run#attempt.
func (s Spec) Code() string {
	return batch.Ref{Task: s.Task, WorkNo: s.WorkNo, Run: s.Run}.AttemptCode(s.Attempt)
}

// Tag is the environment entry that marks the attempt's processes. The code
// alone would not do: two clusters may run the same task on one host.
func (s Spec) Tag() string {
	return fmt.Sprintf("%s=%s.%d-%d", tagName, s.Incarnation, s.WorkID, s.Attempt)
}

// Deadline is when the run timeout ends the attempt; the zero time is never.
func (s Spec) Deadline() time.Time {
	if s.RunTimeout <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.StartedAt + s.RunTimeout)
}

// Dir is what this package needs of an attempt's directory; workdir.Attempt
// provides it.
type Dir interface {
	Path() string
	Write(name string, data []byte, perm fs.FileMode) error
	Append(name string, data []byte) error
	Share(name string, data []byte, perm fs.FileMode) error
	Read(name string, limit int64) ([]byte, error)
	Give(uid, gid int, names ...string) error
	Fill(uid, gid int) error // unpacks the program package into work/; negative: for the worker's own user
	OpenLog() (*os.File, error)
	LogHeld() (bool, error)
	LogSize() (int64, error)
	TrimLog(keep int64) error
	Tail(limit int64) (text string, size int64, err error)
	ExitCode() (code int, ended bool, err error)
	ExitAt() time.Time // when it was written; zero: nobody knows
	PutExitCode(code int) error
}

// Launcher starts attempts and finds those started before. It is the seam
// where a simulation puts a runner without processes.
type Launcher interface {
	// Start runs the attempt in its directory, which is new. An error means
	// that nothing runs and nothing will.
	Start(ctx context.Context, dir Dir, spec Spec) (Process, error)
	// Adopt returns the attempt as an earlier worker left it. One that has
	// ended, or of which nothing is left, is a Process that is done.
	Adopt(ctx context.Context, dir Dir, spec Spec) (Process, error)
}

// Process is a started attempt.
type Process interface {
	// Pid is the first process, the session's leader; 0 when it is not known.
	Pid() int
	// Done is closed when the attempt has ended.
	Done() <-chan struct{}
	// Exit says how, after Done.
	Exit() Exit
	// Kill ends all processes: TERM, and KILL after grace. It returns when
	// none is left, or when ctx ends.
	Kill(ctx context.Context, grace time.Duration) error
}

// Point is told where the life of an attempt has got to, so that a test can
// end the worker there:
//
//	prepared  its files are written, nothing runs
//	forked    its first process runs, nothing says which
//	noted     the first process is written down
//	settled   the exit code is on disk
//	judged    the fact about the end is made, nobody has it
type Point func(name string)

func (p Point) reached(name string) {
	if p != nil {
		p(name)
	}
}

// Exit is how an attempt ended.
type Exit struct {
	Code *int          // what the script returned; nil: it left no code
	At   time.Time     // when this was seen
	CPU  time.Duration // used by all its processes that were waited for; 0: not known

	Trouble cgroup.Trouble // what the kernel did to keep limits
}

const (
	specName     = "spec.json"
	reportedName = "reported.json"
	specLimit    = 64 << 20
)

// Save writes the spec into the attempt's directory.
func Save(dir Dir, spec Spec) error {
	text, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return fmt.Errorf("encode spec: %w", err)
	}
	return dir.Write(specName, append(text, '\n'), 0o600)
}

// Load reads what Save wrote.
func Load(dir Dir) (Spec, error) {
	text, err := dir.Read(specName, specLimit)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = dir.Read(reportedName, specLimit) // the same file, once a master has the result
	}
	if err != nil {
		return Spec{}, err
	}
	var spec Spec
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&spec); err != nil {
		return Spec{}, fmt.Errorf("read spec: %w", err)
	}
	return spec, nil
}
