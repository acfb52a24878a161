package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

func batchRerunCommand(a *app) *cobra.Command {
	r := rerun{request: wire.PlanRequest{Kind: "rerun"}}
	cmd := &cobra.Command{
		Use: "rerun TASK[,TASK...] --range A..B", Short: "Make batches again, with what was made from them",
		Long: `Plans new runs of the batches of a range, shows the plan, and makes them once you agree.
A range is two work numbers, both included, the end not later than now; the tasks must be of
one period:

    hour   2015051711..2015052022      month  201505..201507
    day    20150518..20150521          cron   20150518000000..20150518235959
    week   20150518..20150601 (Mondays)

With --cascade everything that was made from them runs again too, over all levels and
projects, each batch once: by data (an input is an output of what runs again), by logic (the
task is named as parent), or by both. Children wait for the new runs of their parents.
Waiting batches are left alone and wait for the new runs; what runs, and what you have no
right to, is listed as blocked. If the world changes between plan and apply, nothing is made:
exit code 5.`,
		Example: `  capri batch rerun dwd_access_d --range 20150518..20150524 --cascade all --dry-run
  capri batch rerun ods_a_h,ods_b_h --range 2015051800..2015051823 --mode failed --yes
  capri batch rerun dwd_access_d --range 20150518..20150524 --exclude dwd_access_d/20150520`,
		Args: arguments(1, -1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			if err := r.check(args); err != nil {
				return err
			}
			return a.planAndApply(ctx, r.request, r.options)
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&r.span, "range", "", "work numbers `A..B`, both included; one number is a range of its own")
	flags.StringVar(&r.request.Cascade, "cascade", "none", "`none|data|logic|all`: what is made again with them")
	flags.StringVar(&r.request.Mode, "mode", "all", "`all|failed|missing`: failed are those that ended without success, missing those without a batch")
	flags.StringSliceVar(&r.request.Exclude, "exclude", nil, "leave these out, `A,B/WORKNO,...`: tasks and single batches, and what only they lead to")
	planFlags(cmd, &r.request, &r.options)
	return cmd
}

type rerun struct {
	request wire.PlanRequest
	span    string
	options planOptions
}

func (r *rerun) check(args []string) error {
	r.request.Tasks = nil
	for _, arg := range args {
		for name := range strings.SplitSeq(arg, ",") {
			if name == "" {
				return fault.New(fault.Usage, "%q has an empty name in it: write TASK,TASK", arg)
			}
			r.request.Tasks = append(r.request.Tasks, name)
		}
	}
	if r.span == "" {
		return fault.New(fault.Usage, "--range is wanted").WithHint("for example: capri batch rerun %s --range 20150518..20150521", args[0])
	}
	var err error
	if r.request.From, r.request.To, err = cutRange(r.span); err != nil {
		return err
	}
	if !slices.Contains([]string{"none", "data", "logic", "all"}, r.request.Cascade) {
		return fault.New(fault.Usage, "--cascade %q is not known: write none, data, logic or all", r.request.Cascade)
	}
	if !slices.Contains([]string{"all", "failed", "missing"}, r.request.Mode) {
		return fault.New(fault.Usage, "--mode %q is not known: write all, failed or missing", r.request.Mode)
	}
	return nil
}

// cutRange reads A..B of whatever period: the master knows which one it is.
func cutRange(text string) (from, to string, err error) {
	from, to, found := strings.Cut(text, "..")
	if !found {
		to = from
	}
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	switch {
	case !digits(from) || !digits(to) || len(from) != len(to):
		return "", "", fault.New(fault.Usage, "--range %q is not a range of work numbers", text).
			WithHint("write a work number twice, for example 20150518..20150521")
	case from > to:
		return "", "", fault.New(fault.Usage, "--range %s ends before it begins", text).WithHint("write %s..%s", to, from)
	}
	return from, to, nil
}
