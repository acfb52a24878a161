package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// planOptions say how far a command that plans first goes.
type planOptions struct {
	dryRun  bool
	yes     bool
	watch   bool
	timeout time.Duration // of the watching; 0: none
}

// planFlags gives a command the flags that all plans share.
func planFlags(cmd *cobra.Command, request *wire.PlanRequest, options *planOptions) {
	flags := cmd.Flags()
	flags.StringVar(&request.Reason, "reason", "", "`TEXT` kept with the operation")
	flags.BoolVar(&options.dryRun, "dry-run", false, "show the plan and change nothing")
	flags.BoolVar(&options.yes, "yes", false, "do not ask")
	flags.BoolVar(&options.watch, "watch", false, "follow the operation to its end, as capri op watch does")
	flags.DurationVar(&options.timeout, "timeout", 0, "with --watch: give up after `TIME`, for example 90s or 2h; 0: never")
}

// planAndApply plans, shows the plan, asks, and applies what was seen. With
// --dry-run the plan is the result; otherwise the operation is.
func (a *app) planAndApply(ctx context.Context, request wire.PlanRequest, options planOptions) error {
	if options.timeout != 0 && !options.watch {
		return fault.New(fault.Usage, "--timeout is of --watch: give both, or neither")
	}
	if !options.dryRun {
		if err := a.mayAsk(options.yes); err != nil {
			return err
		}
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	plan, err := c.Plan(ctx, request)
	if err != nil {
		return err
	}
	k := a.clock(ctx, c)
	if options.dryRun {
		return a.show(plan, namesOf(plan.Items, planRef), func() { a.drawPlan(a.print, k, plan) })
	}
	a.drawPlan(a.say, k, plan)
	if plan.Counts.Create+plan.Counts.Change == 0 {
		return a.nothingToDo(plan)
	}
	if err := a.confirm(options.yes, planQuestion(request, plan)); err != nil {
		return err
	}
	operation, err := c.ApplyPlan(ctx, plan)
	if err != nil {
		return err
	}
	if options.watch {
		return a.watchOperation(ctx, c, operation.ID, options.timeout)
	}
	return a.showApplied(k, plan, operation)
}

// planQuestion asks for what a plan will do.
func planQuestion(request wire.PlanRequest, plan wire.Plan) string {
	batches := plural(plan.Counts.Create+plan.Counts.Change, "batch")
	switch request.Kind {
	case "kill":
		return "Kill " + batches + "?"
	case "hold":
		return "Hold " + batches + "?"
	case "release":
		return "Release " + batches + "?"
	case "mark":
		return "Mark " + batches + " as " + request.Result + "?"
	}
	return "Make " + batches + "?"
}

// planVerb is what a plan does to a batch.
func planVerb(kind string) string {
	switch kind {
	case "kill", "hold", "release", "mark":
		return kind
	}
	return "make"
}

// nothingToDo ends a plan that changes nothing: in order when what is wanted is
// there, a conflict when something is in the way.
func (a *app) nothingToDo(plan wire.Plan) error {
	if plan.Counts.Block > 0 {
		return fault.New(fault.Conflict, "nothing was %s: %s blocked", pastOf(plan.Kind), plural(plan.Counts.Block, "batch"))
	}
	a.say("nothing to %s", planVerb(plan.Kind))
	return nil
}

// pastOf is what was done to a batch.
func pastOf(kind string) string {
	switch planVerb(kind) {
	case "kill":
		return "killed"
	case "hold":
		return "held"
	case "release":
		return "released"
	case "mark":
		return "marked"
	}
	return "made"
}

func (a *app) showApplied(k clock, plan wire.Plan, operation wire.Operation) error {
	names := []string{fmt.Sprint(operation.ID)}
	err := a.show(operation, names, func() { a.operationTable(k, []wire.Operation{operation}) })
	if err != nil {
		return err
	}
	a.say("capri op watch %d follows it", operation.ID)
	if plan.Counts.Block > 0 {
		return &outcome{code: exitPartly, text: plural(plan.Counts.Block, "batch") + " blocked and not " + pastOf(plan.Kind)}
	}
	return nil
}
