package election

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"capricornus/common/logs"
)

// Election makes this node a member of the raft cluster and leads the terms
// that it wins.
type Election struct {
	cfg     Config
	claimer Claimer
	logger  *slog.Logger

	started atomic.Bool
	node    atomic.Pointer[node] // nil unless raft runs
	term    atomic.Pointer[Term] // nil while this node leads nothing
	refusal atomic.Pointer[string]

	changing chan struct{} // holds a token while the members change
	handing  atomic.Bool   // leadership that ends now was handed over
	seated   atomic.Bool   // this node has been a member since it started
	removed  atomic.Bool   // and is none any more

	// Of the goroutine in Run only.
	adopt   bool
	defeats int           // leaderships in a row that were passed on without a term
	stuck   int           // claims in a row that raft refused because it believes to be handing over
	trying  time.Time     // when the claims of this leadership began to fail
	retryAt time.Time     // no claim before this
	delay   time.Duration // the last pause before a claim
	toldAt  time.Time     // when a refusal was last told aloud
}

var _ Terms = (*Election)(nil)

// New checks the configuration; nothing is opened before Run.
func New(cfg Config, claimer Claimer, logger *slog.Logger) (*Election, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("election: %w", err)
	}
	return &Election{cfg: cfg, claimer: claimer, logger: logger, adopt: cfg.Adopt, changing: make(chan struct{}, 1)}, nil
}

// Run takes part in elections until ctx is done and calls lead for each term
// won. Then it hands leadership over and stops raft. It returns an error when
// raft cannot be started, when the leader's disk fails (ErrDisk: the process must
// exit), when the node was removed from the cluster (ErrRemoved), or when lead
// does not return after its term. It is called once.
func (e *Election) Run(ctx context.Context, lead Lead) error {
	if e.started.Swap(true) {
		return errors.New("election: Run was called twice")
	}
	n, err := openNode(ctx, e.cfg, e.logger)
	if err != nil {
		return fmt.Errorf("election: %w", err)
	}
	e.node.Store(n)
	defer e.node.Store(nil)

	run, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { cancel(ErrStopping) })
	defer stop()

	reigns, stopped := make(chan context.Context, 1), make(chan struct{})
	defer close(stopped)
	go e.follow(run, n.notify, reigns, stopped)
	go watchDisk(run, n.leads, n.prove, cancel)
	go e.watchStanding(run, n, cancel)

	err = e.serve(run, reigns, lead)
	cause := context.Cause(run)
	if errors.Is(cause, ErrDisk) {
		return cause // nothing that touches raft or the disk: it might never return
	}
	if errors.Is(cause, ErrRemoved) {
		err = errors.Join(cause, err)
	}
	return errors.Join(err, e.leave(run, n))
}

// follow turns raft's notices into lifetimes: each leadership is a context that
// ends with it. It only drains and never waits for anyone, because raft's main
// loop waits for it; of two leaderships nobody took up, the older is dropped.
func (e *Election) follow(ctx context.Context, notify <-chan bool, reigns chan context.Context, stopped <-chan struct{}) {
	end := context.CancelCauseFunc(func(error) {})
	for {
		select {
		case <-stopped:
			end(ErrStopping)
			return
		case won := <-notify:
			end(e.lossCause())
			if !won {
				continue
			}
			var reign context.Context
			reign, end = context.WithCancelCause(ctx)
			select {
			case <-reigns:
			default:
			}
			reigns <- reign
		}
	}
}

// serve takes up one reign after the other.
func (e *Election) serve(ctx context.Context, reigns <-chan context.Context, lead Lead) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case reign := <-reigns:
			if err := e.reign(reign, lead); err != nil {
				return err
			}
		}
	}
}

// leave hands leadership over before raft stops, so that the others need not
// wait for heartbeats to be missing.
func (e *Election) leave(ctx context.Context, n *node) error {
	if n.leads() {
		if err := n.pass(context.WithoutCancel(ctx)); err != nil {
			e.logger.Warn("leadership not handed over", logs.Node, e.cfg.Node, logs.Error(err))
		}
	}
	return n.close(ctx)
}
