package master_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/run"
	"capricornus/worker/run/runtest"
)

// line is one attempt as its fake script saw it.
type line struct {
	spec       run.Spec
	host       string
	start, end time.Time
	ended      bool // false: it goes on
	good       bool // it left the evidence of success that its task asks for
}

// acts is what an attempt does.
type acts struct {
	length time.Duration
	code   int
	writes bool // its outputs
}

// journal is what the fake scripts write, independently of the database, and
// what they find wrong as they start.
type journal struct {
	mu       sync.Mutex
	lines    []*line
	live     map[int64]*line
	seen     map[wire.Held]bool
	problems []string
	plan     func(spec run.Spec) acts // nil: every attempt succeeds after a minute
}

func newJournal() *journal {
	return &journal{live: map[int64]*line{}, seen: map[wire.Held]bool{}}
}

// runner makes a machine whose attempts write the journal.
func (j *journal) runner(host string) *runtest.Runner {
	return runtest.New(func(ctx context.Context, spec run.Spec) int {
		l := j.begin(host, spec)
		act := acts{length: time.Minute, writes: true}
		if j.plan != nil {
			act = j.plan(spec)
		}
		select {
		case <-ctx.Done():
			j.end(l, false)
			return 143
		case <-time.After(act.length):
		}
		if act.writes {
			j.write(spec)
		}
		j.end(l, act.writes && (act.code == 0 || spec.Success == run.SuccessByOutput))
		return act.code
	})
}

// write makes the outputs of an attempt.
func (j *journal) write(spec run.Spec) {
	for _, o := range spec.Outputs {
		if err := succeed(o.Path); err != nil {
			j.problem("%s cannot write %s: %v", spec.Code(), o.Path, err)
		}
	}
}

// succeed makes a path ready.
func succeed(path string) error {
	dir := onDisk(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "_SUCCESS"), []byte(time.Now().String()), 0o600)
}

// isReady tells whether a path is ready.
func isReady(path string) bool {
	_, err := os.Stat(filepath.Join(onDisk(path), "_SUCCESS"))
	return err == nil
}

func (j *journal) begin(host string, spec run.Spec) *line {
	for _, in := range spec.Inputs {
		if !isReady(in.Path) {
			j.problem("%s started without its input %s", spec.Code(), in.Path)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	l := &line{spec: spec, host: host, start: time.Now()}
	if j.seen[spec.Key()] {
		j.noteLocked("%s started twice, now on %s", spec.Code(), host)
	}
	j.seen[spec.Key()] = true
	if other := j.live[spec.WorkID]; other != nil {
		j.noteLocked("%s started on %s while %s still runs on %s", spec.Code(), host, other.spec.Code(), other.host)
	}
	j.live[spec.WorkID] = l
	j.lines = append(j.lines, l)
	return l
}

func (j *journal) end(l *line, good bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	l.end, l.ended, l.good = time.Now(), true, good
	if j.live[l.spec.WorkID] == l {
		delete(j.live, l.spec.WorkID)
	}
}

func (j *journal) problem(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.noteLocked(format, args...)
}

func (j *journal) noteLocked(format string, args ...any) {
	j.problems = append(j.problems, time.Now().UTC().Format(time.DateTime)+" "+fmt.Sprintf(format, args...))
}

// running counts the attempts of a task that go on.
func (j *journal) running(task string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, l := range j.live {
		if l.spec.Task == task {
			n++
		}
	}
	return n
}

// of returns the attempts of a task in the order of their starts.
func (j *journal) of(task string) []line {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []line
	for _, l := range j.lines {
		if l.spec.Task == task {
			out = append(out, *l)
		}
	}
	return out
}

// all returns every attempt in the order of the starts.
func (j *journal) all() []line {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]line, 0, len(j.lines))
	for _, l := range j.lines {
		out = append(out, *l)
	}
	return out
}

// told returns what was found wrong so far, once.
func (j *journal) told() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := j.problems
	j.problems = nil
	return out
}
