// Package keeper stands in for a worker that is gone. One small process for
// each root, started by the worker in a session of its own, idles while the
// worker lives. When the worker's lock is free it watches the attempts that
// still run, puts their exit codes on disk, reports them, and keeps run
// timeouts and leases. It begins nothing. When the worker is back it steps
// aside; when the worker is gone and nothing is left to do, or the root itself
// is gone, it ends. A worker that lives and does nothing, because it is stopped
// or hangs, has one duty done for it: the lease.
//
// Worker and keeper may report the same result: masters take it once.
package keeper

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"capricornus/common/datapath"
	"capricornus/common/datapath/hdfs"
	"capricornus/common/fault"
	"capricornus/common/logs"
	"capricornus/common/pause"
	"capricornus/common/tlsfile"
	"capricornus/common/wire"
	"capricornus/worker/outbox"
	"capricornus/worker/run"
	"capricornus/worker/vitals"
	"capricornus/worker/workdir"
)

const (
	// lookEvery is how often the worker's lock is looked at.
	lookEvery  = time.Second
	outboxFile = "outbox/keeper"
	// workerOutbox is the worker's file, which the keeper only reads.
	workerOutbox = "outbox/worker"
)

// Deps are what a keeper is given. HTTP and Paths may be left out.
type Deps struct {
	Log   *slog.Logger
	HTTP  *http.Client
	Paths *datapath.Checker
	// Point is told where the keeper has got to, so that a test can end it there:
	// "stood in", "adopted", "marked", and what run and outbox tell.
	Point run.Point
}

// Run keeps the root until there is nothing to keep, or ctx ends. A second
// keeper of the same root ends at once without an error.
func Run(ctx context.Context, path string, deps Deps) (err error) {
	root, err := workdir.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	lock, err := root.LockKeeper()
	if fault.CodeOf(err) == fault.Conflict {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	deps.Log.Info("keeper starts", logs.Path, root.Path())
	k := &keeper{root: root, deps: deps}
	return k.run(ctx)
}

type keeper struct {
	root    *workdir.Root
	deps    Deps
	contact contact
}

// run alternates between idling and standing in.
func (k *keeper) run(ctx context.Context) error {
	for ctx.Err() == nil {
		alive, err := k.root.WorkerAlive()
		if err != nil {
			return err
		}
		if alive {
			k.overlook(ctx)
			continue
		}
		finished, err := k.standIn(ctx)
		if err != nil {
			return err
		}
		if k.root.Gone() {
			k.deps.Log.Warn("keeper ends: its root is gone", logs.Path, k.root.Path())
			return nil
		}
		if alive, err := k.root.WorkerAlive(); err == nil && alive {
			continue // and relies on this keeper
		}
		if finished {
			k.deps.Log.Info("keeper ends: nothing is left to watch or report")
			return nil
		}
	}
	return nil
}

// standIn watches and reports until the worker is back (false) or nothing is
// left (true).
func (k *keeper) standIn(ctx context.Context) (finished bool, err error) {
	shift, err := k.newShift()
	if err != nil {
		return false, err
	}
	defer shift.close()
	k.at("stood in")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return shift.box.Run(ctx) })
	group.Go(func() error { defer cancel(); return k.untilBack(ctx) })
	group.Go(func() error { return shift.lease(ctx) })
	group.Go(func() error { return shift.warden.Guard.Run(ctx) })
	group.Go(func() (err error) {
		defer cancel()
		finished, err = shift.serve(ctx)
		return err
	})
	err = group.Wait()
	return finished, err
}

// untilBack returns when a worker has the lock, or ctx ends.
func (k *keeper) untilBack(ctx context.Context) error {
	for ctx.Err() == nil {
		alive, err := k.root.WorkerAlive()
		if err != nil {
			return err
		}
		if alive {
			k.deps.Log.Info("worker is back")
			return nil
		}
		if k.root.Gone() {
			return nil
		}
		_ = pause.For(ctx, lookEvery/2)
	}
	return nil
}

// shift is one time of standing in.
type shift struct {
	*keeper
	box    *outbox.Box
	warden *run.Warden
	paths  *datapath.Checker
	http   *http.Client
	period time.Duration // of the lease

	mu     sync.Mutex
	fenced []chan run.Order
}

func (k *keeper) newShift() (*shift, error) {
	id, err := k.root.ReadIdentity()
	if err != nil {
		return nil, err
	}
	access, err := k.root.ReadAccess()
	if err != nil {
		return nil, err
	}
	boot, err := vitals.BootID()
	if err != nil {
		return nil, err
	}
	paths := k.deps.Paths
	if paths == nil {
		if paths, err = hdfs.NewChecker(access.HDFS); err != nil {
			return nil, err
		}
	}
	calls, err := k.calls(access.CA)
	if err != nil {
		return nil, err
	}
	grace := time.Duration(access.Grace) * time.Millisecond
	client := &wire.WorkerClient{HTTP: calls, Token: access.Token, Masters: access.Masters}
	s := &shift{
		keeper: k, paths: paths, http: calls,
		period: time.Duration(access.Lease) * time.Millisecond,
		warden: &run.Warden{
			Launcher: &run.Local{Boot: boot, Table: vitals.Processes{}, Grace: grace, Log: k.deps.Log, Point: k.deps.Point},
			Looker:   paths, Grace: grace, Host: id.Host, Incarnation: id.Incarnation, Point: k.deps.Point,
			Guard: newGuard(access.Limits, k.deps.Log),
		},
	}
	s.box, err = outbox.Open(k.root.Files(), outboxFile, outbox.WithLogs{Sender: client, Read: k.root.LogEnd}, s.acknowledged, k.deps.Log)
	if err != nil {
		return nil, err
	}
	s.box.Point = k.deps.Point
	return s, nil
}

// calls is how masters are reached, as the worker trusted them.
func (k *keeper) calls(ca string) (*http.Client, error) {
	if k.deps.HTTP != nil {
		return k.deps.HTTP, nil
	}
	secure, err := tlsfile.Client([]byte(ca))
	if err != nil {
		return nil, err
	}
	return wire.NewWorkerHTTP(secure), nil
}

// close lets go of the connections that this shift has made.
func (s *shift) close() {
	if s.deps.HTTP == nil {
		s.http.CloseIdleConnections()
	}
	if s.deps.Paths != nil {
		return
	}
	if err := s.paths.Close(); err != nil {
		s.deps.Log.Warn("connections to HDFS are not closed", logs.Error(err))
	}
}

// serve takes over what the worker had not reported and what still runs.
func (s *shift) serve(ctx context.Context) (finished bool, err error) {
	pending, err := outbox.Pending(s.root.Files(), workerOutbox)
	if err != nil {
		return false, err
	}
	for _, fact := range pending {
		reported, err := s.root.Attempt(wire.Held{WorkID: fact.WorkID, Attempt: fact.Attempt}).Reported()
		if err != nil || reported {
			continue
		}
		if err := s.box.Put(ctx, fact); err != nil {
			return false, nil //nolint:nilerr // Put fails only when ctx ends: the keeper is asked to stop
		}
	}
	keys, err := s.root.Attempts()
	if err != nil {
		return false, err
	}
	var watches sync.WaitGroup
	for _, key := range keys {
		reported, err := s.root.Attempt(key).Reported()
		if err == nil && !reported && !s.box.Holds(key) {
			watches.Go(func() { s.watch(ctx, key) })
		}
	}
	watches.Wait()
	select {
	case <-s.box.Idle():
		return ctx.Err() == nil, nil
	case <-ctx.Done():
		return false, nil
	}
}

// watch sees one attempt through to its end.
func (s *shift) watch(ctx context.Context, key wire.Held) {
	dir := s.root.Attempt(key)
	spec, process, err := s.warden.Find(ctx, dir, key)
	if err != nil {
		s.deps.Log.Error("attempt cannot be watched", logs.Path, dir.Path(), logs.Error(err))
		return
	}
	s.at("adopted")
	orders := make(chan run.Order, 1)
	if spec.OnWorkerLost == fencePolicy {
		s.mu.Lock()
		s.fenced = append(s.fenced, orders)
		s.mu.Unlock()
	}
	fact, err := s.warden.See(ctx, dir, spec, process, orders)
	if err != nil {
		return
	}
	fact.Pid = process.Pid()
	if err := s.box.Put(ctx, fact); err != nil && ctx.Err() == nil {
		s.deps.Log.Error("result is not in the outbox", logs.Path, dir.Path(), logs.Error(err))
	}
}

func (s *shift) acknowledged(fact wire.Fact, _ wire.FactVerdict) {
	attempt := s.root.Attempt(wire.Held{WorkID: fact.WorkID, Attempt: fact.Attempt})
	if err := attempt.MarkReported(); err != nil {
		s.deps.Log.Warn("attempt will be reported again", logs.Path, attempt.Path(), logs.Error(err))
	}
	s.at("marked")
}

func (k *keeper) at(point string) {
	if k.deps.Point != nil {
		k.deps.Point(point)
	}
}
