package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

// logChunk is how much of a log is asked for at a time.
const logChunk = 1 << 20

func batchLogsCommand(a *app) *cobra.Command {
	var r logReader
	cmd := &cobra.Command{
		Use: "logs BATCH", Short: "Print what a batch wrote", Args: arguments(1, 1),
		Long: `Prints the output of an attempt: the newest, or the one that --attempt names. With -f it
goes on while the attempt runs, and with the next attempt if there is a retry, until the
batch is done.`,
		RunE: a.callRef(func(ctx context.Context, c *wire.Client, ref batch.Ref) error {
			if r.attempt < 0 || r.tail < 0 {
				return fault.New(fault.Usage, "--attempt and --tail count from 1")
			}
			r.app, r.client, r.ref = a, c, ref
			return r.run(ctx)
		}),
	}
	cmd.Flags().BoolVarP(&r.follow, "follow", "f", false, "go on until the batch is done")
	cmd.Flags().IntVar(&r.attempt, "attempt", 0, "attempt `N`; 0: the newest")
	cmd.Flags().IntVar(&r.tail, "tail", 0, "only the last `N` lines")
	return cmd
}

// logReader prints the logs of one batch, attempt after attempt.
type logReader struct {
	app     *app
	client  *wire.Client
	ref     batch.Ref
	follow  bool
	attempt int // 0: the newest
	tail    int
}

func (r *logReader) run(ctx context.Context) error {
	attempt, err := r.first(ctx)
	for err == nil && attempt > 0 {
		if err = r.attemptLog(ctx, attempt); err == nil {
			attempt, err = r.next(ctx, attempt)
		}
	}
	return err
}

// first finds the attempt to begin with; following, it waits for one.
func (r *logReader) first(ctx context.Context) (int, error) {
	if r.attempt > 0 {
		return r.attempt, nil
	}
	told := false
	for {
		detail, err := r.client.Batch(ctx, r.ref)
		if err != nil {
			return 0, err
		}
		if n := len(detail.Attempts); n > 0 {
			return detail.Attempts[n-1].Attempt, nil
		}
		if !r.follow || detail.State == batch.Done.String() {
			return 0, fault.New(fault.NotFound, "%s has no log: no attempt of it has started", r.ref).WithHint("%s", whyHint(r.ref))
		}
		if !told {
			r.app.say("%s is %s; waiting for it to start", r.ref, detail.State)
			told = true
		}
		if err := r.app.pause(ctx); err != nil {
			return 0, err
		}
	}
}

// next is the attempt after one that has ended, 0 when there will be none.
func (r *logReader) next(ctx context.Context, attempt int) (int, error) {
	if !r.follow || r.attempt > 0 {
		return 0, nil
	}
	for {
		detail, err := r.client.Batch(ctx, r.ref)
		if err != nil {
			return 0, err
		}
		for _, later := range detail.Attempts {
			if later.Attempt > attempt {
				r.app.say("attempt %d on %s", later.Attempt, later.Host)
				r.tail = 0
				return later.Attempt, nil
			}
		}
		if detail.State == batch.Done.String() {
			return 0, nil
		}
		if err := r.app.pause(ctx); err != nil {
			return 0, err
		}
	}
}

// attemptLog prints one log from its start or tail to its end; the end of one
// that still grows is only reached when following.
func (r *logReader) attemptLog(ctx context.Context, attempt int) error {
	query := wire.LogQuery{Attempt: attempt, Limit: logChunk}
	if r.tail > 0 {
		query = wire.LogQuery{Attempt: attempt, Tail: r.tail}
	}
	for {
		chunk, err := r.client.Logs(ctx, r.ref, query)
		if err != nil {
			return err
		}
		if _, err := r.app.out.Write(chunk.Text); err != nil {
			return err
		}
		offset := query.Offset + int64(len(chunk.Text))
		if query.Tail > 0 {
			offset = chunk.Size
		}
		query = wire.LogQuery{Attempt: attempt, Limit: logChunk, Offset: offset}
		if offset < chunk.Size && len(chunk.Text) > 0 {
			continue
		}
		if chunk.Done || !r.follow {
			return nil
		}
		if err := r.app.pause(ctx); err != nil {
			return err
		}
	}
}

// pause waits until it is time to look again, or for Ctrl-C.
func (a *app) pause(ctx context.Context) error {
	timer := time.NewTimer(a.poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
