package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/period"
	"capricornus/common/wire"
)

func coldstartCommand(a *app) *cobra.Command {
	s := coldstart{app: a, request: wire.PlanRequest{Kind: "coldstart"}}
	cmd := &cobra.Command{
		Use: "coldstart --period P --range A..B", Short: "Make the batches of past periods",
		Long: `Plans the batches of a range of periods, shows the plan, and makes them once you agree.
A range is two work numbers, both included:

    hour   2015051711..2015052022      month  201505..201507
    day    20150518..20150521          cron   20150518000000..20150518235959
    week   20150518..20150601 (Mondays)

Unfinished batches are left alone and listed; finished ones get a new run, unless --mode
missing. If the world changes between plan and apply, nothing is made: exit code 5.`,
		Example: "  capri coldstart --period day --range 20150518..20150521 --tasks dwd_access_d --dry-run",
		Args:    arguments(0, 0),
		RunE:    a.do(func(ctx context.Context, _ []string) error { return s.run(ctx) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&s.request.Period, "period", "", "`hour|day|week|month|cron`: the tasks that produce by it")
	flags.StringVar(&s.span, "range", "", "work numbers `A..B`, both included")
	flags.StringVar(&s.request.Project, "project", "", "only tasks of this `PROJECT`")
	flags.StringSliceVar(&s.request.Tasks, "tasks", nil, "only these tasks, `A,B,...`")
	flags.StringVar(&s.request.Mode, "mode", "all", "`all|missing`: missing leaves what exists alone")
	flags.StringSliceVar(&s.request.Exclude, "exclude", nil, "leave these out, `A,B/WORKNO,...`: tasks and single batches")
	planFlags(cmd, &s.request, &s.options)
	return cmd
}

type coldstart struct {
	app     *app
	request wire.PlanRequest
	span    string
	options planOptions
}

func (s *coldstart) run(ctx context.Context) error {
	if err := s.check(); err != nil {
		return err
	}
	return s.app.planAndApply(ctx, s.request, s.options)
}

func (s *coldstart) check() error {
	if s.request.Period == "" || s.span == "" {
		return fault.New(fault.Usage, "--period and --range are both wanted").
			WithHint("for example: capri coldstart --period day --range 20150518..20150521")
	}
	if s.request.Project != "" && len(s.request.Tasks) > 0 {
		return fault.New(fault.Usage, "--project and --tasks exclude each other: give one of them, or none for all tasks")
	}
	from, to, err := parseRange(s.request.Period, s.span)
	if err != nil {
		return err
	}
	s.request.From, s.request.To = from, to
	if s.request.Mode != "all" && s.request.Mode != "missing" {
		return fault.New(fault.Usage, "--mode %q is not known: write all or missing", s.request.Mode)
	}
	return nil
}

// rangeExample shows how a range of each period is written.
func rangeExample(kind period.Kind) (form, example string) {
	switch kind {
	case period.Hour:
		return "yyyyMMddHH", "2015051711..2015052022"
	case period.Day:
		return "yyyyMMdd", "20150518..20150521"
	case period.Week:
		return "yyyyMMdd of a Monday", "20150518..20150601"
	case period.Month:
		return "yyyyMM", "201505..201507"
	case period.Cron:
		return "yyyyMMddHHmmss", "20150518000000..20150518235959"
	case period.Manual:
	}
	return "", ""
}

// parseRange reads A..B of a period. What does not depend on the cluster's zone
// is checked here, so that a slip is told before anything is asked.
func parseRange(periodName, text string) (from, to string, err error) {
	kind, err := period.ParseKind(periodName)
	if err != nil {
		return "", "", fault.Wrap(fault.Usage, err, "%s", err)
	}
	form, example := rangeExample(kind)
	if form == "" {
		return "", "", fault.New(fault.Usage, "manual tasks have no periods").WithHint("capri task run TASK executes one")
	}
	from, to, found := strings.Cut(text, "..")
	digits := func(s string) bool {
		return len(s) == len(strings.SplitN(example, "..", 2)[0]) && strings.Trim(s, "0123456789") == ""
	}
	if !found || !digits(from) || !digits(to) {
		return "", "", fault.New(fault.Usage, "--range %q is not a range of %s work numbers", text, kind).
			WithHint("write %s twice, for example %s", form, example)
	}
	if from > to {
		return "", "", fault.New(fault.Usage, "--range %s ends before it begins", text).WithHint("write %s..%s", to, from)
	}
	return from, to, checkNumbers(kind, from, to)
}

// checkNumbers refuses what is no date in any zone. Cron numbers are left to
// the master, which knows the expressions.
func checkNumbers(kind period.Kind, numbers ...string) error {
	if kind == period.Cron {
		return nil
	}
	cycle, err := period.NewCycle(kind, "", time.UTC)
	if err != nil {
		return fault.Wrap(fault.Usage, err, "%s", err)
	}
	for _, number := range numbers {
		if _, err := cycle.ByWorkNo(number); err != nil {
			return fault.Wrap(fault.Usage, err, "%s", err)
		}
	}
	return nil
}
