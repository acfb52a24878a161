package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"capricornus/common/datapath"
)

// Why fetches are ended.
var (
	errHung    = errors.New("the fetch got no further and was ended")
	errSlow    = errors.New("the fetch was too slow and was ended")
	errGivenUp = errors.New("nobody waits for the fetch any more")
)

// EndedFetch is a fetch that hung or was too slow, and was ended.
type EndedFetch struct {
	Path    string
	Got     int64 // bytes
	Size    int64 // bytes of the whole; 0: it was not even opened
	Took    time.Duration
	Idle    time.Duration // without a byte at the end
	Hung    bool          // it got no further; or else it was too slow
	Waiting []string      // the attempts that asked for it
}

// flight is a fetch under way and who waits for it.
type flight struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
	err    error // after done

	began     time.Time
	size, got atomic.Int64
	last      time.Time // when the last byte came; the fetch alone looks at it
	waiting   []string  // guarded by the store's lock
}

// Fetch returns the package at a path as it is there now, for an attempt that is
// named for people. Errors wrap ErrLater, ErrNoRoom or that of ctx, or are about
// the package.
func (s *Store) Fetch(ctx context.Context, from, attempt string) (*Package, error) {
	for {
		version, err := s.Paths.Stat(ctx, from, datapath.ReadyExists)
		if err != nil {
			return nil, s.judged(ctx, from, err)
		}
		if version == datapath.Absent {
			return nil, fmt.Errorf("the program package %s does not exist", from)
		}
		p, err := s.kept(from, version)
		if err == nil {
			return p, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %w", ErrNoRoom, err)
		}
		if err := s.join(ctx, from, attempt); err != nil && !errors.Is(err, errGivenUp) {
			return nil, s.judged(ctx, from, err)
		}
	}
}

// judged says of an error whether it is about the package.
func (s *Store) judged(ctx context.Context, from string, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrLater), errors.Is(err, ErrNoRoom):
		return err
	case datapath.Unavailable(err):
		return fmt.Errorf("%w: %w", ErrLater, err)
	default:
		return fmt.Errorf("fetch the program package %s: %w", from, err)
	}
}

// join waits for the fetch of a path, which begins with the first to come and is
// given up with the last to go.
func (s *Store) join(ctx context.Context, from, attempt string) error {
	s.mu.Lock()
	f := s.flights[from]
	if f == nil {
		inner, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		f = &flight{cancel: cancel, done: make(chan struct{}), began: time.Now(), last: time.Now()}
		s.flights[from] = f
		go s.fly(inner, from, f)
	}
	f.waiting = append(f.waiting, attempt)
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
	}
	s.mu.Lock()
	at := slices.Index(f.waiting, attempt)
	f.waiting = slices.Delete(f.waiting, at, at+1)
	last := len(f.waiting) == 0
	s.mu.Unlock()
	if last {
		f.cancel(errGivenUp)
		<-f.done
	}
	return ctx.Err()
}

// fly fetches and tells those who wait.
func (s *Store) fly(ctx context.Context, from string, f *flight) {
	defer close(f.done)
	defer f.cancel(nil)
	ctx, cancel := context.WithTimeoutCause(ctx, s.Within, fmt.Errorf("%w: it took more than %s", errSlow, s.Within))
	defer cancel()
	err := s.fetch(ctx, from, f)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		_ = s.dir.Remove(digest(from) + partial)
	}
	s.mu.Lock()
	delete(s.flights, from)
	waiting := slices.Clone(f.waiting)
	s.mu.Unlock()
	if hung := errors.Is(err, errHung); hung || errors.Is(err, errSlow) {
		s.Ended(EndedFetch{
			Path: from, Got: f.got.Load(), Size: f.size.Load(), Took: time.Since(f.began), Idle: time.Since(f.last),
			Hung: hung, Waiting: waiting,
		})
		err = fmt.Errorf("%w: %s: %w", ErrLater, from, err)
	}
	f.err = err
}

// fetch writes the file at a path into the store.
func (s *Store) fetch(ctx context.Context, from string, f *flight) error {
	in, err := s.read(ctx, from)
	if err != nil {
		return err
	}
	defer in.giveUp()
	opened, err := in.open(ctx)
	if err != nil {
		return err
	}
	f.size.Store(opened.Size)
	if s.Limit > 0 && opened.Size > s.Limit {
		return fmt.Errorf("it has %s, more than the limit of %s of this worker", mebibytes(opened.Size), mebibytes(s.Limit))
	}
	if err := s.room(from, opened.Size); err != nil {
		return err
	}
	if err := s.write(ctx, from, f, in); err != nil {
		return err
	}
	now, err := s.Paths.Stat(ctx, from, datapath.ReadyExists)
	if err != nil {
		return err
	}
	if now != opened.Identity || f.got.Load() != opened.Size {
		return fmt.Errorf("%w: %s changed while it was fetched", ErrLater, from)
	}
	if err := s.keep(from, opened.Identity); err != nil {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	return nil
}

// write copies what comes into a file that is not whole yet, and syncs it.
func (s *Store) write(ctx context.Context, from string, f *flight, in *input) error {
	file, err := s.dir.OpenFile(digest(from)+partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	for err == nil {
		var part []byte
		if part, err = in.next(ctx); err != nil {
			break
		}
		f.last = time.Now()
		if f.got.Add(int64(len(part))) > f.size.Load() {
			err = fmt.Errorf("%w: %s grew while it was fetched", ErrLater, from)
			break
		}
		if _, err = file.Write(part); err != nil {
			err = fmt.Errorf("%w: %w", ErrNoRoom, err)
		}
	}
	if !errors.Is(err, io.EOF) {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	return nil
}

func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MiB" }
