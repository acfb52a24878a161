package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

// patience is how long a wait goes on while no master answers.
const patience = 2 * time.Minute

func batchWaitCommand(a *app) *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "wait BATCH…", Short: "Wait until batches are done", Args: arguments(1, -1),
		Example: "  capri batch wait dwd_access_d/20150518 dwd_access_d/20150519 --timeout 2h",
		Long: `Waits until all batches are done. Exit code 0 when all were successful, 20 when one was
not, 8 when --timeout passed first.`,
		RunE: a.do(func(ctx context.Context, args []string) error {
			w := waiter{app: a, done: map[string]wire.Batch{}}
			for _, arg := range args {
				ref, err := parseRef(arg)
				if err != nil {
					return err
				}
				if !slices.Contains(w.refs, ref) {
					w.refs = append(w.refs, ref)
				}
			}
			c, err := a.client()
			if err != nil {
				return err
			}
			w.client = c
			return w.run(ctx, timeout)
		}),
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "give up after `TIME`, for example 90s or 2h; 0: never")
	return cmd
}

// waiter looks at batches until all are done.
type waiter struct {
	app    *app
	client *wire.Client
	refs   []batch.Ref
	done   map[string]wire.Batch
}

func (w *waiter) run(ctx context.Context, timeout time.Duration) error {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	err := w.watch(limited)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fault.New(fault.Timeout, "after %s %s not done: %s", timeout, isAre(len(w.missing())), strings.Join(w.missing(), ", "))
	}
	if err != nil {
		return err
	}
	return w.report(ctx)
}

// watch returns when all are done. A change of leader does not end it: only
// when no master answers from the start, or for long, is that an error.
func (w *waiter) watch(ctx context.Context) error {
	answered := time.Time{}
	for {
		err := w.look(ctx)
		switch {
		case err == nil && len(w.done) == len(w.refs):
			return nil
		case err == nil:
			answered = w.app.now()
		case !passing(err) || answered.IsZero() || w.app.now().Sub(answered) > patience:
			return err
		}
		if err := w.app.pause(ctx); err != nil {
			return err
		}
	}
}

func passing(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.Unavailable || code == fault.NotLeader
}

// look asks once for every batch that is not known to be done.
func (w *waiter) look(ctx context.Context) error {
	for _, ref := range w.refs {
		if _, known := w.done[ref.String()]; known {
			continue
		}
		detail, err := w.client.Batch(ctx, ref)
		if err != nil {
			return err
		}
		if detail.State == batch.Done.String() {
			w.done[ref.String()] = detail.Batch
		}
	}
	return nil
}

func (w *waiter) missing() []string {
	var names []string
	for _, ref := range w.refs {
		if _, known := w.done[ref.String()]; !known {
			names = append(names, ref.String())
		}
	}
	return names
}

// report prints how the batches ended, in the order they were named.
func (w *waiter) report(ctx context.Context) error {
	var list wire.BatchList
	var bad []string
	for _, ref := range w.refs {
		b := w.done[ref.String()]
		list.Items = append(list.Items, b)
		if b.Finish != batch.Success.String() {
			bad = append(bad, fmt.Sprintf("%s (%s)", b.Ref, b.Finish))
		}
	}
	names := namesOf(list.Items, func(b wire.Batch) string { return b.Ref })
	err := w.app.show(list, names, func() { w.app.batchTable(w.app.clock(ctx, w.client), list.Items) })
	if err == nil && len(bad) > 0 {
		return &outcome{code: exitBatchFailed, text: "not successful: " + strings.Join(bad, ", ")}
	}
	return err
}

func isAre(n int) string {
	if n == 1 {
		return "1 batch is"
	}
	return fmt.Sprintf("%d batches are", n)
}
