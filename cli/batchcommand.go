package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/batch"
	"capricornus/common/fault"
	"capricornus/common/wire"
)

// batchCommandHelp explains how all four commands choose their batches.
const batchCommandHelp = `
One batch by its name is dealt with at once. Several, or those chosen by --task,
--project, --host, --operation, --state and --range, are planned first: the plan is
shown, and done once you agree, as an operation that capri op shows.`

func batchKillCommand(a *app) *cobra.Command {
	b := batchCommanding{app: a, request: wire.PlanRequest{Kind: "kill"}, asks: true}
	cmd := b.command("kill [BATCH…]", "End batches: running scripts too")
	cmd.Long = `Ends batches. What waits or is assigned is killed at once and never runs; what runs is
ended by its worker, children of its script included, and is killed once nothing is left.
` + batchCommandHelp
	cmd.Example = `  capri batch kill dwd_access_d/20150518 --reason "wrong input"
  capri batch kill --task dwd_access_d --range 20150518..20150521 --reason "wrong input"`
	return cmd
}

func batchHoldCommand(a *app) *cobra.Command {
	b := batchCommanding{app: a, request: wire.PlanRequest{Kind: "hold"}}
	cmd := b.command("hold [BATCH…]", "Keep batches from being assigned")
	cmd.Long = `Keeps batches from being assigned until they are released, or until an end. What is
assigned is taken back; what runs goes on, and is held when it is retried.
` + batchCommandHelp
	cmd.Example = `  capri batch hold dwd_access_d/20150518 --reason "source is late" --for 2h`
	b.end.flags(cmd)
	return cmd
}

func batchReleaseCommand(a *app) *cobra.Command {
	b := batchCommanding{app: a, request: wire.PlanRequest{Kind: "release"}}
	cmd := b.command("release [BATCH…]", "Let held batches go")
	cmd.Long = `Ends what a person has held. A tripped breaker is reset by capri breaker reset, a
data-quality block is lifted by capri quality set.
` + batchCommandHelp
	cmd.Example = `  capri batch release dwd_access_d/20150518`
	return cmd
}

func batchMarkCommand(a *app) *cobra.Command {
	b := batchCommanding{app: a, request: wire.PlanRequest{Kind: "mark"}, asks: true}
	cmd := b.command("mark [BATCH…] success|failed|skipped", "Decide the result of batches")
	cmd.Long = `Decides the result of batches that wait or have ended; never of those that run. Marked
success, a batch lets its children go; marked failed after it was successful, children
that have not started wait again. Only a waiting batch can be marked skipped.
` + batchCommandHelp
	cmd.Example = `  capri batch mark dwd_access_d/20150518 success --reason "loaded by hand"`
	cmd.Args = arguments(1, -1)
	return cmd
}

// batchCommanding is a command on one batch or on many.
type batchCommanding struct {
	app     *app
	request wire.PlanRequest
	options planOptions
	span    string
	end     holdEnd
	asks    bool // destroys something, so it asks also about one batch
}

// command makes a command with the flags that all of them share.
func (b *batchCommanding) command(use, short string) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: arguments(0, -1),
		RunE: b.app.do(func(ctx context.Context, args []string) error { return b.run(ctx, args) }),
	}
	planFlags(cmd, &b.request, &b.options)
	flags := cmd.Flags()
	flags.StringSliceVar(&b.request.Tasks, "task", nil, "those of these `TASKS`, A,B,...")
	flags.StringVar(&b.request.Project, "project", "", "those of this `PROJECT`")
	flags.StringVar(&b.request.State, "state", "", "those in `STATE`: waiting, assigned, running, or for mark a result such as failed")
	flags.StringVar(&b.request.Host, "host", "", "those assigned to or running on this `HOST`")
	flags.Int64Var(&b.request.Operation, "operation", 0, "those of the operation with this `ID`")
	flags.StringVar(&b.span, "range", "", "of them, those with work numbers `A..B`, both included")
	flags.StringVar(&b.request.Period, "period", "", "`hour|day|week|month|cron` of the work numbers, where no task says it")
	return cmd
}

func (b *batchCommanding) run(ctx context.Context, args []string) error {
	refs, err := b.arguments(args)
	if err != nil {
		return err
	}
	if err := b.check(refs); err != nil {
		return err
	}
	if b.request.Until, err = b.end.instant(ctx, b.app); err != nil {
		return err
	}
	if len(refs) == 1 && !b.chooses() && !b.options.dryRun {
		return b.one(ctx, refs[0])
	}
	b.request.Refs = nil
	for _, ref := range refs {
		b.request.Refs = append(b.request.Refs, ref.String())
	}
	return b.app.planAndApply(ctx, b.request, b.options)
}

// arguments reads the batches and, for a mark, the result after them.
func (b *batchCommanding) arguments(args []string) ([]batch.Ref, error) {
	if b.request.Kind == "mark" {
		b.request.Result, args = args[len(args)-1], args[:len(args)-1]
		switch b.request.Result {
		case "success", "failed", "skipped":
		default:
			return nil, fault.New(fault.Usage, "%q is no result: write success, failed or skipped, after the batches", b.request.Result)
		}
	}
	refs := make([]batch.Ref, len(args))
	for i, arg := range args {
		ref, err := parseRef(arg)
		if err != nil {
			return nil, err
		}
		refs[i] = ref
	}
	return refs, nil
}

// chooses reports whether batches are chosen by flags.
func (b *batchCommanding) chooses() bool {
	r := &b.request
	return len(r.Tasks) > 0 || r.Project != "" || r.State != "" || r.Host != "" || r.Operation != 0 || b.span != "" || r.Period != ""
}

func (b *batchCommanding) check(refs []batch.Ref) error {
	kind := b.request.Kind
	switch {
	case len(refs) > 0 && b.chooses():
		return fault.New(fault.Usage, "name batches, or choose them by flags, not both")
	case len(refs) == 0 && !b.chooses():
		return fault.New(fault.Usage, "%s of which batches?", kind).WithHint("name them, or choose them by --task, --project, --host, --operation or --state")
	case b.request.Reason == "" && kind != "release":
		return noReason()
	}
	if b.span == "" {
		return nil
	}
	from, to, found := strings.Cut(b.span, "..")
	if !found || from == "" || to == "" || strings.Trim(from+to, "0123456789") != "" {
		return fault.New(fault.Usage, "--range %q is not a range of work numbers", b.span).WithHint("write A..B, for example 20150518..20150521")
	}
	b.request.From, b.request.To = from, to
	return nil
}

func noReason() error {
	return fault.New(fault.Usage, "--reason is wanted: it is kept, and shown to whoever asks why")
}

// one deals with a single batch, without a plan.
func (b *batchCommanding) one(ctx context.Context, ref batch.Ref) error {
	question := ""
	if b.asks {
		question = strings.ToUpper(b.request.Kind[:1]) + b.request.Kind[1:] + " " + ref.String()
		if b.request.Result != "" {
			question += " as " + b.request.Result
		}
	}
	request := wire.CommandRequest{Reason: b.request.Reason, Result: b.request.Result, Until: b.request.Until}
	return b.app.commandOne(ctx, question, b.options.yes, func(ctx context.Context, c *wire.Client) (wire.CommandReply, error) {
		return c.CommandBatch(ctx, b.request.Kind, ref, request)
	})
}

// commandOne gives one command, after asking when there is a question, and says
// what it did.
func (a *app) commandOne(ctx context.Context, question string, yes bool, give func(context.Context, *wire.Client) (wire.CommandReply, error)) error {
	if question != "" {
		if err := a.mayAsk(yes); err != nil {
			return err
		}
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	if question != "" {
		if err := a.confirm(yes, question+"?"); err != nil {
			return err
		}
	}
	reply, err := give(ctx, c)
	if err != nil {
		return err
	}
	return a.show(reply, []string{reply.Object}, func() {
		a.say("%s", oneLine(reply.Message))
		if reply.Next != "" {
			a.say("  %s", oneLine(reply.Next))
		}
	})
}

// holdEnd is when a hold ends by itself: a time, or so long from now.
type holdEnd struct {
	until string
	after time.Duration
}

func (e *holdEnd) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&e.until, "until", "", "it ends by itself at `TIME`: 2015-05-18T08:00, in the cluster's zone")
	cmd.Flags().DurationVar(&e.after, "for", 0, "it ends by itself after so `LONG`: 90m, 2h")
}

// instant is the end in milliseconds, 0 for none.
func (e *holdEnd) instant(ctx context.Context, a *app) (int64, error) {
	if err := e.check(); err != nil {
		return 0, err
	}
	if e.after > 0 {
		return a.now().Add(e.after).UnixMilli(), nil
	}
	return e.moment(func() (*time.Location, error) {
		c, err := a.client()
		if err != nil {
			return nil, err
		}
		return a.clock(ctx, c).zone, nil
	})
}

func (e *holdEnd) check() error {
	if e.until != "" && e.after != 0 {
		return fault.New(fault.Usage, "--until and --for exclude each other")
	}
	if e.after < 0 {
		return fault.New(fault.Usage, "--for %s is not a time to come", e.after)
	}
	return nil
}

// moment is what --until says in milliseconds, 0 for nothing; the cluster's zone
// is asked for only when the time has none of its own.
func (e *holdEnd) moment(zone func() (*time.Location, error)) (int64, error) {
	if e.until == "" {
		return 0, nil
	}
	if at, err := time.Parse(time.RFC3339, e.until); err == nil {
		return at.UnixMilli(), nil
	}
	in, err := zone()
	if err != nil {
		return 0, err
	}
	for _, layout := range []string{isoSeconds, "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, e.until, in); err == nil {
			return at.UnixMilli(), nil
		}
	}
	return 0, fault.New(fault.Usage, "--until %q is no time", e.until).WithHint("write 2015-05-18T08:00, or --for 2h")
}
