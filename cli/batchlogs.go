package cli

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

const (
	wholeLog     = 1 << 40          // bytes: more than any log has
	followWait   = 25 * time.Second // for a log to grow, in one call
	followTrials = 120              // calls in a row that find no master or worker, before following gives up
)

func batchLogsCommand(a *app) *cobra.Command {
	var r logReader
	var s wire.LogSearch
	cmd := &cobra.Command{
		Use: "logs BATCH", Short: "Print what a batch wrote, or search it", Args: arguments(1, 1),
		Long: `Prints the output of an attempt: the newest, or the one that --attempt names. With -f it
goes on while the attempt runs, and with the next attempt if there is a retry, until the
batch is done. When the worker is gone, the end of the output that the masters keep is
printed. With --search it prints the lines in which something is found, each behind its
offset; --from OFFSET then prints the output from there.`,
		Example: `  capri batch logs dwd_access_d/20150518 -f --tail 20
  capri batch logs dwd_access_d/20150518 --search error -i
  capri batch logs dwd_access_d/20150518 --from 1048576 --bytes 4096`,
		RunE: a.callRef(func(ctx context.Context, c *wire.Client, ref batch.Ref) error {
			if err := r.check(s); err != nil {
				return err
			}
			r.app, r.client, r.ref = a, c, ref
			if s.Text != "" {
				s.Attempt, s.From = r.attempt, r.from
				return r.search(ctx, s)
			}
			return r.run(ctx)
		}),
	}
	flags := cmd.Flags()
	flags.BoolVarP(&r.follow, "follow", "f", false, "go on until the batch is done")
	flags.IntVar(&r.attempt, "attempt", 0, "attempt `N`; 0: the newest")
	flags.IntVar(&r.tail, "tail", 0, "only the last `N` lines")
	flags.Int64Var(&r.from, "from", 0, "from byte `OFFSET` on; -N: the last N bytes")
	flags.Int64Var(&r.bytes, "bytes", 0, "`N` bytes at most")
	flags.StringVar(&s.Text, "search", "", "only lines with `TEXT` in them")
	flags.BoolVarP(&s.IgnoreCase, "ignore-case", "i", false, "search without regard to upper and lower case")
	flags.BoolVar(&s.Regexp, "regexp", false, "search for a regular expression (RE2)")
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
	from    int64
	bytes   int64 // still wanted; 0: all

	failures int // calls in a row that found nobody
	told     int // the attempt that was said to be kept in part
}

// check finds flags that make no sense together.
func (r *logReader) check(s wire.LogSearch) error {
	switch {
	case r.attempt < 0 || r.tail < 0:
		return fault.New(fault.Usage, "--attempt and --tail count from 1")
	case r.bytes < 0:
		return fault.New(fault.Usage, "--bytes counts from 1")
	case r.tail > 0 && r.from != 0:
		return fault.New(fault.Usage, "--tail and --from exclude each other")
	case s.Text == "" && (s.Regexp || s.IgnoreCase):
		return fault.New(fault.Usage, "--regexp and --ignore-case say how to search: --search TEXT is missing")
	case s.Text != "" && (r.follow || r.tail > 0 || r.bytes > 0):
		return fault.New(fault.Usage, "--search looks through all of a log, or --from an offset: it goes without -f, --tail and --bytes")
	}
	return nil
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
		detail, err := r.batch(ctx)
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
		detail, err := r.batch(ctx)
		if err != nil {
			return 0, err
		}
		for _, later := range detail.Attempts {
			if later.Attempt > attempt {
				r.app.say("attempt %d on %s", later.Attempt, later.Host)
				r.tail, r.from = 0, 0
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

// batch reads the batch; following, it lives through the change of a master.
func (r *logReader) batch(ctx context.Context) (wire.BatchDetail, error) {
	for {
		detail, err := r.client.Batch(ctx, r.ref)
		if err == nil {
			r.failures = 0
			return detail, nil
		}
		if err := r.again(ctx, err); err != nil {
			return wire.BatchDetail{}, err
		}
	}
}

// again waits before another try of a call that found nobody, or returns the
// error when there is to be none.
func (r *logReader) again(ctx context.Context, err error) error {
	if !r.follow || fault.CodeOf(err) != fault.Unavailable || r.failures >= followTrials {
		return err
	}
	if r.failures == 0 {
		r.app.say("%s; trying again", oneLine(err.Error()))
	}
	r.failures++
	return r.app.pause(ctx)
}

// attemptLog prints one log from its start or tail to its end; the end of one
// that still grows is only reached when following.
func (r *logReader) attemptLog(ctx context.Context, attempt int) error {
	query := wire.LogQuery{Attempt: attempt, Offset: r.from, Tail: r.tail}
	if r.follow {
		query.Wait = followWait // an attempt that is about to begin has no log yet
	}
	for {
		query.Limit = wholeLog
		if r.bytes > 0 {
			query.Limit = r.bytes
		}
		part, err := r.client.Logs(ctx, r.ref, query)
		if err != nil {
			if err := r.again(ctx, err); err != nil {
				return err
			}
			continue
		}
		r.failures = 0
		r.tellKept(part.Attempt, part)
		n, err := r.print(part)
		if err != nil {
			return err
		}
		if r.bytes > 0 {
			if r.bytes -= n; r.bytes == 0 {
				r.follow = false
				return nil
			}
		}
		query = wire.LogQuery{Attempt: attempt, Offset: part.Next}
		if part.Next < part.Size {
			continue
		}
		if part.Done || !r.follow {
			return nil
		}
		query.Wait = followWait
		if n > 0 {
			continue
		}
		if err := r.app.pause(ctx); err != nil {
			return err
		}
	}
}

// print copies a part to stdout. One that was broken off ends where it broke:
// the rest is asked for again.
func (r *logReader) print(part *wire.LogPart) (int64, error) {
	defer part.Body.Close()
	n, err := io.Copy(r.app.out, part.Body)
	if r.app.out.err != nil {
		return n, r.app.out.err
	}
	if err == nil {
		return n, nil
	}
	if n == 0 && !r.follow {
		return 0, fault.Wrap(fault.Unavailable, err, "the log of %s was broken off", r.ref)
	}
	part.Next = part.Offset + n
	part.Size = max(part.Size, part.Next+1) // there is more
	return n, nil
}

// tellKept says once per attempt that not all of its log is there.
func (r *logReader) tellKept(attempt int, part *wire.LogPart) {
	if !part.Kept || part.From == 0 || r.told == attempt {
		return
	}
	r.told = attempt
	r.app.say("worker %s does not answer; these are the last %sB of %sB, as kept by the master",
		part.Host, bytesText(part.Size-part.From), bytesText(part.Size))
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
