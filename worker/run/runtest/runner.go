// Package runtest holds a run.Launcher without processes, for tests in virtual
// time and for simulated clusters.
package runtest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"capricornus/common/wire"
	"capricornus/worker/run"
)

// Script stands for what an attempt does. It returns the exit code and should
// return soon after ctx ends, which means that the attempt is being killed.
type Script func(ctx context.Context, spec run.Spec) (code int)

// Runner is a host's processes. It outlives the workers that use it, so a test
// can stop one worker and let the next adopt what still runs.
type Runner struct {
	script Script

	mu   sync.Mutex
	live map[wire.Held]*process
}

var _ run.Launcher = (*Runner)(nil)

// New returns a host on which every attempt does what script says.
func New(script Script) *Runner {
	return &Runner{script: script, live: make(map[wire.Held]*process)}
}

// Start implements run.Launcher.
func (r *Runner) Start(_ context.Context, dir run.Dir, spec run.Spec) (run.Process, error) {
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{kill: cancel, done: make(chan struct{}), spec: spec}
	r.mu.Lock()
	r.live[spec.Key()] = p
	r.mu.Unlock()
	go func() {
		defer cancel()
		code := r.script(ctx, spec)
		p.exit = run.Exit{At: time.Now()}
		var err error
		if !p.vanished.Load() {
			p.exit.Code = &code
			err = dir.PutExitCode(code)
		}
		close(p.done)
		r.mu.Lock()
		defer r.mu.Unlock()
		// When the worker is gone and its root closed, the code is kept here.
		if err == nil && r.live[spec.Key()] == p {
			delete(r.live, spec.Key())
		}
	}()
	return p, nil
}

// Adopt implements run.Launcher.
func (r *Runner) Adopt(_ context.Context, dir run.Dir, spec run.Spec) (run.Process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.live[spec.Key()]; p != nil {
		return p, nil
	}
	p := &process{kill: func() {}, done: make(chan struct{})}
	p.exit.At = time.Now()
	if code, ended, err := dir.ExitCode(); ended && err == nil {
		p.exit.Code = &code
	}
	close(p.done)
	return p, nil
}

// Running is how many attempts have not ended.
func (r *Runner) Running() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, p := range r.live {
		select {
		case <-p.done:
		default:
			n++
		}
	}
	return n
}

// Vanish ends the processes of the attempts that pick chooses without an exit
// code, as kill -9 of all of them does; a worker that watches them notices. It
// returns how many there were.
func (r *Runner) Vanish(pick func(run.Spec) bool) int {
	n := 0
	for _, p := range r.chosen(pick) {
		p.vanished.Store(true)
		p.kill()
		n++
	}
	return n
}

// Kill ends the attempts that pick chooses as a keeper ends those whose lease
// is over: they leave an exit code.
func (r *Runner) Kill(pick func(run.Spec) bool) {
	for _, p := range r.chosen(pick) {
		p.kill()
	}
}

func (r *Runner) chosen(pick func(run.Spec) bool) []*process {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*process
	for _, p := range r.live {
		if pick(p.spec) {
			out = append(out, p)
		}
	}
	return out
}

// Crash forgets all processes without an exit code, as a crash of the host
// does. The scripts' contexts end.
func (r *Runner) Crash() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.live {
		p.kill()
	}
	clear(r.live)
}

type process struct {
	kill     context.CancelFunc
	done     chan struct{}
	exit     run.Exit
	spec     run.Spec
	vanished atomic.Bool // it leaves no exit code
}

// Pid implements run.Process.
func (p *process) Pid() int { return 0 }

// Done implements run.Process.
func (p *process) Done() <-chan struct{} { return p.done }

// Exit implements run.Process.
func (p *process) Exit() run.Exit { return p.exit }

// Kill implements run.Process.
func (p *process) Kill(ctx context.Context, _ time.Duration) error {
	p.kill()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
