package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"capricornus/common/fault"
	"capricornus/common/wire"
)

// dayRange reads DAY or DAY..DAY; until is empty for one day.
func dayRange(text string) (day, until string, err error) {
	first, last, isRange := strings.Cut(text, "..")
	if day, err = parseDay(first); err != nil || !isRange {
		return day, "", err
	}
	if until, err = parseDay(last); err != nil {
		return "", "", err
	}
	if until < day {
		return "", "", fault.New(fault.Usage, "%s ends before it begins", text).WithHint("write %s..%s", until, day)
	}
	return day, until, nil
}

func parseDay(text string) (string, error) {
	const form = "20060102"
	for _, layout := range []string{form, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Format(form), nil
		}
	}
	return "", fault.New(fault.Usage, "%q is no day", text).WithHint("write yyyyMMdd, for example 20261123, or two of them: 20261123..20261129")
}

// daysInWords is a range as it was written, in one form.
func daysInWords(day, until string) string {
	if until == "" || until == day {
		return day
	}
	return day + ".." + until
}

func dutySetCommand(a *app) *cobra.Command {
	var request wire.DutyRequest
	cmd := &cobra.Command{
		Use: "set DEPARTMENT DAY[..DAY] --primary USER --reason TEXT", Short: "Say who is on duty on a day or several", Args: arguments(2, 2),
		Long: `Says who is on duty, whatever the rotation says, until it is cleared. Without --secondary
nobody is second. The days are today or later, 92 at once.`,
		Example: `  capri duty set warehouse 20261123 --primary ann --secondary bob --reason 'bob is away'
  capri duty set warehouse 20261224..20261226 --primary ann --note 'by phone only' --reason holidays`,
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			day, until, err := dayRange(args[1])
			if err != nil {
				return err
			}
			switch {
			case request.Primary == "":
				return fault.New(fault.Usage, "--primary is wanted").WithHint("name the user who is on duty; capri duty clear gives days back to the rotation")
			case request.Reason == "":
				return noReason()
			}
			request.Until = until
			change, err := c.SetDuty(ctx, args[0], day, request)
			if err != nil {
				return err
			}
			return a.show(change, namesOf(change.Items, dutyName), func() {
				second := "nobody is second"
				if request.Secondary != "" {
					second = request.Secondary + " is second"
				}
				a.say("%s is on duty in %s on %s, %s", request.Primary, args[0], daysInWords(day, until), second)
				a.dutyChanged(change)
			})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&request.Primary, "primary", "", "the `USER` who is on duty")
	flags.StringVar(&request.Secondary, "secondary", "", "the `USER` who is second")
	flags.StringVar(&request.Note, "note", "", "`TEXT` shown beside the day")
	flags.StringVar(&request.Reason, "reason", "", "`TEXT` kept in the audit log")
	return cmd
}

// dutyChanged says how much has changed, and what is wrong all the same.
func (a *app) dutyChanged(change wire.DutyChange) {
	a.say("  %s changed; capri duty list %s shows them", plural(change.Changed, "day"), change.Department)
	for _, d := range change.Items {
		if len(d.Gaps) > 0 {
			a.say("  %s: %s; capri duty gaps %s says what to do", d.Day, gapWords(d.Gaps), change.Department)
			return
		}
	}
}

func dutyClearCommand(a *app) *cobra.Command {
	r := removal{app: a}
	cmd := &cobra.Command{
		Use: "clear DEPARTMENT DAY[..DAY] --reason TEXT", Short: "Give days back to the rotation", Args: arguments(2, 2),
		Long:    "Takes away what was set or imported for days, so that the rotation says again who is on duty.",
		Example: "  capri duty clear warehouse 20261123 --reason 'bob is back'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			day, until, err := dayRange(args[1])
			if err != nil {
				return err
			}
			days := args[0] + " on " + daysInWords(day, until)
			done := "the rotation says again who is on duty in " + days + "; capri duty list " + args[0] + " --from " + day + " shows who"
			return r.run(ctx, "Clear who is on duty in "+days+"?", done, func(ctx context.Context, c *wire.Client) error {
				_, err := c.ClearDuty(ctx, args[0], day, wire.DutyClearRequest{Until: until, Reason: r.reason})
				return err
			})
		}),
	}
	r.flags(cmd)
	return cmd
}

func dutyRotationCommand(a *app) *cobra.Command {
	return group("rotation", "Say who is on duty in turn", dutyRotationSetCommand(a), dutyRotationShowCommand(a), dutyRotationClearCommand(a))
}

func dutyRotationSetCommand(a *app) *cobra.Command {
	var request wire.DutyRotationRequest
	cmd := &cobra.Command{
		Use: "set DEPARTMENT USER… --every DAYS --reason TEXT", Short: "Put the rotation of a department", Args: arguments(2, -1),
		Long: `Puts the rotation of a department, instead of the one before: each user is on duty for so
many days, in this order, and the next one is second. Who is disabled is skipped. The days of
the next month follow at once, but for those that people have set or imported.`,
		Example: "  capri duty rotation set warehouse ann bob eve --every 7 --from 20261123 --reason 'winter plan'",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			if request.StartDay != "" {
				day, err := parseDay(request.StartDay)
				if err != nil {
					return err
				}
				request.StartDay = day
			}
			switch {
			case request.EveryDays < 1:
				return fault.New(fault.Usage, "--every is wanted: how many days each is on duty").WithHint("write --every 7 for a week")
			case request.Reason == "":
				return noReason()
			}
			request.Members = args[1:]
			rotation, err := c.PutDutyRotation(ctx, args[0], request)
			if err != nil {
				return err
			}
			return a.show(rotation, namesOf(rotation.Members, dutyPersonName), func() {
				a.say("%s take turns in %s, %s each, from %s", strings.Join(namesOf(rotation.Members, dutyPersonName), ", "), rotation.Department, plural(rotation.EveryDays, "day"), rotation.StartDay)
				a.say("  %s of the next month changed; capri duty list %s shows them, capri duty gaps what is missing", plural(rotation.Changed, "day"), rotation.Department)
			})
		}),
	}
	flags := cmd.Flags()
	flags.IntVar(&request.EveryDays, "every", 0, "how many `DAYS` each is on duty")
	flags.StringVar(&request.StartDay, "from", "", "the `DAY` on which the first one begins: 20261123; today")
	flags.StringVar(&request.Reason, "reason", "", "`TEXT` kept in the audit log")
	return cmd
}

func dutyPersonName(p wire.DutyPerson) string { return p.Name }

func dutyRotationShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show DEPARTMENT", Short: "Show who takes turns in a department", Args: arguments(1, 1),
		Example: "  capri duty rotation show warehouse",
		RunE: a.call(func(ctx context.Context, c *wire.Client, args []string) error {
			rotation, err := c.DutyRotation(ctx, args[0])
			if err != nil {
				return err
			}
			return a.show(rotation, namesOf(rotation.Members, dutyPersonName), func() {
				k := a.clock(ctx, c)
				a.fields("Department", rotation.Department, "From", rotation.StartDay, "Each", plural(rotation.EveryDays, "day"), "Put by", rotation.ChangedBy, "At", k.full(rotation.ChangedAt))
				rows := make([]row, len(rotation.Members))
				for i, p := range rotation.Members {
					state := cell{"enabled", green}
					if !p.Enabled {
						state = cell{"disabled: skipped", red}
					}
					rows[i] = row{i + 1, p.Name, p.Title, dash(p.Phone), state}
				}
				a.table([]string{"TURN", "USER", "TITLE", "PHONE", "STATE"}, rows)
			})
		}),
	}
}

func dutyRotationsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "rotations", Short: "List the rotations there are", Args: arguments(0, 0),
		RunE: a.call(func(ctx context.Context, c *wire.Client, _ []string) error {
			rotations, _, err := collect(0, func(cursor string, size int) ([]wire.DutyRotation, string, error) {
				page, err := c.DutyRotations(ctx, cursor, size)
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			if len(rotations) == 0 {
				a.say("there are none; capri duty rotation set DEPARTMENT USER… --every 7 --reason TEXT puts one")
			}
			return showList(a, rotations, "", func(r wire.DutyRotation) string { return r.Department }, func() {
				k := a.clock(ctx, c)
				rows := make([]row, len(rotations))
				for i, r := range rotations {
					rows[i] = row{r.Department, r.StartDay, plural(r.EveryDays, "day"), strings.Join(namesOf(r.Members, dutyPersonName), ", "), r.ChangedBy, k.at(r.ChangedAt)}
				}
				a.table([]string{"DEPARTMENT", "FROM", "EACH", "IN TURN", "PUT BY", k.header("AT")}, rows)
			})
		}),
	}
}

func dutyRotationClearCommand(a *app) *cobra.Command {
	r := removal{app: a}
	cmd := &cobra.Command{
		Use: "clear DEPARTMENT --reason TEXT", Short: "Take the rotation of a department away", Args: arguments(1, 1),
		Long:    "Takes a rotation away, with the days from today on that it has filled. What people have set or imported stays.",
		Example: "  capri duty rotation clear warehouse --reason 'merged into ops'",
		RunE: a.do(func(ctx context.Context, args []string) error {
			done := args[0] + " has no rotation any more; capri duty set says who is on duty, capri duty gaps " + args[0] + " when nobody is"
			return r.run(ctx, "Take the rotation of "+args[0]+" away, with the days it has filled?", done, func(ctx context.Context, c *wire.Client) error {
				_, err := c.DropDutyRotation(ctx, args[0], wire.ReasonRequest{Reason: r.reason})
				return err
			})
		}),
	}
	r.flags(cmd)
	return cmd
}
