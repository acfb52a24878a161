package program

import (
	"context"
	"fmt"
	"time"

	"capricornus/common/datapath"
)

// chunk is how much is read at a time.
const chunk = 1 << 20

// input is a file that a goroutine of its own opens and reads: a call on a dead
// file system cannot be interrupted, only abandoned.
type input struct {
	store *Store
	path  string
	stop  context.CancelFunc

	opened chan *datapath.File
	parts  chan []byte
	free   chan []byte   // buffers to be filled
	failed chan error    // the last thing that comes
	ended  chan struct{} // closed when the goroutine is gone

	used []byte // what next returned last
	over bool   // failed has come: nothing can hang any more
}

// read begins to open and read a file. While an earlier read of it that was
// given up has not returned, there is no new one: they would pile up.
func (s *Store) read(ctx context.Context, from string) (*input, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stuck[from] != nil {
		return nil, fmt.Errorf("%w: an earlier fetch of %s still hangs", ErrLater, from)
	}
	ctx, stop := context.WithCancel(ctx)
	in := &input{
		store: s, path: from, stop: stop,
		opened: make(chan *datapath.File), parts: make(chan []byte), free: make(chan []byte, 2),
		failed: make(chan error, 1), ended: make(chan struct{}),
	}
	in.free <- make([]byte, chunk)
	in.free <- make([]byte, chunk)
	go in.run(ctx)
	return in, nil
}

// giveUp ends the reading. What hangs is remembered until it returns.
func (in *input) giveUp() {
	in.stop()
	in.store.mu.Lock()
	defer in.store.mu.Unlock()
	select {
	case <-in.ended:
	default:
		if !in.over {
			in.store.stuck[in.path] = in
		}
	}
}

// run is the goroutine. Nobody waits for it.
func (in *input) run(ctx context.Context) {
	defer in.gone()
	file, err := in.store.Paths.Open(ctx, in.path)
	if err != nil {
		in.failed <- err
		return
	}
	defer file.Close()
	select {
	case in.opened <- file:
		in.copy(ctx, file)
	case <-ctx.Done():
	}
}

func (in *input) gone() {
	close(in.ended)
	in.store.mu.Lock()
	defer in.store.mu.Unlock()
	if in.store.stuck[in.path] == in {
		delete(in.store.stuck, in.path)
	}
}

func (in *input) copy(ctx context.Context, file *datapath.File) {
	for {
		var buffer []byte
		select {
		case buffer = <-in.free:
		case <-ctx.Done():
			return
		}
		n, err := file.Read(buffer)
		select {
		case in.parts <- buffer[:n]:
		case <-ctx.Done():
			return
		}
		if err != nil {
			in.failed <- err
			return
		}
	}
}

// open waits until the file is open.
func (in *input) open(ctx context.Context) (*datapath.File, error) {
	idle := time.NewTimer(in.store.Hung)
	defer idle.Stop()
	select {
	case file := <-in.opened:
		return file, nil
	case err := <-in.failed:
		in.over = true
		return nil, err
	case <-idle.C:
		return nil, fmt.Errorf("%w: it was not opened within %s", errHung, in.store.Hung)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// next waits for the next part, which is good until the next call; io.EOF is
// the end.
func (in *input) next(ctx context.Context) ([]byte, error) {
	idle := time.NewTimer(in.store.Hung)
	defer idle.Stop()
	for {
		if in.used != nil {
			in.free <- in.used[:chunk]
		}
		select {
		case in.used = <-in.parts:
			if len(in.used) > 0 {
				return in.used, nil
			}
		case err := <-in.failed:
			in.over = true
			if datapath.Unavailable(err) { // a file system may notice sooner than we do
				err = fmt.Errorf("%w: %w", errHung, err)
			}
			return nil, err
		case <-idle.C:
			return nil, fmt.Errorf("%w: no byte came for %s", errHung, in.store.Hung)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
